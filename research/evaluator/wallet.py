"""The account of a simulated venue: balance, positions, margins, in Nautilus's arithmetic."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.simulated.nautilus.fees import VenueMargins
from adapters.simulated.nautilus.fees import price_of
from adapters.simulated.nautilus.fees import rounded
from strategies.common.nautilus.units import Units


ZERO = Decimal(0)


@dataclass(slots=True)
class HeldPosition:
    """
    Represents the net position of one strategy in one instrument.

    Attributes
    ----------
    lots : int
        Its signed size.
    average : float
        The average price it was opened at, computed as Nautilus does.

    """

    lots: int = 0
    average: float = 0.0


class Wallet:
    """
    Keeps the money of one venue in one currency, to the last digit as Nautilus does.

    Nautilus computes a profit in floating point and rounds it to the currency.

    Parameters
    ----------
    balance : Decimal
        The starting balance.
    currency : Any
        The currency.
    leverage : Decimal
        The leverage of the venue.

    Attributes
    ----------
    balance : Decimal
        The balance without unrealised profit and loss.

    """

    def __init__(self, balance: Decimal, currency: Any, leverage: Decimal) -> None:
        self.balance = balance
        self.currency = currency
        self._margins = VenueMargins(leverage)
        self.positions: dict[tuple[str, int], tuple[Any, Units, HeldPosition]] = {}
        # The size and the price of the entries that work, by instrument.
        self.working: Callable[[], Iterable[tuple[Any, Units, int, int]]] = tuple

    def open_position(self, key: tuple[str, int], instrument: Any, units: Units) -> HeldPosition:
        """Return the position of a strategy in an instrument, flat at first."""
        return self.positions.setdefault(key, (instrument, units, HeldPosition()))[2]

    def money(self, value: Decimal | float) -> Decimal:
        """Return an amount as the currency rounds it."""
        return rounded(value, self.currency)

    def fill(
        self,
        key: tuple[str, int],
        signed_lots: int,
        price: int,
        fee: Decimal,
    ) -> None:
        """Book a fill: signed lots at a price (ticks), and its fee."""
        instrument, units, held = self.positions[key]
        last = units.price(price).as_double()
        size = units.quantity(abs(signed_lots)).as_double()
        gain = ZERO
        if held.lots == 0:
            held.average = last
        elif (held.lots > 0) == (signed_lots > 0):
            before = units.quantity(abs(held.lots)).as_double()
            held.average = (held.average * before + last * size) / (before + size)
        else:
            closed = min(size, units.quantity(abs(held.lots)).as_double())
            points = last - held.average if held.lots > 0 else held.average - last
            gain = self.money(closed * instrument.multiplier.as_double() * points)
        self.balance += gain - fee
        held.lots += signed_lots

    def pay(self, amount: Decimal) -> Decimal:
        """Book a payment; return it as the currency rounds it."""
        paid = self.money(amount)
        self.balance -= paid
        return paid

    def initial_margin(self, instrument: Any, units: Units, lots: int, price: int) -> Decimal:
        """Return the margin that an order locks."""
        return self._margins.of_order(instrument, units.quantity(lots), units.price(price))

    def notionals(self, entries: Iterable[tuple[Any, Units, int, int]]) -> list[Decimal]:
        """Return the values of positions, and of entries (instrument, units, lots, ticks)."""
        values = [
            instrument.notional_value(
                units.quantity(abs(held.lots)), price_of(held.average, instrument)
            ).as_decimal()
            for instrument, units, held in self.positions.values()
            if held.lots
        ]
        for instrument, units, lots, price in entries:
            value = instrument.notional_value(units.quantity(lots), units.price(price))
            values.append(value.as_decimal())
        return values

    def free(self) -> Decimal:
        """Return the balance that neither orders nor positions bind."""
        if not any(held.lots for _, _, held in self.positions.values()):
            bound = ZERO
        else:
            bound = sum((self._maintenance(*item) for item in self.positions.values()), ZERO)
        for instrument, units, lots, price in self.working():
            bound += self.initial_margin(instrument, units, lots, price)
        return max(ZERO, self.balance - bound)

    def _maintenance(self, instrument: Any, units: Units, held: HeldPosition) -> Decimal:
        if not held.lots:
            return ZERO
        return self._margins.of_position(
            instrument, units.quantity(abs(held.lots)), held.average, is_long=held.lots > 0
        )
