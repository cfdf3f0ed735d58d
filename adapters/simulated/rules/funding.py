"""Funding payments of positions in perpetuals."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from adapters.simulated.rules.fees import BASIS_POINT


NANOS_PER_HOUR = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class FundingFactors:
    """
    Represents the factors of a payment.

    Attributes
    ----------
    paid, received : Decimal
        The factor if the position pays, and if it receives.

    """

    paid: Decimal = Decimal(1)
    received: Decimal = Decimal(1)


def fixed_times(start: int, interval_hours: int) -> Iterator[int]:
    """Yield endless settlement times after a time (ns UTC), counted from midnight UTC."""
    interval = interval_hours * NANOS_PER_HOUR
    ts = start // interval * interval
    while True:
        ts += interval
        yield ts


def fixed_rate(rate_bps: float) -> Decimal:
    """Return a rate given in basis points as a fraction of the notional value."""
    return Decimal(repr(rate_bps)) * BASIS_POINT


def notional(
    quantity: Decimal,
    price: Decimal,
    multiplier: Decimal,
    *,
    is_inverse: bool = False,
) -> Decimal:
    """
    Return the value of a quantity in the settlement currency of the instrument.

    It has the sign of the quantity. An inverse perpetual is a number of contracts in quote
    currency, so its value in the base currency falls as the price rises.
    """
    size = quantity * multiplier
    return size / price if is_inverse else size * price


def payment(value: Decimal, rate: Decimal, factors: FundingFactors) -> Decimal:
    """
    Return the payment of a position before rounding, negative if it receives.

    Parameters
    ----------
    value : Decimal
        The notional value of the position, negative for a short one.
    rate : Decimal
        The rate as a fraction; positive when longs pay.
    factors : FundingFactors
        The factors of the payment.

    """
    amount = value * rate
    return amount * (factors.paid if amount > 0 else factors.received)
