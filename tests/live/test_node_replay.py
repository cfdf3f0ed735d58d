"""One recorded stretch in the backtest and through the live node: the same in all that counts."""

import json

import pandas as pd
import pytest

from backtests.results.parity import compare
from tests.engines import auction_process
from tests.markets import NO_GAP
from tests.markets import vector_rows
from tests.markets import write_catalog
from tests.seed_rules import SEED_RULES


pytestmark = pytest.mark.node

FILES = ("features", "signals", "trade_events")
YEAR_NS = 365 * 86_400 * 1_000_000_000


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A catalog of the vector stream, with a side for each print, which Bybit's messages need."""
    rows, bid, ask = [], 0, 0
    for number, row in enumerate(vector_rows()):
        if row[0] == 0:
            bid, ask = row[2], row[4]
            rows.append(row)
        else:
            side = 1 if row[2] >= ask else 2 if row[2] <= bid else 1 + number % 2
            rows.append((*row, side))
    return write_catalog(tmp_path_factory.mktemp("recording") / "catalog", rows)


RULES = [text for rule in (NO_GAP, *SEED_RULES) for text in ("--set", rule)]


def only(folder):
    (run,) = (path for path in folder.iterdir() if path.is_dir())
    return run


@pytest.fixture(scope="module")
def backtest(recording, tmp_path_factory):
    runs = tmp_path_factory.mktemp("backtest")
    options = ("--catalog", recording, "--runs", runs, "--single", *RULES)
    done = auction_process("backtest", "btc_value_area", *options)
    assert done.returncode == 0, done.stderr
    return only(runs)


@pytest.fixture(scope="module")
def replayed(recording, tmp_path_factory):
    runs = tmp_path_factory.mktemp("replay")
    done = auction_process(
        "replay", "btc_value_area", "--catalog", recording, "--runs", runs, *RULES
    )
    assert done.returncode == 0, done.stderr
    return only(runs)


def test_the_live_node_decides_as_the_backtest_minute_by_minute(backtest, replayed):
    found = compare(backtest, replayed)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    counts = {name: found[name].count for name in found if name not in ("gaps", "money")}
    assert set(counts.values()) == {719}
    assert found["gaps"].count == 0
    assert found["money"].count > 100
    done = auction_process("parity", backtest, replayed)
    assert done.returncode == 0
    assert "decisions: equal in 719 minutes" in done.stdout
    assert f"money: equal in {found['money'].count} trade events" in done.stdout


def test_the_stretch_holds_entries_flips_and_refusals(replayed):
    rows = [json.loads(line) for line in (replayed / "signals.jsonl").read_text().splitlines()]
    assert {"ENTER", "FLIP", "EXIT", "REFUSE", "HOLD"} <= {row["action"] for row in rows}


def test_the_positions_of_a_node_are_those_of_the_backtest(backtest, replayed):
    done = auction_process("report", replayed)
    assert done.returncode == 0, done.stderr
    mine, theirs = (pd.read_parquet(run / "positions.parquet") for run in (replayed, backtest))
    theirs = theirs[theirs["ts_close"].notna()].reset_index(drop=True)
    assert len(mine) == len(theirs) > 5
    for name in ("side", "setup", "exit_reason"):
        assert list(mine[name]) == list(theirs[name]), name
    for name in ("entry", "exit"):
        assert mine[name].to_numpy() == pytest.approx(theirs[name].to_numpy())


def test_the_first_difference_is_shown(backtest, replayed, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for name in FILES:
        text = (replayed / f"{name}.jsonl").read_text()
        (other / f"{name}.jsonl").write_text(text)
    lines = (other / "signals.jsonl").read_text().splitlines()
    changed = json.loads(lines[400])
    changed["flags"] = "breakin_long"
    lines[400] = json.dumps(changed)
    (other / "signals.jsonl").write_text("\n".join(lines) + "\n")
    done = auction_process("parity", backtest, other)
    assert done.returncode == 1
    assert "decisions: 1 of 719 minutes differ" in done.stdout
    assert "flags" in done.stdout
    assert "features: equal in 719 minutes" in done.stdout


def test_half_a_last_line_of_a_killed_node_is_left_out(backtest, replayed, tmp_path):
    other = tmp_path / "killed"
    other.mkdir()
    for name in FILES:
        (other / f"{name}.jsonl").write_text((replayed / f"{name}.jsonl").read_text()[:-40])
    found = compare(backtest, other)
    assert found["gaps"].count == 0
    counts = {name: found[name].count for name in found if name not in ("gaps", "money")}
    assert set(counts.values()) == {718}


def test_runs_without_a_common_minute_are_not_called_equal(backtest, replayed, tmp_path):
    later = tmp_path / "later"
    later.mkdir()
    for name in FILES:
        rows = [json.loads(line) for line in (replayed / f"{name}.jsonl").read_text().splitlines()]
        for row in rows:
            row |= {key: row[key] + YEAR_NS for key in ("ts_min", "ts_event") if key in row}
        (later / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = auction_process("parity", backtest, later)
    assert done.returncode == 1
    assert "no minutes of features in common" in done.stderr


def test_a_folder_without_bars_is_no_run(backtest, tmp_path):
    for name in FILES:
        (tmp_path / f"{name}.jsonl").write_text("")
    done = auction_process("parity", backtest, tmp_path)
    assert done.returncode == 2
    assert "it holds no closed bars" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--speed", "fast"), "--speed fast: use a positive number"),
        (("--speed", "0"), "--speed 0.0: use a positive number"),
        (("--environment", "dry_run", "--set", "instrument_id=NQZ5.XCME"), "traded on paper alone"),
        (("--start", "2031-01-01"), "no event of BTCUSDT-LINEAR.BYBIT in the window"),
    ],
)
def test_a_replay_that_cannot_be_is_refused(recording, tmp_path, arguments, message):
    done = auction_process(
        "replay", "btc_value_area", "--catalog", recording, "--runs", tmp_path, *arguments
    )
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
