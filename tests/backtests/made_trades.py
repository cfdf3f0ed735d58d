"""Positions from made-up fills."""

from dataclasses import dataclass
from decimal import Decimal

from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from backtests.results.tags import Plan
from backtests.results.trade import Trade
from tests.markets import BTC


@dataclass(frozen=True)
class Fill:
    """Represents what a position reads of a fill."""

    order_side: OrderSide
    last_qty: Quantity
    last_px: Price
    commission: Money
    ts_event: int
    client_order_id: ClientOrderId
    trade_id: TradeId
    liquidity_side: LiquiditySide = LiquiditySide.TAKER


def fill(side, quantity, price, ts, fee="0", order="O-1", liquidity="TAKER"):
    """Return a fill; amounts are texts."""
    return Fill(
        OrderSide[side],
        Quantity.from_str(quantity),
        Price.from_str(price),
        Money(Decimal(fee), USDT),
        ts,
        ClientOrderId(order),
        TradeId(f"T-{ts}"),
        LiquiditySide[liquidity],
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
        is_long=fills[0].order_side == OrderSide.BUY,
        ts_open=fills[0].ts_event,
        payments=list(payments),
    )
    for one in fills:
        trade.book(one)
    if not trade.open_quantity:
        trade.ts_close, trade.exit_reason = fills[-1].ts_event, reason
    return trade
