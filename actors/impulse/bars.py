"""One closed second, in ticks and lots."""

from typing import Self

from msgspec import Struct


NANOS_PER_SECOND = 1_000_000_000


class Second(Struct, frozen=True, kw_only=True):
    """
    Represents the trades of one second.

    Parameters
    ----------
    ts : int
        The UNIX timestamp (nanoseconds) of the start of the second.
    open, high, low, close : int
        The prices in ticks.
    buy, sell, unsigned : int
        The volume in lots by aggressor; `unsigned` where the venue names none.
    trade_count : int, default 1
        The number of trades.
    ticks, volumes : tuple[int, ...], default ()
        The traded prices in ticks, rising, and the volume in lots at each of them.

    """

    ts: int
    open: int
    high: int
    low: int
    close: int
    buy: int
    sell: int
    unsigned: int
    trade_count: int = 1
    ticks: tuple[int, ...] = ()
    volumes: tuple[int, ...] = ()

    @classmethod
    def of_core(cls, values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> Self:
        """
        Return the bar that the core has closed.

        Parameters
        ----------
        values : tuple[int, ...]
            The values in the order of `indicators.core.trade_bars.COLUMNS`.
        prints : tuple[list[int], list[int]]
            The traded prices and the volume at each of them.

        """
        ts, open_, high, low, close, buy, sell, unsigned, trade_count = values
        return cls(
            ts=ts,
            open=open_,
            high=high,
            low=low,
            close=close,
            buy=buy,
            sell=sell,
            unsigned=unsigned,
            trade_count=trade_count,
            ticks=tuple(prints[0]),
            volumes=tuple(prints[1]),
        )

    @property
    def end(self) -> int:
        """Return the first nanosecond after the second."""
        return self.ts + NANOS_PER_SECOND

    @property
    def volume(self) -> int:
        return self.buy + self.sell + self.unsigned

    @property
    def delta(self) -> int:
        """Return buy minus sell volume; volume without a side is left out."""
        return self.buy - self.sell

    @property
    def range(self) -> int:
        return self.high - self.low
