"""Which positions paid the funding of a run."""

from collections.abc import Iterable
from collections.abc import Sequence
from decimal import Decimal

from actors.messages import FundingPayment
from backtests.trade import Trade


def book_payments(trades: Sequence[Trade], payments: Iterable[FundingPayment]) -> None:
    """
    Add each payment of funding to the position that paid or received it.

    A payment names an instrument and a signed size, no strategy. It belongs to the position of that
    side which was open at its time; of several, to the one of that size, else to all of them in
    proportion to their sizes.

    Parameters
    ----------
    trades : Sequence[Trade]
        The positions of the run.
    payments : Iterable[FundingPayment]
        The payments in the order of their publication.

    Raises
    ------
    RuntimeError
        If nothing of that side was open.

    """
    booked: dict[int, set[str]] = {}
    for payment in payments:
        paid = Decimal(repr(payment.paid))
        held = _held(trades, payment, payment.ts_event) or _held(trades, payment, payment.ts_init)
        if not held:
            raise RuntimeError(
                f"funding of {payment.instrument_id} at {payment.ts_event} was paid on "
                f"{payment.quantity}, but no such position was open"
            )
        done = booked.setdefault(payment.ts_event, set())
        fitting = [
            trade
            for trade, size in held
            if size == abs(Decimal(repr(payment.quantity))) and trade.position_id not in done
        ]
        if len(held) == 1 or fitting:
            trade = fitting[0] if fitting else held[0][0]
            trade.payments.append((payment.ts_event, paid))
            done.add(trade.position_id)
            continue
        total = sum((size for _, size in held), Decimal(0))
        rest = paid
        for trade, size in held[1:]:
            part = (paid * size / total).quantize(Decimal(1).scaleb(-8))
            trade.payments.append((payment.ts_event, part))
            rest -= part
        held[0][0].payments.append((payment.ts_event, rest))


def _held(
    trades: Sequence[Trade],
    payment: FundingPayment,
    ts: int,
) -> list[tuple[Trade, Decimal]]:
    return [
        (trade, size)
        for trade in trades
        if trade.instrument_id == payment.instrument_id.value
        and trade.is_long == (payment.quantity > 0)
        and trade.ts_open <= ts
        and (trade.ts_close is None or ts <= trade.ts_close)
        and (size := _size_at(trade, ts))
    ]


def _size_at(trade: Trade, ts: int) -> Decimal:
    # What was held just before: a fill at the very time of a settlement comes after it.
    before = [fill for fill in trade.fills if fill.ts_event < ts]
    if not before:
        before = [fill for fill in trade.fills if fill.ts_event == ts and trade.opens(fill)]
    return sum(
        (
            fill.last_qty.as_decimal() if trade.opens(fill) else -fill.last_qty.as_decimal()
            for fill in before
        ),
        Decimal(0),
    )
