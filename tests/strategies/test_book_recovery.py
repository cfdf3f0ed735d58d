"""A book that was away and the venue agree again, whatever happened meanwhile."""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from strategies.common.book_decisions import decide_book
from strategies.common.book_params import BookParams
from strategies.common.book_params import PositionMode
from strategies.common.book_position import VenuePosition
from strategies.common.book_position import hold_book
from strategies.common.book_recovery import recover_book
from strategies.common.book_state import book_from_plain
from strategies.common.book_state import book_to_plain
from strategies.common.commands import Cancel
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Accepted
from strategies.common.events import Filled
from strategies.common.ledger import Ledger
from strategies.common.trade_book import TradeBook
from strategies.common.trade_params import MINUTE_NS
from strategies.common.venue_orders import VenueOrder
from tests.strategies.test_recovery import Wire
from tests.strategies.test_trade_book_machine import ByTradeMachine
from tests.strategies.test_trade_book_machine import TradeBookMachine
from tests.strategies.test_trade_manager_properties import SIDES
from tests.strategies.trade_book_desk import BookDesk
from tests.strategies.trade_book_desk import intent


class CrashMachine(TradeBookMachine):
    """
    The machine of the trade book with a process that dies now and then.

    What was on its way to the book is lost, what was on its way to the venue arrives or is lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self.incoming = Wire()

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        TradeBookMachine.start(self, limit_entry, kill)

    @precondition(lambda self: self.book.trades and not self.book.halted)
    @rule(arrives=SIDES, seconds=st.sampled_from([0, 1, 61, 400]))
    def crash(self, arrives: bool, seconds: int) -> None:
        plain = json.loads(json.dumps(book_to_plain(self.book.state())))
        while self.outgoing and arrives:
            self.take_command(1)
        self.outgoing.clear()
        self.incoming.clear()
        self.cancels.clear()
        self.now += seconds * 10**9
        self.manager = self.book = self.new_book()  # type: ignore[assignment]
        self.book.restore_state(self.now, book_from_plain(plain))
        known = [
            report
            for order_id in self.sent
            if self.book.slots.order(order_id) is not None
            and (report := self.report(order_id)) is not None
        ]
        positions = [
            VenuePosition(
                lots=lots,
                price=Fraction(100),
                trade_id=key if self.mode is PositionMode.BY_TRADE else None,
            )
            for key, lots in self.positions.items()
            if lots
        ]
        result = recover_book(self.book, self.now, known, [], positions, 5)
        assert result.mismatch is None
        assert not self.book.halted
        # What the venue has refused or cancelled unheard is sent anew, as after a refusal.
        self.refusals += 1
        self.send(result.commands)

    def report(self, order_id: int) -> VenueOrder | None:
        fills = tuple(f for f in self.incoming.fills if f.order_id == order_id)
        if order_id not in self.working and not fills:
            return None
        filled = sum(fill.lots for fill in fills)
        cost = sum(fill.lots * fill.price for fill in fills)
        return VenueOrder(
            command=self.sent[order_id],
            is_open=order_id in self.working,
            fills=fills,
            filled=filled,
            average=Fraction(cost, filled) if filled else None,
        )


class ByTradeCrashMachine(CrashMachine, ByTradeMachine):
    """The same at a venue with a position for each trade."""

    mode = PositionMode.BY_TRADE


COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
TestCrashedBook = CrashMachine.TestCase
TestCrashedBook.settings = settings(max_examples=40, stateful_step_count=40, **COMMON)
TestCrashedBookByTrade = ByTradeCrashMachine.TestCase
TestCrashedBookByTrade.settings = settings(max_examples=30, stateful_step_count=40, **COMMON)


def held(lots: int, price: int = 1000) -> list[VenuePosition]:
    return [VenuePosition(lots=lots, price=Fraction(price))]


def reports(desk: BookDesk) -> list[VenueOrder]:
    """Return the orders that work at the venue, and those that have been filled."""
    return [
        VenueOrder(
            command=command,
            is_open=order_id in desk.working,
            fills=tuple(f for f in desk.fills if f.order_id == order_id),
            filled=sum(f.lots for f in desk.fills if f.order_id == order_id),
            average=Fraction(1000),
        )
        for order_id, command in desk.sent.items()
    ]


def stops(commands: Sequence[Any]) -> list[tuple[int, int | None]]:
    return [(c.lots, c.price) for c in commands if isinstance(c, Submit)]


def restarted(desk: BookDesk) -> TradeBook:
    state = book_from_plain(json.loads(json.dumps(book_to_plain(desk.book.state()))))
    book = desk.new_book()
    book.restore_state(desk.now, state)
    return book


def test_trades_go_on_under_their_own_stops_where_the_venue_agrees() -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(20), 50)
    assert (result.mismatch, result.commands) == (None, [])
    assert [s.trade for s in book.state().managers] == [s.trade for s in desk.book.state().managers]


def test_a_stop_that_is_gone_is_sent_again_for_its_own_trade() -> None:
    desk = BookDesk().opened(2)
    (_, stop) = [order_id for order_id, c in desk.sent.items() if c.purpose is Purpose.STOP]
    desk.working.remove(stop)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(20), 50)
    assert stops(result.commands) == [(10, 940)]
    assert not book.halted


def test_what_the_venue_has_less_leaves_the_trades_by_their_size() -> None:
    desk = BookDesk().opened(3)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(15), 50)
    assert book.halted
    assert result.mismatch == "the venue holds 15 lots, the last state makes it 30"
    assert [trade.open for trade in book.trades.values()] == [5, 5, 5]
    assert [trade.stop for trade in book.trades.values()] == [950, 940, 930]
    assert stops(result.commands) == [(5, 950), (5, 940), (5, 930)]


def test_what_the_venue_has_more_is_a_trade_of_its_own_under_an_emergency_stop() -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(25, 1004), 50)
    assert book.halted
    first, second, rest = book.trades.values()
    assert (first.open, second.open, rest.open) == (10, 10, 5)
    assert (first.intent.tag, rest.intent.tag) == ("setup 1", "adopted")
    # 25 lots at 1004, of which 20 were bought at 1000: the rest at 1020.
    assert (rest.average_entry, rest.stop) == (1020, 970)
    assert stops(result.commands) == [(5, 970)]
    assert list(book.trades) == [1, 2, 3]


@pytest.mark.parametrize("lots", [0, -7])
def test_trades_that_the_venue_has_nothing_of_are_forgotten(lots: int) -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(lots) if lots else [], 50)
    assert book.halted
    cancels = {c.order_id for c in result.commands if isinstance(c, Cancel)}
    assert cancels == desk.working
    assert book.position == lots
    assert stops(result.commands) == ([(7, 1050)] if lots else [])


def test_a_position_that_may_lag_behind_its_fills_stays_protected() -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(12), 50, may_lag=True)
    assert result.mismatch
    assert not book.halted
    assert (book.position, result.commands) == (20, [])


def test_a_venue_that_was_not_asked_cancels_no_stop() -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    result = recover_book(book, desk.now, reports(desk), [], held(12), 50, is_queried=False)
    assert book.halted
    assert (book.position, result.commands) == (20, [])


def test_orders_of_after_the_snapshot_are_of_the_trade_they_bear() -> None:
    desk = BookDesk().opened(2)
    state = book_from_plain(book_to_plain(desk.book.state()))
    order = desk.flatten_one(2)
    book = desk.new_book()
    book.restore_state(desk.now, state)
    desk.fills.append(desk.filled(order.order_id, 4, 990))
    (found,) = [r for r in reports(desk) if r.command.order_id == order.order_id]
    unknown = VenueOrder(
        command=found.command, is_open=True, fills=found.fills, filled=4, trade_id=2
    )
    known = [r for r in reports(desk) if r.command.order_id != order.order_id]
    result = recover_book(book, desk.now, known, [unknown], held(16), 50)
    assert result.mismatch is None
    first, second = book.trades.values()
    assert (first.open, first.close_reason) == (10, None)
    assert (second.open, second.close_reason) == (6, "FLATTEN")
    # The exit of the six goes on working: nothing is sent twice.
    assert result.commands == []


def test_an_entry_of_after_the_snapshot_is_held_as_its_own_trade_and_halts() -> None:
    desk = BookDesk().opened(1)
    state = book_from_plain(book_to_plain(desk.book.state()))
    (entry,) = desk.enter(intent(2))
    desk.fills.append(desk.filled(entry.order_id, 10, 1000))
    book = desk.new_book()
    book.restore_state(desk.now, state)
    known = [r for r in reports(desk) if r.command.order_id != entry.order_id]
    (found,) = [r for r in reports(desk) if r.command.order_id == entry.order_id]
    unknown = VenueOrder(
        command=found.command, is_open=False, fills=found.fills, filled=10, trade_id=2
    )
    result = recover_book(book, desk.now, known, [unknown], held(20), 50)
    assert book.halted
    assert result.mismatch is not None
    assert [t.intent.tag for t in book.trades.values()] == ["setup 1", "adopted"]
    assert list(book.trades) == [1, 2]
    assert stops(result.commands) == [(10, 950)]


def test_an_order_that_bears_no_trade_is_cancelled_where_there_are_several() -> None:
    desk = BookDesk().opened(2)
    book = restarted(desk)
    stray = Submit(
        order_id=book.slots.next_order_id(),
        purpose=Purpose.EXIT,
        kind=OrderKind.LIMIT,
        is_buy=False,
        lots=5,
        price=1100,
        reason="EXIT",
    )
    unknown = [VenueOrder(command=stray, is_open=True)]
    result = recover_book(book, desk.now, reports(desk), unknown, held(20), 50)
    assert result.commands == [Cancel(stray.order_id)]
    assert not book.halted


def test_a_running_book_holds_what_the_account_has_beyond_its_trades() -> None:
    desk = BookDesk().opened(2)
    result = hold_book(desk.book, desk.now, held(23, 1000), 50, "the account holds 23")
    assert desk.book.halted
    assert result.mismatch == "the account holds 23"
    assert [trade.open for trade in desk.book.trades.values()] == [10, 10, 3]
    assert stops(result.commands) == [(3, 950)]


def test_one_trade_is_held_as_its_manager_would() -> None:
    desk = BookDesk().opened(1)
    result = hold_book(desk.book, desk.now, held(15), 50, "the account holds 15")
    assert desk.book.position == 15
    assert stops(result.commands) == [(15, 950)]
    assert all(slot.manager.halted for slot in desk.book.slots)


def test_each_position_of_its_own_is_compared_with_its_trade() -> None:
    desk = BookDesk(positions=PositionMode.BY_TRADE).opened(2)
    book = restarted(desk)
    positions = [
        VenuePosition(lots=10, price=Fraction(1000), trade_id=1),
        VenuePosition(lots=4, price=Fraction(1000), trade_id=2),
        VenuePosition(lots=-3, price=Fraction(1000)),
    ]
    result = recover_book(book, desk.now, reports(desk), [], positions, 50)
    assert book.halted
    assert [t.side * t.open for t in book.trades.values()] == [10, 4, -3]
    assert stops(result.commands) == [(4, 940), (3, 1050)]


def test_fills_of_the_time_away_that_closed_lots_of_another_trade_are_divided() -> None:
    desk = BookDesk().opened(2)
    order = desk.flatten_one(1)
    book = restarted(desk)
    first_stop = next(i for i, c in desk.sent.items() if c.purpose is Purpose.STOP)
    for order_id in (order.order_id, first_stop):
        desk.fills.append(desk.filled(order_id, 10, 950))
        desk.working.discard(order_id)
    result = recover_book(book, desk.now, reports(desk), [], [], 50)
    assert (book.halted, result.mismatch) == (False, None)
    assert book.position == 0
    assert book.ledger.day_pnl == Decimal(-100)


def test_a_book_without_a_state_takes_one_trade_over_as_its_manager_would() -> None:
    desk = BookDesk()
    (entry,) = desk.enter(intent(1))
    fill = Filled(
        order_id=1,
        ts=desk.now,
        fill_id="a",
        lots=10,
        price=1000,
        is_maker=True,
        fee=Decimal(0),
    )
    book = desk.new_book()
    assert book.slots.next_order_id() == 1
    unknown = VenueOrder(command=entry, is_open=False, fills=(fill,), filled=10, trade_id=7)
    result = recover_book(book, desk.now, [], [unknown], held(10), 50)
    assert book.halted
    assert list(book.trades) == [7]
    assert stops(result.commands) == [(10, 950)]
    assert book.on_order_event(Accepted(order_id=2, ts=desk.now)) == []
    assert book.slots.claim_trade_id(None) == 8


def test_a_state_of_more_trades_than_the_book_may_hold_is_managed_to_its_end() -> None:
    desk = BookDesk().opened(3)
    state = desk.book.state()
    book = TradeBook(
        desk.book.params,
        BookParams(max_trades=2),
        desk.size,
        Ledger(Decimal(0)),
        desk.keep_record,
    )
    book.restore_state(desk.now, state)
    assert book.position == 30
    result = decide_book(book, desk.now + MINUTE_NS, 1000, [(intent(4), None)])
    assert result.decision.reason == "MAX_TRADES"
    exits = [c for c in book.flatten(desk.now + MINUTE_NS) if isinstance(c, Submit)]
    assert len(exits) == 3
