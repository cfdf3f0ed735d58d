"""The rules for orders at nodes against the recommended trades of the vectors, exactly."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from strategies.leg_lvn.hours import EntryHours
from strategies.leg_lvn.hours import TimeRules
from strategies.leg_lvn.nodes import Node
from strategies.leg_lvn.params import LegLvnRules
from strategies.leg_lvn.plans import plan_of
from tests.leg_lvn.reference import Reference
from tests.vectors import load


RUNS = load("001", "trades_recommended.json.gz")["runs"]
EDGES = load("001", "edge_cases.json")
SIDES = {"uptrend": 1, "downtrend": -1}
NEW_YORK = ZoneInfo("America/New_York")


def node(side, price, leg_start=0, leg_end=0, before=None):
    return Node(
        confirmed=0,
        rank=1,
        side=side,
        price=price,
        leg_start=round(leg_start * 100),
        leg_end=round(leg_end * 100),
        before=before,
    )


def rules_of(run):
    # The vectors leave at the close of the Friday's last minute, not at its opening.
    hours = TimeRules(enabled=run["time_rules"], friday_flatten="17:00")
    return LegLvnRules(
        baseline=run["baseline"],
        min_stop=run["min_stop"],
        one_trade_at_a_time=run["one_at_a_time"],
        hours=hours,
    )


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_orders_are_those_of_the_vectors_trade_by_trade(number):
    run = RUNS[number]
    found = Reference(run["preset"], rules_of(run)).run()
    expected = run["trades"]
    count = len(expected["leg_id"])
    assert len(found.trades) == count > 20
    for i, trade in enumerate(found.trades):
        for name in trade.keys() & expected.keys():
            value = expected[name][i]
            if isinstance(value, float):
                value = pytest.approx(value, rel=1e-9)
            assert trade[name] == value, (i, name)
    assert found.equity == pytest.approx(run["final_equity"], rel=1e-9)
    assert (found.pending, found.left) == (run["pending_left"], run["open_left"])


def test_a_long_is_bid_deeper_by_spread_and_baseline_and_a_short_offered_at_its_node():
    for direction, price, bid, ask, entry, _ in EDGES["spread"]["cases"]:
        is_quoted = bid is not None and ask is not None
        spread = max(0.0, ask - bid) if is_quoted else 0.0
        side = SIDES[direction]
        plan = plan_of(node(side, price), (), spread, 0.01, LegLvnRules(stop="pivot_before_leg"))
        assert plan.entry == pytest.approx(entry, abs=1e-12)


def test_stop_and_target_are_pivots_of_the_leg_or_offsets():
    for direction, entry, start, end, stop, target, *sources in EDGES["levels"]["cases"]:
        found = node(SIDES[direction], entry, start or 0, end or 0)
        # A leg without pivots has offsets on both sides.
        rules = LegLvnRules(baseline=0.0)
        if start is None:
            rules = LegLvnRules(baseline=0.0, stop="pivot_before_leg", target="offset")
        plan = plan_of(found, (), 0.0, 0.01, rules)
        assert (plan.stop, plan.target) == (pytest.approx(stop), pytest.approx(target))
        assert [plan.stop_from, plan.target_from] == sources


def test_entries_and_the_end_of_the_week_follow_the_clock_of_new_york():
    # The market of the vectors is held through its last minute.
    hours = EntryHours(TimeRules(friday_flatten="17:00"))
    for label, may_enter, must_flatten in EDGES["time_rules"]["cases"]:
        opens = int(datetime.fromisoformat(label).replace(tzinfo=NEW_YORK).timestamp()) * 10**9
        assert hours.may_enter(opens) is may_enter, label
        assert hours.must_flatten(opens + 60 * 10**9) is must_flatten, label
