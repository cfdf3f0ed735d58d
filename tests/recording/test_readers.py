"""Features and backtests of a catalog that a recorder writes meanwhile, in a process beside."""

import os
import signal
import subprocess
import sys
from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtests.runner import run_backtest
from backtests.system_features import write_system_features
from catalog.checks import print_check
from catalog.codec import changed_definition
from catalog.codec import definition_values
from catalog.columns import open_parquet
from catalog.contents import print_contents
from catalog.definitions import write_instrument
from catalog.increments import find_increments
from catalog.increments import instrument_increments
from catalog.instruments import resolve_instrument
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.recording import locks
from catalog.recording.compaction import compact
from catalog.recording.locks import FILES
from catalog.recording.locks import reading
from catalog.recording.merge_journal import is_interrupted
from catalog.recording.snapshot import recorded_snapshot
from catalog.recording.store import prepare_catalog
from configs.loader import load_backtest
from configs.plain_yaml import parse_yaml
from configs.times import instant_text
from errors import AuctionError
from tests.engines import REPOSITORY
from tests.live.test_replay_in_process import SOON
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.recording.market import MINUTE
from tests.recording.market import T0
from tests.recording.market import UNITS
from tests.recording.market import opened
from tests.recording.market import recorded
from tests.recording.market import ticks
from tests.recording.test_proof import table_of
from tests.recording.test_recording import DAY
from tests.recording.test_recording import fill
from tests.recording.test_recording import long_recording
from tests.recording.test_recording import plains


OTHER = "NQH6.XCME"


@pytest.fixture
def writer(tmp_path):
    """Return a catalog, and what records ticks into it in a process of its own."""
    catalog = tmp_path / "catalog"
    prepare_catalog(catalog, [BTC])
    write_instrument(catalog, resolve_instrument(BTC))
    started = []

    def record(rows):
        ticks = tmp_path / "ticks.npy"
        np.save(ticks, table_of(rows))
        command = [sys.executable, "-m", "tests.recording.feeder", str(catalog), str(ticks)]
        process = subprocess.Popen([*command, str(tmp_path / "progress"), BTC], cwd=REPOSITORY)
        started.append(process)
        return process

    yield catalog, record
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()


def features(catalog, out):
    _, notes = write_system_features("btc_value_area", catalog, out)
    return notes, pq.read_table(out)


def test_a_reader_sees_the_catalog_of_its_start_while_a_recorder_writes(writer, tmp_path):
    catalog, record = writer
    rows = sided_rows(60)
    assert record(rows[: len(rows) // 2]).wait(60) == 0
    before = features(catalog, tmp_path / "before.parquet")
    backtest = load_backtest("btc_value_area", overrides=[f"catalog={catalog}", *SOON])
    with recorded_snapshot(catalog, [BTC]) as end_ns:
        files = data_files(catalog, TRADES, BTC)
        process = record(rows)
        summary, folder = run_backtest(backtest.cut(end_ns), tmp_path / "runs", report=False)
        assert process.wait(60) == 0
        # More came behind the end, and nothing was merged.
        found = data_files(catalog, TRADES, BTC)
        assert found[: len(files)] == files
        assert len(found) > len(files)
        out = tmp_path / "meanwhile.parquet"
        write_system_features("btc_value_area", catalog, out, end=instant_text(end_ns))
        assert pq.read_table(out) == before[1]
    (note,) = before[0]
    assert note.startswith("the catalog is being recorded: what it had before 2026-01-05 00:")
    assert note in summary["warnings"]
    # The run can be made again, whatever the recorder has written since.
    assert parse_yaml((folder / "config.yaml").read_text())["end"] == instant_text(end_ns)
    assert len(features(catalog, tmp_path / "after.parquet")[1]) > len(before[1])
    assert compact(catalog, rows[-1][1] + DAY) > 0
    assert len(data_files(catalog, TRADES, BTC)) == 1


def test_the_end_of_a_snapshot_lies_before_a_minute_that_is_half_folded(tmp_path, monkeypatch):
    store, recording = opened(tmp_path)
    first, second = ticks(T0, 60), ticks(T0 + MINUTE, 60)
    fill(recording, first)
    fill(recording, second)
    assert store.fold() == 1
    with recorded_snapshot(tmp_path, [BTC]) as end_ns:
        assert end_ns == first[-1].ts_event + 1
    fill(recording, ticks(T0 + 2 * MINUTE, 1))
    move, moved = type(tmp_path).replace, []

    def replace(self, target):
        moved.append(target)
        if target.suffix == ".parquet" and len([m for m in moved if m.suffix == ".parquet"]) > 1:
            raise KeyboardInterrupt
        return move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            store.fold()
    # The quotes of the second minute are there, its trades are not.
    assert len(data_files(tmp_path, QUOTES, BTC)) != len(data_files(tmp_path, TRADES, BTC))
    with recorded_snapshot(tmp_path, [BTC]) as end_ns:
        assert end_ns == first[-1].ts_event + 1


def test_an_instrument_that_is_no_longer_recorded_does_not_hold_the_snapshot_back(tmp_path):
    store, recording = opened(tmp_path)
    other = store.open(resolve_instrument(OTHER, date(2026, 1, 5)))
    fill(other, ticks(T0, 40))
    other.close()
    fill(recording, ticks(T0, 40))
    fill(recording, ticks(T0 + MINUTE, 60))
    fill(recording, ticks(T0 + 2 * MINUTE, 1))
    while store.fold():
        pass
    with recorded_snapshot(tmp_path, [BTC, OTHER]) as end_ns:
        assert end_ns > T0 + MINUTE
    fill(other, ticks(T0 + 3 * MINUTE, 1))
    with recorded_snapshot(tmp_path, [BTC, OTHER]) as end_ns:
        assert end_ns < T0 + MINUTE


def test_a_catalog_that_no_recorder_writes_is_read_whole(tmp_path):
    with recorded_snapshot(tmp_path, [BTC]) as end_ns:
        assert end_ns is None
    assert list(tmp_path.iterdir()) == []


def test_a_reader_finishes_the_merge_of_a_killed_recorder(tmp_path, monkeypatch):
    _, _, found = long_recording(tmp_path, 4)
    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "unlink", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compact(tmp_path, T0 + 3 * DAY)
    assert is_interrupted(tmp_path)
    with reading(tmp_path, FILES):
        assert not is_interrupted(tmp_path)
        assert recorded(tmp_path) == plains(found)


def test_a_merge_under_way_that_cannot_be_locked_is_an_error(tmp_path, monkeypatch):
    long_recording(tmp_path, 4)
    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "unlink", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compact(tmp_path, T0 + 3 * DAY)

    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(locks, "_open", refused)
    with pytest.raises(AuctionError, match="its files are being merged"), reading(tmp_path, FILES):
        pass


def test_a_new_tick_size_is_not_written_while_the_files_are_read(tmp_path):
    long_recording(tmp_path, 2)
    finer = resolve_instrument(BTC)
    values = {**definition_values(finer), "price_increment": "0.01", "price_precision": 2}
    finer = changed_definition(finer, values)
    store, _ = opened(tmp_path)
    with reading(tmp_path, FILES), pytest.raises(AuctionError, match="another process reads"):
        store.open(finer)
    assert find_increments(tmp_path, BTC) == UNITS
    store.open(finer)
    assert find_increments(tmp_path, BTC) == instrument_increments(finer) != UNITS


@pytest.mark.parametrize("show", [print_contents, print_check])
def test_what_is_listed_or_checked_is_not_merged_meanwhile(tmp_path, monkeypatch, show):
    _, _, found = long_recording(tmp_path, 4)
    merged = []

    def opened_file(path, *args, **kwargs):
        merged.append(compact(tmp_path, found[-1].ts_event + DAY))
        return open_parquet(path, *args, **kwargs)

    monkeypatch.setattr("catalog.contents.open_parquet", opened_file)
    monkeypatch.setattr("catalog.file_stats.open_parquet", opened_file)
    show(tmp_path)
    assert merged
    assert not any(merged)
    assert compact(tmp_path, found[-1].ts_event + DAY) > 0
