import numpy as np
from numpy.typing import NDArray

COLUMNS: tuple[str, ...]

class SecondBars:
    """
    Collects trades into one-second bars.

    A bar belongs to a whole second and bears the time of its start. The first trade opens it, a
    trade of a later second closes it; a second without trades has no bar. A trade of an earlier
    second joins the bar in progress, or opens the earliest second that is not yet published, so
    that what has been published never changes and the times rise. Volume whose aggressor is not
    known counts as volume and not as delta.
    """

    closed: list[tuple[tuple[int, ...], tuple[list[int], list[int]]]]
    """The bars closed since the list was last taken: the values of `COLUMNS`, and the traded
    prices (ticks, rising) with the volume at each of them (lots)."""

    late_trades: int
    """The trades that came in a later second than their own."""

    def __init__(self) -> None: ...
    def reset(self) -> None:
        """Forget all trades."""

    def update(self, ts_event: int, tick: int, size: int, sign: int = 0) -> None:
        """
        Add a trade.

        Parameters
        ----------
        ts_event : int
            The UNIX timestamp (nanoseconds) of the trade.
        tick : int
            The price in ticks.
        size : int
            The size in lots; an empty print counts as a trade without volume.
        sign : int, default 0
            +1 for a buy aggressor, -1 for a sell aggressor, 0 where it is not known.

        Raises
        ------
        ValueError
            If the size is negative.

        """

    def close_until(self, ts: int) -> None:
        """
        Close the bar of a second that ends at or before a time, also where no later trade came.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).

        """

    def take(self) -> list[tuple[tuple[int, ...], tuple[list[int], list[int]]]]:
        """Return the closed bars and start a new list."""

def second_bars(
    ts_event: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
    signs: NDArray[np.int8],
) -> NDArray[np.int64]:
    """
    Return the one-second bars of an array of trades, the last one included.

    Parameters
    ----------
    ts_event : NDArray[np.int64]
        The UNIX timestamps (nanoseconds) in the order of arrival, shape `n`.
    ticks, sizes : NDArray[np.int64]
        Prices in ticks and sizes in lots, shape `n`.
    signs : NDArray[np.int8]
        +1 buy aggressor, -1 sell aggressor, 0 unknown, shape `n`.

    Returns
    -------
    NDArray[np.int64]
        One row a bar with the values of `COLUMNS`, the same as those of `SecondBars`.

    Raises
    ------
    ValueError
        If the columns differ in length or a size is negative.

    """
