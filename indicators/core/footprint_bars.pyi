from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.core.bar_closer import BarCloser
from indicators.core.volume_profile import VolumeProfile

COLUMNS: tuple[str, ...]
LEVEL_COLUMNS: tuple[str, ...]
KINDS: tuple[str, ...]
CLOSED_BY: tuple[str, ...]

class FootprintBars(BarCloser):
    """
    Collects trades into footprint bars.

    What closes a bar is its kind:

    - `time`: the end of an interval aligned to the UNIX epoch. Intervals without trades have no
      bar.
    - `volume`, `ticks`, `delta`, `range`: the trade with which its volume (lots), its trades, its
      delta to either side (lots) or its height (ticks) reaches the size. A trade is never divided,
      so a bar may exceed the size.
    - The end of its session closes a bar of any kind.

    The first trade of a bar opens it. A trade of an earlier bar joins the bar in progress, or opens
    the earliest one that is not yet published, so that what has been published never changes and
    the starts of bars rise. Bars that are full within one nanosecond start a nanosecond apart.

    Volume whose aggressor is not known counts in the level and in the bar and on neither side. With
    the tick rule it takes the side of the last change of price before or with it; the volume
    concerned is counted in `inferred`.

    The cumulative delta and the session profile are summed bar by bar, and start with each session.
    The value area is contiguous: from the point of control two levels at a time, the pair of
    greater volume, downwards where both are equal. The point of control is the level of the
    greatest volume; of equal ones the nearest to the middle between the lowest and the highest
    price, then the lower.

    Parameters
    ----------
    kind : {'time', 'volume', 'ticks', 'delta', 'range'}, default 'time'
        What closes a bar.
    size : int, default 300,000,000,000
        Its length (ns), volume (lots), trades, delta (lots) or height (ticks).
    sessions : Callable[[int], tuple[int, int, bool]], optional
        Returns, for a time (ns UTC), start and end (ns UTC) of the session that it lies in, or of
        the time between two sessions, and if it is a session. Without, all is one session.
    tick_rule : bool, default False
        If trades without an aggressor take the side of the tick rule.
    va_fraction : str, float, Decimal or Fraction, default '0.7'
        The share of volume in the value area.
    gap_ns : int, default 0
        How long after the start of a bar or a session the first trade of all may come (ns), so that
        it still counts as whole.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    kind: str
    """What closes a bar."""
    size: int
    """Its size."""
    session: VolumeProfile
    """The profile of the session so far, up to the last closed bar."""

    closed: list[tuple[tuple[Any, ...], tuple[list[int], list[int], list[int], list[int]]]]
    """The bars closed since the list was last taken: the values of `COLUMNS`, and the traded prices
    (ticks, rising) with the volume of buyers, of sellers, and without an aggressor (lots)."""

    def __init__(
        self,
        kind: str = "time",
        size: int = 300_000_000_000,
        sessions: Callable[[int], tuple[int, int, bool]] | None = None,
        tick_rule: bool = False,
        va_fraction: str | float | Decimal | Fraction = "0.7",
        gap_ns: int = 0,
    ) -> None: ...
    def reset(self) -> None:
        """Forget all trades."""

    def start_again(self, ts: int) -> None:
        """
        Close the bars that end at or before a time (ns UTC), which ends a gap in the data.

        A bar in progress, and the sums of the session, go on and are no longer whole.
        """

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
            The size in lots.
        sign : int, default 0
            +1 for a buy aggressor, -1 for a sell aggressor, 0 where it is not known.

        Raises
        ------
        ValueError
            If the size is not positive, or the price lies too far from the others of its bar.

        """

    def update_many(
        self,
        ts_event: NDArray[np.int64],
        ticks: NDArray[np.int64],
        sizes: NDArray[np.int64],
        signs: NDArray[np.int8],
    ) -> None:
        """
        Add an array of trades; the bars closed wait in `closed`.

        Parameters
        ----------
        ts_event, ticks, sizes, signs
            As in `footprint_bars`.

        Raises
        ------
        ValueError
            If the columns differ in length, or a size is not positive.

        """

def footprint_bars(
    ts_event: NDArray[np.int64],
    ticks: NDArray[np.int64],
    sizes: NDArray[np.int64],
    signs: NDArray[np.int8],
    kind: str = "time",
    size: int = 300_000_000_000,
    sessions: Callable[[int], tuple[int, int, bool]] | None = None,
    tick_rule: bool = False,
    va_fraction: str | float | Decimal | Fraction = "0.7",
    gap_ns: int = 0,
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
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
    kind, size, sessions, tick_rule, va_fraction, gap_ns
        As in `FootprintBars`.

    Returns
    -------
    tuple[NDArray[np.void], NDArray[np.int64]]
        The values of `COLUMNS` by name, one row a bar, with `level_count` beside (`closed_by` is
        the index in `CLOSED_BY`, flags are 0 or 1); and the levels of all bars one after the other:
        price, and the volume of buyers, of sellers, and without an aggressor. The last bar is the
        same as if the end of its interval, or of its session, had come.

    Raises
    ------
    ValueError, ParameterError
        If the columns differ in length, a size is not positive, or a parameter is out of its range.

    """
