"""Progress of a sweep: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable

from research.sweeps.trials import Trial
from research.sweeps.trials import better


LINE_S = 10.0


class SweepProgress:
    """
    Shows how many points are done, how fast, the best so far, and the time left.

    Parameters
    ----------
    count : int
        The points of the sweep.
    objective : str
        The figure that ranks them.
    clock : Callable[[], float], default time.monotonic
        Returns the time in seconds.

    """

    def __init__(
        self, count: int, objective: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count = count
        self._objective = objective
        self._clock = clock
        self._began = self._shown = clock()
        self._done = 0
        self._best = float("-inf")
        self._is_terminal = sys.stderr.isatty()

    def add(self, trial: Trial) -> None:
        """Count a trial."""
        self._done += 1
        value = better(self._objective, trial.figure(self._objective, "default"))
        self._best = max(self._best, value)
        now = self._clock()
        if self._is_terminal:
            sys.stderr.write(f"\r\x1b[K{self.line(now)}")
            sys.stderr.flush()
        elif now - self._shown >= LINE_S:
            self._shown = now
            sys.stderr.write(f"{self.line(now)}\n")

    def line(self, now: float) -> str:
        """Return the state at a time in seconds."""
        rate = self._done / max(now - self._began, 1e-9)
        left = (self._count - self._done) / rate
        best = "" if self._best == float("-inf") else f", best {self._objective} {self._best:.2f}"
        return (
            f"{self._done:,} of {self._count:,} points, {rate:.1f} a second{best}, "
            f"{left:.0f} s left"
        )

    def end(self) -> None:
        """Remove the bar."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
