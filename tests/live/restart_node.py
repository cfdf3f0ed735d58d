"""
A trading node with a journal and a strategy that enters when told, to be killed and started again.

It is forked from a process that has the imports behind it, so that a start takes half a second.
Each message to it is a dictionary with `do`; each answer is one with `event`.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nautilus_trader.config import CacheConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode

from actors.alerts import AlertsActor
from actors.alerts import AlertsActorConfig
from actors.journal import JournalActor
from actors.journal import JournalActorConfig
from actors.journal.inserts import Entry
from actors.journal.inserts import Refusal
from actors.journal.store import Store
from actors.messages import Alert
from actors.messages import StateSnapshot
from actors.messages import TradeEvent
from adapters.bybit.live import LiveBybitExecClientConfig
from adapters.bybit.live import bybit_data_client_factory
from adapters.bybit.live import bybit_exec_client_factory
from adapters.bybit.live import live_exec_engine
from configs.cache import cache_section
from configs.documents import convert
from strategies.common.commands import Purpose
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.orders import OrderState
from strategies.common.trade_params import TradeParams
from tests.live.told_node import BTC
from tests.live.told_node import TIMEOUTS
from tests.live.told_node import VENUE
from tests.live.told_node import data_config
from tests.live.told_node import execution_settings
from tests.live.told_node import run_until_told
from tests.seed_rules import SeedRulesConfig


RETRY_NS = 200_000_000
say_to: Connection


def say(**line: Any) -> None:
    say_to.send(line)


class ToldConfig(SeedRulesConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """Waits less long between two attempts, so that many sessions fit into a minute."""

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        return replace(super().trade_params(tick_value, taker_fee_bps), retry_ns=RETRY_NS)


class JournalFaults:
    """
    Ends the process, or lets the disk stall, at a defined row of the journal.

    Parameters
    ----------
    before_snapshot, after_snapshot : int
        The process is killed before (after) the transaction that has the n-th snapshot; 0 never.
    stalls_at_order : int
        The disk stalls for good before the transaction from which the journal would know the n-th
        order; 0 never.

    """

    def __init__(
        self, before_snapshot: int = 0, after_snapshot: int = 0, stalls_at_order: int = 0
    ) -> None:
        self._before = before_snapshot
        self._after = after_snapshot
        self._stalls_at = stalls_at_order
        self._snapshots = 0
        self._orders: set[str] = set()
        self._write = Store.write
        faults = self
        Store.write = lambda store, entries: faults.write(store, entries)  # type: ignore[method-assign]

    def write(self, store: Store, entries: Iterable[Entry]) -> list[Refusal]:
        rows = list(entries)
        states = [row["state"] for table, row in rows if table == "snapshots"]
        before, self._snapshots = self._snapshots, self._snapshots + len(states)
        for state in states:
            self._orders.update(json.loads(state)["orders"].values())
        if 0 < self._stalls_at <= len(self._orders):
            time.sleep(3_600)
        if before < self._before <= self._snapshots:
            os.kill(os.getpid(), signal.SIGKILL)
        refused = self._write(store, rows)
        if before < self._after <= self._snapshots:
            os.kill(os.getpid(), signal.SIGKILL)
        return refused


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
            is_long=Decimal(stop) < Decimal(entry),
            entry=int(Decimal(entry) / tick),
            stop=int(Decimal(stop) / tick),
            tag="told_long" if Decimal(stop) < Decimal(entry) else "told_short",
            tp1_half=2 * int(Decimal(tp1) / tick),
            tp2=int(Decimal(tp2) / tick),
        )
        decision, _ = self.decide(self.clock.timestamp_ns(), None, intent, warm=True)
        say(event="Decision", action=str(decision.action), reason=str(decision.reason))

    def do_flatten(self) -> None:
        self.flatten()

    def do_observe(self) -> None:
        self.active = False

    def do_activate(self) -> None:
        self.resume_entries()
        self.active = True

    def do_state(self) -> None:
        trade = self.manager.trade
        live = [o for p in Purpose for o in ([] if trade is None else trade.orders.live(p))]
        tick = self.cache.trade_tick(BTC)
        say(
            event="State",
            last=None if tick is None else str(tick.price),
            settled=all(o.state is OrderState.WORKING and not o.cancel_sent for o in live),
            active=self.active,
            halted=self.manager.halted,
            open=0 if trade is None else trade.side * trade.open,
            cached=sum(
                int(position.signed_decimal_qty() / self.units.lot)
                for position in self.cache.positions_open(instrument_id=BTC)
            ),
            stop=None if trade is None else str(trade.stop * self.units.tick),
            tag=None if trade is None else trade.intent.tag,
            day_pnl=str(self.manager.ledger.day_pnl),
        )


def build(options: dict[str, Any]) -> tuple[TradingNode, ToldTradingStrategy]:
    started = Path(options["database"].removeprefix("sqlite:///")).with_suffix(".started")
    is_first = not started.exists()
    started.touch()
    path = Path("restart_node")
    cache = cache_section(None, options.get("cache"), "live", path)
    config = TradingNodeConfig(
        trader_id="TEST-001",
        logging=LoggingConfig(log_level=options.get("log", "ERROR"), use_pyo3=True),
        exec_engine=live_exec_engine(
            open_check_interval_secs=1.0,
            position_check_interval_secs=1.0,
            reconciliation_startup_delay_secs=1.0,
        ),
        data_clients={VENUE: data_config(options)},
        exec_clients={VENUE: LiveBybitExecClientConfig(**execution_settings(options))},
        cache=None if cache is None else convert(cache, CacheConfig, path, "node.cache"),
        **TIMEOUTS,
    )
    node = TradingNode(config)
    node.add_data_client_factory(VENUE, bybit_data_client_factory())
    node.add_exec_client_factory(VENUE, bybit_exec_client_factory())
    node.trader.add_actor(JournalActor(JournalActorConfig(database=options["database"])))
    node.trader.add_actor(AlertsActor(AlertsActorConfig(mode="live", pause_secs=0.1)))
    strategy = ToldTradingStrategy(
        ToldConfig(
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


def main(connection: Connection, options: dict[str, Any], environment: dict[str, str]) -> None:
    """Run a node until it is told to quit or is killed."""
    global say_to
    say_to = connection
    for name in [name for name in os.environ if name.startswith(("BYBIT_", "ALERT_"))]:
        del os.environ[name]
    os.environ.update(environment)
    JournalFaults(**options.get("journal", {}))
    node, strategy = build(options)
    run_until_told(node, strategy.do, _received(connection))
    say(event="Disposed")


def _received(connection: Connection) -> Iterator[dict[str, Any]]:
    try:
        while True:
            yield connection.recv()
    except EOFError:
        # The test has gone.
        os.kill(os.getpid(), signal.SIGKILL)
