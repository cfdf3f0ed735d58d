"""Results in R, and the warning of a design that cannot pay its costs."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from actors.messages import Decision
from backtests.results.r_multiples import cost_warnings
from backtests.results.r_multiples import mean_r
from backtests.results.r_multiples import stop_costs
from backtests.results.tags import Plan
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
    return SimpleNamespace(id="S-000", costs=SimpleNamespace(round_trip=costs, tick=0.1))


def candidate(stop, entry=50_000.0, name="S-000", action="ENTER", why=None):
    values = dict.fromkeys(Decision.COLUMNS) | {"strategy_id": name, "entry": entry, "stop": stop}
    values |= {"action": action, "why": why}
    return SimpleNamespace(**values)


def test_stops_are_counted_that_are_nearer_than_the_fees_of_a_round_trip():
    # The fees at 50,000 are 55 and a little less at the stop: 11 bp.
    decisions = [
        candidate(49_960.0),
        candidate(50_040.0, action="REFUSE", why="STOP_IN_FEES"),
        candidate(50_040.0, action="REFUSE", why="WARMUP"),
        candidate(49_940.0, action="FLIP"),
        candidate(49_000.0, action="REFUSE", why="LOW_REWARD"),
        candidate(49_000.0),
    ]
    silent = [candidate(None), candidate(49_000.0, entry=None), candidate(1.0, name="other")]

    costs = stop_costs([*decisions, *silent], [strategy(), SimpleNamespace(id="S-001", costs=None)])

    assert (costs["candidates"], costs["share_within_fees"]) == (6, 0.5)
    assert (costs["within_fees"], costs["within_fees_refused"]) == (3, 1)
    assert (costs["taken"], costs["taken_within_fees"]) == (3, 1)
    assert costs["stop_bps"] == pytest.approx(10.0)
    assert costs["fees_bps"] == pytest.approx(11.0, abs=0.01)


def test_no_candidates_have_no_costs():
    costs = stop_costs([], [strategy()])
    assert costs == {
        "candidates": 0,
        "stop_bps": None,
        "fees_bps": None,
        "share_within_fees": None,
        "within_fees": 0,
        "within_fees_refused": 0,
        "taken": 0,
        "taken_within_fees": 0,
    }
    assert cost_warnings(costs, {}) == []


def warned(within, refused, taken_within, taken=30, price=-0.09):
    costs = {
        "candidates": 85,
        "stop_bps": 9.66,
        "fees_bps": 11.0,
        "share_within_fees": within / 85,
        "within_fees": within,
        "within_fees_refused": refused,
        "taken": taken,
        "taken_within_fees": taken_within,
    }
    return cost_warnings(costs, {"trades": 30, "mean_r_price": price, "mean_r_costs": 2.01})


def test_trades_that_lose_more_by_fees_than_by_price_are_warned_of():
    assert warned(21, 14, 7) == []
    assert warned(55, 40, 12) == [
        "Costs: the stops of 55 of 85 candidates are nearer than the fees of a round trip (medians "
        "of all candidates: stop 9.7 bp, fees 11.0 bp); 40 of them were refused for their costs, "
        "12 taken: stopped, these lose more by fees than by price. In the mean of all 30 trades "
        "price made -0.09 R, costs took 2.01 R."
    ]
    assert len(warned(20, 0, 8)) == 1


@pytest.mark.parametrize(("taken_within", "price"), [(0, 2.64), (0, None), (3, None)])
def test_candidates_that_were_refused_lose_nothing(taken_within, price):
    (text,) = warned(55, 40, taken_within, price=price)
    assert text.endswith(f"40 of them were refused for their costs, {taken_within} taken.")
    assert " R" not in text.removeprefix("Costs")
