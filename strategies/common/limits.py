"""Limits on the exposure of an account, checked before each entry."""

from decimal import Decimal

from msgspec import Struct

from strategies.common.sizing import EXACT
from strategies.common.sizing import SizeRefusal


class Exposure(Struct, frozen=True, kw_only=True):
    """
    Represents an account at one moment; money in the settlement currency.

    Parameters
    ----------
    equity : Decimal
        The balance without unrealised profit and loss.
    notional : Decimal
        The value of all open positions.
    free_margin : Decimal
        The balance that no position and no order binds.

    """

    equity: Decimal
    notional: Decimal
    free_margin: Decimal


def breached_limit(
    exposure: Exposure,
    order_notional: Decimal,
    order_margin: Decimal,
    max_leverage: Decimal,
    max_notional: Decimal | None,
) -> SizeRefusal | None:
    """
    Return the first limit that an entry would break, or None.

    Nautilus's risk engine checks no balances of margin accounts, so this is the only check between
    a wrong size and the venue.

    Parameters
    ----------
    exposure : Exposure
        The account without the entry.
    order_notional : Decimal
        The value of the entry at its limit price.
    order_margin : Decimal
        The initial margin that the venue requires for it, with the fees of the way in and out.
    max_leverage : Decimal
        The largest value of all positions per equity.
    max_notional : Decimal or None
        The largest value of all positions; None for no such limit.

    """
    total = exposure.notional + order_notional
    if max_notional is not None and total > max_notional:
        return SizeRefusal.NOTIONAL
    if total > max_leverage * exposure.equity:
        return SizeRefusal.LEVERAGE
    if order_margin > exposure.free_margin:
        return SizeRefusal.MARGIN
    return None


def affordable_lots(lots: int, needed: Decimal, free_margin: Decimal) -> int:
    """
    Return the largest part of a size that the account can pay.

    Parameters
    ----------
    lots : int
        The size in lots.
    needed : Decimal
        What it needs in margin and fees, which grow with the size.
    free_margin : Decimal
        The balance that nothing binds.

    """
    if free_margin <= 0:
        return 0
    return int(EXACT.divide_int(EXACT.multiply(free_margin, lots), needed))
