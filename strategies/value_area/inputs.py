"""The inputs of the signal machines from one closed minute."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from errors import AuctionError
from strategies.value_area.params import SignalParams


# Doubles hold tick and lot counts to about 1e-9; anything further off is not on the grid.
GRID_TOLERANCE = 1e-6


class Bar(Struct, frozen=True):
    """
    Represents the trades of one minute.

    Parameters
    ----------
    open, high, low, close : int
        The prices in ticks.
    volume : int
        The volume in lots.
    prints : Sequence[int]
        The distinct traded prices in ticks, ascending.

    """

    open: int
    high: int
    low: int
    close: int
    volume: int
    prints: Sequence[int]

    def extreme(self, sign: int) -> int:
        """Return the high for a sign of +1, the low for -1."""
        return self.high if sign > 0 else self.low

    def traded_within(self, level: int, tolerance: int) -> bool:
        """Return True if any print lies within the tolerance (ticks) of the level (ticks)."""
        index = bisect_left(self.prints, level - tolerance)
        return index < len(self.prints) and self.prints[index] <= level + tolerance


class ValueArea(Struct, frozen=True):
    """
    Represents the levels of a valid value area.

    Parameters
    ----------
    val, vah : int
        The lower and upper boundary in ticks.
    poc_half : int
        The point of control in half ticks (the middle of a bin may fall between ticks).

    """

    val: int
    vah: int
    poc_half: int

    def edge(self, sign: int) -> int:
        """Return VAH for a sign of +1, VAL for -1."""
        return self.vah if sign > 0 else self.val


class Minute(Struct, frozen=True):
    """
    Represents one closed minute.

    Parameters
    ----------
    ts_min : int
        The UNIX timestamp (nanoseconds) of the start of the minute.
    bar : Bar or None
        The trades; None without any.
    value_area : ValueArea or None
        The levels at the close; None where they are not valid.
    order_flow : float or None
        Buyer-initiated less seller-initiated volume in lots; None where it is not known.
    ambiguous_share : float
        The share of volume whose initiator cannot be inferred from the quotes.
    quote_imbalance : float or None
        The imbalance of the best bid and ask sizes, within -1 to 1; None before the first quote.
    spread_avg : float or None
        The average spread in ticks; None before the first quote.

    """

    ts_min: int
    bar: Bar | None
    value_area: ValueArea | None
    order_flow: float | None
    ambiguous_share: float
    quote_imbalance: float | None
    spread_avg: float | None

    def tolerance(self, least: int) -> int:
        """Return how far a price may lie from a level and still be at it, in whole ticks."""
        return least if self.spread_avg is None else max(least, math.floor(self.spread_avg))


def minute_from_row(
    row: Mapping[str, Any],
    prints_ticks: Sequence[int],
    tick_size: Decimal,
    lot_size: Decimal,
    params: SignalParams,
) -> Minute:
    """
    Convert one row of minute features to the input of the signal machines.

    Parameters
    ----------
    row : Mapping[str, Any]
        The features in instrument units, None where missing. `poc`, `vah` and `val` are bin keys
        (lower edges).
    prints_ticks : Sequence[int]
        The traded prices of the minute in ticks, rising.
    tick_size : Decimal
        The price increment.
    lot_size : Decimal
        The size increment.
    params : SignalParams
        Decides which edges of the bins and which imbalance are used.

    Returns
    -------
    Minute

    Raises
    ------
    AuctionError
        If a needed value is missing, or a price or the volume is not a multiple of its increment.

    """
    bar = None
    tick, lot = float(tick_size), float(lot_size)
    if _number(row, "close") is not None:
        bar = Bar(
            open=_count(row, "open", tick),
            high=_count(row, "high", tick),
            low=_count(row, "low", tick),
            close=_count(row, "close", tick),
            volume=_count(row, "volume", lot),
            prints=prints_ticks,
        )
    order_flow = _number(row, "of_1m")
    spread_avg = _number(row, "spread_avg_60m")
    source = "qimb_ema_60s" if params.qimb_source == "ema" else "qimb_close"
    return Minute(
        ts_min=int(row["ts_min"]),
        bar=bar,
        value_area=_levels(row, tick, params) if row["va_valid"] else None,
        order_flow=None if order_flow is None else _snapped(order_flow / lot),
        ambiguous_share=_number(row, "ambiguous_trade_frac_1m") or 0.0,
        quote_imbalance=_number(row, source),
        spread_avg=None if spread_avg is None else _snapped(spread_avg / tick),
    )


def _levels(row: Mapping[str, Any], tick: float, params: SignalParams) -> ValueArea:
    poc, val, vah = (_count(row, name, tick) for name in ("poc", "val", "vah"))
    if params.va_edge == "key":
        return ValueArea(val=val, vah=vah, poc_half=2 * poc)
    width = _count(row, "bin_width", tick)
    return ValueArea(val=val, vah=vah + width, poc_half=2 * poc + width)


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row[name]
    return None if value is None or math.isnan(value) else float(value)


def _count(row: Mapping[str, Any], name: str, unit: float) -> int:
    value = _number(row, name)
    if value is None:
        raise AuctionError(
            f"minute {row['ts_min']}: column {name} is empty; compute the features again"
        )
    count = _snapped(value / unit)
    if not count.is_integer():
        raise AuctionError(
            f"minute {row['ts_min']}: {name} {value!r} is not a multiple of {unit:g}; "
            "check the increments of the instrument"
        )
    return int(count)


def _snapped(count: float) -> float:
    nearest = round(count)
    return float(nearest) if abs(count - nearest) <= GRID_TOLERANCE else count
