import numpy as np
from numpy.typing import NDArray

class QuoteImbalance:
    """
    Imbalance of the best sizes, and its time-decayed average over a minute.

    The imbalance is (bid size - ask size) / (bid size + ask size), 0 where both are 0. It holds
    from one quote to the next, and over dt seconds the average moves to it by
    `ema = x + (ema - x) * d**dt` with the decay d = (span - 1) / (span + 1) per second. So the
    average depends on time and not on the number of updates, and of several quotes with one time
    only the last has weight.

    Parameters
    ----------
    span_seconds : int, default 60
        The span of the average (seconds).

    Attributes
    ----------
    span_seconds : int
        The span of the average (seconds).

    Raises
    ------
    ParameterError
        If `span_seconds` is below 2.

    """

    span_seconds: int

    def __init__(self, span_seconds: int = 60) -> None: ...
    def update(self, ts_event: int, bid_size: int, ask_size: int) -> None:
        """
        Take in the best sizes; the very first sizes start the average.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        bid_size, ask_size : int
            The sizes (lots).

        Raises
        ------
        ValueError
            If a size is negative.

        """

    def update_many(
        self,
        ts_event: NDArray[np.int64],
        bid_size: NDArray[np.int64],
        ask_size: NDArray[np.int64],
    ) -> None:
        """
        Take in quotes of one minute.

        Parameters
        ----------
        ts_event : NDArray[np.int64]
            The event times (ns UTC, contiguous, shape `n`).
        bid_size, ask_size : NDArray[np.int64]
            The sizes (lots, contiguous, shape `n`).

        Raises
        ------
        ValueError
            If the lengths differ or a size is negative. Nothing is taken in.

        """

    def start_minute(self, ts_boundary: int) -> None:
        """
        Restart the average at the current imbalance.

        Parameters
        ----------
        ts_boundary : int
            The start of the minute (ns UTC).

        """

    def value_at(self, ts: int) -> float | None:
        """
        Return the average carried to a time.

        Parameters
        ----------
        ts : int
            The time (ns UTC); one before the last quote gives the average at that quote.

        Returns
        -------
        float or None
            None before the first quote.

        """

    def reset(self) -> None:
        """Forget everything."""

    @property
    def value(self) -> float | None:
        """The imbalance in force; None before the first quote."""

class SpreadAverage:
    """
    Mean of the spread at the last wall-clock minute closes that had a quote.

    Parameters
    ----------
    minutes : int, default 60
        The minute closes looked back on. One without a quote takes its place and does not count.

    Attributes
    ----------
    minutes : int
        The minute closes looked back on.
    spread_sum : int
        The sum of the known spreads (ticks).
    count : int
        The number of known spreads.

    Raises
    ------
    ParameterError
        If `minutes` is not positive.

    """

    minutes: int
    spread_sum: int
    count: int

    def __init__(self, minutes: int = 60) -> None: ...
    def close(self, spread: int | None) -> None:
        """Close a minute with the current spread (ticks), None without a quote."""

    def reset(self) -> None:
        """Forget everything."""

    @property
    def value(self) -> float | None:
        """The mean spread (ticks); None before the first quote."""
