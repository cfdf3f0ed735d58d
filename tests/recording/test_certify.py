"""A run is certified by replays of its recorded data; differences need a cause."""

import json
import shutil
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from backtests.results.certificate import CERTIFIED
from backtests.results.certificate import FAILED
from backtests.results.certificate import NAME
from backtests.results.certificate import is_authentic
from backtests.results.certificate import verdict
from backtests.results.run_hashes import file_hashes
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.recording.gaps import CONNECTION
from catalog.recording.gaps import RecordingGap
from catalog.recording.gaps import add_gap
from errors import UsageError
from live import certify
from live.certify import KEY
from live.certify import judge
from live.certify import make_replays
from live.certify import run_certify
from live.certify_inputs import data_hash
from live.replay import run_replay
from tests.live.test_replay_in_process import SOON
from tests.live.test_replay_in_process import lines
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.markets import MINUTE
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


@pytest.fixture(scope="module")
def certified(tmp_path_factory, node_run, recording):
    """Certify the run with a key, and keep the subject and the replays, which serve every fault."""
    folder = tmp_path_factory.mktemp("certified")
    run, said, kept = copied(node_run, folder), [], []

    def make(subject, say):
        kept.append((subject, make_replays(subject, say)))
        return kept[0][1]

    (folder / "key").write_text("a key of a test\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"{KEY}_FILE", str(folder / "key"))
        patch.setattr(certify, "make_replays", make)
        assert verdict(run).startswith("not certified")
        assert run_certify(run, recording, None, said.append)
    return run, said, kept[0]


@pytest.fixture(scope="module")
def replays(certified):
    subject, made = certified[2]
    return replace(subject, lookback_ns=0), made


def test_a_run_equal_to_its_replays_is_certified_and_signed(certified):
    run, said, _ = certified
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
    assert document["data_quality"] == ["venue side"]
    assert said[1] == "data: aggressor side from the venue"
    assert verdict(run) == said[-1]
    assert said[-1].startswith(f"{CERTIFIED} (signed), 2026-01-05T00:00:00")


def as_written(run):
    """Let the end of a run say that the node has left its files as they are."""
    end = json.loads((run / "end.json").read_text())
    (run / "end.json").write_text(json.dumps({**end, "files": file_hashes(run)}))


def judged(replays, run, **changes):
    subject, made = replays
    return judge(replace(subject, run=run, **changes), made)


def causes_of(document):
    """Return the causes of the differing rows by check."""
    found = {result["check"]: result["causes"] for result in document["run_beside_backtest"]}
    return {check: causes for check, causes in found.items() if causes}


def verdict_of(document):
    return document["verdict"], causes_of(document)


def test_an_unchanged_run_has_no_difference(replays, node_run, tmp_path):
    document = judged(replays, copied(node_run, tmp_path))
    assert verdict_of(document) == (CERTIFIED, {})
    assert document["reasons"] == []
    assert [cause["kind"] for cause in document["causes"]] == ["start"]


@pytest.mark.parametrize("name", ["features", "signals", "trade_events"])
def test_a_result_that_was_altered_fails_whatever_else_explains_it(
    replays, node_run, tmp_path, name
):
    run = copied(node_run, tmp_path)
    column = {"features": "volume", "signals": "quantity", "trade_events": "price"}[name]
    changed(run, name, 1, **{column: 0.125})
    document = judged(replays, run)
    assert document["verdict"] == FAILED
    assert document["reasons"][0] == f"{name}.jsonl of the run is not what the node wrote"


def test_a_configuration_that_was_altered_fails(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("max_hold_minutes: 2", "max_hold_minutes: 3"))
    document = judged(replays, run)
    assert (run / "config.yaml").read_text() != text
    assert document["reasons"] == ["config.yaml of the run is not what the node wrote"]


def test_a_run_without_an_end_is_compared_by_its_rows_alone(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    assert judged(replays, run)["files"] == "compared with those of its end"
    (run / "end.json").unlink()
    document = judged(replays, run)
    assert verdict_of(document) == (CERTIFIED, {})
    assert document["files"].startswith("not compared: it did not end by itself")
    changed(run, "features", 20, volume=0.5)
    assert judged(replays, run)["verdict"] == FAILED


def test_data_that_were_altered_fail_with_the_rows_they_change(
    replays, node_run, recording, tmp_path
):
    run, other = copied(node_run, tmp_path), tmp_path / "recorded"
    shutil.copytree(recording, other)
    row = changed(run, "features", 20, volume=0.5)
    as_written(run)
    for file in data_files(other, TRADES, BTC):
        if file.overlaps(row["ts_min"], row["ts_event"]):
            pq.write_table(pq.read_table(file.path).slice(1), file.path)
    document = judged(replays, run, catalog=other)
    assert verdict_of(document) == (FAILED, {"features": {"altered data": 1}})
    (reason,) = document["reasons"]
    assert "intervals of the recording are not what the recorder wrote, the first from" in reason


def test_ticks_that_one_of_both_lacks_fail_with_what_follows_from_them(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    changed(run, "features", 20, volume=0.5)
    changed(run, "signals", 22, reason="OTHER")
    changed(run, "signals", 12, reason="OTHER")
    as_written(run)
    document = judged(replays, run, lookback_ns=5 * MINUTE)
    assert verdict_of(document) == (
        FAILED,
        {"features": {"other ticks": 1}, "decisions": {"other ticks": 1, "unexplained": 1}},
    )
    assert document["reasons"] == [
        "run: features: 1 rows of other ticks",
        "run: decisions: 1 rows of other ticks",
        "run: decisions: 1 rows without a cause",
    ]


def test_ticks_that_came_late_explain_their_bars_for_the_look_back(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    changed(run, "features", 19, volume=0.5)
    row = lines(run, "features")[20]
    changed(run, "features", 20, volume=row["volume"] + 0.1, late_trades=row["late_trades"] + 1)
    changed(run, "features", 30, volume=0.5)
    as_written(run)
    document = judged(replays, run, lookback_ns=5 * MINUTE)
    assert causes_of(document) == {"features": {"late ticks": 2, "other ticks": 1}}
    assert "came after their bar had closed" in document["causes"][0]["text"]


@pytest.mark.parametrize("whose", ["recording", "run"])
def test_gaps_explain_their_rows(replays, node_run, recording, tmp_path, whose):
    run, other = copied(node_run, tmp_path), tmp_path / "recorded"
    shutil.copytree(recording, other)
    row = changed(run, "features", 20, volume=0.5)
    if whose == "recording":
        add_gap(other, BTC, RecordingGap(row["ts_min"], row["ts_event"], CONNECTION))
    else:
        gap = {"instrument_id": BTC, "start": row["ts_min"], "end": row["ts_event"]}
        gap |= {"silent_s": 60.0, "ts_event": row["ts_event"], "ts_init": row["ts_event"]}
        (run / "gaps.jsonl").write_text(json.dumps({"type": "DataGap", **gap}) + "\n")
    as_written(run)
    document = judged(replays, run, catalog=other)
    assert document["verdict"] == CERTIFIED
    assert causes_of(document)["features"] == {"gap": 1}


def test_a_fill_of_the_venue_explains_the_money_after_it_and_nothing_before(
    replays, node_run, tmp_path
):
    run = copied(node_run, tmp_path)
    filled = next(i for i, r in enumerate(lines(run, "trade_events")) if r["price"] is not None)
    row = changed(run, "trade_events", filled, price=1.0)
    signals = lines(run, "signals")
    later = next(i for i, r in enumerate(signals) if r["ts_min"] > row["ts_event"])
    changed(run, "signals", later, quantity=9.0)
    as_written(run)
    document = judged(replays, run)
    assert verdict_of(document) == (
        CERTIFIED,
        {"sizes": {"venue fill": 1}, "money": {"venue fill": 1}},
    )
    # Other money explains no other decision, and no action that came long before it.
    changed(run, "signals", later, reason="OTHER")
    as_written(run)
    assert causes_of(judged(replays, run))["decisions"] == {"unexplained": 1}


def test_an_operator_explains_actions_and_no_decision(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    ts = lines(run, "signals")[30]["ts_event"]
    status = lines(run, "status")
    place = next(i for i, row in enumerate(status) if row["ts_event"] >= ts)
    changed(run, "signals", 30, action="REFUSE", why="INACTIVE")
    as_written(run)
    assert causes_of(judged(replays, run)) == {"actions": {"unexplained": 1}}
    changed(run, "status", place, active=False)
    as_written(run)
    assert verdict_of(judged(replays, run)) == (CERTIFIED, {"actions": {"operator": 1}})
    changed(run, "signals", 30, reason="OTHER")
    as_written(run)
    assert causes_of(judged(replays, run))["decisions"] == {"unexplained": 1}


def test_a_run_after_another_continues_its_money(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    changed(run, "signals", 30, quantity=9.0)
    as_written(run)
    assert causes_of(judged(replays, run)) == {"sizes": {"unexplained": 1}}
    name = run.name.partition("-")[2]
    (tmp_path / f"20200101T000000000000-{name}").mkdir()
    document = judged(replays, run)
    assert verdict_of(document) == (CERTIFIED, {"sizes": {"restart": 1}})
    assert f"the account and the trades of 20200101T000000000000-{name}" in str(document["causes"])


def test_a_cold_start_explains_its_look_back(replays, node_run, tmp_path):
    run = copied(node_run, tmp_path)
    changed(run, "features", 0, warm=False, volume=0.5)
    changed(run, "features", 40, volume=0.5)
    as_written(run)
    document = judged(replays, run, lookback_ns=5 * MINUTE)
    assert causes_of(document) == {"features": {"start": 1, "other ticks": 1}}


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
