"""Days of the sample market: a node that saw all, a recorder with faults, and its certificates."""

import json
import random

import numpy as np
import pytest

from backtests.results.certificate import CERTIFIED
from backtests.results.certificate import NAME
from catalog.layout import NS_PER_DAY
from catalog.reader import read_ticks
from catalog.recording.gaps import read_gaps
from catalog.recording.records import TRADE
from catalog.sample import write_sample
from live.certify import run_certify
from live.replay import run_replay
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.recording.feeder import record_of
from tests.recording.market import opened


DAYS = 3
HOURS = 8
# Behind the warm-up, so that a gap and not the start has to explain what differs.
FAULTS_FROM = 300 * MINUTE
COLUMNS = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_sample(folder, 7, DAYS, ("BTCUSDT",))
    return folder


def record(catalog, rows, first_ns, seed):
    """Record ticks with a restart, a killed recorder and a lost connection; return the gaps."""
    pick = random.Random(seed)
    offsets = sorted(pick.sample(range(120), 3))
    times = [first_ns + FAULTS_FROM + offset * MINUTE for offset in offsets]
    restart_ns, kill_ns, loss_ns = times
    store, recording = opened(catalog)
    missed = []
    for number, row in enumerate(rows):
        tick, ts = record_of(number, row), row[1]
        if restart_ns is not None and ts >= restart_ns:
            # Half a minute without a recorder.
            if ts < restart_ns + MINUTE // 2:
                continue
            store.close()
            store, recording = opened(catalog)
            restart_ns = None
        if kill_ns is not None and ts >= kill_ns:
            # The next one has received what the killed one had last.
            recent = [record_of(n, rows[n]) for n in range(number - 200, number)]
            store, recording = opened(catalog, buffered=recent)
            kill_ns = None
        if loss_ns <= ts < loss_ns + MINUTE // 2:
            if not recording.has_gap:
                recording.begin_request()
            missed += [tick] if tick.kind == TRADE else []
            continue
        if missed:
            known = [record_of(n, rows[n]) for n in range(number - 2_000, number)]
            recording.end_request(t for t in known if t.kind == TRADE)
            missed = []
        assert recording.add(tick)
        store.fold()
        store.keep()
    store.close()
    return read_gaps(catalog, BTC)


@pytest.mark.record
@pytest.mark.parametrize("day", range(DAYS))
def test_a_day_with_faults_of_the_recorder_is_certified(market, tmp_path, day):
    first_ns = next(read_ticks(market, BTC)).ts_event[0]
    start_ns = int(first_ns) // NS_PER_DAY * NS_PER_DAY + day * NS_PER_DAY
    end_ns = start_ns + HOURS * 60 * MINUTE
    window = {"start": iso(start_ns), "end": iso(end_ns)}
    overrides = [f"catalog={market}"]
    run = run_replay(
        "btc_value_area", "paper", overrides, tmp_path / "runs", [].append, speed=None, **window
    )
    parts = list(read_ticks(market, BTC, start_ns, end_ns - 1))
    columns = [np.concatenate([getattr(part, name) for part in parts]).tolist() for name in COLUMNS]
    rows = list(zip(*columns, strict=True))
    gaps = record(tmp_path / "recorded", rows, start_ns, day)
    assert [gap.cause for gap in gaps] == ["recorder stopped", "connection lost"]
    assert gaps[1].trades > 0
    assert gaps[1].are_trades_complete
    said = []
    run_certify(run, tmp_path / "recorded", 241, said.append)
    document = json.loads((run / NAME).read_text())
    assert document["verdict"] == CERTIFIED, document["reasons"]
    checks = {result["check"]: result for result in document["run_beside_backtest"]}
    # Something differed, and the gaps explain it.
    assert checks["features"]["causes"].get("gap")
    assert not any(r["differing"] for r in document["replay_beside_backtest"])
