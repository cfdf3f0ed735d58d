"""Points, folds, samplers, the store and the judgement of sweeps, without a market."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import UsageError
from research.sweeps.folds import UNITS
from research.sweeps.folds import folds_of
from research.sweeps.folds import parse_walk_forward
from research.sweeps.judgement import judge
from research.sweeps.judgement import plateau_of
from research.sweeps.registry import Registry
from research.sweeps.registry import Tried
from research.sweeps.sampling import make_sampler
from research.sweeps.space import Parameter
from research.sweeps.space import grid
from research.sweeps.space import parse_parameter
from research.sweeps.space import random_points
from research.sweeps.store import SweepStore
from research.sweeps.tables import best_table
from research.sweeps.trials import FIGURES
from research.sweeps.trials import Measured
from research.sweeps.trials import Trial
from tests.checks import some


DOCUMENT = {
    "actors": [{"actor_path": "a:B", "config": {"window": 240}}],
    "strategies": [{"config": {"risk_pct": 0.02, "hold": 60}}, {"config": {"hold": 30}}],
}
A = Parameter("strategies.0.config.risk_pct", (0.01, 0.02, 0.03))
B = Parameter("actors.0.config.window", (120, 240))


def trial(number, point, sharpe=0.0, net=0.0, hours=None):
    figures = dict.fromkeys(FIGURES, 0.0) | {"sharpe": sharpe, "net": net, "trades": 50.0}
    returns = np.zeros(4) if hours is None else hours
    return Trial(number, point, {"default": Measured(figures, returns)})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("risk_pct=0.01,0.02", (0.01, 0.02)),
        ("risk_pct=0.005:0.02:0.005", (0.005, 0.01, 0.015, 0.02)),
        ("window=1:4:1", (1, 2, 3, 4)),
        ("window=true,false", (True, False)),
    ],
)
def test_values_are_read_as_they_are_written(text, values):
    assert parse_parameter(text, DOCUMENT).values == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("risk=1", "did you mean `risk_pct`"),
        ("hold=1", "several end with it"),
        ("risk_pct", "KEY=2,3,4"),
        ("risk_pct=1:2", "needs a step"),
        ("risk_pct=2:1:1", "LAST is at least FIRST"),
        ("risk_pct=1:2:0", "STEP above zero"),
        ("risk_pct=1:x:1", "are numbers"),
        ("risk_pct=1,1", "twice"),
        ("risk_pct=0:1e9:1", "at most"),
    ],
)
def test_a_wrong_parameter_is_one_clear_line(text, message):
    with pytest.raises(UsageError, match="--param") as caught:
        parse_parameter(text, DOCUMENT)
    assert message in str(caught.value)


def test_points_of_one_actor_configuration_stand_together():
    windows = [point[B.key] for point in grid([A, B])]
    assert windows == [120] * 3 + [240] * 3


def test_random_points_are_different_and_follow_the_seed():
    points = random_points([A, B], 4, seed=3)
    assert len({repr(point) for point in points}) == 4
    assert points == random_points([A, B], 4, seed=3)
    assert len(random_points([A, B], 99, seed=3)) == 6


def test_a_seed_gives_the_same_points_whatever_order_results_came_in():
    def tried():
        sampler, count = make_sampler("tpe", [A, B], 40, ["sharpe"], 5)
        points = []
        for batch in sampler.batches():
            points += batch
            sampler.learn([trial(i, p, sharpe=p[A.key] * 100) for i, p in enumerate(batch)])
        assert count == len(points) == 40
        return points

    points = tried()
    assert points == tried()
    late = [point[A.key] for point in points[16:]]
    assert late.count(0.03) > len(late) / 2


@given(
    days=st.integers(5, 60),
    choose=st.integers(1, 20),
    judged=st.integers(1, 10),
    embargo=st.integers(0, 48),
    warm_up=st.integers(0, 3),
    anchored=st.booleans(),
)
def test_no_part_to_judge_on_overlaps_what_was_chosen_on(
    days, choose, judged, embargo, warm_up, anchored
):
    day, hour = UNITS["d"], UNITS["h"]
    window = 0, days * day
    lengths = choose * day, judged * day
    try:
        folds = folds_of(window, lengths, embargo * hour, warm_up * day, anchored=anchored)
    except UsageError:
        assert sum(lengths) + embargo * hour + warm_up * day > window[1]
        return
    for fold in some(folds):
        assert fold.judged_on.start_ns == fold.chosen_on.end_ns + embargo * hour
        assert fold.chosen_on.start_ns - warm_up * day >= window[0]
        assert fold.judged_on.end_ns <= window[1]
    for before, after in itertools.pairwise(folds):
        assert before.judged_on.end_ns <= after.judged_on.start_ns
        assert (before.chosen_on.start_ns == after.chosen_on.start_ns) is anchored


def test_lengths_of_walk_forward():
    assert parse_walk_forward("30d/12h") == (30 * UNITS["d"], 12 * UNITS["h"])
    with pytest.raises(UsageError, match="--walk-forward 30d"):
        parse_walk_forward("30d")


def test_a_sweep_is_read_as_it_was_written(tmp_path):
    store = SweepStore(tmp_path / "one")
    store.write_settings({"system": "x"})
    failed = Trial(2, {A.key: 0.02}, {}, "no data", 0.5)
    store.write([trial(1, {A.key: 0.01}, sharpe=1.5, hours=np.array([0.25, -0.5])), failed])
    first, second = store.read()
    assert first.point == {A.key: 0.01}
    assert first.figure("sharpe", "default") == 1.5
    assert first.results["default"].hours.tolist() == [0.25, -0.5]
    assert second == failed
    assert store.settings() == {"system": "x"}
    with pytest.raises(UsageError, match="no sweep"):
        SweepStore(tmp_path / "two").settings()


def test_a_point_counts_once_however_often_it_was_tried(tmp_path):
    registry = Registry(tmp_path)
    draw = np.random.default_rng(1)
    trials = [trial(n, {A.key: n}, hours=draw.normal(size=50)) for n in range(5)]
    registry.add("x", "data", "first", trials)
    registry.add("x", "data", "second", trials[:3])
    registry.add("y", "data", "third", trials)
    registry.add("z", "data", "fourth", trials[:1], "one configuration")
    registry.add("z", "data", "fifth", trials[:1], "another")
    assert registry.tried("z", "data").count == 2
    tried = registry.tried("x", "data")
    ratios = [t.results["default"].hours for t in trials]
    sharpe = [hours.mean() / hours.std(ddof=1) for hours in ratios]
    assert tried.count == 5
    assert tried.variance == pytest.approx(np.var(sharpe, ddof=1))


def test_the_best_of_many_trials_of_noise_is_called_noise():
    edges = 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        hours = draw.normal(0, 0.001, (50, 310))
        trials = [trial(n, {A.key: n}, hours=row) for n, row in enumerate(hours)]
        ratios = hours.mean(axis=1) / hours.std(axis=1, ddof=1)
        best = trials[int(ratios.argmax())]
        found = judge(best, trials, Tried(50, float(ratios.var(ddof=1))), seed)
        assert found.deflated is not None
        edges += found.deflated > 0.95
        assert found.verdict.startswith("Noise") is (found.deflated <= 0.95)
    assert edges <= 2


def test_an_edge_beyond_chance_is_found_and_few_trades_are_not_judged():
    draw = np.random.default_rng(2)
    hours = draw.normal(0, 0.001, (50, 2_000))
    hours[7] += 0.0003
    trials = [trial(n, {A.key: n}, hours=row) for n, row in enumerate(hours)]
    ratios = np.delete(hours, 7, 0).mean(axis=1) / np.delete(hours, 7, 0).std(axis=1, ddof=1)
    tried = Tried(50, float(ratios.var(ddof=1)))
    assert "beyond what" in judge(trials[7], trials, tried, 1).verdict
    few = trial(1, {A.key: 1}, hours=hours[7])
    few.results["default"].figures["trades"] = 5.0
    assert judge(few, trials, tried, 1).verdict.startswith("No judgement: 5 trades")


def test_neighbours_are_a_step_away_in_one_parameter():
    values = {(0.01, 120): 1.0, (0.02, 120): 5.0, (0.03, 120): -1.0, (0.02, 240): 2.0}
    trials = [
        trial(n, {A.key: a, B.key: b}, sharpe=sharpe, net=sharpe)
        for n, ((a, b), sharpe) in enumerate(values.items(), 1)
    ]
    found = plateau_of(trials[1], trials, [A, B])
    assert (found.neighbours, found.sharpe) == (3, 1.0)
    assert found.profitable == pytest.approx(2 / 3)


def test_points_without_an_effect_are_counted_below_the_table():
    hours = np.arange(4.0)
    trials = [trial(n, {A.key: n}, hours=hours * (n == 3)) for n in (1, 2, 3)]
    plateaus = [plateau_of(trials[0], trials, [Parameter(A.key, (1, 2, 3))])]
    notes = best_table(trials[:1], plateaus, trials, 0, "USDT").notes
    assert "1 of 3 points brought what another one did" in notes[-1]
