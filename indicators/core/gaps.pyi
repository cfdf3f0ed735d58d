from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

QUOTE_PACE: int
"""How many times their mean interval quotes may be silent, and how many intervals must be known."""
PRINT_FACTOR: int
"""The multiple of `gap_after_s` for which prints may be silent without quotes."""
PRINT_PACE: int
"""The same as `QUOTE_PACE` for such prints."""

class GapFinder:
    """
    Finds the gaps in the data of one instrument: silences of an open market above a limit.

    This is the only rule for gaps: backtests, batch features, replays, live nodes and their
    warm-up use it.

    - Quotes count. An open market quotes all the time; prints beside silent quotes do not show
      that the quotes are complete, and results from quotes are then wrong.
    - Sampled quotes have intervals: where `QUOTE_PACE` times the mean interval of the
      quotes so far is more than `gap_after_s`, that is the limit. Quotes of a feed come many times
      a second, and it never is. Closed hours and gaps are left out of the mean.
    - Prints count until the first quote, so throughout data without quotes. Silent prints show
      less than silent quotes, a thin market goes without a trade for hours: their limit is
      `PRINT_FACTOR` times `gap_after_s`, and `PRINT_PACE` times their mean interval where that is
      more. The first `PRINT_PACE` intervals are not gaps, however long.
    - Time in which the market is closed by its timetable does not count.
    - A silence of exactly the limit is not a gap. A gap ends with the quote (or print) after it.
    - Before the first event and after the last there is no gap; `is_silent_at` reports a market
      that is silent at a time, and `unended` quotes that end before the prints.

    Quotes sampled at an interval need a `gap_after_s` not below that interval.

    Parameters
    ----------
    gap_after_s : float
        The longest silence of quotes (s) that is not a gap.
    closed_ns : Callable[[int, int], int], optional
        Returns the time (ns) for which the market is closed between two times (ns UTC); called only
        for silences above the limit. None means a market that never closes.

    Attributes
    ----------
    limit_ns : int
        The longest silence of quotes (ns) that is not a gap.
    has_quotes : bool
        If a quote has been taken in.
    found : list[tuple[int, int, int]]
        The gaps: start and end (ns UTC), and the open market's silence within (ns). The reader
        empties it.

    Raises
    ------
    ParameterError
        If the limit is not above 0 and below 1e9.

    """

    limit_ns: int
    has_quotes: bool
    found: list[tuple[int, int, int]]

    def __init__(
        self,
        gap_after_s: float,
        closed_ns: Callable[[int, int], int] | None = None,
    ) -> None: ...
    def on_quote(self, ts_event: int) -> bool:
        """Take in the time of a quote (ns UTC); return True if it ends a gap."""

    def on_trade(self, ts_event: int) -> bool:
        """Take in the time of a print (ns UTC); return True if it ends a gap."""

    def is_silent_at(self, ts: int) -> bool:
        """Return True if the market is silent at a time (ns UTC) for longer than the limit."""

    def unended(self) -> tuple[int, int, int] | None:
        """
        Return the gap that lasts to the end of the data: quotes have ended, and prints continue.

        Returns
        -------
        tuple[int, int, int] or None
            The last quote and the last print (ns UTC), and the open market's silence of quotes
            between them (ns).

        """

    def update_many(self, kinds: NDArray[np.uint8], ts_event: NDArray[np.int64]) -> None:
        """
        Take in the times of quotes and prints in stream order.

        Parameters
        ----------
        kinds : NDArray[np.uint8]
            0 for a quote, 1 for a print (contiguous, shape `n`).
        ts_event : NDArray[np.int64]
            The event times (ns UTC, contiguous, shape `n`).

        Raises
        ------
        ValueError
            If the lengths differ.

        """

    def pause(self) -> None:
        """Find nothing until `resume`: a history without gaps is taken in."""

    def resume(self, ts: int, has_quotes: bool) -> None:
        """
        Go on after a history.

        Parameters
        ----------
        ts : int
            The time (ns UTC) up to which the data have no gap.
        has_quotes : bool
            If there are quotes from there on.

        """

    def reset(self) -> None:
        """Forget everything but the parameters."""
