"""A scripted machine under the strategy: its steps become orders, decisions and events for it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec import Struct
from nautilus_trader.common.config import resolve_path

from actors.impulse.messages import MarketStateUpdate
from actors.messages import Alert
from actors.messages import Decision
from errors import AuctionError
from strategies.common.commands import Command
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import MachineAlert
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.step import StopMove
from tests.checks import some
from tests.markets import BTC
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import START
from tests.strategies.silent_venue import SilentVenue


__all__ = ["live_clock"]

SYSTEMS = Path(__file__).parents[2] / "configs" / "systems"
SECOND = 1_000_000_000
ENDS = Exit(ts=START, reason=ExitReason.SESSION_END, drop=DropReason.SESSION_END, of=Entry.of(LONG))


class ScriptedRow(Struct, frozen=True):
    """Represents a row that says itself what the machine makes of it."""

    end: int
    step: Step | None
    exits: tuple[Exit, ...] = ()


class ScriptedMachine(DecisionMachine[ScriptedRow]):
    """Returns the step of each row, and remembers what it was told."""

    INTERVAL_NS = SECOND

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.entered: list[int | None] = []
        self.trade_ids: list[int] = []
        self.positions: list[Position] = []

    def step(self, row: ScriptedRow, position: Position) -> Step | None:
        self.positions.append(position)
        return row.step

    def exits_before(self, row: ScriptedRow, position: Position) -> tuple[Exit, ...]:
        return row.exits

    def exits_at(self, ts: int, position: Position) -> tuple[Exit, ...]:
        self.told.append(("time", ts))
        return (ENDS,)

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        self.told.append(("sent" if is_sent else "refused", entry.tag))
        self.entered.append(trade_id)
        return Notes(alerts=(MachineAlert(ts=ts, kind="ENTRY", text="taken"),))

    def on_opened(self, fill: EntryFilled, trade_id: int) -> Notes:
        self.trade_ids.append(trade_id)
        self.told.append("opened")
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        self.trade_ids.append(trade_id)
        self.told.append(("closed", str(closed.exit_reason)))
        return NO_NOTES

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        self.trade_ids.append(trade_id)
        self.told.append("dropped")
        return NO_NOTES

    def on_print(self, ts: int, price: int) -> Notes:
        self.told.append(("print", price))
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        self.told.append("gap")
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        return {"rows": len(self.positions)}

    def restore(self, state: Any, position: Position, ts: int, ended: Any = ()) -> Notes:
        self.told.append(("restore", state, position.is_flat))
        return NO_NOTES


class ScriptedSystem(TradingStrategy):
    """Runs the scripted machine, and counts the commands sent."""

    INPUTS = (MarketStateUpdate,)

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.commands: list[Command] = []

    def make_machine(self) -> ScriptedMachine:
        return ScriptedMachine()

    def on_commands(self, commands: Any, ts: int) -> None:
        self.commands += commands


class ScriptedVenue(SilentVenue):
    """Holds the scripted system, and what it publishes."""

    strategy_class = ScriptedSystem

    def before_start(self) -> None:
        self.decisions: list[Decision] = []
        self.alerts: list[Alert] = []
        self.msgbus.subscribe(Decision.topic(), self.decisions.append)
        self.msgbus.subscribe(Alert.topic(), self.alerts.append)

    @property
    def told(self) -> list[Any]:
        told: list[Any] = self.strategy.machine.told
        return told

    def row(self, *, exits: tuple[Exit, ...] = (), **step: Any) -> None:
        runner = self.strategy._runner
        assert runner is not None
        runner.on_row(ScriptedRow(self.now + SECOND, Step(warm=True, **step), exits))

    def enter(self, fills: bool = True) -> None:
        self.row(close=ENTRY, reason="GO", entries=(Entry.of(LONG),))
        self.accept(self.sent[-1])
        if fills:
            self.fill(self.sent[-1], ENTRY)
            self.accept(self.sent[-1])


def test_a_proposed_trade_is_entered_and_its_life_is_told() -> None:
    venue = ScriptedVenue()
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.enter()
    machine = venue.strategy.machine
    assert machine.positions == [Position(bid=ENTRY - 1, ask=ENTRY + 1)]
    (decision,) = venue.decisions
    assert (decision.action, decision.reason, decision.why) == ("ENTER", "GO", None)
    assert (decision.setup, decision.side, decision.entry) == ("x_long", "BUY", 50_000.0)
    assert decision.ts_min == venue.now
    assert decision.quantity is not None
    venue.row()
    (trade,) = machine.positions[-1].trades
    assert (trade.tag, trade.side, trade.average, trade.since) == ("x_long", 1, ENTRY, venue.now)
    venue.print(LONG.stop)
    venue.fill(venue.working[0], LONG.stop)
    assert venue.told[1:] == [
        ("sent", "x_long"),
        "opened",
        ("print", LONG.stop),
        ("closed", "STOP"),
    ]
    assert venue.alerts[-1].kind == "ENTRY"
    assert len(venue.strategy.commands) == len(venue.sent)


@pytest.mark.parametrize("refusal", ["OUTSIDE", None])
def test_a_refused_entry_is_published_and_told(refusal: str | None) -> None:
    venue = ScriptedVenue()
    intent = LONG if refusal else None
    entry = Entry(tag="x_long", is_long=True, stop=LONG.stop, intent=intent, refusal=refusal)
    if refusal is None:
        venue.strategy.active = False
        entry = Entry.of(LONG)
    venue.row(reason="GO", entries=(entry,))
    (decision,) = venue.decisions
    assert (decision.action, decision.why) == ("REFUSE", refusal or "OBSERVATION")
    assert (decision.stop, decision.quantity) == (49_900.0, None)
    assert venue.told[1:] == [("refused", "x_long")]
    assert venue.sent == []


def test_a_refusal_of_before_is_published_without_the_trade() -> None:
    venue = ScriptedVenue()
    refused: list[str] = []
    venue.strategy.machine.on_refused = lambda entry, code: refused.append(code)
    venue.strategy.active = False
    for before in ((), ("SIZE",), ("SIZE", "OBSERVATION")):
        venue.row(reason="GO", entries=(long_entry(refused_before=before),))
    assert [(d.action, d.why, d.setup) for d in venue.decisions] == [
        ("REFUSE", "OBSERVATION", "x_long"),
        ("REFUSE", "OBSERVATION", "x_long"),
        ("HOLD", "OBSERVATION", None),
    ]
    assert refused == ["OBSERVATION"] * 3
    venue.strategy.active = True
    venue.row(reason="GO", entries=(long_entry(refused_before=("OBSERVATION",)),))
    assert (venue.decisions[-1].action, venue.decisions[-1].setup) == ("ENTER", "x_long")
    assert len(refused) == 3


def long_entry(**values: Any) -> Entry:
    """Return the entry of the long trade with other values."""
    return msgspec.structs.replace(Entry.of(LONG), **values)


def test_of_several_entries_the_gate_takes_the_first_and_refuses_the_rest() -> None:
    venue = ScriptedVenue()
    venue.row(reason="GO", entries=(Entry.of(LONG), Entry.of(LONG), Entry.of(SHORT)))
    assert [(d.action, d.why) for d in venue.decisions] == [
        ("ENTER", None),
        ("REFUSE", "ENTRY_PENDING"),
        ("REFUSE", "ENTRY_PENDING"),
    ]
    assert len(venue.sent) == 1


def tagged(number: int, *, is_long: bool = True) -> Entry:
    """Return an entry with a name of its own, its stop farther away with its number."""
    base = LONG if is_long else SHORT
    stop = base.stop - base.side * 100 * number
    return Entry.of(replace(base, tag=f"toy {number}", stop=stop))


def holding_two(**config: Any) -> ScriptedVenue:
    """Return a venue with two open trades of one side."""
    venue = ScriptedVenue(max_trades=3, **config)
    for number in (1, 2):
        venue.row(close=ENTRY, reason="GO", entries=(tagged(number),))
        venue.accept(venue.sent[-1])
        venue.fill(venue.sent[-1], ENTRY)
        venue.accept(venue.sent[-1])
    assert [d.action for d in venue.decisions] == ["ENTER", "ENTER"]
    venue.decisions.clear()
    venue.told.clear()
    return venue


def exits_of(venue: ScriptedVenue) -> list[tuple[str | None, str | None]]:
    return [(d.setup, d.why) for d in venue.decisions if d.action == "EXIT"]


def test_the_machine_sees_its_trades_and_is_told_which_one_it_is_about() -> None:
    venue = holding_two()
    machine = venue.strategy.machine
    assert machine.entered == [1, 2]
    assert machine.trade_ids == [1, 2]
    venue.row()
    trades = machine.positions[-1].trades
    assert [(t.trade_id, t.tag, t.stop) for t in trades] == [
        (1, "toy 1", LONG.stop - 100),
        (2, "toy 2", LONG.stop - 200),
    ]
    stop = next(order for order in venue.working if order.is_reduce_only)
    venue.fill(stop, LONG.stop - 100)
    assert machine.trade_ids == [1, 2, 1]
    assert venue.told[-1] == ("closed", "STOP")


def test_an_exit_closes_the_trade_it_names_and_one_without_a_name_closes_all() -> None:
    venue = holding_two()
    leave = {"ts": START, "reason": ExitReason.TIME, "drop": DropReason.FLATTEN}
    venue.row(exits=(Exit(**leave, trade_id=2),))
    first, second = venue.strategy.manager.trades.values()
    assert (first.close_reason, second.close_reason) == (None, ExitReason.TIME)
    assert exits_of(venue) == [("toy 2", "TIME")]
    venue.row(exits=(Exit(**leave),))
    assert exits_of(venue) == [("toy 2", "TIME"), ("toy 1", "TIME")]
    assert first.close_reason is ExitReason.TIME
    venue.row(exits=(Exit(**leave, trade_id=7),))
    assert len(exits_of(venue)) == 2


def test_an_entry_that_is_given_up_and_filled_all_the_same_is_a_trade_as_any_other() -> None:
    venue = holding_two()
    venue.row(close=ENTRY, reason="GO", entries=(tagged(3),))
    entry = venue.sent[-1]
    venue.accept(entry)
    leave = {"ts": START, "reason": ExitReason.FLATTEN, "drop": DropReason.SIGNAL_OVER}
    venue.row(exits=(Exit(**leave, trade_id=3, only_entry=True),))
    trades = venue.strategy.manager.trades
    dropped = [trade.drop_reason for trade in trades.values()]
    assert dropped == [None, None, DropReason.SIGNAL_OVER]
    # The venue fills it before the cancel arrives.
    venue.fill(entry, ENTRY)
    assert [trade.close_reason for trade in trades.values()] == [None] * 3
    assert trades[3].open > 0
    assert exits_of(venue) == []


def test_a_stop_is_moved_for_the_trade_it_names_and_else_for_all() -> None:
    venue = holding_two()
    trades = venue.strategy.manager.trades
    venue.row(stops=(StopMove(stop=ENTRY - 500, price=ENTRY, trade_id=1),))
    assert [trade.stop for trade in trades.values()] == [ENTRY - 500, LONG.stop - 200]
    venue.row(stops=(StopMove(stop=ENTRY - 400, price=ENTRY),))
    assert [trade.stop for trade in trades.values()] == [ENTRY - 400] * 2
    venue.row(stops=(StopMove(stop=ENTRY - 100, price=ENTRY - 200, trade_id=2),))
    venue.row(stops=(StopMove(stop=ENTRY - 100, price=ENTRY - 200, trade_id=2),))
    assert exits_of(venue) == [("toy 2", "TRAIL")]
    assert trades[1].close_reason is None


def test_each_trade_closed_by_its_time_is_a_decision_beside_that_on_the_entry() -> None:
    venue = holding_two(max_hold_minutes=1, cooldown_minutes=0, extend_if_profitable=False)
    venue.row(close=ENTRY, is_boundary=True, reason="NONE")
    assert exits_of(venue) == []
    venue.advance(60 * SECOND)
    venue.decisions.clear()
    venue.row(close=ENTRY, is_boundary=True, reason="GO", entries=(tagged(3),))
    assert [(d.setup, d.action, d.why, d.reason) for d in venue.decisions] == [
        ("toy 3", "ENTER", None, "GO"),
        ("toy 1", "EXIT", "TIME", "TIME"),
        ("toy 2", "EXIT", "TIME", "TIME"),
    ]


def test_the_second_half_of_a_flip_gets_its_id_when_it_is_entered() -> None:
    venue = holding_two()
    machine = venue.strategy.machine
    venue.row(reason="GO", entries=(tagged(3, is_long=False),))
    assert venue.told == [("sent", "toy 3")]
    assert machine.entered == [1, 2, None]
    assert venue.strategy.manager.is_flipping
    venue.row(exits=(ENDS,))
    assert not venue.strategy.manager.is_flipping


def test_a_reason_without_an_entry_is_a_decision_to_hold() -> None:
    venue = ScriptedVenue()
    venue.row(reason="NO_LEVELS", why="WARMUP", is_bar=False)
    venue.row()
    (decision,) = venue.decisions
    assert (decision.action, decision.why, decision.setup) == ("HOLD", "WARMUP", None)
    assert venue.strategy.closes_seen == 1


def test_an_exit_before_a_row_is_out_before_the_machine_takes_it() -> None:
    venue = ScriptedVenue()
    venue.enter()
    venue.row(exits=(ENDS,))
    position = venue.strategy.machine.positions[-1]
    assert position.trade is not None
    assert position.trade.is_leaving
    exits = [d for d in venue.decisions if d.action == "EXIT"]
    assert [(d.why, d.setup) for d in exits] == [("SESSION_END", "x_long")]
    venue.row(exits=(ENDS,))
    assert len([d for d in venue.decisions if d.action == "EXIT"]) == 1


def test_a_moved_stop_goes_to_the_venue_and_one_that_is_reached_closes() -> None:
    venue = ScriptedVenue()
    venue.enter()
    venue.row(stops=(StopMove(stop=ENTRY - 500, price=ENTRY, of=Entry.of(LONG)),))
    assert venue.strategy.manager.trade.stop == ENTRY - 500
    venue.row(stops=(StopMove(stop=ENTRY - 100, price=ENTRY - 200, of=Entry.of(LONG)),))
    assert venue.strategy.manager.trade.close_reason is ExitReason.TRAIL
    assert (venue.decisions[-1].action, venue.decisions[-1].why) == ("EXIT", "TRAIL")


def test_the_clock_and_the_first_print_after_it_ask_for_exits() -> None:
    venue = ScriptedVenue()
    machine = venue.strategy.machine
    machine.wake_at = venue.now + 10 * SECOND
    venue.enter()
    venue.advance(10 * SECOND)
    assert ("time", START + 10 * SECOND) in machine.told
    machine.told.clear()
    venue.print(ENTRY)
    assert machine.told == [("time", venue.now), ("print", ENTRY)]


def test_an_entry_given_up_and_a_position_gone_are_told_as_dropped() -> None:
    venue = ScriptedVenue()
    venue.enter(fills=False)
    venue.row()
    assert venue.cancels == []
    venue.row(drop=DropReason.STALE)
    assert venue.cancels == [venue.sent[-1]]
    venue.cancel(venue.sent[-1])
    assert venue.told[-1] == "dropped"
    venue.told.clear()
    venue.enter()
    venue.strategy.on_position_found(venue.strategy.position * 0)
    assert venue.strategy.is_flat
    assert venue.told == [("sent", "x_long"), "opened", "dropped"]


def test_of_two_trades_one_is_trailed_and_one_is_left() -> None:
    venue = ScriptedVenue(cooldown_minutes=0, risk_pct=Decimal("0.001"), max_trades=2)
    venue.enter()
    venue.enter()
    first, second = venue.strategy.position_view().trades
    assert first.trade_id < second.trade_id
    move = StopMove(stop=ENTRY - 500, price=ENTRY, trade_id=second.trade_id)
    end = Exit(
        ts=venue.now, reason=ExitReason.TIME, drop=DropReason.FLATTEN, trade_id=first.trade_id
    )
    venue.row(stops=(move,), exits=(end,))
    views = {view.trade_id: view for view in venue.strategy.position_view().trades}
    assert views[first.trade_id].is_leaving
    assert not views[second.trade_id].is_leaving
    stops = [views[view.trade_id].stop for view in (first, second)]
    assert stops == [LONG.stop, ENTRY - 500]


def test_the_past_reaches_the_machine_and_moves_nothing() -> None:
    venue = ScriptedVenue()
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.enter()
    stop = venue.strategy.manager.trade.stop
    venue.strategy.observe_until = venue.now + SECOND
    moves = (StopMove(stop=ENTRY - 500, price=ENTRY),)
    venue.row(reason="GO", entries=(Entry.of(LONG),), exits=(ENDS,), stops=moves)
    trade = venue.strategy.manager.trade
    assert (trade.stop, trade.close_reason) == (stop, None)
    assert venue.strategy.machine.positions[-1].bid is None
    assert (venue.decisions[-1].action, venue.decisions[-1].why) == ("REFUSE", "OBSERVATION")


def test_the_state_of_the_machine_is_kept_with_that_of_the_trade() -> None:
    venue = ScriptedVenue()
    venue.row()
    assert venue.strategy.signal_state() == {"rows": 1}
    assert venue.told == [("restore", None, True)]


def test_systems_override_no_private_method() -> None:
    paths = [
        strategy["strategy_path"]
        for path in some(SYSTEMS.glob("*.yaml"))
        for strategy in yaml.safe_load(path.read_text())["strategies"]
    ]
    for system in map(resolve_path, paths):
        own = {name for name in vars(system) if name.startswith("_") and "__" not in name}
        inherited = {name for base in system.__mro__[1:] for name in vars(base)}
        assert not own & inherited, system


class PlainMachine(DecisionMachine[ScriptedRow]):
    """Has nothing but what every machine needs."""

    INTERVAL_NS = SECOND

    def step(self, row: ScriptedRow, position: Position) -> Step | None:
        return row.step

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, state: Any, position: Position, ts: int, ended: Any = ()) -> Notes:
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        return NO_NOTES


class PlainSystem(TradingStrategy):
    INPUTS = (MarketStateUpdate,)

    def make_machine(self) -> PlainMachine:
        return PlainMachine()


class PlainVenue(ScriptedVenue):
    strategy_class = PlainSystem


def test_a_machine_without_rules_of_its_own_leaves_its_trade_alone_from_entry_to_stop() -> None:
    venue = PlainVenue()
    machine = venue.strategy.machine
    machine.wake_at = venue.now + 10 * SECOND
    venue.enter()
    venue.advance(20 * SECOND)
    venue.print(ENTRY)
    trade = venue.strategy.manager.trade
    assert (trade.open > 0, trade.stop, trade.close_reason) == (True, LONG.stop, None)
    assert [decision.action for decision in venue.decisions] == ["ENTER"]
    venue.fill(venue.working[0], LONG.stop)
    assert venue.strategy.is_flat
    assert (machine.warm, machine.settings(), machine.progress()) == (True, None, [])
    with pytest.raises(AuctionError, match="PlainMachine has no settings"):
        machine.change_settings(None)


BARS = f"{BTC}-1-MINUTE-LAST-EXTERNAL"


class BarsVenue(SilentVenue):
    """Has bars alone for the market."""

    def before_start(self) -> None:
        self.strategy.set_market_bars(BARS)


@pytest.mark.parametrize(
    ("kind", "waits"), [(SilentVenue, True), (BarsVenue, False), (LiveVenue, False)]
)
def test_orders_wait_for_the_next_quote_at_a_simulated_venue_of_ticks_alone(
    request: pytest.FixtureRequest, kind: type[SilentVenue], waits: bool
) -> None:
    if kind is LiveVenue:
        request.getfixturevalue("live_clock")
    venue = kind(holds_orders=None)
    venue.strategy.active = True
    venue.quote(ENTRY - 1, ENTRY + 1)
    # A live strategy observes what is of the time before its start.
    venue.advance(SECOND)
    venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    assert len(venue.sent) == (0 if waits else 1)
    venue.advance(1)
    venue.quote(ENTRY - 1, ENTRY + 1)
    assert len(venue.sent) == 1
