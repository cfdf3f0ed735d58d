"""The time of the replayed market, shared by all sessions of a gateway."""

import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_SECOND
from errors import UsageError


_STAMPS = ("ts_event", "ts_recv")


class MarketClock:
    """
    Determines which records are published.

    With a speed, the market goes on without clients: records during a lost connection are missed,
    as at the venue. Without one it waits for its readers and stays at the last record sent to any
    of them.

    Parameters
    ----------
    begin_ns : int
        The time of the records (ns UTC) at which the market begins.
    speed : float or None
        The multiple of real time; None is as fast as the readers keep up.
    shift_to_now : bool
        Whether times in the records are shifted as if the market began when the clock is started.
        Intervals shrink with the speed. Bars keep the distance to the trades in them, so they
        need not begin on a full minute of the wall clock.

    Attributes
    ----------
    limit_ns : int
        The time at which the market stops (ns UTC), whatever the speed.

    Raises
    ------
    UsageError
        If the speed is not positive, or times are shifted without a speed.

    """

    def __init__(self, begin_ns: int, speed: float | None, shift_to_now: bool) -> None:
        if speed is not None and not speed > 0:
            raise UsageError(f"speed: {speed} is not positive: give a number, or None for no pace")
        if speed is None and shift_to_now:
            raise UsageError("shift_to_now: needs a speed: without one times have no order in it")
        self.begin_ns = begin_ns
        self.is_paced = speed is not None
        self.is_started = False
        self.limit_ns = END_OF_TIME
        self._speed = 1.0 if speed is None else speed
        self._shift = shift_to_now
        self._furthest = begin_ns - 1
        self._wall_ns = 0
        self._started_ns = 0

    def start(self) -> None:
        """Start the market; further calls do nothing."""
        if not self.is_started:
            self.is_started = True
            self._wall_ns = time.time_ns()
            self._started_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        """Return the time up to which records are published (ns UTC, of the records)."""
        if not self.is_started or not self.is_paced:
            return self._furthest
        elapsed = time.monotonic_ns() - self._started_ns
        return min(self.limit_ns, self.begin_ns + int(elapsed * self._speed))

    def advance(self, due_ns: int) -> None:
        """Record that a record was sent."""
        self._furthest = max(self._furthest, due_ns)

    def wait_s(self, due_ns: int) -> float:
        """Return the time until a record is published (s), infinite beyond the limit."""
        if due_ns > self.limit_ns:
            return math.inf
        return max(0, due_ns - self.now_ns()) / self._speed / NS_PER_SECOND

    def behind_s(self, due_ns: int) -> float:
        """Return the time since a record was published (s), 0 without a speed."""
        if not self.is_started or not self.is_paced:
            return 0.0
        return max(0, self.now_ns() - due_ns) / self._speed / NS_PER_SECOND

    def stamp(self, records: NDArray[Any]) -> NDArray[Any]:
        """Return records with shifted times if `shift_to_now` is set."""
        if not self._shift:
            return records
        found = records.copy()
        for name in _STAMPS:
            if name in (found.dtype.names or ()):
                since = found[name].astype(np.int64) - self.begin_ns
                # Exact at speed 1; a quotient of nanoseconds would lose digits there.
                scaled = since if self._speed == 1 else (since / self._speed).astype(np.int64)
                found[name] = (scaled + self._wall_ns).astype(np.uint64)
        return found

    def unstamp(self, ts_ns: int) -> int:
        """Return the time of the records for a time as clients see it (ns UTC)."""
        if not self._shift or not self.is_started:
            return ts_ns
        return self.begin_ns + int((ts_ns - self._wall_ns) * self._speed)
