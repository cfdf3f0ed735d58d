"""The machine of leg nodes: which orders rest, are kept and are taken back."""

import json
from fractions import Fraction

import pytest

from errors import AuctionError
from errors import ParameterError
from strategies.common.gate import Refusal
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.leg_lvn.hours import TimeRules
from strategies.leg_lvn.machine import RETRY_NS
from strategies.leg_lvn.machine import LegLvnMachine
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.reasons import Reason
from strategies.leg_lvn.rows import LegRow


MINUTE = 60_000_000_000
# Monday 2026-01-05, 10:00 in New York.
START = 1_767_625_200_000_000_000
FRIDAY = START + 4 * 1440 * MINUTE
UP = {"direction": 1, "leg_start": 6_950, "leg_end": 7_020, "pivot": 7_020, "structure": "HH"}


class Host:
    """Drives a machine as a strategy does; `held` are its orders and trades."""

    def __init__(self, most=10, both_sides=False, start=START, bid=None, ask=None, **rules):
        self.rules = LegLvnRules(**rules)
        self.machine = LegLvnMachine(self.rules, most, both_sides=both_sides)
        self.ts, self.bid, self.ask = start, bid, ask
        self.held: dict[int, TradeView] = {}
        self.next_id = 1
        self.refuses: str | None = None

    @property
    def position(self):
        return Position(trades=tuple(self.held.values()), bid=self.bid, ask=self.ask)

    def close(self, close=7_010, trend=1, low=None, high=None, **values):
        """Close a minute; return its step. Orders that are taken back are gone after it."""
        row = LegRow(
            ts_min=self.ts,
            low=close if low is None else low,
            high=close if high is None else high,
            close=close,
            trend=trend,
            pivot_ts=self.ts if values.get("pivot") else None,
            **values,
        )
        self.ts += MINUTE
        step = self.machine.step(row, self.position)
        for entry in step.entries:
            key = None if self.refuses else self.next_id
            if key is not None:
                self.next_id += 1
                side = 1 if entry.is_long else -1
                stop = entry.stop
                self.held[key] = TradeView(
                    trade_id=key, tag=entry.tag, side=side, stop=stop, first_stop=stop
                )
            elif self.refuses is not None:
                self.machine.on_refused(entry, self.refuses)
            self.machine.on_entry(
                entry, row.end, self.position, is_sent=key is not None, trade_id=key
            )
        for leave in step.exits:
            if leave.only_entry and leave.trade_id in self.held:
                self.drop(leave.trade_id)
        return step

    def drop(self, key):
        del self.held[key]
        self.machine.on_dropped(self.ts, key)

    def fill(self, key, price):
        view = self.held[key]
        self.held[key] = TradeView(
            trade_id=key,
            tag=view.tag,
            side=view.side,
            stop=view.stop,
            first_stop=view.stop,
            lots=3,
            average=Fraction(price),
            since=self.ts,
        )
        self.machine.on_opened(None, key)

    def restarted(self, held=None, ended=()):
        state = json.loads(json.dumps(self.machine.snapshot()))
        machine = LegLvnMachine(self.rules, 10, both_sides=False)
        position = self.position if held is None else Position(trades=held)
        machine.restore(state, position, self.ts, dict.fromkeys(ended))
        self.machine = machine
        if held is not None:
            self.held = {trade.trade_id: trade for trade in held}


def entries(step):
    return [(e.intent.entry, e.intent.stop, e.intent.tp2) for e in step.entries]


def test_the_minute_that_confirms_a_leg_sends_the_orders_of_the_next():
    host = Host(bid=7_009, ask=7_010)
    step = host.close(nodes=(69.9047, 69.95), **UP)
    # Deeper by the spread and the baseline, rounded down; the nearest to the market first.
    assert entries(step) == [(6_992, 6_950, 7_020), (6_987, 6_950, 7_020)]
    assert step.reason == Reason.NODE_ORDER
    step = host.close()
    assert (step.reason, entries(step), step.exits) == (Reason.RESTING, [], ())


def test_an_offer_is_rounded_up_and_knows_no_spread():
    host = Host(bid=6_990, ask=6_999)
    down = {"direction": -1, "leg_start": 7_050, "leg_end": 6_980, "pivot": 6_980}
    step = host.close(6_990, trend=-1, nodes=(70.2013,), structure="LL", **down)
    assert entries(step) == [(7_021, 7_050, 6_980)]


@pytest.mark.parametrize("trend", [0, -1])
def test_a_trend_that_has_turned_takes_orders_back_and_they_come_again_with_it(trend):
    host = Host()
    host.close(nodes=(69.9,), **UP)
    step = host.close(trend=trend)
    (leave,) = step.exits
    assert (leave.trade_id, leave.only_entry, leave.drop) == (1, True, DropReason.SIGNAL_OVER)
    assert entries(host.close()) == [(6_988, 6_950, 7_020)]


def test_a_moved_spread_replaces_an_order_only_once_the_old_one_is_gone():
    host = Host(bid=7_009, ask=7_010)
    host.close(nodes=(69.9,), **UP)
    host.ask = 7_011
    assert host.close().exits == ()
    host.ask = 7_012
    step = host.close()
    assert ([leave.trade_id for leave in step.exits], step.entries) == ([1], ())
    assert entries(host.close()) == [(6_985, 6_950, 7_020)]


def test_the_first_fill_uses_a_node_up_whatever_becomes_of_the_trade():
    host = Host()
    host.close(nodes=(69.9, 69.8), **UP)
    host.fill(1, 6_988)
    del host.held[1]
    host.machine.on_closed(None, 1)
    assert entries(host.close()) == []
    host.drop(2)
    assert [entry[0] for entry in entries(host.close())] == [6_978]


def test_one_trade_at_a_time_rests_the_order_that_the_market_reaches_first():
    host = Host(one_trade_at_a_time=True)
    assert [entry[0] for entry in entries(host.close(nodes=(69.8, 69.9), **UP))] == [6_988]
    # A nearer one takes its place, a minute after it is gone.
    nearer = UP | {"leg_start": 6_960}
    step = host.close(nodes=(69.95,), **nearer)
    assert ([leave.trade_id for leave in step.exits], step.entries) == ([1], ())
    assert [entry[0] for entry in entries(host.close())] == [6_993]
    host.fill(2, 6_993)
    step = host.close()
    assert (step.reason, step.entries) == (Reason.FULL, ())


def test_places_are_those_that_open_trades_leave():
    host = Host(most=2)
    step = host.close(nodes=(69.9, 69.8, 69.7), **UP)
    assert [entry[0] for entry in entries(step)] == [6_988, 6_978]
    host.fill(1, 6_988)
    assert host.close().reason == Reason.RESTING
    host.fill(2, 6_978)
    assert host.close().reason == Reason.FULL


@pytest.mark.parametrize("both_sides", [False, True])
def test_a_netting_venue_has_orders_of_one_side_at_a_time(both_sides):
    host = Host(both_sides=both_sides)
    host.close(nodes=(69.9,), **UP)
    host.fill(1, 6_988)
    down = {"direction": -1, "leg_start": 7_050, "leg_end": 6_960, "pivot": 6_960}
    step = host.close(6_970, trend=-1, nodes=(70.2,), structure="LL", **down)
    assert step.reason == (Reason.NODE_ORDER if both_sides else Reason.OTHER_SIDE)
    assert len(step.entries) == both_sides


def test_a_refused_order_is_proposed_again_later_or_when_a_trade_has_ended():
    host = Host()
    host.refuses = Refusal.SIZE
    assert len(host.close(nodes=(69.9,), **UP).entries) == 1
    reasons = [host.close().reason for _ in range(RETRY_NS // MINUTE)]
    assert reasons == [Reason.WAITING] * (len(reasons) - 1) + [Reason.NODE_ORDER]
    host.machine.on_closed(None, 9)
    assert len(host.close().entries) == 1


def test_a_refused_order_counts_once_for_each_node_and_code():
    host = Host()

    def again():
        host.machine.on_closed(None, 9)
        step = host.close()
        return [(e.context.node, e.refused_before) for e in step.entries]

    host.refuses = Refusal.SIZE
    assert [e.refused_before for e in host.close(nodes=(69.9, 69.8), **UP).entries] == [(), ()]
    assert again() == [(6_990, ("SIZE",)), (6_980, ("SIZE",))]
    host.refuses = Refusal.STOP_IN_SPREAD
    assert again() == [(6_990, ("SIZE",)), (6_980, ("SIZE",))]
    host.restarted()
    assert again() == [(6_990, ("SIZE", "STOP_IN_SPREAD")), (6_980, ("SIZE", "STOP_IN_SPREAD"))]


def test_a_refused_order_keeps_no_place_from_the_next():
    host = Host(most=1)
    host.refuses = Refusal.SIZE
    assert [entry[0] for entry in entries(host.close(nodes=(69.9, 69.8), **UP))] == [6_988]
    assert [entry[0] for entry in entries(host.close())] == [6_978]
    assert host.close().reason == Reason.WAITING


def test_a_stop_that_is_near_or_has_traded_leaves_the_node_alone():
    host = Host(min_stop=0.39)
    assert host.close(nodes=(69.9,), **UP).reason == Reason.NO_LEVELS
    host = Host(min_stop=0.38)
    assert host.close(nodes=(69.9,), **UP).reason == Reason.NODE_ORDER
    host = Host()
    assert host.close(6_950, nodes=(69.9,), **UP).reason == Reason.NO_LEVELS


def test_nodes_are_forgotten_by_age_and_where_their_leg_is_broken():
    host = Host(max_age_bars=2)
    host.close(nodes=(69.9,), **UP)
    assert [len(host.close().exits) for _ in range(3)] == [0, 0, 1]
    host = Host(invalidate_on_break=True)
    host.close(nodes=(69.9,), **UP)
    assert len(host.close(low=6_950).exits) == 0
    assert len(host.close(low=6_949).exits) == 1
    assert host.close().reason == Reason.NO_NODE


def test_the_stops_to_choose_from():
    def stop(name):
        host = Host(stop=name)
        host.close(7_000, pivot=6_930, structure="HL")
        host.close(7_000, pivot=7_005, structure="HH")
        host.close(7_000, pivot=6_965, structure="HL")
        leg = {"direction": 1, "leg_start": 6_965, "leg_end": 7_030, "pivot": 7_030}
        (entry,) = entries(host.close(nodes=(69.9,), structure="HH", **leg))
        return entry[1]

    assert stop("leg_start") == 6_965
    assert stop("nearest_pivot") == 6_965
    assert stop("pivot_before_leg") == 6_930


def test_the_next_structure_beyond_the_entry_ends_a_trade_at_the_close_that_confirms_it():
    host = Host(target="next_structure")
    assert entries(host.close(nodes=(69.9,), **UP)) == [(6_988, 6_950, None)]
    host.fill(1, 6_988)
    assert host.close(pivot=6_980, structure="HL").exits == ()
    assert host.close(pivot=6_985, structure="HH").exits == ()
    (leave,) = host.close(pivot=7_030, structure="HH").exits
    assert (leave.reason, leave.trade_id, leave.only_entry) == (ExitReason.TARGET, 1, False)


def test_orders_go_with_their_hours_and_positions_with_the_week():
    host = Host(start=FRIDAY)
    host.close(nodes=(69.9, 69.8), **UP)
    host.fill(1, 6_988)
    end = FRIDAY + (6 * 60 + 1) * MINUTE
    assert host.machine.wake_at == end
    (leave,) = host.machine.exits_at(end, host.position)
    assert (leave.trade_id, leave.only_entry, leave.drop) == (2, True, DropReason.SESSION_END)
    flat = FRIDAY + (6 * 60 + 59) * MINUTE
    assert host.machine.wake_at == flat
    leaves = host.machine.exits_at(flat, host.position)
    assert {leave.trade_id: leave.only_entry for leave in leaves} == {1: False, 2: False}
    # It asks again, but not at once.
    assert host.machine.wake_at == flat + MINUTE
    host.ts = end
    assert host.close().reason == Reason.CLOSED


def test_a_node_that_waits_outlives_a_restart_and_one_that_was_filled_does_not():
    host = Host()
    host.close(nodes=(69.9, 69.8, 69.7), **UP)
    held = (host.held[1],)
    host.restarted(held=held, ended=(2,))
    assert [entry[0] for entry in entries(host.close())] == [6_968]
    assert (
        host.machine.step(LegRow(ts_min=START, low=1, high=1, close=1, trend=1), host.position)
        is None
    )


def test_a_gap_forgets_all_nodes_and_what_rested_is_nobodys():
    host = Host()
    host.close(nodes=(69.9,), **UP)
    host.machine.on_gap(host.ts)
    assert not host.machine.warm
    step = host.close()
    assert (step.reason, len(step.exits)) == (Reason.NO_NODE, 1)


def test_a_damaged_state_and_wrong_values_are_refused():
    with pytest.raises(AuctionError, match="not usable"):
        Host().machine.restore({"known": 3}, Position(), START)
    for values, text in (
        ({"baseline": -1.0}, "rules.baseline"),
        ({"long_offset": 0.0}, "rules.long_offset"),
        ({"max_age_bars": 0}, "rules.max_age_bars"),
    ):
        with pytest.raises(ParameterError, match=text):
            LegLvnRules(**values)
    with pytest.raises(ParameterError, match="before 03:00"):
        TimeRules(enter_until="02:00")
    with pytest.raises(ParameterError, match="18:00"):
        TimeRules(friday_flatten="18:00")
