"""Which positions paid the funding of a run."""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from actors.messages import FundingPayment
from backtests.results.trade import Trade
from strategies.common.allotment import split_money


def book_payments(trades: Sequence[Trade], payments: Iterable[FundingPayment]) -> None:
    """
    Add each payment of funding to the position that paid or received it.

    It is the position of the strategy, instrument and side that was open at the time of the
    settlement, or, where there was none, at the time of the message. A position that closed at the
    very time paid, for a settlement comes before the fills of its time. Several trades that were
    open share a payment in proportion to what each had open, as the strategy itself books it.

    Parameters
    ----------
    trades : Sequence[Trade]
        The positions of the run.
    payments : Iterable[FundingPayment]
        The payments in the order of their publication.

    Raises
    ------
    RuntimeError
        If no such position was open.

    """
    running: dict[tuple[str, str, bool], list[Trade]] = {}
    for trade in trades:
        running.setdefault(
            (trade.strategy_id, trade.instrument_id, trade.is_long),
            [],
        ).append(trade)
    for payment in payments:
        instrument_id = payment.instrument_id.value
        own = running.get((payment.strategy_id, instrument_id, payment.quantity > 0), [])
        held = _open_at(own, payment.ts_event) or _open_at(own, payment.ts_init)
        if not held:
            raise RuntimeError(
                f"funding of {instrument_id} at {payment.ts_event} was paid on {payment.quantity} "
                f"by {payment.strategy_id}, but no such position was open"
            )
        for trade, paid in _shares(held, payment.ts_event, Decimal(repr(payment.paid))):
            trade.payments.append((payment.ts_event, paid))


def _open_at(trades: Sequence[Trade], ts: int) -> list[Trade]:
    return [t for t in trades if t.ts_open <= ts and (t.ts_close is None or ts <= t.ts_close)]


def _shares(trades: Sequence[Trade], ts: int, paid: Decimal) -> Iterable[tuple[Trade, Decimal]]:
    held = [(trade, quantity) for trade in trades if (quantity := trade.held_before(ts)) > 0]
    if len(held) < 2:
        # Where one closed and the next opened at the same time, the older one paid.
        return [(held[0][0] if held else trades[0], paid)]
    # As whole numbers: only their proportion counts.
    digits = max(-int(quantity.as_tuple().exponent) for _, quantity in held)
    weights = [int(quantity.scaleb(max(0, digits))) for _, quantity in held]
    return zip((trade for trade, _ in held), split_money(paid, weights), strict=True)
