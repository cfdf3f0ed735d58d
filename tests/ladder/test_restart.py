"""Several trades over a restart of the strategy, and one of them closed by an operator."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TestClock
from nautilus_trader.trading.strategy import Strategy

from actors.messages import TradeEvent
from actors.nautilus_records import order_record
from actors.order_marks import tagged_trade
from backtests.results.tags import reason_of
from backtests.results.tags import role_of
from backtests.results.trades import fills_in_order
from configs.times import parse_time
from strategies.common.nautilus.strategy import TradingStrategy
from tests.engines import run_node
from tests.ladder.runs import config_of


END = "end=2026-01-05T02:30"


def ns(text: str) -> int:
    found = parse_time(f"2026-01-05T{text}", "time")
    assert found is not None
    return found


class Operator(Actor):  # type: ignore[misc]
    """Activates the strategy, and acts on it at a time (ns UTC)."""

    def __init__(self, engine: Any, at: int, act: Callable[["Operator"], None]) -> None:
        super().__init__()
        self.engine, self.at, self.act = engine, at, act
        self.events: list[TradeEvent] = []
        self.seen: dict[int, int] = {}

    @property
    def strategy(self) -> TradingStrategy:
        (found,) = self.engine.trader.strategies()
        assert isinstance(found, TradingStrategy)
        return found

    def on_start(self) -> None:
        self.msgbus.subscribe(topic=TradeEvent.topic(), handler=self.events.append)
        self.clock.set_time_alert_ns("ACTIVE", ns("00:01"), self.activate)
        self.clock.set_time_alert_ns("ACT", self.at, self.on_time)

    def activate(self, _: Any) -> None:
        self.strategy.active = True

    def on_time(self, _: Any) -> None:
        self.seen = {key: trade.open for key, trade in self.strategy.manager.trades.items()}
        self.act(self)


def nothing(_: Operator) -> None:
    """Let the strategy go on."""


def restart(operator: Operator) -> None:
    """Replace the strategy by one that knows what Nautilus has kept of it."""
    old, trader = operator.strategy, operator.engine.trader
    kept = old.save()
    trader.stop_strategy(old.id)
    old.clock.cancel_timers()
    trader.remove_strategy(old.id)
    new: Strategy = type(old)(old.config)
    new.load(kept)
    new.holds_orders = True
    trader._has_controller = True  # it takes no strategy while it runs without
    trader.add_strategy(new)
    new.clock.set_time(operator.clock.timestamp_ns())
    trader.start_strategy(new.id)


def ran(catalog: Path, at: str, act: Callable[[Operator], None]) -> tuple[list[Any], Operator]:
    """Run, and return the fills: of which trade and order, when, and at what price."""
    operators: list[Operator] = []

    def operate(engine: Any) -> None:
        operators.append(Operator(engine, ns(at), act))
        operators[0].strategy.holds_orders = True
        engine.add_actor(operators[0])

    # Two strategies of one engine cannot claim the same instrument, not even after each other.
    claims = "strategies.0.config.external_order_claims=[]"
    engine = run_node(config_of(catalog, END, claims), operate)
    fills = [
        (
            *(tagged_trade(order.tags), role_of(order), reason_of(order)),
            *(fill.ts_event, fill.is_buy, fill.quantity, fill.price, fill.is_maker),
        )
        for order, fill in fills_in_order(map(order_record, engine.kernel.cache.orders()))
    ]
    assert not operators[0].strategy.manager.halted
    engine.dispose()
    return fills, operators[0]


@pytest.fixture(scope="module")
def live() -> Iterator[None]:
    """Let the clock of an engine count as live: the strategy goes on as a node's does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("strategies.common.nautilus.controls.LiveClock", TestClock)
        yield


@pytest.fixture(scope="module")
def whole(live: None, catalog: Path) -> tuple[list[Any], Operator]:
    return ran(catalog, "00:57:30", nothing)


# Before a flip of all three; a trade that a stop of its own trails; trades of another hour.
@pytest.mark.parametrize(("at", "trades"), [("00:57:30", 3), ("01:15:30", 3), ("02:20:30", 3)])
def test_trades_go_on_after_a_restart_as_if_there_had_been_none(
    live: None, catalog: Path, whole: tuple[list[Any], Operator], at: str, trades: int
) -> None:
    fills, operator = ran(catalog, at, restart)
    assert len(operator.seen) == trades
    assert fills == whole[0]
    ends = [(e.trade_id, e.reason, e.net) for e in operator.events if e.kind == "TRADE_CLOSED"]
    assert ends == [
        (e.trade_id, e.reason, e.net) for e in whole[1].events if e.kind == "TRADE_CLOSED"
    ]
    assert len(ends) > 8


def test_one_of_three_trades_is_flattened_and_the_others_go_on(live: None, catalog: Path) -> None:
    def flatten(operator: Operator) -> None:
        operator.strategy.flatten(trade_id=min(operator.seen))

    _, operator = ran(catalog, "00:57:30", flatten)
    ends = {e.trade_id: (e.reason, e.ts_event) for e in operator.events if e.kind == "TRADE_CLOSED"}
    first, *others = sorted(operator.seen)
    assert ends[first][0] == "FLATTEN"
    assert ns("00:57:30") <= ends[first][1] < ns("00:57:40")
    assert [ends[key][0] for key in others] == ["FLIP", "FLIP"]
