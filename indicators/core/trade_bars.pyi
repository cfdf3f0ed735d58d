import numpy as np
from numpy.typing import NDArray

from indicators.core.bar_closer import BarCloser

COLUMNS: tuple[str, ...]

class TradeBars(BarCloser):
    """
    Collects trades into bars.

    A bar bears the time of its start. The first trade opens the first bar. A trade of an earlier
    bar joins the bar in progress, or opens the earliest one that is not yet published, so that what
    has been published never changes and the times rise. Volume whose aggressor is not known counts
    as volume and not as delta. An empty bar has the last close as its four prices.

    Parameters
    ----------
    interval_ns : int
        The length of a bar (ns).
    with_empty : bool, default False
        If intervals without trades have bars, from the first trade on.

    Raises
    ------
    ParameterError
        If the length is not positive.

    """

    closed: list[tuple[tuple[int, ...], tuple[list[int], list[int]]]]
    """The bars closed since the list was last taken: the values of `COLUMNS`, and the traded
    prices (ticks, rising) with the volume at each of them (lots)."""

    late_trades: int
    """The trades that came in a later bar than their own."""

    def __init__(self, interval_ns: int, with_empty: bool = False) -> None: ...
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
            If the size is negative, or more empty bars would close than a year has minutes.

        """

    def update_many(
        self,
        ts_event: NDArray[np.int64],
        ticks: NDArray[np.int64],
        sizes: NDArray[np.int64],
        signs: NDArray[np.int8],
    ) -> None:
        """
        Add an array of trades; the bars closed wait in `closed`, with the volume at each price.

        Parameters
        ----------
        ts_event, ticks, sizes, signs
            As in `trade_bars`.

        Raises
        ------
        ValueError
            If the columns differ in length, a size is negative, or more empty bars would close than
            a year has minutes.

        """

def trade_bars(
    ts_event: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
    signs: NDArray[np.int8],
    interval_ns: int,
    with_empty: bool = False,
) -> NDArray[np.int64]:
    """
    Return the bars of an array of trades, the last one included.

    Parameters
    ----------
    ts_event : NDArray[np.int64]
        The UNIX timestamps (nanoseconds) in the order of arrival, shape `n`.
    ticks, sizes : NDArray[np.int64]
        Prices in ticks and sizes in lots, shape `n`.
    signs : NDArray[np.int8]
        +1 buy aggressor, -1 sell aggressor, 0 unknown, shape `n`.
    interval_ns : int
        The length of a bar (ns).
    with_empty : bool, default False
        If intervals without trades have bars.

    Returns
    -------
    NDArray[np.int64]
        One row a bar with the values of `COLUMNS`, the same as those of `TradeBars`.

    Raises
    ------
    ValueError, ParameterError
        If the columns differ in length, a size is negative, or the length is not positive.

    """
