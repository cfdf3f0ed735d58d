"""The unit in which a catalog stores an instrument, and the steps of its orders."""

from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from pathlib import Path

from catalog.codec import changed_definition
from catalog.codec import definition_values
from catalog.increments import FIXED_PRECISION
from catalog.increments import Increments
from catalog.increments import find_increments
from catalog.increments import instrument_increments
from catalog.instruments import is_future
from catalog.layout import has_data
from catalog.protocols import Instrument
from errors import AuctionError


# Keys in the `info` of a definition whose increments are finer than the venue's steps.
ORDER_TICK = "order_price_step"
ORDER_LOT = "order_size_step"
# Venues change a step by factors of 2 to 100; a finer one is another unit, not a step.
LARGEST_RATIO = 1000
_STEPS = frozenset({ORDER_TICK, ORDER_LOT})
_PRICES = ("price_increment", "max_price", "min_price")
_SIZES = ("size_increment", "lot_size", "max_quantity", "min_quantity")


@dataclass(frozen=True, slots=True)
class OrderSteps:
    """
    Represents the steps of prices and sizes in which a venue takes orders now.

    Attributes
    ----------
    tick, lot : Decimal
        The steps.

    """

    tick: Decimal
    lot: Decimal


def order_steps(instrument: Instrument) -> OrderSteps:
    """Return the steps for orders; the unit of a catalog with older data may be finer."""
    info = instrument.info or {}
    return OrderSteps(
        Decimal(info.get(ORDER_TICK, str(instrument.price_increment))),
        Decimal(info.get(ORDER_LOT, str(instrument.size_increment))),
    )


def with_unit(instrument: Instrument, tick: Decimal, lot: Decimal) -> Instrument:
    """
    Return an instrument that counts in finer units; the venue's steps stay those for orders.

    Parameters
    ----------
    instrument : Instrument
        The instrument.
    tick, lot : Decimal
        The units of prices and sizes; divisors of the venue's steps.

    Raises
    ------
    AuctionError
        If the unit of a size is not a whole contract of a future.

    """
    steps = order_steps(instrument)
    values = definition_values(instrument)
    prices = max(instrument.price_precision, _decimals(tick))
    sizes = max(instrument.size_precision, _decimals(lot))
    if is_future(instrument) and sizes:
        raise AuctionError(
            f"{instrument.id}: a size of {lot} is no whole contract: check the instrument and the "
            "columns"
        )
    values |= {"price_precision": prices, "size_precision": sizes}
    values |= {"price_increment": f"{tick:f}", "size_increment": f"{lot:f}"}
    for names, precision in ((_PRICES, prices), (_SIZES, sizes)):
        for name in names:
            if values.get(name) is not None:
                values[name] = f"{Decimal(values[name]):.{precision}f}"
    info = {key: value for key, value in (values["info"] or {}).items() if key not in _STEPS}
    if (steps.tick, steps.lot) != (tick, lot):
        info |= {ORDER_TICK: f"{steps.tick:f}", ORDER_LOT: f"{steps.lot:f}"}
    values["info"] = info or None
    return changed_definition(instrument, values)


def in_catalog_unit(catalog_path: Path, instrument: Instrument) -> Instrument:
    """
    Return an instrument in the unit that it and the data of a catalog have in common.

    A catalog whose unit is finer than a later step keeps its unit. One whose unit is coarser gets
    the finer one with the next write.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument : Instrument
        The instrument by its present definition.

    Raises
    ------
    AuctionError
        If the two have no unit in common that is a step of a market.

    """
    before = find_increments(catalog_path, str(instrument.id))
    now = instrument_increments(instrument)
    if before is None or before == now or not has_data(catalog_path, str(instrument.id)):
        return instrument
    tick_raw, lot_raw = gcd(before.tick_raw, now.tick_raw), gcd(before.lot_raw, now.lot_raw)
    if _is_too_fine(before, tick_raw, lot_raw) or _is_too_fine(now, tick_raw, lot_raw):
        raise AuctionError(
            f"{instrument.id}: the catalog {catalog_path} holds data with tick {before.tick_size} "
            f"and lot {before.lot_size}, the new definition has {now.tick_size} and "
            f"{now.lot_size}: use another catalog",
        )
    unit = Increments(
        before.instrument_id,
        max(before.price_precision, now.price_precision),
        max(before.size_precision, now.size_precision),
        tick_raw,
        lot_raw,
    )
    return instrument if unit == now else with_unit(instrument, unit.tick_size, unit.lot_size)


def check_unit(catalog_path: Path, instrument: Instrument) -> None:
    """
    Refuse an instrument that cannot count the data of a catalog in its unit.

    Raises
    ------
    AuctionError
        If the catalog's unit is finer, or no multiple of the instrument's.

    """
    before = find_increments(catalog_path, str(instrument.id))
    now = instrument_increments(instrument)
    if before is None or before == now or not has_data(catalog_path, str(instrument.id)):
        return
    if (
        before.tick_raw % now.tick_raw
        or before.lot_raw % now.lot_raw
        or before.price_precision > now.price_precision
        or before.size_precision > now.size_precision
    ):
        raise AuctionError(
            f"{instrument.id}: the catalog {catalog_path} holds data with tick {before.tick_size} "
            f"and lot {before.lot_size}, the new definition has {instrument.price_increment} and "
            f"{instrument.size_increment}: use another catalog",
        )


def _is_too_fine(increments: Increments, tick_raw: int, lot_raw: int) -> bool:
    return (
        increments.tick_raw > LARGEST_RATIO * tick_raw
        or increments.lot_raw > LARGEST_RATIO * lot_raw
    )


def _decimals(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    assert isinstance(exponent, int)
    return min(max(-exponent, 0), FIXED_PRECISION)
