"""A process dies at any moment and its last snapshots are lost: nothing is done a second time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from actors.order_marks import LONGEST
from actors.order_marks import REASONS
from actors.order_marks import marked
from actors.order_marks import marked_trade
from actors.order_marks import meaning
from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.forced_close import ALERTS
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.missed_decisions import derive_decisions
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import ExitFilled
from strategies.common.records import Record
from strategies.common.recovery import recover
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from strategies.common.venue_orders import VenueOrder
from tests.checks import some
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import PARAMS
from tests.strategies.trade_manager_desk import SHORT


LOTS = 10
FIRST = 3


@dataclass
class Working:
    command: Submit
    fills: list[Filled] = field(default_factory=list)
    is_open: bool = True

    @property
    def filled(self) -> int:
        return sum(fill.lots for fill in self.fills)


class Play:
    """
    A manager, a venue that obeys it one event at a time, and the snapshots in between.

    Parameters
    ----------
    intent : Intent
        The trade.
    **params
        Rules of the trade manager.

    """

    def __init__(self, intent: Intent, **params: Any) -> None:
        self.intent = intent
        self.params = replace(PARAMS, **params)
        self.records: list[Record] = []
        self.now = MINUTE_NS
        self.orders: dict[int, Working] = {}
        self.names: dict[int, int] = {}
        self.price = intent.entry
        self.manager = self.new_manager()
        self.queue: list[Command] = []

    def new_manager(self) -> TradeManager:
        return TradeManager(
            self.params,
            lambda _: PositionSize(lots=LOTS),
            Ledger(Decimal(1000)),
            self.records.append,
        )

    @property
    def position(self) -> int:
        return sum(
            (1 if order.command.is_buy else -1) * order.filled for order in self.orders.values()
        )

    def send(self, commands: Any) -> None:
        for command in commands:
            if isinstance(command, Submit):
                number = len(self.orders) + 1
                self.names[command.order_id] = number
                self.orders[number] = Working(command)
            self.queue.append(command)

    def steps(self) -> list[Callable[[], None]]:
        """Return what happens in the session, one event at a time, the market going on between."""
        return [
            lambda: self.send(self.manager.enter(self.now, self.intent)[1]),
            lambda: self.accept(Purpose.ENTRY),
            lambda: self.fill(Purpose.ENTRY, 4, self.intent.entry),
            lambda: self.accept(Purpose.STOP),
            lambda: self.fill(Purpose.ENTRY, 6, self.intent.entry),
            lambda: self.settle(),
            lambda: self.minute(),
            lambda: self.send(self.manager.on_trade(self.now, self.first_target)),
            lambda: self.accept(Purpose.EXIT),
            lambda: self.fill(Purpose.EXIT, 1, self.first_target),
            lambda: self.fill(Purpose.EXIT, FIRST - 1, self.first_target),
            lambda: self.settle(),
            lambda: self.minute(),
        ]

    @property
    def first_target(self) -> int:
        assert self.intent.tp1 is not None
        return self.intent.tp1

    def minute(self) -> None:
        self.now += MINUTE_NS - self.now % MINUTE_NS
        self.send(self.manager.on_boundary(self.now))

    def last(self, purpose: Purpose) -> tuple[int, Working]:
        name = max(
            name
            for name, number in self.names.items()
            if self.orders[number].command.purpose is purpose
        )
        return name, self.orders[self.names[name]]

    def accept(self, purpose: Purpose) -> None:
        name, _ = self.last(purpose)
        self.queue = [c for c in self.queue if isinstance(c, Cancel) or c.order_id != name]
        self.send(self.manager.on_order_event(Accepted(order_id=name, ts=self.now)))

    def fill(self, purpose: Purpose, lots: int, price: int) -> None:
        self.fill_order(*self.last(purpose), lots, price)

    def fill_order(self, name: int, order: Working, lots: int, price: int) -> None:
        self.now += SECOND_NS
        number = self.names[name]
        fill = Filled(
            order_id=name,
            ts=self.now,
            fill_id=f"{number}-{len(order.fills)}",
            lots=lots,
            price=price,
            is_maker=False,
            fee=Decimal(0),
        )
        order.fills.append(fill)
        order.is_open = order.filled < order.command.lots
        self.send(self.manager.on_order_event(fill))

    def settle(self) -> None:
        """Let the venue obey all commands on their way: market orders fill, the others rest."""
        while self.queue:
            command = self.queue.pop(0)
            order = self.orders[self.names[command.order_id]]
            if isinstance(command, Cancel):
                order.is_open = False
                event = Canceled(order_id=command.order_id, ts=self.now)
                self.send(self.manager.on_order_event(event))
                continue
            self.accept(command.purpose)
            if command.kind is OrderKind.MARKET:
                self.fill(command.purpose, command.lots, self.price)

    def again(self, snapshot: Any, *, arrives: bool = True) -> None:
        """Kill the process, and start one that knows a snapshot and the venue."""
        on_their_way = {command.order_id for command in self.queue if isinstance(command, Submit)}
        if not arrives:
            for name in on_their_way:
                del self.orders[self.names.pop(name)]
        manager = self.new_manager()
        manager.restore(self.now, snapshot)
        numbers = {number: name for name, number in self.names.items()}
        self.queue.clear()
        self.names = {}
        known, unknown = [], []
        for number, order in self.orders.items():
            name = numbers[number]
            is_known = manager.order(name) is not None
            if not is_known:
                name = manager.next_order_id()
            report = self.report(name, order)
            self.names[name] = number
            if is_known:
                known.append(report)
            elif order.filled or order.is_open:
                unknown.append(report)
        self.manager = manager
        result = recover(manager, self.now, known, unknown, self.position, Fraction(1000), 10)
        assert result.mismatch is None
        self.send(result.commands)
        self.settle()
        for name, number in list(self.names.items()):
            order = self.orders[number]
            if order.is_open and order.command.kind is OrderKind.MARKET:
                left = order.command.lots - order.filled
                self.fill_order(name, order, left, self.first_target)
                self.settle()

    def report(self, name: int, order: Working) -> VenueOrder:
        command = replace(order.command, order_id=name)
        return VenueOrder(
            command=command,
            is_open=order.is_open,
            fills=tuple(replace(fill, order_id=name) for fill in order.fills),
            filled=order.filled,
            average=Fraction(order.fills[0].price) if order.fills else None,
        )

    def go_on(self) -> dict[str, int]:
        """Let the market reach the first target again, then the last; return lots by reason."""
        self.now += SECOND_NS
        for level in (self.first_target, self.first_target, self.intent.tp2):
            assert level is not None
            self.price = level
            self.send(self.manager.on_trade(self.now, level))
            self.settle()
        assert self.manager.trade is None
        assert self.position == 0
        assert not any(order.is_open for order in self.orders.values())
        left: dict[str, int] = {}
        for order in self.orders.values():
            if order.command.purpose is not Purpose.ENTRY:
                left[order.command.reason] = left.get(order.command.reason, 0) + order.filled
        return {reason: lots for reason, lots in left.items() if lots}


COUNT = len(Play(LONG).steps())
FILLED_AT = 5


def played(intent: Intent, until: int) -> tuple[Play, list[Any]]:
    play, snapshots = Play(intent), []
    for step in play.steps()[:until]:
        step()
        snapshots.append(json.loads(json.dumps(play.manager.snapshot())))
    return play, snapshots


@pytest.mark.parametrize("killed_after", range(FILLED_AT, COUNT + 1))
@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("arrives", [True, False])
def test_a_kill_between_snapshot_and_events_takes_the_first_target_once(
    arrives: bool, intent: Intent, killed_after: int
) -> None:
    for kept in some(range(killed_after)):
        play, snapshots = played(intent, killed_after)
        play.again(snapshots[kept], arrives=arrives)
        trade = play.manager.trade
        assert trade is not None
        stops = [
            order.command
            for number, order in play.orders.items()
            if order.is_open and order.command.purpose is Purpose.STOP
        ]
        assert [(stop.lots, stop.price) for stop in stops] == [(trade.open, trade.stop)]
        if play.position in (LOTS - FIRST, FIRST - LOTS):
            assert (trade.tp1_over, trade.stop) == (True, intent.entry)
        assert play.go_on() == {"TP1": FIRST, "TP2": LOTS - FIRST}


@pytest.mark.parametrize("killed_after", range(FILLED_AT + 2, COUNT + 1))
def test_the_time_stop_counts_from_the_minute_after_the_fill(killed_after: int) -> None:
    whole, _ = played(LONG, killed_after)
    assert whole.manager.trade is not None
    for kept in range(killed_after):
        play, snapshots = played(LONG, killed_after)
        play.again(snapshots[kept])
        assert play.manager.trade is not None
        assert play.manager.trade.clock_start == whole.manager.trade.clock_start


def closed_in_part(reason: ExitReason, filled: int, rest_works: bool) -> Play:
    """Return a trade whose exit of all lots has filled in part when the process was killed."""
    play, snapshots = played(LONG, FILLED_AT + 1)
    play.send(play.manager.flatten(play.now, reason))
    play.accept(Purpose.EXIT)
    play.fill(Purpose.EXIT, filled, 1010)
    play.last(Purpose.EXIT)[1].is_open = rest_works
    play.again(snapshots[-1])
    return play


@pytest.mark.parametrize("rest_works", [False, True])
@pytest.mark.parametrize("reason", [ExitReason.TIME, ExitReason.FLATTEN, ExitReason.TP2])
def test_an_exit_of_all_that_was_cut_short_goes_on(reason: ExitReason, rest_works: bool) -> None:
    play = closed_in_part(reason, 4, rest_works)
    sent = [order for order in play.orders.values() if order.command.purpose is Purpose.EXIT]
    assert len(sent) == (1 if rest_works else 2)
    assert play.position == 0
    exits = [record for record in play.records if isinstance(record, ExitFilled)]
    assert {record.reason for record in exits} == {reason}
    assert play.manager.trade is None


@pytest.mark.parametrize(("lots", "is_first"), [(3, True), (4, True), (10, False)])
def test_an_exit_without_a_reason_is_judged_by_its_size(lots: int, is_first: bool) -> None:
    play, snapshots = played(LONG, FILLED_AT + 1)
    command = Submit(
        order_id=50,
        purpose=Purpose.EXIT,
        kind=OrderKind.MARKET,
        is_buy=False,
        lots=lots,
        price=None,
        reason=str(Purpose.EXIT),
    )
    play.names[50] = len(play.orders) + 1
    play.orders[play.names[50]] = Working(command, is_open=False)
    fill = Filled(
        order_id=50,
        ts=play.now,
        fill_id="x",
        lots=2,
        price=1050,
        is_maker=False,
        fee=Decimal(0),
    )
    play.orders[play.names[50]].fills.append(fill)
    play.again(snapshots[-1])
    if is_first:
        assert play.position == LOTS - lots
        assert play.manager.trade is not None
        assert (play.manager.trade.tp1_over, play.manager.trade.stop) == (True, 1000)
    else:
        assert (play.position, play.manager.trade) == (0, None)


@pytest.mark.parametrize("reason", [ExitReason.TRAIL, ExitReason.BREAKEVEN])
def test_a_stop_that_was_moved_stays_where_it_was_moved_to(reason: ExitReason) -> None:
    play, snapshots = played(LONG, FILLED_AT + 1)
    trade = play.manager.trade
    assert trade is not None
    trade.tighten(970, reason)
    play.send(play.manager.on_time(1 << 62))
    play.send(play.manager.stop_entries(play.now, "x"))  # type: ignore[arg-type]
    play.settle()
    play.again(snapshots[-1])
    restored = play.manager.trade
    assert restored is not None
    assert (restored.stop, restored.stop_reason) == (970, reason)
    stops = [o.command.price for o in play.orders.values() if o.is_open]
    assert stops == [970]


def test_a_rest_sent_at_market_while_away_is_told_as_such() -> None:
    play = Play(LONG)
    for step in play.steps()[:3]:
        step()
    snapshot = json.loads(json.dumps(play.manager.snapshot()))
    play.now += MINUTE_NS
    play.send(play.manager.on_time(play.now))
    play.settle()
    play.records.clear()
    play.again(snapshot)
    (entry,) = [record for record in play.records if isinstance(record, EntryFilled)]
    assert (entry.how, entry.lots) == ("TIMEOUT_MARKET", 6)


@pytest.mark.parametrize("reason", [*REASONS, *EntryReason])
@pytest.mark.parametrize("purpose", Purpose)
def test_a_mark_tells_purpose_and_reason(purpose: Purpose, reason: str) -> None:
    if (purpose is Purpose.ENTRY) is (reason in EntryReason):
        name = marked("O-20260105-120000-001-007-12", purpose, reason)
        assert meaning(name) == (purpose, reason)
        assert name[-1] == {"ENTRY": "E", "STOP": "S", "EXIT": "X"}[purpose]
        assert len(name) <= LONGEST


@pytest.mark.parametrize("trade_id", [1, 25, 26, 337, 676, 677, 5000])
@pytest.mark.parametrize("reason", [*REASONS, *EntryReason])
def test_a_mark_of_several_trades_says_the_trade_as_well(trade_id: int, reason: str) -> None:
    purpose = Purpose.ENTRY if reason in EntryReason else Purpose.EXIT
    name = marked("O-20260105-120000-001-007-12", purpose, reason, trade_id)
    assert meaning(name) == (purpose, reason)
    assert len(name) <= LONGEST
    for near in (max(1, trade_id - 300), trade_id, trade_id + 300):
        assert marked_trade(name, near) == trade_id
    assert marked_trade(marked("O-1-12", purpose, reason), 1) is None


def test_a_mark_that_gets_too_long_says_the_trade_rather_than_the_reason() -> None:
    for length, mark in ((31, "ab1X"), (32, "abX"), (33, "X"), (40, "X")):
        name = "O" * length
        assert marked(name, Purpose.EXIT, ExitReason.TP1, 1) == f"{name}-{mark}"
    assert marked_trade("manual", 1) is None
    assert marked_trade("a-abQ", 1) is None


def test_marks_are_unambiguous_and_never_longer_than_a_venue_takes() -> None:
    assert len(set(REASONS.values())) == len(REASONS)
    # The venue's own closes carry no id of ours, and those of other trades have theirs.
    assert set(REASONS) >= set(ExitReason) - set(ALERTS) - {ExitReason.NETTED}
    long = "O" * 34
    assert marked(long, Purpose.EXIT, ExitReason.TP1) == f"{long}-X"
    assert marked(long[1:], Purpose.EXIT, ExitReason.TP1) == f"{long[1:]}-1X"
    assert meaning(f"{long}-X") == (Purpose.EXIT, "EXIT")
    assert meaning("manual") is None
    assert meaning("O-1-QX") is None
    assert meaning("") is None


@pytest.mark.parametrize("reason", [ExitReason.TIME, ExitReason.TRAIL, Purpose.EXIT])
def test_orders_of_before_the_end_decide_nothing_about_a_trade_that_is_flat(reason: str) -> None:
    play, _ = played(LONG, FILLED_AT + 1)
    trade = play.manager.trade
    assert trade is not None
    stop_price = 970 if reason == ExitReason.TRAIL else None
    command = Submit(
        order_id=50,
        purpose=Purpose.EXIT if stop_price is None else Purpose.STOP,
        kind=OrderKind.MARKET if stop_price is None else OrderKind.STOP,
        is_buy=False,
        lots=LOTS,
        price=stop_price,
        reason=str(reason),
    )
    trade.open, trade.clock_start = 0, None
    before = (trade.stop, trade.stop_reason, trade.close_reason, trade.keep, trade.tp1_due)
    derive_decisions(trade, [command], play.now + 2 * MINUTE_NS)
    after = (trade.stop, trade.stop_reason, trade.close_reason, trade.keep, trade.tp1_due)
    assert after == before
    assert trade.clock_start is None
    # The same orders decide where lots are open.
    trade.open = LOTS
    derive_decisions(trade, [command], play.now + 2 * MINUTE_NS)
    assert (trade.stop, trade.close_reason) != (before[0], before[2])
    assert trade.clock_start is not None
