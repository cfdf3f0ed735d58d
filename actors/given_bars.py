"""Bars that a venue or a vendor gives, in ticks and lots."""

from msgspec import Struct

from catalog.protocols import Bar
from catalog.protocols import Fixed
from errors import AuctionError


class GivenBar(Struct, frozen=True, kw_only=True):
    """
    Represents a bar as it was given, complete.

    Parameters
    ----------
    bar_type : str
        What it is a bar of, as `BarType` writes it.
    ts_event, ts_init : int
        The times of the bar (ns UTC). Nautilus's own bars have the end of the bar as `ts_event`.
    open, high, low, close : int
        The prices in ticks.
    volume : int
        The volume in lots.

    """

    bar_type: str
    ts_event: int
    ts_init: int
    open: int
    high: int
    low: int
    close: int
    volume: int

    @property
    def values(self) -> tuple[int, ...]:
        """Return prices and volume."""
        return self.open, self.high, self.low, self.close, self.volume


def given_bar(bar: Bar, tick_raw: int, lot_raw: int) -> GivenBar:
    """
    Return a bar in ticks and lots.

    Parameters
    ----------
    bar : Bar
        The bar.
    tick_raw, lot_raw : int
        The raw values of the price and the size increment of its instrument.

    Raises
    ------
    AuctionError
        If a price or the volume is no multiple of its increment.

    """
    prices = [_units(bar, price, tick_raw) for price in (bar.open, bar.high, bar.low, bar.close)]
    open_, high, low, close = prices
    return GivenBar(
        bar_type=str(bar.bar_type),
        ts_event=bar.ts_event,
        ts_init=bar.ts_init,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=_units(bar, bar.volume, lot_raw),
    )


def _units(bar: Bar, value: Fixed, step_raw: int) -> int:
    units, rest = divmod(value.raw, step_raw)
    if rest:
        raise AuctionError(
            f"{bar.bar_type}: the bar of {bar.ts_event} ns has {value}, which is no multiple of "
            "the increment of its instrument: ingest bars of that contract itself"
        )
    return units
