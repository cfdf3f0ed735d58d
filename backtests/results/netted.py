"""The positions of an account: trades that share one are booked at its average price."""

from collections.abc import Sequence
from decimal import Decimal

from actors.order_records import Fill
from backtests.results.trade import Trade
from backtests.results.trade import fill_order


def netted(trades: Sequence[Trade]) -> list[list[Trade]]:
    """
    Return the trades by the position of the venue that they shared while they were open.

    Where a strategy holds one trade at a time, and at a hedging venue, each stands alone.

    Parameters
    ----------
    trades : Sequence[Trade]
        The trades of the run, by their first fills.

    """
    groups: list[list[Trade]] = []
    latest: dict[tuple[str, str, object], list[Trade]] = {}
    for trade in trades:
        if trade.trade_id is None:
            groups.append([trade])
            continue
        key = trade.strategy_id, trade.instrument_id, trade.fills[0].position_id
        group = latest.get(key)
        if group is None or not _is_open(group, trade):
            group = latest[key] = []
            groups.append(group)
        group.append(trade)
    return groups


def fills_of(group: Sequence[Trade]) -> list[Fill]:
    """Return the fills of a position in the order in which the account has booked them."""
    if len(group) == 1:
        return group[0].fills
    return sorted((fill for trade in group for fill in trade.fills), key=fill_order)


def booked(group: Sequence[Trade]) -> Decimal:
    """
    Return the result of a position for the account, after fees and funding.

    What leaves a position of several trades is booked against the average price of all of them,
    whichever trade it closes: until the position is flat that is not the sum of their results.
    """
    if len(group) == 1:
        return group[0].net
    first = group[0]
    held = cost = result = Decimal(0)
    for fill in fills_of(group):
        if first.opens(fill):
            held += fill.quantity
            cost += fill.quantity * fill.price
            continue
        average = cost / held
        result += (fill.price - average) * fill.quantity
        held -= fill.quantity
        cost = cost - average * fill.quantity if held else Decimal(0)
    paid = sum((trade.fees + trade.funding for trade in group), Decimal(0))
    return first.sign * result * first.multiplier - paid


def _is_open(group: Sequence[Trade], trade: Trade) -> bool:
    is_held = any(t.ts_close is None or t.ts_close >= trade.ts_open for t in group)
    return is_held and group[0].is_long == trade.is_long
