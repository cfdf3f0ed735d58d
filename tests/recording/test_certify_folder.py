"""A folder of runs is certified run by run, each once."""

import os
import subprocess
from types import SimpleNamespace

import pytest

from backtests.results.certificate import NAME
from live.certify_folder import certify_command
from live.certify_folder import certify_folder
from live.certify_folder import holds_runs


def run_of(folder, name, text="{}\n"):
    run = folder / name
    run.mkdir()
    (run / "signals.jsonl").write_text(text)
    return run


@pytest.fixture
def called(monkeypatch):
    """Return the runs that were certified; a run named `bad` fails."""
    found = []

    def certify(command, *, check):
        name = command[4].rpartition("/")[2]
        found.append((name, command[5:]))
        return SimpleNamespace(returncode=int(name == "bad"))

    monkeypatch.setattr(subprocess, "run", certify)
    return found


def test_each_run_with_decisions_since_its_certificate_is_certified(tmp_path, called):
    done, again, fresh = (run_of(tmp_path, name) for name in ("done", "again", "fresh"))
    run_of(tmp_path, "silent", "")
    backtest = run_of(tmp_path, "backtest")
    (backtest / "summary.json").write_text("{}")
    for run, age_s in ((done, -60), (again, 60)):
        (run / NAME).write_text("{}")
        at = (run / "signals.jsonl").stat().st_mtime - age_s
        os.utime(run / NAME, (at, at))
    assert holds_runs(tmp_path)
    assert not holds_runs(fresh)
    said = []
    assert certify_folder(tmp_path, tmp_path / "catalog", 60, said.append)
    options = ["--catalog", str(tmp_path / "catalog"), "--lookback-minutes", "60"]
    assert called == [("again", options), ("fresh", options)]
    assert [line.partition(":")[0] for line in said] == ["again", "fresh"]


def test_a_run_that_fails_does_not_stop_the_others(tmp_path, called):
    for name in ("bad", "good"):
        run_of(tmp_path, name)
    assert not certify_folder(tmp_path, None, None, [].append)
    assert called == [("bad", []), ("good", [])]


def test_a_folder_whose_runs_are_certified_says_so(tmp_path, called):
    (run_of(tmp_path, "done") / NAME).write_text("{}")
    said = []
    assert certify_folder(tmp_path, None, None, said.append)
    assert called == []
    assert said == [f"{tmp_path}: every run of a node has a certificate"]


def test_the_command_names_what_was_given(tmp_path):
    assert certify_command(tmp_path, None, None)[1:] == ["-m", "cli", "certify", str(tmp_path)]
