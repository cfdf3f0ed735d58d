"""Fees of a simulated venue for a fill."""

from decimal import Decimal
from typing import NamedTuple


BASIS_POINT = Decimal("0.0001")


class Rates(NamedTuple):
    """
    Represents fees as fractions of the notional value.

    Attributes
    ----------
    maker, taker : Decimal
        The rates; a negative one is a rebate.

    """

    maker: Decimal
    taker: Decimal


def effective_rates(
    instrument: Rates,
    *,
    maker_bps: Decimal | None = None,
    taker_bps: Decimal | None = None,
    maker_rebate: bool = True,
) -> Rates:
    """
    Return the fee rates of a venue.

    Parameters
    ----------
    instrument : Rates
        The rates of the instrument.
    maker_bps, taker_bps : Decimal, optional
        Rates in basis points instead; None takes the instrument's.
    maker_rebate : bool, default True
        Whether a negative maker rate is paid out; otherwise it counts as zero.

    """
    maker = instrument.maker if maker_bps is None else maker_bps * BASIS_POINT
    taker = instrument.taker if taker_bps is None else taker_bps * BASIS_POINT
    return Rates(maker if maker_rebate else max(maker, Decimal(0)), taker)


def fee_of_value(
    rates: Rates,
    quantity: Decimal,
    price: Decimal,
    multiplier: Decimal,
    *,
    is_maker: bool,
) -> Decimal:
    """Return the fee of a fill before rounding, negative for a rebate."""
    # A future at a negative price has a positive fee as well.
    value = quantity * abs(price) * multiplier
    return value * (rates.maker if is_maker else rates.taker)
