"""Points in processes of their own, here and on a cluster."""

from pathlib import Path

import pytest
from distributed import LocalCluster

from errors import UsageError
from research.points import PointConfig
from research.sweeps.jobs import Plan
from research.sweeps.jobs import run_batch
from research.sweeps.jobs import workers


def failing(folder: Path) -> Plan:
    base = PointConfig("btc_value_area", overrides={"catalog": str(folder / "none")})
    return Plan(base, folder / "cache", ("default",), (), is_fast=True)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_trials_in_the_order_of_the_points(tmp_path):
    batch = [(number, {"strategies.0.config.cooldown_minutes": number}) for number in (1, 2, 3)]
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        workers(1, cluster.scheduler_address) as executor,
    ):
        trials = list(run_batch(executor, failing(tmp_path), batch))
    assert [(trial.number, trial.point) for trial in trials] == batch
    assert all("no such catalog" in trial.error for trial in trials)


def test_a_scheduler_that_does_not_answer_is_one_line():
    with (
        pytest.raises(UsageError, match="--scheduler nonsense://x: no answer"),
        workers(1, "nonsense://x"),
    ):
        pass
