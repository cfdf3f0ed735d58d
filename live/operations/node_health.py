"""The health of a running node as a file, for the watchdog process and the digest."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil

from actors.messages import Alert
from actors.messages import Decision
from actors.messages import TradeEvent
from live.node_protocols import Node
from live.operations.digest import GAP
from live.operations.digest import RECONNECTED
from live.operations.digest import STATES
from live.operations.state_files import read_json
from live.operations.state_files import write_json
from live.readiness import Readiness
from strategies.common.nautilus.strategy import TradingStrategy


WRITE_S = 5.0
RUNNING, STOPPED, FAILED = "RUNNING", "STOPPED", "FAILED"
MARGIN_HIGH, MARGIN_NORMAL = "MARGIN_HIGH", "MARGIN_NORMAL"
NS_PER_S = 1_000_000_000
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Health:
    """
    Represents the health of a node when it was written last.

    Attributes
    ----------
    at : int
        The time (ns UTC).
    state : str
        RUNNING, STOPPED after an orderly end, or FAILED.
    pid : int
        The process.
    started_at : int
        When the node started (ns UTC).
    disconnected : list[str]
        The clients and connections that are down.
    reconnects, gaps : int
        Connections restored and gaps in the data since the start.
    tick_ages_s : dict[str, float | None]
        The age of the last quote (of the last bar, on bars alone) by instrument (s).
    strategies : list[dict[str, Any]]
        By strategy: strategy_id, active, halted, killed, position, day_pnl.
    market : dict[str, dict[str, str]]
        Regime and tier of each strategy's last decision, where its system publishes them.
    trades : int
        The trades closed on the date of the schedule, by this process.
    balances : list[str]
        The total balances of the accounts.
    blocked : list[str]
        Why nothing is entered beside halts and limits of the day, such as a high margin.
    memory_mb : float
        The memory of the process (MB).

    """

    at: int
    state: str
    pid: int
    started_at: int
    disconnected: list[str]
    reconnects: int
    gaps: int
    tick_ages_s: dict[str, float | None]
    strategies: list[dict[str, Any]]
    market: dict[str, dict[str, str]]
    trades: int
    balances: list[str]
    blocked: list[str]
    memory_mb: float

    @property
    def is_flat(self) -> bool:
        """Return True if no strategy has a position."""
        return all(Decimal(s["position"]) == 0 for s in self.strategies)

    @property
    def is_stopped_trading(self) -> bool:
        """Return True if no strategy can enter because it is halted or its day is over."""
        return bool(self.strategies) and all(s["halted"] or s["killed"] for s in self.strategies)


class HealthWriter:
    """
    Writes the health of a node every five seconds, and once more at its orderly end.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : tuple[TradingStrategy, ...]
        Its strategies.
    readiness : Readiness
        Provides connections and the age of quotes.
    path : Path
        The file.
    failures : list[str]
        Why the node ends, empty for an orderly end.
    date_of : Callable[[int], date]
        Returns the date of a time (ns UTC) by the node's schedule.

    """

    def __init__(
        self,
        node: Node,
        strategies: tuple[TradingStrategy, ...],
        readiness: Readiness,
        path: Path,
        failures: list[str],
        date_of: Callable[[int], date],
    ) -> None:
        self._node = node
        self._strategies = strategies
        self._readiness = readiness
        self._path = path
        self._failures = failures
        self._process = psutil.Process()
        self._kinds: Counter[str] = Counter()
        self._blocked: dict[tuple[str, str], str] = {}
        self._started_at = time.time_ns()
        self._date_of = date_of
        self._market: dict[str, dict[str, str]] = {}
        self._trades: Counter[date] = Counter()
        bus = node.kernel.msgbus
        bus.subscribe(topic=Alert.topic(), handler=self._on_alert)
        bus.subscribe(topic=Decision.topic(), handler=self._on_decision)
        bus.subscribe(topic=TradeEvent.topic(), handler=self._on_trade_event)

    def _on_decision(self, decision: Decision) -> None:
        found = {name: getattr(decision, name) for name in STATES}
        if any(found.values()):
            known: dict[str, str] = {
                name: str(value) for name, value in found.items() if value is not None
            }
            self._market[decision.strategy_id] = known

    def _on_trade_event(self, event: TradeEvent) -> None:
        if event.kind == "TRADE_CLOSED":
            self._trades[self._date_of(event.ts_event)] += 1

    def _on_alert(self, alert: Alert) -> None:
        self._kinds[alert.kind] += 1
        key = (alert.strategy_id, alert.instrument_id.value)
        if alert.kind == MARGIN_HIGH:
            self._blocked[key] = alert.text
        elif alert.kind == MARGIN_NORMAL:
            self._blocked.pop(key, None)

    async def run(self) -> None:
        """Write until the task is canceled; a disk that takes nothing does not end the node."""
        try:
            while True:
                self.write(RUNNING)
                await asyncio.sleep(WRITE_S)
        finally:
            self.write(FAILED if self._failures else STOPPED)

    def write(self, state: str) -> None:
        """Write the present health; after a failure the old file grows stale, which is noticed."""
        try:
            write_json(self._path, self._content(state), is_durable=False)
        except OSError as error:
            reason = f"{error.strerror}: the watchdog will report the node as stale"
            self._node.kernel.logger.warning(f"{self._path}: {reason}")

    def _content(self, state: str) -> dict[str, Any]:
        ages = {s.config.instrument_id.value: s.config.instrument_id for s in self._strategies}
        return {
            "at": time.time_ns(),
            "state": state,
            "pid": os.getpid(),
            "started_at": self._started_at,
            "disconnected": self._readiness.missing_connections(),
            "reconnects": self._kinds[RECONNECTED],
            "gaps": self._kinds[GAP],
            "tick_ages_s": {name: self._readiness.quote_age_s(i) for name, i in ages.items()},
            "strategies": [_state_of(strategy) for strategy in self._strategies],
            "market": self._market,
            "trades": self._trades[self._date_of(time.time_ns())],
            "balances": _balances(self._node),
            "blocked": [*self._blocked.values()],
            "memory_mb": round(self._process.memory_info().rss / MEGABYTE, 1),
        }


def _balances(node: Node) -> list[str]:
    return [
        f"{account.id} {total}"
        for account in node.cache.accounts()
        for total in account.balances_total().values()
    ]


def _state_of(strategy: TradingStrategy) -> dict[str, Any]:
    manager = strategy.manager
    return {
        "strategy_id": strategy.id.value,
        "active": strategy.active,
        "halted": manager.halted,
        "killed": manager.ledger.killed,
        "position": str(strategy.position),
        "day_pnl": str(manager.ledger.day_pnl),
    }


def read_health(path: Path) -> Health | None:
    """
    Return the health written last, None before the first.

    Raises
    ------
    ValueError
        If the file holds something else.
    OSError
        If it cannot be read.

    """
    content = read_json(path)
    if content is None:
        return None
    try:
        return Health(**content)
    except TypeError:
        raise ValueError("was written by another version") from None


def health_lines(path: Path, now: int) -> list[str]:
    """
    Return the health of a node as lines of a digest.

    Parameters
    ----------
    path : Path
        The file of its health.
    now : int
        The present time (ns UTC).

    """
    try:
        health = read_health(path)
    except (OSError, ValueError) as error:
        return [f"Node: its health cannot be read: {error}"]
    if health is None:
        return ["Node: has written no health yet"]
    age_s = (now - health.at) / NS_PER_S
    if health.state == STOPPED:
        state = f"stopped in order {_age(age_s)} ago"
    elif health.state == FAILED:
        state = f"FAILED {_age(age_s)} ago"
    elif age_s > 12 * WRITE_S:
        state = f"DEAD OR HUNG, last sign {_age(age_s)} ago"
    else:
        state = f"running for {_age((health.at - health.started_at) / NS_PER_S)}"
    line = f"Node: {state}, {health.memory_mb:,.0f} MB"
    if health.disconnected and health.state == RUNNING:
        line += f", disconnected: {', '.join(health.disconnected)}"
    return [line]


def _age(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
