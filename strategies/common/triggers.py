"""The prices at which a trade needs attention, and what happens there."""

from enum import Enum
from math import floor

from strategies.common.trade import Trade
from strategies.common.trade_params import TradeParams
from strategies.common.trail import TrailBasis


# Beyond every price and time, so that one comparison is always enough.
ABOVE = 1 << 62
BELOW = -ABOVE


class Trigger(Enum):
    """Represents what a trade print triggers, in the order of the tests."""

    STOP = "STOP"
    TP2 = "TP2"
    TP1 = "TP1"
    TRAIL = "TRAIL"
    DRIFT = "DRIFT"


def triggered(trade: Trade, price: int, params: TradeParams) -> Trigger | None:
    """
    Return what a print triggers: the stop before the last target, that before the first.

    Without a position the last target comes before a market that has moved away from the entry.

    Parameters
    ----------
    trade : Trade
        The trade; targets and trailing need a position.
    price : int
        The price of the print in ticks.
    params : TradeParams
        The rules.

    """
    side = trade.side
    if side * (price - trade.stop) <= 0:
        return Trigger.STOP
    if trade.open <= 0:
        tp2, away = trade.intent.tp2, _drift(trade, params)
        if tp2 is not None and side * (price - tp2) >= 0:
            return Trigger.TP2
        return Trigger.DRIFT if away is not None and side * (price - away) >= 0 else None
    for level, trigger in (
        (trade.target, Trigger.TP2),
        (_first_target(trade), Trigger.TP1),
        (_next_trail(trade, params.trail_step), Trigger.TRAIL),
    ):
        if level is not None and side * (price - level) >= 0:
            return trigger
    return None


def thresholds(trade: Trade | None, params: TradeParams) -> tuple[int, int]:
    """
    Return the highest price below and the lowest above at which a print sets something off.

    Parameters
    ----------
    trade : Trade or None
        The trade; None sets nothing off, nor does one that is being closed.
    params : TradeParams
        The rules.

    """
    if trade is None or trade.close_reason is not None:
        return BELOW, ABOVE
    profit, loss = trade.side * ABOVE, -trade.side * ABOVE
    if trade.open > 0:
        loss = trade.stop
        levels = (trade.target, _first_target(trade), _next_trail(trade, params.trail_step))
        found = [level for level in levels if level is not None]
        if found:
            profit = min(found) if trade.side > 0 else max(found)
    elif trade.drop_reason is None:
        if params.cancel_on_stop_touch:
            loss = trade.stop
        tp2 = trade.intent.tp2 if params.cancel_on_target_touch else None
        found = [level for level in (tp2, _drift(trade, params)) if level is not None]
        if found:
            profit = min(found) if trade.side > 0 else max(found)
    return (loss, profit) if trade.side > 0 else (profit, loss)


def _drift(trade: Trade, params: TradeParams) -> int | None:
    """Return the first price that is too far from a limit entry without a fill."""
    share = params.entry_drift
    if share is None or not params.limit_entry or trade.entry_lots:
        return None
    entry = trade.intent.entry
    return entry + trade.side * (floor(abs(entry) * share) + 1)


def _first_target(trade: Trade) -> int | None:
    return None if trade.tp1_over or trade.tp1_due else trade.intent.tp1


def _next_trail(trade: Trade, step: int) -> int | None:
    trail = trade.intent.trail
    if trail is None or trail.basis is not TrailBasis.PRINT:
        return None
    start = trail.begins_at(trade.side, trade.breakeven)
    following = trade.stop + trade.side * (trail.distance + step)
    return max(start, following) if trade.side > 0 else min(start, following)
