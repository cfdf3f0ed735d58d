"""
A trading node with the project's Bybit clients, told what to do by lines on its input.

Each input line is a JSON object with `do`; each answer and each event is a line `@` + JSON.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.bybit.config import BybitExecClientConfig
from nautilus_trader.adapters.bybit.factories import BybitLiveExecClientFactory
from nautilus_trader.config import LiveExecEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from adapters.bybit.live import LiveBybitExecClientConfig
from adapters.bybit.live import bybit_data_client_factory
from adapters.bybit.live import bybit_exec_client_factory
from adapters.bybit.live import live_exec_engine
from tests.live.told_node import BTC
from tests.live.told_node import TIMEOUTS
from tests.live.told_node import VENUE
from tests.live.told_node import data_config
from tests.live.told_node import execution_settings
from tests.live.told_node import run_until_told


def say(**line: Any) -> None:
    print("@" + json.dumps(line), flush=True)


class ToldStrategy(Strategy):
    """Does what it is told, and tells what it sees."""

    def __init__(self, config: StrategyConfig) -> None:
        super().__init__(config)
        self.quotes: list[list[str]] = []
        self.trades: list[list[str]] = []

    def on_start(self) -> None:
        self.subscribe_quote_ticks(BTC)
        self.subscribe_trade_ticks(BTC)
        say(event="Started", strategy=str(self.id))

    def on_quote_tick(self, tick: Any) -> None:
        sizes = [str(tick.bid_size), str(tick.ask_size)]
        self.quotes.append([str(tick.bid_price), str(tick.ask_price), *sizes])

    def on_trade_tick(self, tick: Any) -> None:
        side = tick.aggressor_side.name
        self.trades.append([str(tick.price), str(tick.size), side, tick.trade_id.value])

    def on_order_event(self, event: Any) -> None:
        line = {"event": type(event).__name__, "id": event.client_order_id.value}
        if hasattr(event, "last_qty"):
            line |= {"qty": str(event.last_qty), "price": str(event.last_px)}
        if hasattr(event, "reason"):
            line["reason"] = str(event.reason)
        say(**line)

    def do(self, line: dict[str, Any]) -> None:
        getattr(self, "do_" + line.pop("do"))(**line)

    def do_limit(self, id: str, side: str, qty: str, price: str, **flags: Any) -> None:
        self.submit_order(
            self.order_factory.limit(
                BTC,
                OrderSide[side],
                Quantity.from_str(qty),
                Price.from_str(price),
                client_order_id=ClientOrderId(id),
                **flags,
            ),
        )

    def do_market(self, id: str, side: str, qty: str, reduce_only: bool = False) -> None:
        self.submit_order(
            self.order_factory.market(
                BTC,
                OrderSide[side],
                Quantity.from_str(qty),
                reduce_only=reduce_only,
                client_order_id=ClientOrderId(id),
            ),
        )

    def do_stop(self, id: str, side: str, qty: str, trigger: str) -> None:
        self.submit_order(
            self.order_factory.stop_market(
                BTC,
                OrderSide[side],
                Quantity.from_str(qty),
                Price.from_str(trigger),
                reduce_only=True,
                client_order_id=ClientOrderId(id),
            ),
        )

    def do_trailing(self, id: str, side: str, qty: str) -> None:
        self.submit_order(
            self.order_factory.trailing_stop_market(
                BTC,
                OrderSide[side],
                Quantity.from_str(qty),
                trailing_offset=Decimal(100),
                trigger_price=Price.from_str("59900.00"),
                reduce_only=True,
                client_order_id=ClientOrderId(id),
            ),
        )

    def do_expiring(self, id: str, side: str, qty: str, price: str) -> None:
        self.submit_order(
            self.order_factory.limit(
                BTC,
                OrderSide[side],
                Quantity.from_str(qty),
                Price.from_str(price),
                time_in_force=TimeInForce.GTD,
                expire_time=self.clock.utc_now() + timedelta(minutes=1),
                client_order_id=ClientOrderId(id),
            ),
        )

    def do_cancel(self, id: str) -> None:
        self.cancel_order(self.cache.order(ClientOrderId(id)))

    def do_cancel_all(self) -> None:
        self.cancel_all_orders(BTC)

    def do_modify(self, id: str, price: str = "", trigger: str = "", qty: str = "") -> None:
        self.modify_order(
            self.cache.order(ClientOrderId(id)),
            quantity=Quantity.from_str(qty) if qty else None,
            price=Price.from_str(price) if price else None,
            trigger_price=Price.from_str(trigger) if trigger else None,
        )

    def do_request(self) -> None:
        now = self.clock.utc_now()
        start = now - timedelta(hours=1)
        self.request_trade_ticks(BTC, limit=10, start=now - timedelta(seconds=30))
        self.request_bars(BarType.from_str(f"{BTC}-1-MINUTE-LAST-EXTERNAL"), start=start)
        self.request_funding_rates(BTC, start=start)

    def on_historical_data(self, data: Any) -> None:
        say(event="Historical", type=type(data).__name__, text=str(data))

    def do_book(self, depth: int) -> None:
        self.subscribe_order_book_deltas(BTC, BookType.L2_MBP, depth=depth)

    def do_state(self) -> None:
        book = self.cache.order_book(BTC) or OrderBook(BTC, BookType.L2_MBP)
        account = self.portfolio.account(BTC.venue)
        instrument = self.cache.instrument(BTC)
        say(
            event="State",
            quotes=self.quotes,
            trades=self.trades,
            book=[f"{level.price} {level.size():.3f}" for level in book.bids()],
            fees=[str(instrument.maker_fee), str(instrument.taker_fee)],
            net=str(self.portfolio.net_position(BTC)),
            balance=str(account.balance_total(USDT).as_decimal()) if account else "",
            orders={
                order.client_order_id.value: {
                    "status": order.status.name,
                    "filled": str(order.filled_qty),
                    "average": order.avg_px,
                    "fees": [str(fee.as_decimal()) for fee in order.commissions()],
                    "trades": [trade_id.value for trade_id in order.trade_ids],
                    "venue": order.venue_order_id.value if order.venue_order_id else "",
                    "strategy": str(order.strategy_id),
                }
                for order in self.cache.orders()
            },
            positions=[
                {
                    "size": str(position.signed_decimal_qty()),
                    "average": position.avg_px_open,
                    "realised": str(position.realized_pnl.as_decimal()),
                    "fees": [str(fee.as_decimal()) for fee in position.commissions()],
                    "strategy": str(position.strategy_id),
                }
                for position in self.cache.positions()
            ],
        )


def build(options: dict[str, Any]) -> tuple[TradingNode, ToldStrategy]:
    settings = execution_settings(options)
    # Nautilus's own client shows what the project's puts right.
    is_plain = options.get("plain", False)
    execution = (
        BybitExecClientConfig(**settings)
        if is_plain
        else LiveBybitExecClientConfig(**settings, rate_limit_delay_ms=100, rate_limit_retries=2)
    )
    has_orders = options.get("orders", True)
    node = TradingNode(
        TradingNodeConfig(
            trader_id="TEST-001",
            logging=LoggingConfig(log_level=options.get("log", "ERROR"), use_pyo3=True),
            exec_engine=live_exec_engine(
                open_check_interval_secs=1.0,
                open_check_threshold_ms=500,
                position_check_interval_secs=1.0,
                reconciliation_startup_delay_secs=1.0,
            )
            if options.get("checks", True)
            else LiveExecEngineConfig(),
            data_clients={VENUE: data_config(options)},
            exec_clients={VENUE: execution} if has_orders else {},
            **TIMEOUTS,
        ),
    )
    node.add_data_client_factory(VENUE, bybit_data_client_factory())
    orders = BybitLiveExecClientFactory if is_plain else bybit_exec_client_factory()
    node.add_exec_client_factory(VENUE, orders)
    strategy = ToldStrategy(
        StrategyConfig(strategy_id="TOLD", order_id_tag="001"),
    )
    node.trader.add_strategy(strategy)
    node.build()
    return node, strategy


def main() -> None:
    node, strategy = build(json.loads(sys.argv[1]))
    run_until_told(node, strategy.do, map(json.loads, sys.stdin))
    say(event="Disposed")


if __name__ == "__main__":
    main()
