"""A node that starts anew beside a recording sees and decides what one that never left does."""

import asyncio
import json
import time
from itertools import chain
from itertools import islice
from types import SimpleNamespace

import pytest

from actors.base import BarActor
from actors.history import QUOTE
from actors.messages import Decision
from actors.value_area.messages import ValueAreaMinute
from backtests.results.certificate import NAME
from backtests.results.parity_rows import read_rows
from backtests.runner import run_backtest
from catalog.layout import END_OF_TIME
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from configs.live import load_live
from configs.loader import load_backtest
from live import replay_bybit
from live.build import write_end
from live.certify import run_certify
from live.node_warm_up import warm_up_all
from live.replay import UNPACED
from live.replay_clock import ReplayClock
from live.replay_events import read_events
from live.replay_feed import ReplayFeed
from live.runner import prepare
from tests.live.test_replay_in_process import lines
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import NO_GAP
from tests.markets import write_catalog
from tests.recording.market import opened
from tests.seed_rules import SEED_RULES


MINUTES = 265
# Not shorter than the longest average of the features.
WINDOW = 240
LEFT_AT = 255
EARLY = 200
RULES = [
    f"actors.0.config.warmup_minutes={WINDOW}",
    f"actors.0.config.rolling_window_minutes={WINDOW}",
    "strategies.0.config.max_hold_minutes=2",
    "strategies.0.config.extend_if_profitable=false",
    NO_GAP,
    *SEED_RULES,
]
# The cumulative delta counts from the first tick that a node knows.
FEATURES = [name for name in ValueAreaMinute.COLUMNS if name != "cvd"]
(DECISIONS,) = (p.columns for p in Decision.PARITY if p.what == "decisions")
TYPES = ["QuoteTick", "TradeTick"]


@pytest.fixture(scope="module")
def rows():
    return sided_rows(MINUTES)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory, rows):
    return write_catalog(tmp_path_factory.mktemp("market") / "catalog", rows)


@pytest.fixture(scope="module")
def stayed(tmp_path_factory, catalog):
    """Return a backtest, which a node that never left equals (tests/live/test_replay_*)."""
    config = load_backtest("btc_value_area", overrides=[f"catalog={catalog}", *RULES])
    return run_backtest(config, tmp_path_factory.mktemp("stayed"), report=False)[1]


def record_of(number, row):
    if row[0] == 0:
        _, ts, bid, bid_size, ask, ask_size = row
        return Record(QUOTE, ts, ts, bid, ask, bid_size, ask_size)
    _, ts, price, size, side = row
    return Record(TRADE, ts, ts, price, 0, size, 0, 0, side, f"v{number}")


def restarted(tmp_path, monkeypatch, catalog, recorded, start_ns):
    """Run a node from a time on that buffers live data, and warm it up from a recording."""
    monkeypatch.setattr(BarActor, "uses_event_time", property(lambda actor: False))
    overrides = [f"catalog={tmp_path / 'empty'}", f"settings.recorded={recorded}", *RULES]
    events = read_events(replay_bybit, catalog, [BTC], start_ns, END_OF_TIME, TYPES)
    first = next(events)
    with replay_bybit.stage(catalog, [BTC], first.ts_ns, "paper", TYPES) as stage:
        settings = [*overrides, *UNPACED, *stage.settings, "settings.recent_trades_from=[]"]
        config = load_live("btc_value_area", "paper", settings, own_actors=False)
        clock = ReplayClock(first.ts_ns)
        run, folder = prepare(config, tmp_path / "runs", None, replay_clock=clock)
        monkeypatch.setattr(time, "time_ns", lambda: clock._now)
        # Some ticks arrive before and while the history is loaded.
        early = ReplayFeed(stage, chain([first], islice(events, EARLY)), None, clock)
        late = ReplayFeed(stage, events, None, clock)

        async def play(_):
            watches = run.watches
            readiness = SimpleNamespace(missing_connections=list)
            warming = asyncio.ensure_future(
                warm_up_all(run.node, run.strategies, watches.watchdog.gaps, config, readiness)
            )
            await early.play(run)
            await warming
            await late.play(run)

        run.run(play, early.pace)
        write_end(folder, config, run.recorder.counts, is_replay=True)
    return folder


def rows_since(run, cls, columns, begin):
    rows = read_rows(run, cls, ("instrument_id", "ts_min")).values()
    return [[row[c] for c in columns] for row in rows if row["ts_min"] >= begin]


@pytest.mark.parametrize("overlap", [0, 300])
def test_a_restarted_node_decides_as_one_that_never_left(
    tmp_path, monkeypatch, rows, catalog, stayed, overlap
):
    start_ns = rows[0][1] + LEFT_AT * MINUTE + MINUTE // 3
    place = next(i for i, row in enumerate(rows) if row[1] >= start_ns)
    store, recording = opened(tmp_path / "recorded")
    for number, row in enumerate(rows[: place + overlap]):
        assert recording.add(record_of(number, row))
    # Some minutes are files, the last one is an open segment.
    store.fold()
    store.keep()
    folder = restarted(tmp_path, monkeypatch, catalog, tmp_path / "recorded", start_ns)
    # Minute by minute from the one in which the history was loaded.
    begin = rows[place + EARLY][1] // MINUTE * MINUTE
    for cls, columns in ((ValueAreaMinute, FEATURES), (Decision, DECISIONS)):
        here, there = (rows_since(run, cls, columns, begin) for run in (folder, stayed))
        assert here == there
        assert len(here) >= MINUTES - LEFT_AT - 4
    assert all(row["warm"] for row in lines(folder, "features") if row["ts_min"] >= begin)


def test_without_the_recording_the_node_is_cold(tmp_path, monkeypatch, rows, catalog):
    start_ns = rows[0][1] + LEFT_AT * MINUTE + MINUTE // 3
    folder = restarted(tmp_path, monkeypatch, catalog, tmp_path / "none", start_ns)
    assert not lines(folder, "features")[0]["warm"]


@pytest.mark.record
def test_a_node_that_was_warmed_up_is_certified(tmp_path, monkeypatch, rows, catalog):
    """Its replay begins where its history did; the totals count from there, and nothing differs."""
    start_ns = rows[0][1] + LEFT_AT * MINUTE + MINUTE // 3
    place = next(i for i, row in enumerate(rows) if row[1] >= start_ns)
    store, recording = opened(tmp_path / "recorded")
    for number, row in enumerate(rows[:place]):
        assert recording.add(record_of(number, row))
    with monkeypatch.context() as patch:
        folder = restarted(tmp_path, patch, catalog, tmp_path / "recorded", start_ns)
    for number, row in enumerate(rows[place:], place):
        assert recording.add(record_of(number, row))
    store.close()
    said = []
    assert run_certify(folder, tmp_path / "recorded", None, said.append), said
    document = json.loads((folder / NAME).read_text())
    checks = {result["check"]: result for result in document["run_beside_backtest"]}
    assert checks["features"]["rows"] >= MINUTES - LEFT_AT - 4
    assert set(checks["features"]["causes"]) <= {"start"}
    assert [cause["kind"] for cause in document["causes"]] == []
