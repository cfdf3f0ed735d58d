"""Conversion between an instrument's decimals and whole ticks and lots."""

from decimal import ROUND_CEILING
from decimal import ROUND_FLOOR
from decimal import Decimal

from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity


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
    tick_value : Decimal
        The money that one lot earns per tick.

    """

    __slots__ = ("_instrument", "_raw_lot", "_raw_tick", "lot", "tick", "tick_value")

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._raw_tick: int = instrument.price_increment.raw
        self._raw_lot: int = instrument.size_increment.raw
        self.tick: Decimal = instrument.price_increment.as_decimal()
        self.lot: Decimal = instrument.size_increment.as_decimal()
        self.tick_value: Decimal = self.tick * self.lot * instrument.multiplier.as_decimal()

    def ticks(self, price: Price) -> int:
        """Return a price in ticks; one between two ticks gives the nearest, a half the upper."""
        return int((2 * price.raw + self._raw_tick) // (2 * self._raw_tick))

    def lots(self, quantity: Quantity) -> int:
        """Return a size in lots, rounded down."""
        return int(quantity.raw // self._raw_lot)

    def price(self, ticks: int) -> Price:
        """Return a price that the venue takes."""
        return self._instrument.make_price(ticks * self.tick)

    def quantity(self, lots: int) -> Quantity:
        """Return a size that the venue takes."""
        return self._instrument.make_qty(lots * self.lot)

    def least_lots(self, price: Decimal) -> int:
        """Return the least size in lots that the venue takes at a price."""
        instrument = self._instrument
        least = [self.lot]
        if instrument.min_quantity is not None:
            least.append(instrument.min_quantity.as_decimal())
        if instrument.min_notional is not None and price > 0:
            value = price * instrument.multiplier.as_decimal()
            least.append(instrument.min_notional.as_decimal() / value)
        return int((max(least) / self.lot).to_integral_value(ROUND_CEILING))

    def most_lots(self) -> int | None:
        """Return the largest size in lots that the venue takes; None without a limit."""
        if self._instrument.max_quantity is None:
            return None
        most = self._instrument.max_quantity.as_decimal() / self.lot
        return int(most.to_integral_value(ROUND_FLOOR))
