"""Runs of the impulse system through the simulated venue, and what they leave."""

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.config import ImportableActorConfig
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import SecondBar
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import TradeEvent
from backtests.results.tags import reason_of
from backtests.results.tags import role_of
from catalog.instruments import resolve_instrument
from catalog.sessions import NewYorkClock
from configs.loader import RunConfig
from configs.loader import load_backtest
from tests.engines import run_node
from tests.impulse_vectors import ticks_of
from tests.markets import write_catalog
from tests.seed_rules import NO_COST_RULES


NQ = "NQH5.XCME"
SIDES = {1: 1, -1: 2, 0: 0}
SECOND = 1_000_000_000
HEARD = (SecondBar, MarketStateUpdate, ImpulseTransition, LvnVisit, Decision, TradeEvent, Alert)


@dataclass
class Run:
    """What a run has published, and its engine."""

    engine: BacktestEngine
    messages: dict[type, list[Any]] = field(default_factory=dict)

    def of(self, cls: type) -> list[Any]:
        return self.messages[cls]

    def orders(self, role: str) -> list[Any]:
        orders = [o for o in self.engine.kernel.cache.orders() if role_of(o) == role]
        return sorted(orders, key=lambda o: (o.ts_init, o.client_order_id.value))

    def fills(self, *roles: str) -> list[tuple[str, str, float, int]]:
        """Return role, reason, price and time of each fill, by time."""
        found = [
            (role_of(order), reason_of(order), float(event.last_px), event.ts_event)
            for order in self.engine.kernel.cache.orders()
            for event in order.events
            if isinstance(event, OrderFilled) and role_of(order) in roles
        ]
        return sorted(found, key=lambda row: row[3])


def prints(trades: list[tuple[int, int, int, int]]) -> list[tuple[int, ...]]:
    """Return trades (time, tick, size, sign) as rows of a catalog."""
    return [(1, ts, tick, size, SIDES[sign]) for ts, tick, size, sign in trades]


def written(levels: dict[int, dict[str, float]]) -> dict[str, dict[str, int | None]]:
    """Return levels of the vectors by a time (ns UTC) of their day in the form of the actor."""
    clock = NewYorkClock()
    return {
        clock.trade_date(ts).isoformat(): {
            key: ticks_of(price) if price else None for key, price in row.items()
        }
        for ts, row in levels.items()
    }


def catalog_of(folder: Path, rows: list[tuple[int, ...]], instrument_id: str = NQ) -> Path:
    """Write rows as a catalog of a future."""
    return write_catalog(folder, rows, instrument_id, instrument=resolve_instrument(instrument_id))


def config_of(
    catalog: Path,
    *settings: str,
    levels: dict[str, Any] | None = None,
    instrument_id: str = NQ,
) -> RunConfig:
    """Return the configuration of a run, with written levels where there are any."""
    run = load_backtest(
        "nq_impulse_lvn",
        # These tapes have hours without an event.
        overrides=[
            f"catalog={catalog}",
            f"instrument_id={instrument_id}",
            "actors.0.config.gap_after_s=360000",
            *NO_COST_RULES,
            *settings,
        ],
    )
    if levels is None:
        return run
    (entry,) = run.node.engine.actors
    actor = ImportableActorConfig(
        actor_path="tests.backtests.written_levels:WrittenLevels",
        config_path="tests.backtests.written_levels:WrittenLevelsConfig",
        config={**entry.config, "levels": levels},
    )
    engine = msgspec.structs.replace(run.node.engine, actors=[actor])
    return replace(run, node=msgspec.structs.replace(run.node, engine=engine))


def run_of(config: RunConfig, *listeners: Any) -> Run:
    """Run a configuration and keep what it publishes; each listener gets the engine before."""
    messages: dict[type, list[Any]] = {cls: [] for cls in HEARD}

    def listen(engine: BacktestEngine) -> None:
        for cls in HEARD:
            engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=messages[cls].append)
        for listener in listeners:
            listener(engine)

    return Run(run_node(config, listen), messages)


def instrument() -> InstrumentId:
    return InstrumentId.from_str(NQ)
