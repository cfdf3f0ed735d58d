"""Positions from made-up fills."""

from decimal import Decimal

from actors.order_records import Fill
from backtests.results.tags import Plan
from backtests.results.trade import Trade
from tests.markets import BTC


def fill(side, quantity, price, ts, fee="0", order="O-1", liquidity="TAKER"):
    """Return a fill; amounts are texts."""
    return Fill(
        id=f"F-{ts}",
        strategy_id="S-000",
        instrument_id=BTC,
        client_order_id=order,
        trade_id=f"T-{ts}",
        venue_order_id=None,
        position_id=None,
        is_buy=side == "BUY",
        is_maker=liquidity == "MAKER",
        liquidity=liquidity,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(fee).quantize(Decimal("1E-8")),
        currency="USDT",
        is_reconciled=False,
        ts_event=ts,
        ts_init=ts,
    )


def position(
    *fills, setup="breakin", plan=None, reason="TP2", number=1, payments=(), strategy="S-000"
):
    """Return the position that fills make."""
    trade = Trade(
        position_id=f"{BTC}-{number}",
        strategy_id=strategy,
        instrument_id=BTC,
        setup=setup,
        plan=plan or Plan(),
        is_long=fills[0].is_buy,
        ts_open=fills[0].ts_event,
        payments=list(payments),
    )
    for one in fills:
        trade.book(one)
    if not trade.open_quantity:
        trade.ts_close, trade.exit_reason = fills[-1].ts_event, reason
    return trade
