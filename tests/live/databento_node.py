"""A node in a process of its own that notes what Nautilus's Databento client delivers."""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from nautilus_trader.adapters.databento.types import DatabentoStatistics
from nautilus_trader.config import LoggingConfig
from nautilus_trader.config import RoutingConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import DataType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.identifiers import ClientId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.strategy import Strategy
from nautilus_trader.trading.strategy import StrategyConfig

from adapters.databento.live import DatabentoLiveConfig
from adapters.databento.live import databento_data_factory
from adapters.databento.statistic import DatabentoStatistic


CLIENT = ClientId("DATABENTO")


class Recorder(Strategy):
    """Subscribes in the order asked for and writes one line for each thing it sees."""

    def __init__(self, plan: dict[str, Any], out: Any) -> None:
        super().__init__(StrategyConfig(order_id_tag="001"))
        self._plan = plan
        self._out = out
        self.seen = 0

    def note(self, kind: str, **values: Any) -> None:
        self.seen += 1
        self._out.write(json.dumps({"kind": kind, **values}) + "\n")
        self._out.flush()

    def on_start(self) -> None:
        self.note("started")
        for kind, text in self._plan["subscribe"]:
            if kind == "trades":
                self.subscribe_trade_ticks(InstrumentId.from_str(text))
            elif kind == "quotes":
                self.subscribe_quote_ticks(InstrumentId.from_str(text))
            elif kind == "bars":
                self.subscribe_bars(BarType.from_str(text))
            elif kind == "statistics":
                self.subscribe_data(
                    DatabentoStatistic.type_for(InstrumentId.from_str(text)),
                    client_id=CLIENT,
                )
            elif kind == "upstream statistics":
                instrument_id = InstrumentId.from_str(text)
                metadata = {"instrument_id": instrument_id}
                self.subscribe_data(DataType(DatabentoStatistics, metadata), client_id=CLIENT)
        for instrument in self.cache.instruments():
            self.note(
                "instrument",
                id=str(instrument.id),
                tick=str(instrument.price_increment),
                multiplier=str(instrument.multiplier),
            )

    def on_trade_tick(self, tick: TradeTick) -> None:
        self.note(
            "trade",
            id=str(tick.instrument_id),
            price=str(tick.price),
            size=str(tick.size),
            side=tick.aggressor_side.name,
            ts=tick.ts_event,
            trade_id=str(tick.trade_id),
        )

    def on_quote_tick(self, tick: QuoteTick) -> None:
        self.note(
            "quote",
            id=str(tick.instrument_id),
            bid=str(tick.bid_price),
            ask=str(tick.ask_price),
            bid_size=str(tick.bid_size),
            ask_size=str(tick.ask_size),
            ts=tick.ts_event,
        )

    def on_bar(self, bar: Bar) -> None:
        self.note(
            "bar",
            type=str(bar.bar_type),
            values=[str(value) for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)],
            ts=bar.ts_event,
        )

    def on_data(self, data: Any) -> None:
        self.note("data", type=type(data).__name__, values=str(data))
        if isinstance(data, DatabentoStatistic):
            self.note("statistic", name=data.stat_type, price=data.price, ts=data.ts_event)


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    if plan["client"] == "project":
        config, factory = DatabentoLiveConfig, databento_data_factory()
    else:
        from nautilus_trader.adapters.databento.config import DatabentoDataClientConfig
        from nautilus_trader.adapters.databento.factories import DatabentoLiveDataClientFactory

        config, factory = DatabentoDataClientConfig, DatabentoLiveDataClientFactory
    node = TradingNode(
        TradingNodeConfig(
            trader_id="TEST-001",
            logging=LoggingConfig(log_level=plan.get("log_level", "WARNING"), use_pyo3=True),
            data_clients={
                "DATABENTO": config(
                    instrument_ids=[InstrumentId.from_str(text) for text in plan["instruments"]],
                    timeout_initial_load=plan.get("timeout_load", 10.0),
                    routing=RoutingConfig(default=True),
                ),
            },
            timeout_connection=plan.get("timeout_connection", 10.0),
            timeout_reconciliation=1.0,
            timeout_portfolio=1.0,
            timeout_disconnection=2.0,
            timeout_post_stop=0.2,
        ),
    )
    node.add_data_client_factory("DATABENTO", factory)
    with Path(sys.argv[2]).open("w") as out:
        recorder = Recorder(plan, out)
        node.trader.add_strategy(recorder)
        node.build()
        reasons: list[str] = []
        node.kernel.msgbus.subscribe(
            "commands.system.shutdown",
            lambda command: reasons.append(f"{command.component_id}: {command.reason}"),
        )
        loop = node.kernel.loop
        timer = threading.Timer(
            plan["seconds"],
            lambda: loop.call_soon_threadsafe(node.stop),
        )
        timer.daemon = True
        timer.start()
        stop = Path(plan["stop_file"])

        def watch() -> None:
            if stop.exists():
                node.stop()
            else:
                loop.call_later(0.05, watch)

        loop.call_later(0.05, watch)
        told: list[dict[str, bool]] = []

        def check() -> None:
            (client,) = node.kernel.data_engine._clients.values()
            connections = client.connections()
            if told[-1:] != [connections]:
                told.append(connections)
                recorder.note("connections", found=connections)
            loop.call_later(0.05, check)

        if plan["client"] == "project":
            loop.call_later(0.05, check)
        node.run()
        out.write(json.dumps({"kind": "ended", "reasons": reasons}) + "\n")
    # Threads of the Rust client may outlive the node.
    os._exit(1 if reasons else 0)


if __name__ == "__main__":
    main()
