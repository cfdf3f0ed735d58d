"""
Thirty days of the sample market: a node, a recorder with faults, and the certificates.

Each day has the faults of the recorder (a restart, a kill, a lost connection), and one more, in
turn. `DAYS=2 make test-certify` rehearses fewer, `FIRST=5` begins later.
"""

import json
import os
import random
import re
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtests.results.certificate import CERTIFIED
from backtests.results.certificate import FAILED
from backtests.results.certificate import NAME
from backtests.results.recording import read_lines
from catalog.layout import NS_PER_DAY
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.reader import read_ticks
from catalog.recording.gaps import read_gaps
from catalog.recording.records import TRADE
from catalog.sample import write_sample
from live import replay
from live.certify import run_certify
from live.replay import run_replay
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.recording.feeder import record_of
from tests.recording.market import opened


DAYS = int(os.environ.get("DAYS", "30"))
FIRST = int(os.environ.get("FIRST", "0"))
HOURS = 8
# Behind the warm-up, so that a gap and not the start has to explain what differs.
FAULTS_FROM = 300 * MINUTE
# Before those, where nothing else explains it.
INJECTED_AT = 250 * MINUTE
COLUMNS = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")
FAULTS = (
    "none",
    "dropped tick",
    "late tick",
    "operator",
    "venue fill",
    "restart",
    "altered data",
    "altered result",
    "altered configuration",
)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_sample(folder, 7, FIRST + DAYS, ("BTCUSDT",))
    return folder


def record(catalog, rows, first_ns, seed):
    """
    Record ticks with a restart, a killed recorder and a lost connection.

    Return the gaps, and how many trades came while the connection was lost.
    """
    pick = random.Random(seed)
    offsets = sorted(pick.sample(range(120), 3))
    times = [first_ns + FAULTS_FROM + offset * MINUTE for offset in offsets]
    restart_ns, kill_ns, loss_ns = times
    store, recording = opened(catalog)
    is_lost, missed = False, 0
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
            if not is_lost:
                recording.begin_request()
            is_lost, missed = True, missed + (tick.kind == TRADE)
            continue
        if is_lost:
            known = [record_of(n, rows[n]) for n in range(number - 2_000, number)]
            recording.end_request(t for t in known if t.kind == TRADE)
            is_lost = False
        assert recording.add(tick)
        store.fold()
        store.keep()
    store.close()
    return read_gaps(catalog, BTC), missed


def rows_of(market, window):
    parts = list(read_ticks(market, BTC, window[0], window[1] - 1))
    columns = [np.concatenate([getattr(part, name) for part in parts]).tolist() for name in COLUMNS]
    return list(zip(*columns, strict=True))


def seen_by_the_node(folder, rows, fault, start_ns):
    """Write the market in the order in which the node has received it, not the recorder."""
    at = start_ns + INJECTED_AT
    place = next(i for i, row in enumerate(rows) if row[1] >= at and row[0] == TRADE)
    rows = [record_of(number, row) for number, row in enumerate(rows)]
    tick = rows.pop(place)
    if fault == "late tick":
        # It comes two seconds after the end of its minute.
        over_ns = (tick.ts_event // MINUTE + 1) * MINUTE + MINUTE // 30
        later = next(i for i in range(place, len(rows)) if rows[i].ts_event > over_ns)
        rows.insert(later, tick)
    store, recording = opened(folder)
    for row in rows:
        assert recording.add(row)
        store.fold()
    store.close()
    return folder


def operated(monkeypatch, at_ns):
    """Let an operator deactivate the strategies of a replay for an hour."""
    prepare, read_events, runs = replay.prepare, replay.read_events, []

    def prepared(*args, **kwargs):
        found = prepare(*args, **kwargs)
        runs.append(found[0])
        return found

    def events(*args):
        for event in read_events(*args):
            if runs:
                is_active = not at_ns <= event.ts_ns < at_ns + 60 * MINUTE
                for strategy in runs[-1].strategies:
                    strategy.active = is_active
            yield event

    monkeypatch.setattr(replay, "prepare", prepared)
    monkeypatch.setattr(replay, "read_events", events)


def altered(run, catalog, fault, start_ns):
    """Alter data, a result or the configuration after the fact."""
    if fault == "altered data":
        at = start_ns + INJECTED_AT
        (file,) = [f for f in data_files(catalog, TRADES, BTC) if f.overlaps(at, at)]
        pq.write_table(pq.read_table(file.path).slice(1), file.path)
    elif fault == "altered result":
        path = run / "signals.jsonl"
        path.write_text(path.read_text().replace('"HOLD"', '"ENTER"', 1))
    elif fault == "altered configuration":
        path = run / "config.yaml"
        text = path.read_text()
        path.write_text(re.sub(r"max_hold_minutes: \d+", "max_hold_minutes: 17", text))
        assert path.read_text() != text


def checked(run, catalog):
    run_certify(run, catalog, None, [].append)
    document = json.loads((run / NAME).read_text())
    assert not any(r["differing"] for r in document["replay_beside_backtest"])
    checks = {result["check"]: result["causes"] for result in document["run_beside_backtest"]}
    return document, checks


@pytest.mark.certify
@pytest.mark.parametrize("day", range(FIRST, FIRST + DAYS))
def test_a_day_with_faults_is_judged_by_their_causes(market, tmp_path, monkeypatch, day):
    fault = FAULTS[day % len(FAULTS)]
    first_ns = next(read_ticks(market, BTC)).ts_event[0]
    start_ns = int(first_ns) // NS_PER_DAY * NS_PER_DAY + day * NS_PER_DAY
    window = start_ns, start_ns + HOURS * 60 * MINUTE
    rows = rows_of(market, window)
    recorded = tmp_path / "recorded"
    gaps, missed = record(recorded, rows, start_ns, day)
    assert [gap.cause for gap in gaps] == ["recorder stopped", "connection lost"]
    assert gaps[1].trades == missed
    assert gaps[1].are_trades_complete
    source = market
    if fault in ("dropped tick", "late tick"):
        source = seen_by_the_node(tmp_path / "seen", rows, fault, start_ns)
    overrides = [f"catalog={source}"]
    if fault == "venue fill":
        # The venue of the run charges a price that no model of the backtest has.
        overrides.append("venues.BYBIT.execution.config.modules.1.config.slippage_bps=2")
    ends = [window[0], window[1]]
    if fault == "restart":
        ends.insert(1, start_ns + 420 * MINUTE)
    runs = []
    with monkeypatch.context() as patch:
        if fault == "operator":
            operated(patch, start_ns + INJECTED_AT)
        for begin, end in pairwise(ends):
            runs.append(
                run_replay(
                    "btc_value_area",
                    "paper",
                    overrides,
                    tmp_path / "runs",
                    [].append,
                    speed=None,
                    start=iso(begin),
                    end=iso(end),
                )
            )
    altered(runs[-1], recorded, fault, start_ns)
    document, checks = checked(runs[-1], recorded)
    reasons = document["reasons"]
    kinds = {cause["kind"] for cause in document["causes"]}
    if fault == "dropped tick":
        assert document["verdict"] == FAILED
        assert checks["features"]["other ticks"]
        assert all("of other ticks" in reason for reason in reasons)
    elif fault.startswith("altered"):
        assert document["verdict"] == FAILED
        what = {"data": "recording", "result": "signals.jsonl", "configuration": "config.yaml"}
        assert what[fault.split()[1]] in reasons[0]
        assert fault != "altered data" or checks["features"]["altered data"]
    else:
        assert (document["verdict"], reasons) == (CERTIFIED, [])
    if fault == "late tick":
        assert checks["features"]["late ticks"]
    if fault == "operator":
        assert "operator" in kinds
    if fault == "venue fill":
        # A day without a trade has no fill that could differ.
        is_filled = any(row["fees"] for row in read_lines(runs[-1] / "trade_events.jsonl"))
        assert ("venue fill" in kinds) is bool(checks["money"]) is is_filled
    if fault == "restart":
        assert {"start", "restart"} <= kinds
        first, _ = checked(runs[0], recorded)
        assert first["verdict"] == CERTIFIED, first["reasons"]
        return
    # Something differed in every day, and the gaps explain it.
    assert checks["features"].get("gap") or fault == "altered data"
