"""A run is certified by replays of its recorded data; differences need a cause."""

import json
import shutil

import pytest

from backtests.results.certificate import CERTIFIED
from backtests.results.certificate import FAILED
from backtests.results.certificate import NAME
from backtests.results.certificate import is_authentic
from backtests.results.certificate import verdict
from catalog.recording.gaps import CONNECTION
from catalog.recording.gaps import RecordingGap
from catalog.recording.gaps import add_gap
from errors import UsageError
from live.certify import KEY
from live.certify import data_hash
from live.certify import run_certify
from live.replay import run_replay
from tests.live.test_replay_in_process import SOON
from tests.live.test_replay_in_process import lines
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.markets import write_catalog
from tests.recording.market import opened
from tests.recording.test_restart import record_of


MINUTES = 60


@pytest.fixture(scope="module")
def rows():
    return sided_rows(MINUTES)


@pytest.fixture(scope="module")
def recording(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("recorded") / "catalog"
    store, recording = opened(folder)
    for number, row in enumerate(rows):
        recording.add(record_of(number, row))
    store.close()
    store.keep()
    return folder


@pytest.fixture(scope="module")
def node_run(tmp_path_factory, rows):
    """Return the run of a node on the market that was recorded."""
    catalog = write_catalog(tmp_path_factory.mktemp("market") / "catalog", rows)
    runs = tmp_path_factory.mktemp("runs")
    overrides = [f"catalog={catalog}", *SOON]
    return run_replay("btc_value_area", "paper", overrides, runs, [].append, speed=None)


def copied(run, tmp_path):
    other = tmp_path / run.name
    shutil.copytree(run, other, ignore=shutil.ignore_patterns("certificate*"))
    return other


def changed(run, name, place, **values):
    rows = lines(run, name)
    rows[place] |= values
    (run / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return rows[place]


def test_a_run_equal_to_its_replays_is_certified_and_signed(
    node_run, recording, tmp_path, monkeypatch
):
    run = copied(node_run, tmp_path)
    assert verdict(run).startswith("not certified")
    (tmp_path / "key").write_text("a key of a test\n")
    monkeypatch.setenv(f"{KEY}_FILE", str(tmp_path / "key"))
    said = []
    assert run_certify(run, recording, 241, said.append)
    document = json.loads((run / NAME).read_text())
    assert document["verdict"] == CERTIFIED
    assert is_authentic(document, "a key of a test")
    assert not is_authentic(document, "another key")
    assert not is_authentic({**document, "verdict": "?"}, "a key of a test")
    for part in ("replay_beside_backtest", "run_beside_backtest"):
        checks = {result["check"]: result for result in document[part]}
        assert {"features", "decisions", "actions", "sizes", "money"} <= checks.keys()
        assert all(result["differing"] == 0 for result in checks.values())
        assert checks["features"]["rows"] >= MINUTES - 2
    assert document["hashes"]["data"][BTC]
    assert verdict(run) == said[-1]
    assert said[-1].startswith(f"{CERTIFIED} (signed), 2026-01-05T00:00:00")


def test_each_difference_is_named_with_its_cause(node_run, recording, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY, raising=False)
    run = copied(node_run, tmp_path)
    row = changed(run, "features", 20, volume=0.5)
    changed(run, "trade_events", 1, price=1.0)
    said = []
    # Without a look-back the start explains nothing.
    assert not run_certify(run, recording, 0, said.append)
    document = json.loads((run / NAME).read_text())
    assert (document["verdict"], document["signature"]) == (FAILED, None)
    assert document["reasons"] == ["run: features: 1 rows without a cause"]
    checks = {result["check"]: result for result in document["run_beside_backtest"]}
    assert checks["money"]["causes"] == {"venue fill": 1}
    assert "unsigned" in said[-1]
    # The recording lacked data then.
    other = tmp_path / "with-gap"
    shutil.copytree(recording, other)
    add_gap(other, BTC, RecordingGap(row["ts_min"], row["ts_event"], CONNECTION))
    assert run_certify(run, other, 0, said.append)
    document = json.loads((run / NAME).read_text())
    checks = {result["check"]: result for result in document["run_beside_backtest"]}
    assert checks["features"]["causes"] == {"gap": 1}
    assert "1 by gap" in verdict(run)


def test_the_hash_of_the_data_does_not_depend_on_files(recording, rows, tmp_path):
    store, other = opened(tmp_path)
    for number, row in enumerate(rows):
        other.add(record_of(number, row))
    store.close()
    assert data_hash(tmp_path, [BTC], 0, 2**62) == data_hash(recording, [BTC], 0, 2**62)
    some = data_hash(tmp_path, [BTC], 0, rows[500][1])
    assert some != data_hash(tmp_path, [BTC], 0, 2**62)


def test_what_is_no_run_or_has_no_recording_is_refused(node_run, tmp_path):
    with pytest.raises(UsageError, match="not the run of a node"):
        run_certify(tmp_path, None, 0, [].append)
    run = copied(node_run, tmp_path)
    with pytest.raises(UsageError, match="name one with --catalog"):
        run_certify(run, tmp_path / "none", 0, [].append)


def test_a_certificate_that_is_damaged_is_reported(tmp_path):
    (tmp_path / NAME).write_text("{")
    assert verdict(tmp_path) == "not certified: the certificate is not readable (JSONDecodeError)"
