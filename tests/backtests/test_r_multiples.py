"""Results in R, and the warning of a design that cannot pay its costs."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from actors.messages import Decision
from backtests.r_multiples import cost_warnings
from backtests.r_multiples import mean_r
from backtests.r_multiples import stop_costs
from backtests.tags import Plan
from strategies.common.costs import RoundTrip
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position


def test_the_mean_r_of_price_and_costs_have_one_unit_and_that_of_the_net_its_own():
    plan = Plan(Decimal(100), Decimal(98), costs=Decimal("0.5"))
    bought = fill("BUY", "1.000", "100.0", 1, "0.25")
    stopped = position(bought, fill("SELL", "1.000", "98.0", 2, "0.25"), plan=plan)
    won = position(bought, fill("SELL", "1.000", "104.0", 4, "0.75"), plan=plan)
    unplanned = position(fill("BUY", "1.000", "9.0", 5), fill("SELL", "1.000", "8.0", 6))
    still_open = position(fill("BUY", "1.000", "100.0", 7), plan=plan)

    assert stopped.r_net == -1
    assert mean_r([stopped, won, unplanned, still_open]) == {
        "mean_r_price": Decimal("0.5"),
        "mean_r_costs": Decimal("0.375"),
        "mean_r_net": Decimal("0.1"),
    }
    assert set(mean_r([still_open]).values()) == {None}


def strategy():
    costs = RoundTrip.of(
        entry_fee_bps=Decimal("5.5"),
        exit_fee_bps=Decimal("5.5"),
        fee_per_contract=Decimal(0),
        slippage_spreads=Decimal(1),
        tick_money=Decimal("0.1"),
    )
    return SimpleNamespace(
        id=SimpleNamespace(value="S-000"),
        account=SimpleNamespace(costs=costs),
        units=SimpleNamespace(tick=Decimal("0.1")),
    )


def candidate(stop, entry=50_000.0, name="S-000"):
    values = dict.fromkeys(Decision.COLUMNS) | {"strategy_id": name, "entry": entry, "stop": stop}
    return SimpleNamespace(**values)


def test_stops_are_counted_that_are_nearer_than_the_fees_of_a_round_trip():
    # The fees at 50,000 are 55 and a little less at the stop: 11 bp.
    decisions = [candidate(49_960.0), candidate(50_040.0), candidate(49_940.0), candidate(49_000.0)]
    silent = [candidate(None), candidate(49_000.0, entry=None), candidate(1.0, name="other")]

    costs = stop_costs([*decisions, *silent], [strategy(), SimpleNamespace(id=None)])

    assert (costs["candidates"], costs["share_within_fees"]) == (4, 0.5)
    assert costs["stop_bps"] == pytest.approx(10.0)
    assert costs["fees_bps"] == pytest.approx(11.0, abs=0.01)


def test_no_candidates_have_no_costs():
    costs = stop_costs([], [strategy()])
    assert costs == {
        "candidates": 0,
        "stop_bps": None,
        "fees_bps": None,
        "share_within_fees": None,
    }
    assert cost_warnings(costs, {}) == []


def warned(share, price=-0.09):
    costs = {"candidates": 85, "stop_bps": 9.66, "fees_bps": 11.0, "share_within_fees": share}
    return cost_warnings(costs, {"mean_r_price": price, "mean_r_costs": 2.01})


def test_a_design_that_cannot_pay_its_costs_is_warned_of():
    assert warned(0.24) == []
    assert warned(0.64) == [
        "Costs: 64% of the stops of 85 candidates are nearer than the fees of a round trip (in the "
        "median 9.7 and 11.0 bp): such trades cannot pay their costs; in the mean trade price made "
        "-0.09 R, costs took 2.01 R."
    ]
    assert warned(0.64, price=None)[0].endswith("such trades cannot pay their costs.")
