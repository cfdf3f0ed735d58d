from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.core.bar_closer import BarCloser
from indicators.core.gaps import GapFinder

class FeatureCloser(BarCloser):
    """
    Closes bars of quotes and prints in stream order, each with a row of features.

    The base of feature cores: a subclass defines the effect of events and the row of a closed bar.
    Both faces, event by event and columns, give the same bits.
    """

    gaps: GapFinder | None
    """The rule for gaps in the data, applied to every event; None for none."""

    def __init__(self) -> None: ...
    def update_quote(
        self,
        ts_event: int,
        bid: int,
        ask: int,
        bid_size: int,
        ask_size: int,
    ) -> None:
        """
        Take in the best bid and ask, after closing the minutes before it.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        bid, ask : int
            The prices (ticks).
        bid_size, ask_size : int
            The sizes (lots).

        Raises
        ------
        ValueError
            If the time lies more than 366 days (with `gaps`: ten times that) after the current
            minute: a time stamp of another unit. Nothing is changed.

        """

    def update_trade(self, ts_event: int, price: int, size: int, side: int = 0) -> None:
        """
        Take in one print, after closing the minutes before it.

        Parameters
        ----------
        ts_event : int
            The event time (ns UTC).
        price : int
            The price (ticks).
        size : int
            The size (lots).
        side : int, default 0
            The venue's aggressor as in Nautilus: 1 buyer, 2 seller, 0 none.

        Raises
        ------
        ValueError
            If `size` is not positive, the time lies more than 366 days after the current minute,
            or the price lies too far from the others of the profile. The print is then not counted.

        """

    def update_many(
        self,
        kinds: NDArray[np.uint8],
        ts_event: NDArray[np.int64],
        price: NDArray[np.int64],
        ask: NDArray[np.int64],
        size: NDArray[np.int64],
        ask_size: NDArray[np.int64],
        side: NDArray[np.uint8],
    ) -> None:
        """
        Take in quotes and prints in stream order; the closed minutes wait for `take_rows`.

        Parameters
        ----------
        kinds : NDArray[np.uint8]
            0 for a quote, 1 for a print (contiguous like all columns, shape `n`).
        ts_event : NDArray[np.int64]
            The event times (ns UTC, shape `n`).
        price, ask : NDArray[np.int64]
            The bid of a quote or the price of a print, and the ask of a quote (ticks, shape `n`).
        size, ask_size : NDArray[np.int64]
            The bid size of a quote or the size of a print, and the ask size of a quote (lots,
            shape `n`).
        side : NDArray[np.uint8]
            The venue's aggressor of a print as in `update_trade` (shape `n`).

        Raises
        ------
        ValueError
            If the lengths differ or a print's size is not positive (nothing is taken in), or an
            event is refused as in `update_quote` and `update_trade` (those before it are taken in).

        """

    def close_until(self, ts: int) -> None:
        """
        Close every minute whose boundary lies at or before a time; before the first event none.

        Parameters
        ----------
        ts : int
            The time (ns UTC). A clock alert one nanosecond before a boundary passes the boundary.

        Raises
        ------
        ValueError
            If the time lies more than 366 days after the current minute. Nothing is closed.

        """

    def close_many(self, ts: int) -> None:
        """Close minutes as `close_until` does; they wait for `take_rows`."""

    def take_rows(self) -> NDArray[np.void]:
        """Return the rows closed by `update_many` and `close_many` since the last call."""

    def values(self, rows: NDArray[np.void]) -> list[tuple[Any, ...]]:
        """
        Return rows as values in the order of the module's `COLUMNS`.

        Parameters
        ----------
        rows : NDArray[np.void]
            Rows of `take_rows` (shape `m`).

        Returns
        -------
        list[tuple]
            Doubles nearest to the exact decimals for values that are not integers, None for missing
            values.

        Raises
        ------
        ValueError
            If the rows are of another type.

        """
