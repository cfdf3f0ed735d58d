"""Results of a system on driftless markets, and what they say of a run."""

import io
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest
from rich.console import Console

from backtests import random_walks
from backtests.random_walks import Walks
from backtests.random_walks import report_random_walks
from backtests.results.chance import mean_interval
from backtests.results.chance import together
from backtests.results.chance import trades_of_market
from backtests.results.chance_table import print_chance
from backtests.results.chance_table import verdict
from errors import AuctionError
from errors import UsageError


DAY = 86_400_000_000_000


def market(name, *by_day):
    """Return a market with the given results on its first days, a tenth lost to costs in each."""
    net = [value for values in by_day for value in values]
    days = [day for day, values in enumerate(by_day) for _ in values]
    return trades_of_market(name, net, [v + 0.1 for v in net], [DAY * day + 5 for day in days])


def test_equal_trades_have_an_interval_of_one_point():
    found = market("a", *[[2.0]] * 10)
    low, high = mean_interval(found.net, found.days)
    assert low == high == 2.0


def test_fewer_than_ten_days_have_no_interval():
    found = market("a", *[[1.0, -1.0, 3.0]] * 9)
    assert mean_interval(found.net, found.days) is None


def test_trades_of_one_day_count_as_one_chance():
    rng = np.random.default_rng(1)
    results = rng.normal(size=40)
    alone = market("a", *[[value] for value in results])
    tenfold = market("b", *[[value] * 10 for value in results])
    assert mean_interval(alone.net, alone.days) == pytest.approx(
        mean_interval(tenfold.net, tenfold.days)
    )


def test_an_interval_is_that_of_the_normal_approximation_where_days_are_alike():
    results = np.random.default_rng(2).normal(5, 3, size=400)
    found = market("a", *[[value] for value in results])
    half = 1.96 * results.std() / 20
    low, high = mean_interval(found.net, found.days)
    assert low == pytest.approx(results.mean() - half, abs=0.02)
    assert high == pytest.approx(results.mean() + half, abs=0.02)


def test_days_of_several_markets_remain_apart():
    both = together("all", [market("a", [1.0], [2.0]), market("b"), market("c", [3.0], [4.0])])
    assert both.count == 4
    assert len(set(both.days.tolist())) == 4
    assert both.net.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert together("none", []).count == 0


def test_figures_of_a_market():
    found = market("a", [3.0, -1.0], [-1.0, 0.0])
    assert found.win_rate == 0.25
    assert found.profit_factor == 1.5
    assert market("b", [1.0]).profit_factor is None
    assert market("c").win_rate is None


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        (0.0, "nothing distinguishes the run from chance"),
        (50.0, "earned more"),
        (-50.0, "earned less"),
    ],
)
def test_a_run_differs_from_chance_where_intervals_lie_apart(shift, said):
    results = np.random.default_rng(3).normal(size=30)
    walks = market("walks", *[[value] for value in results])
    run = market("run", *[[value + shift] for value in results])
    assert said in verdict(run, walks)


def test_a_run_of_few_days_says_so():
    walks = market("walks", *[[1.0]] * 30)
    assert "too few days" in verdict(market("run", [1.0]), walks)


def test_the_table_has_runs_walks_and_their_sum():
    shown = io.StringIO()
    run, walk = market("run", [4.0]), market("walk 1", *[[-1.0], [3.0]] * 5)
    print_chance("toy  X", "USD", [run], [walk], walk, ["A note."], Console(file=shown, width=160))
    text = shown.getvalue()
    rows = {line.split("  ")[0]: line.split() for line in text.splitlines() if line}
    assert rows["run"][1:] == ["1", "100.0", "%", "–", "4.00", "4.00", "–", "4.10", "–"]
    assert rows["walk 1"][2:6] == ["10", "50.0", "%", "3.00"]
    assert rows["walk 1"][6:8] == ["10.00", "1.00"]
    assert "A note." in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"walks": 0}, "--walks: 0 is not within"),
        ({"processes": 0}, "--processes: 0 is not positive"),
        ({"overrides": ("instrument_id=SIZ5.XCEC",)}, "the sample has no"),
    ],
)
def test_what_cannot_run_is_refused_before_a_market_is_made(options, message):
    given = {"overrides": (), "walks": 1, "processes": 1} | options
    walks = Walks("cl_leg_lvn", "backtest", given["overrides"], given["walks"], 1)
    with pytest.raises(UsageError, match=message):
        report_random_walks(walks, (), given["processes"])


class EndedPool:
    """Stands for a pool of which the system has ended a process."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None

    def map(self, *args):
        raise BrokenProcessPool("terminated abruptly")


def test_a_process_that_was_ended_is_one_line_with_what_to_do(monkeypatch):
    monkeypatch.setattr(random_walks, "ProcessPoolExecutor", EndedPool)
    walks = Walks("cl_leg_lvn", "backtest", (), 1, 1)
    with pytest.raises(AuctionError, match="fewer --processes or --days"):
        report_random_walks(walks, (), 1)


def test_a_walk_is_run_and_its_trades_are_read():
    night = (
        "actors.0.config.legs.preset=head",
        "strategies.0.config.rules.hours.enabled=false",
        "end=2026-01-05T05:00:00",
    )
    walks = Walks("cl_leg_lvn", "backtest", night, 1, 1)
    found, currency = random_walks._run_one(walks, 1)
    assert currency == "USD"
    assert found.name == "walk 1"
    assert found.count > 3
    assert np.all(found.gross > found.net)
