"""A book of one trade does exactly what a trade manager does, event by event."""

import json
from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from strategies.common.book_decisions import decide_book
from strategies.common.book_params import BookParams
from strategies.common.book_state import book_from_plain
from strategies.common.book_state import book_to_plain
from strategies.common.book_state import of_one_manager
from strategies.common.commands import Command
from strategies.common.decisions import decide
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.reasons import ExitReason
from strategies.common.records import Record
from strategies.common.trade_book import TradeBook
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_state import to_plain
from tests.strategies.test_trade_manager_properties import SIDES
from tests.strategies.test_trade_manager_properties import TradeManagerMachine
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import SHORT
from tests.strategies.trade_manager_desk import Desk


COMPARED = ("halted", "time_ns", "wake_ns")


def plain(result: Any) -> Any:
    return list(result) if isinstance(result, list | tuple) else result


class Pair:
    """Hands each call to a trade manager and to a book of one trade, and compares."""

    def __init__(self, manager: TradeManager, records: list[Record]) -> None:
        self.manager = manager
        self.records = records
        self.told: list[Record] = []
        self.told_before = len(records)
        self.book = TradeBook(
            manager.params,
            BookParams(),
            manager._size,
            Ledger(manager.ledger.cash, manager.ledger.max_daily_loss),
            lambda record, _: self.told.append(record),
        )

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.manager, name)
        return self.both(name) if callable(value) and name != "snapshot" else value

    def both(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            result = getattr(self.manager, name)(*arguments, **named)
            assert plain(self.of_book(name)(*arguments, **named)) == plain(result)
            self.compare()
            return result

        return call

    def of_book(self, name: str) -> Any:
        """Return what a book, or one of its parts, has under a name of a trade manager."""
        book = self.book
        parts = (book, book.slots, book.entries, book.allocation)
        return getattr(next(part for part in parts if hasattr(part, name)), name)

    def decide(self, ts: int, close: int | None, intent: Intent | None) -> Sequence[Command]:
        decision, commands = decide(self.manager, ts, close, intent)
        wanted = [] if intent is None else [(intent, None)]
        result = decide_book(self.book, ts, close, wanted)
        assert (result.decision, list(result.commands)) == (decision, list(commands))
        self.compare()
        return commands

    def compare(self) -> None:
        assert self.told == self.records[self.told_before :]
        assert self.book.state().managers == [self.manager.state()]
        for name in COMPARED:
            assert self.of_book(name) == getattr(self.manager, name)
        trade = self.manager.trade
        assert self.book.position == (0 if trade is None else trade.side * max(0, trade.open))
        assert self.book.is_flat is (trade is None)


class RestartedPair(Pair):
    """The same with a restart of the book before each call."""

    def compare(self) -> None:
        super().compare()
        old = self.book
        state = book_from_plain(json.loads(json.dumps(book_to_plain(old.state()))))
        told = self.told
        self.book = TradeBook(
            old.params,
            old.book_params,
            old._size,
            Ledger(Decimal(0), old.ledger.max_daily_loss),
            lambda record, _: told.append(record),
        )
        seen = len(told)
        # The day does not end between the snapshot and the call.
        self.book.restore_state(old.slots.time_ns, state)
        del told[seen:]
        assert self.book.state() == old.state()


class PairedMachine(TradeManagerMachine):
    """The machine of the trade manager, with a book of one trade beside it."""

    pair: type[Pair] = Pair

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        TradeManagerMachine.start(self, limit_entry, kill)
        self.manager = self.pair(self.manager, self.records)  # type: ignore[assignment]

    def decide(self, intent: Intent | None) -> Sequence[Command]:
        return self.manager.decide(self.now, 100, intent)  # type: ignore[attr-defined,no-any-return]


class RestartedMachine(PairedMachine):
    """The same with restarts."""

    pair = RestartedPair


COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestOneTrade = PairedMachine.TestCase
TestOneTrade.settings = settings(max_examples=60, stateful_step_count=60, **COMMON)
TestOneTradeRestarted = RestartedMachine.TestCase
TestOneTradeRestarted.settings = settings(max_examples=30, stateful_step_count=40, **COMMON)


def paired() -> tuple[Desk, Pair]:
    desk = Desk()
    pair = Pair(desk.manager, desk.records)
    desk.manager = pair  # type: ignore[assignment]
    desk.keep(pair.decide(desk.now, 1000, LONG))
    desk.accept(1)
    desk.fill(1, 10, 1000)
    desk.accept(2)
    return desk, pair


def test_what_operators_and_the_venue_do_is_the_same() -> None:
    for step in (
        lambda m, ts: m.on_funding(ts, Decimal("1.23")),
        lambda m, ts: m.stop_entries(ts, "HALTED"),
        lambda m, ts: m.halt(ts, "in doubt"),
        lambda m, ts: m.abandon(ts, "gone"),
        lambda m, ts: m.resume(ts),
        lambda m, ts: m.halt_missed(ts, "in doubt"),
        lambda m, ts: m.move_stop(ts, 960, 1000),
    ):
        desk, pair = paired()
        desk.keep(step(pair, desk.now) or ())
        desk.fill(2, 4, 950)
        desk.event(Canceled(order_id=2, ts=desk.now))


def test_what_the_venue_closes_by_itself_is_the_same() -> None:
    for reason in (ExitReason.LIQUIDATED, ExitReason.ADL, ExitReason.DELIVERED):
        desk, pair = paired()
        order_id = pair.adopt_forced(4, reason, is_buy=False)
        desk.fill(order_id, 4, 990)
        desk.fill(order_id, 6, 980)
        assert pair.manager.trade is not None
        assert pair.manager.trade.open == 0
        assert pair.adopt_forced(4, reason, is_buy=True) is None


def test_the_venues_own_stop_and_a_fill_of_no_trade_are_the_same() -> None:
    desk, pair = paired()
    desk.fill(pair.adopt_stop(3, 940), 3, 939)
    assert pair.manager.trade is not None
    assert pair.manager.trade.open == 7
    desk.event(desk.filled(77, 1, 1000))
    assert pair.book.halted


def test_a_flip_is_the_same() -> None:
    desk, pair = paired()
    desk.now += 60_000_000_000
    (leave,) = desk.keep(pair.decide(desk.now, 1000, SHORT))
    desk.fill(leave.order_id, 10, 1001)
    desk.cancel(2)
    assert pair.manager.trade is not None
    assert pair.manager.trade.side == -1


def test_a_fill_that_was_seen_is_known_by_either() -> None:
    desk, pair = paired()
    fill = Filled(
        order_id=1,
        ts=desk.now,
        fill_id="0",
        lots=10,
        price=1000,
        is_maker=True,
        fee=Decimal(0),
    )
    assert pair.has_seen(fill)
    assert pair.has_seen_id("0")
    assert not pair.has_seen_id("nobody's")


def test_a_snapshot_of_a_trade_manager_is_that_of_a_book_of_one_trade() -> None:
    desk, pair = paired()
    state = pair.manager.state()

    book = book_from_plain(json.loads(json.dumps(to_plain(state))))

    assert book == of_one_manager(state)
    assert (book.trade_ids, book.next_trade_id) == ([1], 2)
    assert desk.records
