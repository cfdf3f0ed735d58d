"""The protective stop of a position at the venue."""

from fractions import Fraction

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.orders import Order
from strategies.common.orders import OrderState
from strategies.common.trade import Trade


def protect(trade: Trade, ts: int) -> int | None:
    """
    Send and cancel stops so that one rests for exactly the open lots at the requested price.

    A stop is moved or resized by sending the new one and cancelling the old one once the venue has
    confirmed the new: the position always has a stop. So two may work at a time, each for at
    most the lots open when it was sent, both reduce-only. Where the entry goes on filling before
    the first stop is confirmed, a second one for all lots is sent at once, a third has to wait: an
    order filled in many parts must not spend the venue's rate limit on stops. While an exit works
    the stop is not made smaller, and once the trade is being closed it is not changed any more: it
    still covers all lots until they have left, and is cancelled then.

    Parameters
    ----------
    trade : Trade
        The trade.
    ts : int
        The UNIX timestamp (nanoseconds).

    Returns
    -------
    int or None
        The time to try again, where something has to wait.

    """
    stops = trade.orders.live(Purpose.STOP)
    if trade.open <= 0:
        return _cancel(trade, stops, ts)
    kept = [order for order in stops if not order.cancel_sent]
    newest = kept[-1] if kept else None
    retry_at = None
    if newest is None:
        may_submit = trade.stop_hit_price is None and not trade.is_stop_refused
    elif trade.close_reason is not None or _fits(trade, newest):
        may_submit = False
    elif ts < trade.stop_retry_at:
        may_submit, retry_at = False, trade.stop_retry_at
    else:
        unconfirmed = sum(order.state is OrderState.SENT for order in kept)
        may_submit = newest.state is OrderState.WORKING or (
            unconfirmed < 2 and newest.remaining < trade.open
        )
    if may_submit:
        trade.orders.submit(
            Purpose.STOP,
            OrderKind.STOP,
            trade.open,
            trade.stop_reason,
            trade.stop,
        )
    working = [order for order in kept if order.state is OrderState.WORKING]
    # A stop whose cancel was lost is the only one until another is confirmed.
    doubtful = [order for order in stops if order.cancel_in_doubt] if working else []
    waits = [retry_at, _cancel(trade, doubtful + working[:-1], ts)]
    return min((wait for wait in waits if wait is not None), default=None)


def is_covered(trade: Trade) -> bool:
    """Return True if stops that are not being cancelled rest or are on their way for all lots."""
    stops = [order for order in trade.orders.live(Purpose.STOP) if not order.cancel_sent]
    return max((order.remaining for order in stops), default=0) >= trade.open


def resting_stop(trade: Trade) -> int | None:
    """Return the requested stop in ticks if one rests there for all open lots, else None."""
    if trade.open <= 0:
        return None
    for order in trade.orders.live(Purpose.STOP):
        is_resting = order.state is OrderState.WORKING and not order.cancel_sent
        if is_resting and order.command.price == trade.stop and order.remaining >= trade.open:
            return trade.stop
    return None


def attached_price(stop: int, side: int, share: Fraction) -> int:
    """
    Return the price of the stop that the venue keeps for a position.

    Parameters
    ----------
    stop : int
        The stop of the trade in ticks.
    side : int
        +1 for a long trade, -1 for a short one.
    share : Fraction
        The distance beyond it as a share of its price; at least a tick.

    """
    distance = -(-abs(stop) * share.numerator // share.denominator)
    return max(1, stop - side * max(1, distance))


def covering_lots(trade: Trade) -> int:
    """Return the lots of the stops triggered by the print through the stop price."""
    if trade.stop_hit_price is None:
        return 0
    return sum(
        order.remaining
        for order in trade.orders.live(Purpose.STOP)
        if order.command.price is not None
        and trade.side * (trade.stop_hit_price - order.command.price) <= 0
    )


def _fits(trade: Trade, order: Order) -> bool:
    if order.command.price != trade.stop:
        return False
    return order.remaining == trade.open or (
        trade.keep is not None and order.remaining > trade.open
    )


def _cancel(trade: Trade, orders: list[Order], ts: int) -> int | None:
    waits = [trade.orders.cancel(order, ts) for order in orders]
    return min((wait for wait in waits if wait is not None), default=None)
