"""Several trades at once: what they share, and what each has of its own."""

import json
from decimal import Decimal

import pytest

from strategies.common.allotment import allot_lots
from strategies.common.allotment import split_money
from strategies.common.book_params import BookParams
from strategies.common.book_params import CooldownScope
from strategies.common.book_params import PositionMode
from strategies.common.book_risk import total_risk
from strategies.common.book_state import book_from_plain
from strategies.common.book_state import book_to_plain
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.intents import Action
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import EntryRefused
from strategies.common.records import ExitFilled
from strategies.common.records import FundingPaid
from strategies.common.records import TradeClosed
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from tests.strategies.trade_book_desk import BookDesk
from tests.strategies.trade_book_desk import intent
from tests.strategies.trade_manager_desk import short


def test_each_trade_has_a_stop_of_its_own_for_exactly_its_lots() -> None:
    desk = BookDesk().opened(3)
    stops = [c for c in desk.sent.values() if c.purpose is Purpose.STOP]
    assert [(c.lots, c.price) for c in stops] == [(10, 950), (10, 940), (10, 930)]
    assert list(desk.book.trades) == [1, 2, 3]
    assert desk.book.position == 30
    assert [desk.book.slots.trade_id_of(c.order_id) for c in stops] == [1, 2, 3]


def test_no_more_trades_are_entered_than_the_book_may_hold() -> None:
    desk = BookDesk(max_trades=2)
    decisions = desk.minute(intent(1), intent(2), intent(3)).entries
    assert [d.reason for d in decisions] == ["SETUP 1", "SETUP 2", "MAX_TRADES"]
    assert [d.action for d in decisions] == [Action.ENTER_LONG, Action.ENTER_LONG, Action.HOLD]


def test_a_setup_has_one_trade_where_asked_to() -> None:
    desk = BookDesk(one_trade_per_setup=True).opened(1)
    decisions = desk.minute(intent(1), intent(2)).entries
    assert [d.reason for d in decisions] == ["SAME_SETUP", "SETUP 2"]


def test_an_entry_that_would_risk_too_much_in_all_is_refused() -> None:
    # 10 lots lose 50 at the first stop, 60 at the second, 70 at the third.
    desk = BookDesk(equity=Decimal(1000), max_total_risk=Decimal("0.12"))
    decisions = desk.minute(intent(1), intent(2), intent(3)).entries
    assert [d.reason for d in decisions] == ["SETUP 1", "SETUP 2", "TOTAL_RISK"]
    assert total_risk(desk.book.trades.values()) == 110


def test_costs_count_for_the_total_risk_and_a_stop_beyond_the_entry_does_not() -> None:
    desk = BookDesk(equity=Decimal(1000), max_total_risk=Decimal("0.1"))
    (entry,) = desk.enter(intent(1, costs=5000))
    assert total_risk(desk.book.trades.values()) == 55
    desk.accept(entry.order_id)
    desk.fill(entry.order_id, 10, 1000)
    desk.keep(desk.book.move_stop(desk.now, 1001, 1010, trade_id=1))
    assert total_risk(desk.book.trades.values()) == 0


def test_an_unknown_equity_lets_nothing_in() -> None:
    desk = BookDesk(max_total_risk=Decimal("0.1"))
    assert desk.minute(intent(1)).decision.reason == "TOTAL_RISK"


def test_limits_are_checked() -> None:
    with pytest.raises(ValueError, match="max_trades"):
        BookParams(max_trades=0)
    with pytest.raises(ValueError, match="max_total_risk"):
        BookParams(max_total_risk=Decimal(0))


def test_an_opposite_intent_turns_all_trades_and_enters_once_all_have_ended() -> None:
    desk = BookDesk().opened(2)
    result = desk.minute(intent(3, is_long=False))
    assert result.decision.reason == "FLIP_SETUP 3"
    assert short(result.commands) == [("EXIT", 10, None, "FLIP"), ("EXIT", 10, None, "FLIP")]
    first, second = result.commands
    assert short(desk.fill(first.order_id, 10, 1001)) == [("CANCEL", desk.stop_of(1))]
    assert desk.cancel(desk.stop_of(1)) == []
    assert desk.minute(intent(1)).decision.reason == "EXIT_PENDING"
    stop = desk.stop_of(2)
    desk.fill(second.order_id, 10, 1001)
    (entry,) = desk.cancel(stop)
    assert isinstance(entry, Submit)
    assert (entry.purpose, entry.is_buy, desk.book.slots.trade_id_of(entry.order_id)) == (
        Purpose.ENTRY,
        False,
        3,
    )


def test_a_flip_waits_for_no_entry_and_needs_the_rule() -> None:
    desk = BookDesk().opened(1)
    desk.enter(intent(2))
    assert desk.minute(intent(3, is_long=False)).decision.reason == "ENTRY_PENDING"
    held = BookDesk(params={"flip": False}).opened(1)
    assert held.minute(intent(3, is_long=False)).decision.reason == "FLIP_DISABLED"


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (lambda book, ts: book.flatten(ts), "FLATTEN"),
        (lambda book, ts: book.stop_entries(ts, DropReason.DEACTIVATED), "DEACTIVATED"),
        (lambda book, ts: book.halt(ts, "in doubt"), "HALTED"),
        (lambda book, ts: book.resume(ts), "RESTART"),
        (lambda book, ts: book.abandon(ts, "gone"), "HALTED"),
    ],
)
def test_a_flip_that_is_under_way_ends_as_an_exit(stop, reason) -> None:
    desk = BookDesk().opened(2)
    desk.minute(intent(3, is_long=False))
    desk.keep(stop(desk.book, desk.now))
    assert not desk.book.is_flipping
    (refused,) = [r for r, _ in desk.records if isinstance(r, EntryRefused)]
    assert (refused.intent.tag, refused.reason) == ("setup 3", reason)


def test_a_flip_survives_a_restart() -> None:
    desk = BookDesk().opened(2)
    desk.minute(intent(3, is_long=False))
    book = desk.new_book()
    book.restore_state(desk.now, book_from_plain(json.loads(json.dumps(plain(desk)))))
    assert book.is_flipping
    assert not book.is_flat
    assert book.state() == desk.book.state()


@pytest.mark.parametrize("mode", [PositionMode.BY_SIDE, PositionMode.BY_TRADE])
def test_a_hedging_venue_takes_both_sides(mode: PositionMode) -> None:
    desk = BookDesk(positions=mode).opened(1)
    decision = desk.minute(intent(2, is_long=False)).decision
    assert (decision.action, decision.reason) == (Action.ENTER_SHORT, "SETUP 2")
    assert [trade.side for trade in desk.book.trades.values()] == [1, -1]


def test_flatten_and_halt_reach_all_trades() -> None:
    desk = BookDesk().opened(2)
    (entry,) = desk.enter(intent(3))
    desk.accept(entry.order_id)
    assert short(desk.keep(desk.book.halt(desk.now, "in doubt"))) == [("CANCEL", entry.order_id)]
    assert all(slot.manager.halted for slot in desk.book.slots)
    assert [a.kind for a, _ in desk.records if isinstance(a, Alert)] == ["POSITION_MISMATCH"]
    desk.cancel(entry.order_id)
    assert short(desk.book.flatten(desk.now)) == [
        ("EXIT", 10, None, "FLATTEN"),
        ("EXIT", 10, None, "FLATTEN"),
    ]
    assert desk.minute(intent(1)).decision.reason == "HALTED"


def test_one_trade_alone_can_be_left() -> None:
    desk = BookDesk().opened(3)
    assert short(desk.book.flatten(desk.now, trade_id=2)) == [("EXIT", 10, None, "FLATTEN")]
    assert [t.close_reason for t in desk.book.trades.values()] == [None, "FLATTEN", None]


def test_the_kill_switch_reaches_the_entries_of_all_trades() -> None:
    desk = BookDesk(limit=Decimal(40)).opened(1)
    entries = desk.enter(intent(2), intent(3))
    for entry in entries:
        desk.accept(entry.order_id)
    commands = desk.fill(desk.stop_of(1), 10, 950)
    assert short(commands) == [("CANCEL", entry.order_id) for entry in entries]
    assert desk.minute(intent(1)).decision.reason == "KILL_SWITCH"


def test_the_kill_switch_closes_all_trades_where_asked_to() -> None:
    desk = BookDesk(limit=Decimal(40), params={"kill_flatten": True}).opened(3)
    assert short(desk.fill(desk.stop_of(1), 10, 950)) == [
        ("EXIT", 10, None, "KILL_SWITCH"),
        ("EXIT", 10, None, "KILL_SWITCH"),
    ]


@pytest.mark.parametrize(
    ("scope", "reasons"),
    [
        (CooldownScope.BOOK, ["COOLDOWN", "COOLDOWN"]),
        (CooldownScope.SETUP, ["COOLDOWN", "SETUP 2"]),
    ],
)
def test_the_cooldown_holds_back_all_entries_or_those_of_the_setup(
    scope: CooldownScope, reasons: list[str]
) -> None:
    desk = BookDesk(cooldown=scope).opened(1)
    desk.fill(desk.stop_of(1), 10, 950)
    assert [d.reason for d in desk.minute(intent(1), intent(2)).entries] == reasons
    desk.now += 3 * MINUTE_NS
    assert desk.minute(intent(1)).decision.reason == "SETUP 1"


def test_an_order_of_the_venue_leaves_the_trades_by_their_size() -> None:
    desk = BookDesk().opened(3)
    desk.fill(desk.stop_of(3), 5, 930)
    order_id = desk.book.allocation.adopt_forced(15, ExitReason.ADL, is_buy=False)
    assert order_id is not None
    event = desk.filled(order_id, 15, 990, "1.5")
    desk.keep(desk.book.on_order_event(event))
    assert desk.open_lots() == {1: 4, 2: 4, 3: 2}
    assert desk.book.on_order_event(event) == ()
    assert desk.book.allocation.has_seen(event)
    parts = [r for r, _ in desk.records if isinstance(r, ExitFilled) and r.reason == "ADL"]
    assert sum(part.fee for part in parts) == Decimal("1.5")
    assert not desk.book.halted


def test_a_liquidation_halts_and_ends_every_trade() -> None:
    desk = BookDesk().opened(2)
    order_id = desk.book.allocation.adopt_forced(20, ExitReason.LIQUIDATED, is_buy=False)
    assert order_id is not None
    stops = [desk.stop_of(1), desk.stop_of(2)]
    assert short(desk.fill(order_id, 20, 900)) == [("CANCEL", stop) for stop in stops]
    for stop in stops:
        desk.cancel(stop)
    assert desk.book.is_flat
    assert desk.book.halted
    closed = {i: r for r, i in desk.records if isinstance(r, TradeClosed)}
    assert {key: r.exit_reason for key, r in closed.items()} == {1: "LIQUIDATED", 2: "LIQUIDATED"}
    assert desk.book.ledger.day_pnl == -200


def test_more_than_all_trades_have_halts() -> None:
    desk = BookDesk().opened(2)
    order_id = desk.book.allocation.adopt_forced(20, ExitReason.ADL, is_buy=False)
    assert order_id is not None
    desk.fill(order_id, 25, 990)
    assert desk.book.halted
    assert desk.book.allocation.adopt_forced(5, ExitReason.ADL, is_buy=True) is None


def test_the_venues_own_stop_closes_what_all_trades_have_left() -> None:
    desk = BookDesk().opened(2)
    order_id = desk.book.allocation.adopt_stop(20, 900)
    # Their own stops lie nearer: they have a second to fill.
    assert desk.fill(order_id, 8, 899) == []
    assert desk.open_lots() == {1: 6, 2: 6}
    assert short(desk.book.on_time(desk.now + SECOND_NS)) == [
        ("EXIT", 6, None, "STOP"),
        ("EXIT", 6, None, "STOP"),
    ]


def test_a_stop_that_fills_beside_its_exit_closes_lots_of_the_other_trades() -> None:
    desk = BookDesk().opened(2)
    stop = desk.stop_of(1)
    order = desk.flatten_one(1)
    desk.fill(order.order_id, 10, 951)
    other = desk.stop_of(2)
    commands = desk.fill(stop, 7, 950, "0.7")
    # The position has 3 left: the other trade's, which is protected for exactly them.
    assert short(commands) == [("STOP", 3, 940, "STOP")]
    assert desk.open_lots()[2] == 3
    netted = [r for r, i in desk.records if isinstance(r, ExitFilled) and i == 2]
    assert [(r.reason, r.lots, r.price, r.fee) for r in netted] == [
        ("NETTED", 7, 950, Decimal("0.7"))
    ]
    (new,) = commands
    assert short(desk.accept(new.order_id)) == [("CANCEL", other)]
    # Its last lots end the stop for the first trade as well, which waits for that.
    assert desk.fill(stop, 3, 950) != []
    assert list(desk.book.trades) == [2]
    assert not desk.book.halted


def test_one_fill_of_a_stop_closes_what_its_trade_has_left_before_lots_of_the_others() -> None:
    desk = BookDesk().opened(2)
    stop = desk.stop_of(1)
    order = desk.flatten_one(1)
    desk.fill(order.order_id, 6, 951)
    desk.fill(stop, 10, 950, "1.0")

    exits = [(i, r.reason, r.lots, r.fee) for r, i in desk.records if isinstance(r, ExitFilled)]
    assert exits[1:] == [
        (1, "STOP", 4, Decimal("0.4")),
        (2, "NETTED", 6, Decimal("0.6")),
    ]
    assert desk.book.position == 4
    assert desk.open_lots()[2] == 4
    assert not desk.book.halted


def test_a_late_fill_of_the_other_side_is_never_held_beside_open_trades() -> None:
    desk = BookDesk(params={"cooldown_ns": 0})
    (entry,) = desk.enter(intent(1, is_long=False))
    desk.accept(entry.order_id)
    desk.keep(desk.book.stop_entries(desk.now, DropReason.STALE))
    desk.cancel(entry.order_id)
    desk.opened(1)
    desk.fill(entry.order_id, 4, 1000)
    assert desk.open_lots() == {2: 6}
    assert not desk.book.halted
    desk.fill(entry.order_id, 6, 1000)
    assert desk.open_lots() == {2: 0}
    assert not desk.book.halted
    desk.enter(intent(2))
    desk.fill(entry.order_id, 1, 1000)
    assert desk.book.halted


def test_a_late_fill_opens_its_trade_again_where_sides_are_apart() -> None:
    desk = BookDesk(params={"cooldown_ns": 0}, positions=PositionMode.BY_SIDE)
    (entry,) = desk.enter(intent(1, is_long=False))
    desk.accept(entry.order_id)
    desk.keep(desk.book.stop_entries(desk.now, DropReason.STALE))
    desk.cancel(entry.order_id)
    desk.opened(1)
    assert short(desk.fill(entry.order_id, 4, 1000)) == [
        ("STOP", 4, 1050, "STOP"),
        ("EXIT", 4, None, "LATE_FILL"),
    ]
    assert desk.open_lots() == {1: -4, 2: 10}


def test_funding_is_shared_by_the_open_lots() -> None:
    desk = BookDesk().opened(3)
    desk.fill(desk.stop_of(3), 5, 930)
    before = desk.book.ledger.cash
    desk.keep(desk.book.on_funding(desk.now, Decimal("0.01")))
    funding = [trade.funding for trade in desk.book.trades.values()]
    assert funding == [Decimal("0.004"), Decimal("0.004"), Decimal("0.002")]
    assert desk.book.ledger.cash == before - Decimal("0.01")
    desk.keep(desk.book.on_funding(desk.now - 2 * MINUTE_NS, Decimal(1)))
    assert sum(trade.funding for trade in desk.book.trades.values()) == Decimal("0.01")
    paid = [r.paid for r, _ in desk.records if isinstance(r, FundingPaid)]
    assert sum(paid) == Decimal("1.01")


def test_funding_of_one_side_is_that_of_its_trades() -> None:
    desk = BookDesk(positions=PositionMode.BY_SIDE).opened(2)
    (entry,) = desk.enter(intent(3, is_long=False))
    desk.accept(entry.order_id)
    desk.fill(entry.order_id, 10, 1000)
    desk.keep(desk.book.on_funding(desk.now, Decimal(-3), side=-1))
    assert [trade.funding for trade in desk.book.trades.values()] == [0, 0, -3]


def test_a_boundary_leaves_each_trade_by_its_own_rule() -> None:
    desk = BookDesk()
    for number, boundary in ((1, 990), (2, 970)):
        (entry,) = desk.enter(intent(number, boundary=boundary))
        desk.accept(entry.order_id)
        desk.fill(entry.order_id, 10, 1000)
    result = desk.minute(intent(3), close=980)
    assert result.entries[0].action is Action.ENTER_LONG
    assert result.exits == ((1, ExitReason.CLOSE_INSIDE),)
    assert result.decision.action is Action.ENTER_LONG
    assert desk.minute(close=960).decision.reason == "CLOSE_INSIDE"


def test_a_book_never_enters_against_its_rules() -> None:
    desk = BookDesk(max_trades=2).opened(1)
    with pytest.raises(ValueError, match="other side"):
        desk.book.entries.enter(desk.now, intent(2, is_long=False))
    with pytest.raises(ValueError, match="no open trade"):
        desk.book.turn(desk.now, intent(2))
    desk.enter(intent(2))
    with pytest.raises(ValueError, match="no room"):
        desk.book.entries.enter(desk.now, intent(3))
    with pytest.raises(ValueError, match="not fully open"):
        desk.book.turn(desk.now, intent(3, is_long=False))


def test_equity_is_needed_for_the_total_risk() -> None:
    desk = BookDesk()
    book = BookParams(max_total_risk=Decimal("0.01"))
    with pytest.raises(ValueError, match="needs the equity"):
        type(desk.book)(desk.params, book, desk.size, desk.book.ledger, desk.keep_record)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"book_schema": 2}, "schema 2"),
        ({"managers": []}, "none"),
        ({"trade_ids": [1, 1, 0]}, "two with one id"),
        ({"trade_ids": [1, 2]}, "one per manager"),
        ({"trade_ids": [0, 2, 0]}, "without one"),
        ({"next_trade_id": 2}, "beyond next_trade_id"),
        ({"beyond": {"1": 0}}, "not positive"),
        ({"shared_orders": {"1": {"is_buy": True, "reason": "ADL"}}}, "one of two trades"),
        ({"flip": 3}, "Expected"),
    ],
)
def test_a_state_that_no_book_can_have_been_in_is_refused(change, text: str) -> None:
    desk = BookDesk().opened(2)
    with pytest.raises(ValueError, match=f"trade book state: .*{text}"):
        book_from_plain(json.loads(json.dumps({**plain(desk), **change})))


def test_managers_that_do_not_share_the_account_are_refused() -> None:
    desk = BookDesk().opened(2)
    state = json.loads(json.dumps(plain(desk)))
    state["managers"][1]["cash"] = "5"
    with pytest.raises(ValueError, match="cash differs"):
        book_from_plain(state)
    with pytest.raises(ValueError, match="schema None"):
        book_from_plain({"managers": 1})


def plain(desk: BookDesk) -> dict[str, object]:
    return book_to_plain(desk.book.state())


@pytest.mark.parametrize(
    ("lots", "open_lots", "shares"),
    [
        (3, [5, 5, 5], [1, 1, 1]),
        (4, [5, 5, 5], [2, 1, 1]),
        (5, [5, 5, 5], [2, 2, 1]),
        (1, [1, 9], [0, 1]),
        (9, [1, 9], [1, 8]),
        (99, [1, 9], [1, 9]),
        (0, [1, 9], [0, 0]),
        (5, [0, 0], [0, 0]),
        (5, [], []),
    ],
)
def test_lots_are_allotted_by_the_largest_remainder(
    lots: int, open_lots: list[int], shares: list[int]
) -> None:
    assert allot_lots(lots, open_lots) == shares


def test_money_is_divided_without_a_rest() -> None:
    parts = split_money(Decimal(1), [1, 1, 1, 0])
    assert parts == [Decimal("0.333333333333")] * 2 + [Decimal("0.333333333334"), Decimal(0)]
    assert split_money(Decimal("-0.7"), [0, 5]) == [0, Decimal("-0.7")]


@pytest.mark.parametrize("max_trades", [2, 3])
def test_the_trade_of_a_book_is_the_oldest_that_runs(max_trades: int) -> None:
    desk = BookDesk(params={"cooldown_ns": 0}, max_trades=max_trades)
    assert desk.book.trade is None
    desk.opened(2)
    first, second = desk.book.trades.values()
    assert desk.book.trade is first
    desk.fill(desk.stop_of(1), 10, 950)
    assert desk.book.trade is second
    # A new trade takes the place that is free, and is not the oldest for that.
    desk.enter(intent(3))
    assert list(desk.book.trades) == [2, 3]
    assert desk.book.trade is second
