"""A manager that was away and the venue agree again, whatever happened meanwhile."""

import json
from dataclasses import replace
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

from strategies.common.commands import Cancel
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Filled
from strategies.common.ledger import Ledger
from strategies.common.missed_fills import Recovery
from strategies.common.records import Alert
from strategies.common.records import TradeClosed
from strategies.common.recovery import emergency_distance
from strategies.common.recovery import hold
from strategies.common.recovery import recover
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import SECOND_NS
from strategies.common.venue_orders import VenueOrder
from strategies.common.venue_orders import orders_by_trade
from tests.strategies.test_trade_manager_properties import SIDES
from tests.strategies.test_trade_manager_properties import TradeManagerMachine
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


class Wire(list[Any]):
    """Keeps every fill that was ever put on it."""

    def __init__(self) -> None:
        super().__init__()
        self.fills: list[Filled] = []

    def append(self, event: Any) -> None:
        if isinstance(event, Filled):
            self.fills.append(event)
        super().append(event)


class CrashMachine(TradeManagerMachine):
    """
    The machine of the trade manager with a process that dies now and then.

    What was on its way to the manager is lost, what was on its way to the venue arrives or is lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self.incoming = Wire()
        self.reached: set[int] = set()

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        TradeManagerMachine.start(self, limit_entry, kill)

    @precondition(lambda self: self.manager.trade is not None)
    @rule(arrives=SIDES, seconds=st.sampled_from([0, 1, 61, 400]))
    def crash(self, arrives: bool, seconds: int) -> None:
        state = json.loads(json.dumps(self.manager.snapshot()))
        while self.outgoing and arrives:
            self.take_command(1)
        self.outgoing.clear()
        self.incoming.clear()
        self.cancels.clear()
        self.now += seconds * 10**9
        manager = TradeManager(
            self.manager.params,
            lambda _: PositionSize(lots=self.lots),
            Ledger(Decimal(0), self.manager.ledger.max_daily_loss),
            self.records.append,
        )
        manager.restore(self.now, state)
        was_halted = manager.halted
        known = [
            report
            for order_id in self.sent
            if manager.order(order_id) is not None and (report := self.report(order_id)) is not None
        ]
        self.manager = manager
        result = recover(manager, self.now, known, [], self.position, Fraction(100), 5)
        assert result.mismatch is None
        assert manager.halted is was_halted
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


def test_a_larger_position_than_ours_gets_one_stop_for_all_of_it() -> None:
    desk = Desk()
    desk.open()
    held = hold(desk.manager, desk.now, 15, Fraction(1001), 20, "the account holds 15")

    assert desk.manager.halted
    assert held.mismatch == "the account holds 15"
    assert short(held.commands) == [("STOP", 15, 950, "STOP")]
    trade = desk.manager.trade
    assert trade is not None
    assert (trade.open, trade.intent.tag) == (15, "adopted")


def test_a_position_of_the_other_side_gets_a_stop_at_a_distance() -> None:
    desk = Desk()
    desk.open()
    held = hold(desk.manager, desk.now, -3, Fraction(1001), 20, "the account holds -3")

    assert Cancel(2) in held.commands
    (stop,) = [command for command in held.commands if isinstance(command, Submit)]
    assert (stop.is_buy, stop.lots, stop.price) == (True, 3, 1021)


TestCrashedManager = CrashMachine.TestCase
TestCrashedManager.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def again(desk: Desk) -> Desk:
    """Return a desk whose manager goes on from the other's snapshot."""
    other = Desk()
    other.now = desk.now
    other.manager.restore(desk.now, json.loads(json.dumps(desk.manager.snapshot())))
    return other


def at_venue(desk: Desk, order_id: int, **fields: Any) -> VenueOrder:
    order = desk.manager.order(order_id)
    assert order is not None
    fields.setdefault("is_open", True)
    fields.setdefault("filled", order.filled)
    return VenueOrder(command=order.command, **fields)


def bring_back(
    desk: Desk, known: list[VenueOrder], position: int, unknown: list[VenueOrder] | None = None
) -> Recovery:
    return recover(desk.manager, desk.now, known, unknown or [], position, Fraction(1000), 10)


def test_quiet_absence_sends_nothing() -> None:
    desk = Desk()
    desk.open()
    other = again(desk)
    known = [at_venue(desk, 1, is_open=False), at_venue(desk, 2)]

    result = bring_back(other, known, 10)

    assert (result.commands, result.mismatch, other.alerts()) == ([], None, [])


def test_working_entry_is_given_up() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    other = again(desk)

    result = bring_back(other, [at_venue(desk, 1)], 0)

    assert short(result.commands) == [("CANCEL", 1)]
    other.cancel(1)
    assert other.manager.trade is None


def test_entry_that_never_reached_the_venue_is_not_sent_again() -> None:
    desk = Desk()
    desk.minute(LONG)
    other = again(desk)
    other.now += 120 * 10**9

    result = bring_back(other, [], 0)

    assert result.commands == []
    assert other.manager.trade is None


def test_stop_gone_at_the_venue_is_sent_again_at_its_price() -> None:
    desk = Desk()
    desk.open()
    other = again(desk)

    result = bring_back(other, [at_venue(desk, 1, is_open=False)], 10)

    assert short(result.commands) == [("STOP", 10, 950, "STOP")]
    assert result.mismatch is None


def test_stop_whose_cancel_was_in_doubt_is_kept_where_the_one_in_its_place_is_gone() -> None:
    desk = Desk()
    desk.open()
    desk.keep(desk.manager.move_stop(desk.now, 960, 1000))
    desk.accept(3)
    desk.accept(2)
    other = again(desk)

    result = bring_back(other, [at_venue(desk, 1, is_open=False), at_venue(desk, 2)], 10)

    assert short(result.commands) == [("STOP", 10, 960, "TRAIL")]
    assert other.wait(2 * SECOND_NS) == []
    assert short(other.accept(4)) == [("CANCEL", 2)]


def test_fills_of_the_time_away_close_the_trade() -> None:
    desk = Desk()
    desk.open()
    other = again(desk)
    fill = desk.filled(2, 10, 949, "1")
    known = [at_venue(desk, 2, is_open=False, fills=(fill,), filled=10, average=Fraction(949))]

    result = bring_back(other, known, 0)

    (closed,) = [record for record in other.records if isinstance(record, TradeClosed)]
    assert (result.commands, result.mismatch) == ([], None)
    assert closed.gross == Decimal("0.1") * 10 * (949 - 1000)
    assert other.manager.ledger.day_pnl == closed.net


def test_fill_made_up_for_older_ones_is_not_booked_twice() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 4, 1000)
    other = again(desk)
    new, stand_in = desk.filled(1, 3, 999), desk.filled(1, 4, 1000)
    known = [at_venue(desk, 1, fills=(new, stand_in), filled=7, average=Fraction(1000))]

    bring_back(other, known, 7)

    assert other.manager.trade is not None
    assert other.manager.trade.open == 7
    assert other.manager.trade.open_cost == 4 * 1000 + 3 * 999


def test_fills_not_told_one_by_one_are_booked_at_the_average() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    other = again(desk)
    known = [at_venue(desk, 1, is_open=False, filled=10, average=Fraction(1998, 2))]

    result = bring_back(other, known, 10)

    assert result.mismatch is None
    assert short(result.commands) == [("STOP", 10, 950, "STOP")]
    assert other.manager.trade is not None
    assert other.manager.trade.open_cost == 9990


def test_larger_position_halts_and_is_stopped_for_all_of_it() -> None:
    desk = Desk()
    desk.open()
    other = again(desk)

    result = bring_back(other, [at_venue(desk, 1, is_open=False), at_venue(desk, 2)], 14)

    assert result.mismatch is not None
    assert other.manager.halted
    assert short(result.commands) == [("STOP", 14, 950, "STOP")]
    assert "POSITION_MISMATCH" in other.alerts()
    (sent,) = [command for command in result.commands if isinstance(command, Submit)]
    other.accept(sent.order_id)
    assert short(other.commands) == [("CANCEL", 2)]


def test_position_that_is_gone_is_forgotten_and_its_stop_cancelled() -> None:
    desk = Desk()
    desk.open()
    other = again(desk)

    result = bring_back(other, [at_venue(desk, 1, is_open=False), at_venue(desk, 2)], 0)

    assert other.manager.halted
    assert other.manager.trade is None
    assert short(result.commands) == [("CANCEL", 2)]


@pytest.mark.parametrize("position", [7, -7])
def test_position_that_nobody_knows_gets_an_emergency_stop(position: int) -> None:
    desk = Desk()

    result = bring_back(desk, [], position)

    stop = 990 if position > 0 else 1010
    assert short(result.commands) == [("STOP", 7, stop, "STOP")]
    (command,) = result.commands
    assert isinstance(command, Submit)
    assert command.is_buy is (position < 0)
    assert desk.manager.halted


def unknown_order(purpose: Purpose, kind: OrderKind, **fields: Any) -> VenueOrder:
    command = Submit(
        order_id=500,
        purpose=purpose,
        kind=kind,
        is_buy=purpose is Purpose.ENTRY,
        lots=7,
        price=970,
        reason=str(purpose),
    )
    return VenueOrder(command=command, is_open=True, **fields)


def test_stop_of_an_unknown_position_is_kept_with_it() -> None:
    desk = Desk()

    result = bring_back(desk, [], 7, [unknown_order(Purpose.STOP, OrderKind.STOP)])

    assert result.commands == []
    assert desk.manager.trade is not None
    assert desk.manager.trade.stop == 970
    desk.fill(500, 7, 969)
    assert desk.manager.trade is None


def test_unknown_orders_are_cancelled_where_there_is_no_position() -> None:
    desk = Desk()

    result = bring_back(desk, [], 0, [unknown_order(Purpose.ENTRY, OrderKind.LIMIT)])

    assert result.commands == [Cancel(500)]
    assert result.mismatch is None
    assert not desk.manager.halted


def test_unknown_stop_joins_the_running_trade() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 7, 1000)
    other = again(desk)
    known = [at_venue(desk, 1, is_open=False)]

    result = bring_back(other, known, 7, [unknown_order(Purpose.STOP, OrderKind.STOP)])

    # One at the trade's own price replaces it.
    assert short(result.commands) == [("STOP", 7, 950, "STOP")]
    assert [record for record in other.records if isinstance(record, Alert)] == []


def of_venue(
    order_id: int, purpose: Purpose, is_buy: bool, price: int, filled: int, **fields: Any
) -> VenueOrder:
    kinds = {
        Purpose.ENTRY: OrderKind.LIMIT,
        Purpose.STOP: OrderKind.STOP,
        Purpose.EXIT: OrderKind.MARKET,
    }
    fields.setdefault("is_open", False)
    fields.setdefault("lots", 7)
    fill = Filled(
        order_id=order_id,
        ts=order_id,
        fill_id=f"fill-{order_id}",
        lots=filled,
        price=price,
        is_maker=False,
        fee=Decimal("0.5"),
    )
    return VenueOrder(
        command=Submit(
            order_id=order_id,
            purpose=purpose,
            kind=kinds[purpose],
            is_buy=is_buy,
            lots=fields.pop("lots"),
            price=None if purpose is Purpose.EXIT else price,
            reason=str(purpose),
        ),
        fills=(fill,) if filled else (),
        filled=filled,
        average=Fraction(price) if filled else None,
        **fields,
    )


def test_mismatch_does_not_count_on_a_stop_that_was_never_sent() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 7, 1000)
    other = again(desk)

    # Neither the stop nor three of the lots are there any more.
    result = bring_back(other, [at_venue(desk, 1, is_open=False)], 4)

    assert short(result.commands) == [("STOP", 4, 950, "STOP")]


def test_trade_that_no_state_knows_is_held_by_its_last_stop_and_booked() -> None:
    desk = Desk()
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1000, 7),
        of_venue(501, Purpose.STOP, False, 950, 0),
        of_venue(502, Purpose.EXIT, False, 1100, 3, lots=3),
    ]

    result = bring_back(desk, [], 4, unknown)

    assert desk.manager.halted
    assert result.mismatch is not None
    assert short(result.commands) == [("STOP", 4, 950, "STOP")]
    assert desk.manager.ledger.day_pnl == Decimal("0.1") * 3 * 100 - 1


def test_entry_that_no_state_knows_is_stopped_first_and_then_given_up() -> None:
    desk = Desk()
    entry = of_venue(500, Purpose.ENTRY, False, 1000, 4, is_open=True)

    result = bring_back(desk, [], -4, [entry])

    assert short(result.commands) == [("STOP", 4, 1010, "STOP"), ("CANCEL", 500)]
    assert desk.manager.halted


def test_trades_that_no_state_knows_are_booked_one_after_the_other() -> None:
    desk = Desk()
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1000, 7),
        of_venue(501, Purpose.STOP, False, 950, 7),
        of_venue(502, Purpose.ENTRY, False, 900, 7),
        of_venue(503, Purpose.STOP, True, 960, 0),
        of_venue(504, Purpose.EXIT, True, 880, 7),
    ]

    result = bring_back(desk, [], 0, unknown)

    closed = [record for record in desk.records if isinstance(record, TradeClosed)]
    assert (result.commands, result.mismatch, desk.alerts()) == ([], None, [])
    assert [trade.intent.is_long for trade in closed] == [True, False]
    assert desk.manager.ledger.day_pnl == Decimal("0.1") * 7 * (-50 + 20) - 2
    assert desk.manager.trade is None


def test_exit_whose_entry_nobody_knows_is_not_of_the_trade_after_it() -> None:
    desk = Desk()
    unknown = [
        of_venue(500, Purpose.EXIT, False, 1100, 7),
        of_venue(501, Purpose.ENTRY, True, 1000, 7),
        of_venue(502, Purpose.STOP, False, 950, 7),
    ]

    result = bring_back(desk, [], 0, unknown)

    closed = [record for record in desk.records if isinstance(record, TradeClosed)]
    assert (result.commands, result.mismatch, desk.alerts()) == ([], None, [])
    assert [trade.gross for trade in closed] == [Decimal(-35)]
    assert desk.manager.trade is None


def test_trade_of_after_the_known_one_is_booked_as_well() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 7, 1000)
    desk.accept(2)
    other = again(desk)
    unknown = [
        of_venue(500, Purpose.EXIT, False, 1100, 7),
        of_venue(501, Purpose.ENTRY, True, 1000, 7),
        of_venue(502, Purpose.STOP, False, 950, 7),
    ]

    known = [at_venue(desk, 1, is_open=False), at_venue(desk, 2, is_open=False)]
    result = bring_back(other, known, 0, unknown)

    closed = [record for record in other.records if isinstance(record, TradeClosed)]
    assert (result.commands, result.mismatch) == ([], None)
    assert [trade.gross for trade in closed] == [Decimal(70), Decimal(-35)]
    assert other.manager.trade is None


def test_emergency_distance_is_rounded_up_and_never_nothing() -> None:
    assert emergency_distance(Fraction(1001), Fraction(1, 100)) == 11
    assert emergency_distance(Fraction(-1001), Fraction(1, 100)) == 11
    assert emergency_distance(Fraction(0), Fraction(1, 100)) == 1


def test_a_trade_of_no_state_is_held_by_the_last_stop_that_was_sent_for_it() -> None:
    desk = Desk()
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1000, 7),
        of_venue(501, Purpose.STOP, False, 960, 0),
        of_venue(502, Purpose.STOP, False, 940, 0, is_open=True),
    ]

    result = bring_back(desk, [], 7, unknown)

    assert desk.manager.trade is not None
    assert desk.manager.trade.stop == 940
    assert result.commands == []
    assert result.notes[:3] == [
        "ENTRY order sent after the snapshot taken over",
        "STOP order sent after the snapshot taken over",
        "STOP order sent after the snapshot taken over",
    ]
    assert "1 fills of the time away booked" in result.notes


def test_entry_of_no_state_whose_average_is_not_told_is_worth_its_fills() -> None:
    desk = Desk()
    entry = of_venue(500, Purpose.ENTRY, True, 1000, 7)
    more = replace(entry.fills[0], fill_id="more", lots=14, price=1003)
    entry = replace(entry, fills=(*entry.fills, more), filled=21, average=None)

    bring_back(desk, [], 21, [entry])

    trade = desk.manager.trade
    assert trade is not None
    # 7 lots at 1000 and 14 at 1003.
    assert (trade.intent.entry, trade.stop) == (1002, 992)


def test_lots_whose_fills_are_not_all_told_keep_the_fees_that_are() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    other = again(desk)
    told = desk.filled(1, 3, 999, "0.5")
    known = [at_venue(desk, 1, is_open=False, fills=(told,), filled=7, average=Fraction(1001))]

    result = bring_back(other, known, 7)

    trade = other.manager.trade
    assert trade is not None
    assert (trade.open, trade.open_cost, trade.fees) == (7, 7 * 1001, Decimal("0.5"))
    # Which of them rested is not known.
    assert trade.entry_kind == "LIMIT_MARKETABLE"
    assert "7 lots of order 1 booked at its average price" in result.notes


@pytest.mark.parametrize(("position", "nearest"), [(1, 970), (-1, 1030)])
def test_of_two_stops_of_an_unknown_position_the_nearer_counts(position: int, nearest: int) -> None:
    desk = Desk()
    stops = [
        of_venue(500 + i, Purpose.STOP, position < 0, nearest - position * 20 * i, 0, is_open=True)
        for i in (1, 0, 2)
    ]

    bring_back(desk, [], position, stops)

    trade = desk.manager.trade
    assert trade is not None
    assert (trade.side, trade.open, trade.stop) == (position, 1, nearest)


def asked(desk: Desk, position: int, **fields: bool) -> Recovery:
    return recover(
        desk.manager,
        desk.now,
        [at_venue(desk, 1, is_open=False), at_venue(desk, 2)],
        [],
        position,
        Fraction(1000) if position else None,
        10,
        **fields,
    )


@pytest.mark.parametrize("position", [0, 4, 9])
def test_what_has_left_may_be_on_its_way_and_keeps_its_stop(position: int) -> None:
    desk = Desk()
    desk.open()

    result = asked(desk, position, may_lag=True)

    assert (result.commands, desk.manager.halted) == ([], False)
    assert result.mismatch == f"the venue holds {position} lots, the last state makes it 10"
    assert desk.manager.trade is not None
    assert desk.manager.trade.open == 10


@pytest.mark.parametrize("position", [0, 4, 14, -3])
def test_what_only_a_cache_says_touches_no_stop_and_halts(position: int) -> None:
    desk = Desk()
    desk.open()

    result = asked(desk, position, is_queried=False, may_lag=True)

    assert (result.commands, desk.manager.halted) == ([], True)
    assert desk.manager.trade is not None
    assert desk.manager.trade.open == 10


def test_more_than_known_or_the_other_side_is_believed_at_once() -> None:
    for position, cancels in ((14, []), (-3, [Cancel(2)])):
        desk = Desk()
        desk.open()

        result = asked(desk, position, may_lag=True)

        assert desk.manager.halted
        assert [c for c in result.commands if isinstance(c, Cancel)] == cancels
        assert desk.manager.trade is not None
        assert desk.manager.trade.side * desk.manager.trade.open == position


def test_unknown_orders_that_only_a_cache_shows_are_entries_to_cancel_and_stops_to_leave() -> None:
    desk = Desk()
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1000, 0, is_open=True),
        of_venue(501, Purpose.STOP, False, 950, 0, is_open=True),
        of_venue(502, Purpose.EXIT, False, 950, 0, is_open=True),
    ]

    result = recover(desk.manager, desk.now, [], unknown, 0, None, 10, is_queried=False)

    assert result.commands == [Cancel(500)]
    assert result.mismatch == "the venue could not be queried for its positions"


def test_a_trade_of_no_state_that_follows_a_known_one_is_held_and_not_taken_for_it() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 7, 1000)
    desk.accept(2)
    other = again(desk)
    stopped = desk.filled(2, 7, 950)
    known = [
        at_venue(desk, 1, is_open=False),
        at_venue(desk, 2, is_open=False, fills=(stopped,), filled=7, average=Fraction(950)),
    ]
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1010, 7),
        of_venue(501, Purpose.STOP, False, 960, 0, is_open=True),
    ]

    result = bring_back(other, known, 7, unknown)

    (closed,) = [record for record in other.records if isinstance(record, TradeClosed)]
    assert closed.gross == Decimal("0.1") * 7 * -50
    assert result.mismatch == "the trade of 7 lots is in no state: its plan is not known"
    assert other.manager.halted
    trade = other.manager.trade
    assert trade is not None
    assert (trade.intent.tag, trade.stop, trade.entry_lots) == ("adopted", 960, 7)


def test_an_entry_after_a_stop_that_was_replaced_begins_another_trade() -> None:
    desk = Desk(lots=7)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 7, 1000)
    desk.accept(2)
    desk.keep(desk.manager.move_stop(desk.now, 960, 1000))
    desk.accept(3)
    other = again(desk)
    stopped = desk.filled(3, 7, 960)
    known = [
        at_venue(desk, 1, is_open=False),
        # The stop before it has never filled.
        at_venue(desk, 2, is_open=False),
        at_venue(desk, 3, is_open=False, fills=(stopped,), filled=7, average=Fraction(960)),
    ]
    unknown = [
        of_venue(500, Purpose.ENTRY, True, 1000, 7),
        of_venue(501, Purpose.EXIT, False, 1100, 7),
    ]

    result = bring_back(other, known, 0, unknown)

    closed = [record for record in other.records if isinstance(record, TradeClosed)]
    assert (result.commands, result.mismatch) == ([], None)
    assert [trade.gross for trade in closed] == [Decimal(-28), Decimal(70)]


def test_a_single_lot_keeps_the_stop_that_was_moved_after_its_state() -> None:
    desk = Desk(lots=1)
    desk.minute(LONG)
    desk.accept(1)
    desk.fill(1, 1, 1000)
    other = again(desk)
    moved = of_venue(500, Purpose.STOP, False, 980, 0, is_open=True, lots=1)
    moved = replace(moved, command=replace(moved.command, reason="TRAIL"))

    result = bring_back(other, [at_venue(desk, 1, is_open=False)], 1, [moved])

    assert other.manager.trade is not None
    assert (other.manager.trade.stop, other.manager.trade.stop_reason) == (980, "TRAIL")
    assert result.commands == []
    # The first stop was never heard of.
    assert "STOP order 2 is over at the venue" in result.notes


def found_order(
    order_id: int, purpose: Purpose, filled: int, *, is_buy: bool, is_open: bool = False
) -> VenueOrder:
    kind = OrderKind.STOP if purpose is Purpose.STOP else OrderKind.MARKET
    command = Submit(
        order_id=order_id,
        purpose=purpose,
        kind=kind,
        is_buy=is_buy,
        lots=10,
        price=None,
        reason=str(purpose),
    )
    return VenueOrder(command=command, is_open=is_open, filled=filled)


@pytest.mark.parametrize("is_long", [True, False])
def test_orders_of_no_state_are_divided_where_a_filled_trade_is_flat_and_another_is_entered(
    is_long: bool,
) -> None:
    def bought(order_id: int, filled: int) -> VenueOrder:
        return found_order(order_id, Purpose.ENTRY, filled, is_buy=is_long)

    def sold(order_id: int, filled: int) -> VenueOrder:
        return found_order(order_id, Purpose.EXIT, filled, is_buy=not is_long)

    def divided(*orders: VenueOrder) -> list[list[int]]:
        trades = orders_by_trade(None, [], list(orders))
        return [[order.command.order_id for order in trade] for trade in trades]

    assert divided() == [[]]
    assert divided(bought(1, 10), sold(2, 10), bought(3, 10)) == [[1, 2], [3]]
    # An entry that was resent at market is of the same trade as the limit order without a fill.
    assert divided(bought(1, 10), sold(2, 10), bought(3, 0), bought(4, 10)) == [[1, 2], [3, 4]]
    assert divided(bought(1, 4), bought(2, 6), sold(3, 10)) == [[1, 2, 3]]
    # What has left a trade whose entry nobody knows is of none.
    assert divided(sold(1, 0), bought(2, 10)) == [[2]]
    assert divided(bought(1, 10), sold(2, 10), bought(3, 0), sold(4, 0)) == [[1, 2], [3]]
