"""A recorded stretch of a future in the backtest and through the live node: the same in all."""

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from actors.impulse.cache import LevelCache
from actors.impulse.session_store import session_of
from backtests.results.parity import compare
from catalog.instruments import resolve_instrument
from catalog.sample import MARKETS
from catalog.sample import write_sample
from catalog.sessions import RegularSessions
from errors import AuctionError
from errors import UsageError
from live.catalog_history import stretch
from live.redirect import VARIABLE
from live.redirect import redirected_address
from live.redirect import run_redirected
from tests.adapters.databento_market import wait_for
from tests.adapters.databento_market import wrapper_library
from tests.engines import REPOSITORY
from tests.engines import auction_process
from tests.seed_rules import NO_COST_RULES


pytestmark = pytest.mark.node
needs_wrapper = pytest.mark.skipif(
    wrapper_library() is None,
    reason="libnss_wrapper is not installed: Nautilus's client can only be redirected by it",
)

MONDAY = date(2026, 1, 5)
WINDOW = ("--start", "2026-01-06T14:25", "--end", "2026-01-06T15:15")
GAP = 600_000_000_000
EAGER = {
    "min_impulse_score": 2,
    "min_impulse_size": 10,
    "lvn_ratio": 0.5,
    "max_lvn_ratio": 0.5,
    "min_delta": 1,
    "max_range": 10,
    "retest_distance": 3,
    "cooldown_bars": 5,
    "level_cooldown_bars": 20,
    "max_daily_losses": 0,
    "daily_loss_limit": 500,
}


INSTRUMENT = MARKETS["NQ"].instrument_id


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """The sample market, and the levels of its first session in a cache."""
    folder = tmp_path_factory.mktemp("recording")
    write_sample(folder / "catalog")
    instrument = resolve_instrument(INSTRUMENT, MONDAY)
    sessions = RegularSessions()
    opens_at, closes_at = sessions.hours(MONDAY)
    found = stretch(folder / "catalog", instrument, opens_at, GAP, closes_at - 1)
    assert found.spans(opens_at, closes_at, GAP)
    tick = instrument.price_increment.as_decimal()
    session = session_of(found.ticks(), MONDAY, sessions, 4, "0.7")
    LevelCache(folder / "levels", INSTRUMENT, tick).save(session)
    return folder


def arguments(recording, command, runs, *more):
    settings = [*NO_COST_RULES, f"actors.0.config.level_cache={recording / 'levels'}"]
    settings += [f"strategies.0.config.{key}={value}" for key, value in EAGER.items()]
    found = [command, "nq_impulse_lvn", "--catalog", recording / "catalog", "--runs", runs, *WINDOW]
    return [*found, *(part for text in settings for part in ("--set", text)), *more]


def only(folder):
    (run,) = (path for path in folder.iterdir() if path.is_dir())
    return run


@pytest.fixture(scope="module")
def backtest(recording, tmp_path_factory):
    runs = tmp_path_factory.mktemp("backtest")
    done = auction_process(*arguments(recording, "backtest", runs, "--single"))
    assert done.returncode == 0, done.stderr
    return only(runs)


@pytest.fixture(scope="module")
def replayed(recording, tmp_path_factory):
    runs = tmp_path_factory.mktemp("replay")
    done = auction_process(*arguments(recording, "replay", runs))
    assert done.returncode == 0, done.stderr
    assert " events, " in done.stdout
    assert str(only(runs)) in done.stdout
    return only(runs)


@needs_wrapper
def test_the_live_node_decides_as_the_backtest_second_by_second(backtest, replayed):
    found = compare(backtest, replayed)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["seconds"].count > 1000
    assert found["levels"].count == 2
    assert found["impulses"].count > 10
    assert found["visits"].count > 30
    assert found["decisions"].count > 1
    assert found["money"].count > 3
    done = auction_process("parity", backtest, replayed)
    assert done.returncode == 0
    assert f"seconds: equal in {found['seconds'].count:,} seconds" in done.stdout


def rows(run, name):
    return [json.loads(line) for line in (run / f"{name}.jsonl").read_text().splitlines()]


@needs_wrapper
def test_the_stretch_holds_trades_with_fees_by_contract(replayed):
    closed = [row for row in rows(replayed, "trade_events") if row["kind"] == "TRADE_CLOSED"]
    assert closed
    assert all(row["fees"] == 4.5 and row["funding"] == 0 for row in closed)


@needs_wrapper
def test_a_system_that_closes_minutes_is_replayed_on_a_future_as_well(recording, tmp_path):
    window = ("--start", "2026-01-06T14:25", "--end", "2026-01-06T14:45")
    for command, *more in (("backtest", "--single"), ("replay",)):
        done = auction_process(
            command,
            "btc_value_area",
            "--catalog",
            recording / "catalog",
            "--runs",
            tmp_path / command,
            *window,
            "--set",
            f"instrument_id={INSTRUMENT}",
            *more,
        )
        assert done.returncode == 0, done.stderr
    found = compare(only(tmp_path / "backtest"), only(tmp_path / "replay"))
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["features"].count == 19


def changed(replayed, folder, name, change):
    shutil.copytree(replayed, folder)
    lines = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in change(lines)))
    return folder


def without(number):
    return lambda lines: lines[:number] + lines[number + 1 :]


def with_value(number, **values):
    def change(lines):
        lines[number].update(values)
        return lines

    return change


@needs_wrapper
@pytest.mark.parametrize(
    ("name", "change", "told", "code"),
    [
        ("second_bars", without(100), "seconds: 1 of ", 1),
        ("second_bars", with_value(100, close=1), "close: ", 1),
        ("lvn_visits", without(20), "in the first run alone", 1),
        ("lvn_visits", with_value(20, ratio=0.123), "ratio: ", 1),
        ("impulses", with_value(3, score=0), "score: ", 1),
        ("daily_levels", with_value(1, onh=7), "onh: ", 1),
        ("signals", without(0), "decisions: 1 of ", 1),
        ("signals", with_value(0, why="SIZE"), "actions: 1 of ", 1),
        ("trade_events", with_value(1, ts_event=7), "ENTRY_FILLED", 1),
    ],
)
def test_the_first_difference_is_shown(backtest, replayed, tmp_path, name, change, told, code):
    other = changed(replayed, tmp_path / "other", name, change)
    done = auction_process("parity", backtest, other)
    assert told in done.stdout
    assert done.returncode == code


@needs_wrapper
def test_runs_of_different_systems_are_not_compared(replayed, tmp_path):
    (tmp_path / "config.yaml").write_text(
        "actors: [{actor_path: 'actors.value_area.actor:ValueAreaActor'}]"
    )
    (tmp_path / "features.jsonl").write_text('{"ts_event": 59, "ts_min": 0}\n')
    done = auction_process("parity", replayed, tmp_path)
    assert done.returncode == 2
    assert "runs of different systems" in done.stderr


@needs_wrapper
def test_a_replay_that_is_told_to_end_ends_with_its_process(recording, tmp_path):
    command = [sys.executable, "-m", "cli"]
    command += map(str, arguments(recording, "replay", tmp_path, "--speed", "1"))
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            wait_for(lambda: list(tmp_path.glob("*/second_bars.jsonl")), 60)
            (child,) = children(process.pid)
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert not Path(f"/proc/{child}").exists(), output
    assert list(tmp_path.glob("*/end.json"))
    assert "Traceback" not in output


def children(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


def test_futures_are_replayed_on_paper_alone(recording, tmp_path):
    for environment in ("shadow", "live"):
        done = auction_process(
            *arguments(recording, "replay", tmp_path, "--environment", environment)
        )
        assert done.returncode == 2
        assert "on paper alone" in done.stderr


def test_without_the_library_one_line_tells_what_to_install(monkeypatch):
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    with pytest.raises(UsageError, match="apt-get install libnss-wrapper"):
        run_redirected(["true"], ["a.example"])


def test_names_that_do_not_lead_where_they_should_end_the_replay(monkeypatch):
    assert redirected_address(["localhost"]) is None
    monkeypatch.setenv(VARIABLE, "127.9.9.9")
    with pytest.raises(AuctionError, match=r"localhost leads to 127.0.0.1 and not to 127.9.9.9"):
        redirected_address(["localhost"])


def test_the_window_must_hold_events(recording, tmp_path):
    began = time.monotonic()
    done = auction_process(
        "replay",
        "nq_impulse_lvn",
        "--catalog",
        recording / "catalog",
        "--runs",
        tmp_path,
        "--start",
        "2031-01-01",
    )
    assert done.returncode == 1
    assert f"no event of {INSTRUMENT} in the window" in done.stderr
    assert time.monotonic() - began < 60
