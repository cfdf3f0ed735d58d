"""
A trading node with a journal and a strategy that enters when told, to be killed and started again.

Each input line is a JSON object with `do`; each answer is a line `@` + JSON.
"""

import asyncio
import json
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

from nautilus_trader.common.config import InstrumentProviderConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.core.nautilus_pyo3 import BybitProductType
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.identifiers import InstrumentId

from actors.alerts import AlertsActor
from actors.alerts import AlertsActorConfig
from actors.journal import JournalActor
from actors.journal import JournalActorConfig
from actors.messages import Alert
from actors.messages import StateSnapshot
from actors.messages import TradeEvent
from adapters.bybit.live import LiveBybitDataClientConfig
from adapters.bybit.live import LiveBybitExecClientConfig
from adapters.bybit.live import bybit_data_client_factory
from adapters.bybit.live import bybit_exec_client_factory
from adapters.bybit.live import live_exec_engine
from configs.cache import with_cache
from strategies.common.intents import Intent
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.strategy import TradingStrategy


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
VENUE = "BYBIT"


def say(**line: Any) -> None:
    print("@" + json.dumps(line), flush=True)


class ToldTradingStrategy(TradingStrategy):
    """Enters when told, and is a trading strategy otherwise."""

    is_first = False

    def on_start(self) -> None:
        for cls in (Alert, TradeEvent):
            self.msgbus.subscribe(topic=cls.topic(), handler=self.tell)
        self.msgbus.subscribe(topic=StateSnapshot.topic(), handler=self.tell_state)
        super().on_start()
        # What an operator does at the very first start; later ones must know by themselves.
        self.active = self.active or (self.is_first and self.manager.trade is None)
        self.subscribe_quote_ticks(BTC)
        self.subscribe_trade_ticks(BTC)
        say(event="Started", active=self.active)

    def tell(self, message: Any) -> None:
        say(event=type(message).__name__, kind=message.kind, text=str(message))

    def tell_state(self, message: Any) -> None:
        say(event="StateSnapshot", cause=message.cause)

    def on_order_event(self, event: Any) -> None:
        super().on_order_event(event)
        say(event=type(event).__name__, id=event.client_order_id.value)

    def do(self, line: dict[str, Any]) -> None:
        getattr(self, "do_" + line.pop("do"))(**line)

    def do_enter(self, entry: str, stop: str, tp1: str, tp2: str) -> None:
        tick = self.units.tick
        intent = Intent(
            is_long=True,
            entry=int(Decimal(entry) / tick),
            stop=int(Decimal(stop) / tick),
            tag="told_long",
            tp1_half=2 * int(Decimal(tp1) / tick),
            tp2=int(Decimal(tp2) / tick),
        )
        decision, _ = self.decide(self.clock.timestamp_ns(), None, intent, warm=True)
        say(event="Decision", action=str(decision.action), reason=str(decision.reason))

    def do_flatten(self) -> None:
        self.flatten()

    def do_observe(self) -> None:
        self.active = False

    def do_state(self) -> None:
        trade = self.manager.trade
        say(
            event="State",
            active=self.active,
            halted=self.manager.halted,
            open=0 if trade is None else trade.side * trade.open,
            tag=None if trade is None else trade.intent.tag,
            day_pnl=str(self.manager.ledger.day_pnl),
        )


def build(options: dict[str, Any]) -> tuple[TradingNode, ToldTradingStrategy]:
    shared = {
        "product_types": (BybitProductType.LINEAR,),
        "base_url_http": options["url"],
        "api_key": options["api_key"],
        "api_secret": options["api_secret"],
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset({BTC})),
    }
    data = LiveBybitDataClientConfig(
        **shared,
        base_url_ws_public=options["public"].replace("linear", "{product}"),
        instrument_status_poll_secs=None,
    )
    execution = LiveBybitExecClientConfig(
        **shared,
        base_url_ws_private=options["private"],
        base_url_ws_trade=options["trade"],
    )
    started = Path(options["database"].removeprefix("sqlite:///")).with_suffix(".started")
    is_first = not started.exists()
    started.touch()
    config = with_cache(
        TradingNodeConfig(
            trader_id="TEST-001",
            logging=LoggingConfig(log_level=options.get("log", "ERROR"), use_pyo3=True),
            exec_engine=live_exec_engine(
                open_check_interval_secs=1.0,
                position_check_interval_secs=1.0,
                reconciliation_startup_delay_secs=1.0,
            ),
            data_clients={VENUE: data},
            exec_clients={VENUE: execution},
            timeout_connection=10.0,
            timeout_disconnection=2.0,
            timeout_post_stop=0.2,
        ),
        options.get("cache"),
        "live",
        Path("restart_node"),
    )
    node = TradingNode(config)
    node.add_data_client_factory(VENUE, bybit_data_client_factory())
    node.add_exec_client_factory(VENUE, bybit_exec_client_factory())
    node.trader.add_actor(JournalActor(JournalActorConfig(database=options["database"])))
    node.trader.add_actor(AlertsActor(AlertsActorConfig(mode="live", pause_secs=0.1)))
    strategy = ToldTradingStrategy(
        TradingConfig(
            instrument_id=BTC,
            strategy_id="TOLD",
            order_id_tag="007",
            external_order_claims=[BTC],
            risk_pct=Decimal("0.0002"),
            tp1_pct=Decimal("0.3"),
            cooldown_minutes=0,
        ),
    )
    strategy.is_first = is_first
    node.trader.add_strategy(strategy)
    node.build()
    return node, strategy


def main() -> None:
    node, strategy = build(json.loads(sys.argv[1]))
    loop = node.get_event_loop()

    def listen() -> None:
        for text in sys.stdin:
            line = json.loads(text)
            if line["do"] == "quit":
                break
            loop.call_soon_threadsafe(strategy.do, line)
        asyncio.run_coroutine_threadsafe(node.stop_async(), loop)

    threading.Thread(target=listen, daemon=True).start()
    node.run()
    node.dispose()
    say(event="Disposed")


if __name__ == "__main__":
    main()
