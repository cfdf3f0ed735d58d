"""The division of lots and money between trades that share a position."""

from collections.abc import Sequence
from decimal import Decimal

from strategies.common.sizing import CONTEXT
from strategies.common.sizing import EXACT


MONEY_STEP = Decimal("1e-12")


def allot_lots(lots: int, open_lots: Sequence[int]) -> list[int]:
    """
    Divide lots that have left a position between its trades, in proportion to their open lots.

    Each share is rounded down; the lots left over go one by one to the largest remainders, the
    earlier trade first where two are equal. No trade gets more than it has open.

    Parameters
    ----------
    lots : int
        The lots that have left; what exceeds the open lots is allotted to no trade.
    open_lots : Sequence[int]
        The open lots of each trade, oldest first, none negative.

    Returns
    -------
    list[int]
        The lots of each trade.

    """
    total = sum(open_lots)
    if total <= 0:
        return [0] * len(open_lots)
    lots = min(lots, total)
    shares = [lots * own // total for own in open_lots]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(lots * open_lots[i] % total), i))
    for i in by_remainder[: lots - sum(shares)]:
        shares[i] += 1
    return shares


def split_money(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """
    Divide an amount in proportion to weights; the parts add up to it exactly.

    Parts are rounded to 1e-12; the last one with a weight takes what rounding leaves.

    Parameters
    ----------
    amount : Decimal
        The amount.
    weights : Sequence[int]
        None negative, at least one positive.

    """
    total = sum(weights)
    last = max(i for i, weight in enumerate(weights) if weight)
    parts = []
    left = amount
    for i, weight in enumerate(weights):
        part = left if i == last else Decimal(0)
        if i < last and weight:
            share = CONTEXT.divide(EXACT.multiply(amount, weight), Decimal(total))
            part = share.quantize(MONEY_STEP)
        parts.append(part)
        left = EXACT.subtract(left, part)
    return parts
