"""Conversion between an instrument's decimals and whole ticks and lots."""

from decimal import ROUND_CEILING
from decimal import Decimal

from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity


# A catalog definition (`catalog.units`) has this field if its unit is finer than the venue's step.
ORDER_LOT = "order_size_step"


class Units:
    """
    Counts an instrument's prices in ticks and its sizes in lots, exactly.

    Parameters
    ----------
    instrument : Instrument
        The instrument.

    Attributes
    ----------
    tick, lot : Decimal
        The price and the size increment.
    tick_money : Decimal
        The money that one whole unit (a coin, a contract) earns per tick.
    tick_value : Decimal
        The money that one lot earns per tick.
    order_lots : int
        The step of sizes that the venue takes now, in lots: more than one where the catalog's unit
        is finer, for older data.

    """

    __slots__ = (
        "_least",
        "_least_value",
        "_most_lots",
        "_price_precision",
        "_raw_lot",
        "_raw_tick",
        "_size_precision",
        "lot",
        "order_lots",
        "tick",
        "tick_money",
        "tick_value",
    )

    def __init__(self, instrument: Instrument) -> None:
        self._raw_tick: int = instrument.price_increment.raw
        self._raw_lot: int = instrument.size_increment.raw
        self._price_precision: int = instrument.price_precision
        self._size_precision: int = instrument.size_precision
        self.tick: Decimal = instrument.price_increment.as_decimal()
        self.lot: Decimal = instrument.size_increment.as_decimal()
        self.tick_money: Decimal = self.tick * instrument.multiplier.as_decimal()
        self.tick_value: Decimal = self.tick_money * self.lot
        step = (instrument.info or {}).get(ORDER_LOT, str(instrument.size_increment))
        self.order_lots = int(Decimal(step) / self.lot)
        least = instrument.min_quantity
        self._least = self.order_lots if least is None else _up(least.as_decimal() / self.lot)
        value = instrument.min_notional
        self._least_value: Decimal | None = None if value is None else value.as_decimal()
        most = instrument.max_quantity
        self._most_lots = None if most is None else int(most.as_decimal() // self.lot)

    def ticks(self, price: Price) -> int:
        """Return a price in ticks; one between two ticks gives the nearest, a half the upper."""
        return int((2 * price.raw + self._raw_tick) // (2 * self._raw_tick))

    def lots(self, quantity: Quantity) -> int:
        """Return a size in lots, rounded down."""
        return int(quantity.raw // self._raw_lot)

    def price(self, ticks: int) -> Price:
        """Return a price that the venue takes."""
        return Price.from_raw(ticks * self._raw_tick, self._price_precision)

    def quantity(self, lots: int) -> Quantity:
        """Return a size that the venue takes."""
        return Quantity.from_raw(lots * self._raw_lot, self._size_precision)

    def least_lots(self, ticks: int) -> int:
        """Return the least size in lots that the venue takes at a price in ticks."""
        if self._least_value is None or ticks <= 0:
            return self._least
        return max(self._least, _up(self._least_value / (ticks * self.tick_value)))

    def most_lots(self) -> int | None:
        """Return the largest size in lots that the venue takes; None without a limit."""
        return self._most_lots


def _up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
