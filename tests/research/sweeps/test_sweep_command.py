"""A whole sweep over a few hours of the sample market, and its wrong arguments."""

import pandas as pd
import pytest

from catalog.sample import write_sample
from tests.engines import auction


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "catalog"
    write_sample(folder, days=1, instruments=["BTCUSDT"])
    return folder


@pytest.fixture(scope="module")
def base(catalog):
    return [
        *("--set", f"catalog={catalog}", "--set", "end=2026-01-05T06:00"),
        *("--set", "rolling_window_minutes=60", "--set", "warmup_minutes=60"),
        *("--sweeps", catalog.parent / "sweeps"),
    ]


def test_a_sweep_is_shown_kept_and_gone_on_with(base, catalog):
    arguments = ["--param", "accept_outside_k=2,3", "--walk-forward", "2h/1h", "--embargo", "1h"]
    arguments += ["--warm-up", "1h", "--top", "1"]
    done = auction("sweep", "btc_value_area", *base, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Best points" in done.stdout
    assert "SYNTHETIC DATA" in done.stdout
    assert "Walk-forward" in done.stdout
    (folder,) = (catalog.parent / "sweeps").glob("*-btc_value_area-*")
    trials = pd.read_parquet(folder / "trials.parquet")
    assert list(trials["error"]) == ["", ""]
    assert "default 1 judged net" in trials.columns
    assert (folder / "sweep.html").is_file()
    again = auction("sweep", "btc_value_area", *base, *arguments, "--resume", folder.name)
    assert again.returncode == 0, again.stderr
    assert again.stdout == done.stdout
    sweeps = catalog.parent / "sweeps"
    listed = auction("sweep", "list", "--sweeps", sweeps)
    assert folder.name in listed.stdout
    exported = auction("sweep", "export", folder.name, "--sweeps", sweeps).stdout.splitlines()
    assert len(exported) == 3
    assert "Best points" in auction("sweep", "show", folder.name, "--sweeps", sweeps).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--param: name at least one"),
        (["--param", "accept=2"], "no such parameter"),
        (["--param", "accept_outside_k=0"], "accept_outside_k"),
        (["--param", "accept_outside_k=2,3", "--method", "random"], "give --budget"),
        (["--param", "accept_outside_k=2,3", "--objective", "luck"], "choose one of"),
        (["--param", "accept_outside_k=2,3", "--walk-forward", "30d/7d"], "a fold takes"),
        (["--param", "accept_outside_k=2,3", "--workers", "0"], "at least 1"),
        (["--param", "accept_outside_k=2,3", "--resume", "nothing"], "no sweep"),
    ],
)
def test_a_wrong_argument_is_one_line_and_nothing_is_written(base, catalog, arguments, message):
    before = sorted((catalog.parent / "sweeps").glob("*"))
    failed = auction("sweep", "btc_value_area", *base, *arguments)
    assert failed.returncode == 2
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    assert sorted((catalog.parent / "sweeps").glob("*-*")) == [p for p in before if "-" in p.name]
