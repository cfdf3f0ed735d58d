"""A recorder's catalog: every tick once, in the order of arrival, whatever ends the recorder."""

import contextlib
import json
import os

import numpy as np
import pytest

from catalog.bars import bar_rows
from catalog.checks import check_catalog
from catalog.gate import pass_gate
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.reader import read_ticks
from catalog.recording import fold
from catalog.recording.compaction import compact
from catalog.recording.gaps import CONNECTION
from catalog.recording.gaps import DISK
from catalog.recording.gaps import STOPPED
from catalog.recording.gaps import RecordingGap
from catalog.recording.gaps import gap_path
from catalog.recording.gaps import read_gaps
from catalog.recording.locks import FILES
from catalog.recording.locks import FOLD
from catalog.recording.locks import reading
from catalog.recording.merge_journal import finish_merge
from catalog.recording.records import BAR
from catalog.recording.records import Record
from catalog.recording.records import decode
from catalog.recording.records import encode
from catalog.recording.retention import recorded_bytes
from catalog.recording.segments import SegmentWriter
from catalog.recording.segments import read_segment
from catalog.recording.segments import segment_paths
from catalog.recording.store import prepare_catalog
from catalog.recording.tail import open_ticks
from errors import AuctionError
from errors import UsageError
from tests.markets import BTC
from tests.markets import write_catalog
from tests.recording.market import MINUTE
from tests.recording.market import T0
from tests.recording.market import UNITS
from tests.recording.market import S
from tests.recording.market import opened
from tests.recording.market import plain
from tests.recording.market import quote
from tests.recording.market import recorded
from tests.recording.market import ticks
from tests.recording.market import trade


HOUR = 60 * MINUTE
DAY = 24 * HOUR


def plains(records):
    return [plain(record) for record in records]


def fill(recording, records):
    for record in records:
        recording.add(record)


def test_a_record_survives_its_encoding():
    found = [quote(T0), trade(T0 + 1, "é" * 18), trade(T0, "x")._replace(is_late=True)]
    content = b"".join(map(encode, found))
    assert [record for _, record in decode(content)] == found
    assert [at for at, _ in decode(content)][-1] == len(content)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_reading_ends_at_a_record_that_is_cut_or_changed(cut):
    content = encode(quote(T0)) + encode(trade(T0, "a"))
    assert [record for _, record in decode(content[:-cut])] == [quote(T0)]
    changed = bytearray(content)
    changed[-cut] ^= 1
    assert [record for _, record in decode(bytes(changed))] == [quote(T0)]


def test_each_minute_becomes_files_with_every_tick_in_the_order_of_arrival(tmp_path):
    store, recording = opened(tmp_path)
    found = ticks(T0 + 7 * S, 500)
    # One that arrives late, also behind the minute, stays where it arrived.
    found.insert(250, trade(found[200].ts_event, "late"))
    fill(recording, found)
    assert len(recording.closed) == 4
    assert store.fold() == 4
    assert len(data_files(tmp_path, TRADES, BTC)) == len(data_files(tmp_path, QUOTES, BTC)) == 4
    store.close()
    assert recorded(tmp_path) == plains(found)
    pass_gate(tmp_path, BTC)
    assert check_catalog(tmp_path, BTC).problems == ()
    times = np.concatenate([part.ts_init for part in read_ticks(tmp_path, BTC)])
    assert (np.diff(times) > 0).all()
    assert segment_paths(tmp_path, BTC) == []
    assert store.problems == []


def test_files_do_not_depend_on_where_the_recorder_was_stopped(tmp_path):
    found = ticks(T0, 900)
    for folder, stops in (("whole", []), ("parts", [100, 101, 505])):
        at = 0
        for stop in [*stops, len(found)]:
            store, recording = opened(tmp_path / folder)
            fill(recording, found[at:stop])
            store.close()
            at = stop
    assert recorded(tmp_path / "parts") == recorded(tmp_path / "whole") == plains(found)
    starts = [
        np.concatenate([part.ts_init for part in read_ticks(tmp_path / folder, BTC)]).tolist()
        for folder in ("whole", "parts")
    ]
    assert starts[0] == starts[1]


def test_a_killed_recorder_has_lost_nothing_that_it_was_given(tmp_path):
    _, recording = opened(tmp_path)
    found = ticks(T0, 333)
    fill(recording, found)
    # As after kill -9: neither synced, closed nor folded.
    store, _ = opened(tmp_path)
    assert recorded(tmp_path) == plains(found)
    assert store.problems == []


def test_a_crash_of_the_machine_costs_the_records_behind_the_damage(tmp_path):
    _, recording = opened(tmp_path)
    found = ticks(T0, 60)
    fill(recording, found)
    (path,) = segment_paths(tmp_path, BTC)
    os.truncate(path, path.stat().st_size - 3)
    store, _ = opened(tmp_path)
    assert recorded(tmp_path) == plains(found[:-1])
    (problem,) = store.problems
    assert "bytes at its end were not readable" in problem


@pytest.mark.parametrize("moves", [0, 1, 2, 3, 4])
def test_a_fold_that_is_interrupted_anywhere_is_finished_by_the_next(tmp_path, monkeypatch, moves):
    store, recording = opened(tmp_path)
    first, second = ticks(T0, 100), ticks(T0 + MINUTE, 100)
    fill(recording, [*first, *second])
    done = []

    def sync_folder(path):
        if "segments" in path.parts:
            return
        done.append(path)
        if len(done) > moves:
            raise KeyboardInterrupt

    monkeypatch.setattr(fold, "sync_folder", sync_folder)
    with contextlib.suppress(KeyboardInterrupt):
        store.fold()
    # Labels and data, of quotes and of trades.
    assert len(done) == min(moves + 1, 4)
    monkeypatch.undo()
    opened(tmp_path)
    assert recorded(tmp_path) == plains([*first, *second])
    pass_gate(tmp_path, BTC)


def test_a_trade_that_the_venue_repeats_counts_once_also_after_a_restart(tmp_path):
    store, recording = opened(tmp_path)
    found = ticks(T0, 20)
    fill(recording, [*found, found[18], found[2]])
    assert recording.repeated == 2
    store.close()
    store, recording = opened(tmp_path)
    fill(recording, [found[18], trade(T0 + 20 * S, "new")])
    assert recording.repeated == 1
    store.close()
    assert recorded(tmp_path) == plains([*found, trade(T0 + 20 * S, "new")])


def test_impossible_ticks_are_refused_and_counted(tmp_path):
    store, recording = opened(tmp_path)
    far = T0 + 2 * MINUTE
    fill(recording, [quote(T0), quote(T0, size=0), trade(far, "far", received=T0)])
    assert recording.refused == 2
    store.close()
    assert recorded(tmp_path) == plains([quote(T0)])


def test_a_restart_is_a_gap_and_is_stored(tmp_path):
    store, recording = opened(tmp_path)
    fill(recording, ticks(T0, 20))
    store.close()
    assert read_gaps(tmp_path, BTC) == []
    store, recording = opened(tmp_path)
    recording.add(quote(T0 + 90 * S))
    gap = RecordingGap(T0 + 19 * S // 2, T0 + 90 * S, STOPPED)
    assert read_gaps(tmp_path, BTC) == [gap]
    assert read_gaps(tmp_path, BTC, T0 + 91 * S) == []


def test_trades_of_a_lost_connection_are_requested_and_take_their_place(tmp_path):
    store, recording = opened(tmp_path)
    before = ticks(T0, 100)
    missed = [trade(T0 + n * S, f"m{n}") for n in (52, 61, 130)]
    after = ticks(T0 + 150 * S, 20)
    fill(recording, before)
    recording.begin_request()
    # Ticks that arrive before the answer.
    fill(recording, after[:5])
    assert recording.end_request([*missed, before[98], after[2]]) == 3
    fill(recording, after[5:])
    store.close()
    assert recorded(tmp_path) == plains([*before, *missed, *after])
    (gap,) = read_gaps(tmp_path, BTC)
    assert gap == RecordingGap(before[-1].ts_event, after[0].ts_event, CONNECTION, 3, True)
    pass_gate(tmp_path, BTC)


def test_an_answer_that_does_not_reach_back_leaves_the_gap_incomplete(tmp_path):
    _, recording = opened(tmp_path)
    fill(recording, ticks(T0, 100))
    recording.begin_request()
    assert recording.end_request([trade(T0 + 99 * S, "m")]) == 1
    recording.add(quote(T0 + 100 * S))
    (gap,) = read_gaps(tmp_path, BTC)
    assert (gap.trades, gap.are_trades_complete) == (1, False)


def test_the_minute_stays_open_until_the_venue_has_answered(tmp_path):
    _, recording = opened(tmp_path)
    recording.add(quote(T0))
    recording.begin_request()
    recording.add(quote(T0 + 61 * S))
    recording.close_if_over(T0 + HOUR)
    assert not recording.closed
    recording.end_request([])
    recording.close_if_over(T0 + HOUR)
    assert len(recording.closed) == 1


def test_a_minute_without_a_next_tick_is_closed_by_the_clock(tmp_path):
    _, recording = opened(tmp_path)
    recording.add(quote(T0))
    recording.close_if_over(T0 + 64 * S)
    assert not recording.closed
    recording.close_if_over(T0 + 65 * S)
    assert len(recording.closed) == 1


def test_two_recorders_hand_over_without_a_loss_or_a_repetition(tmp_path):
    found = ticks(T0, 400)
    _, first = opened(tmp_path)
    fill(first, found[:300])
    # The second received since some time; the first was killed, and folded by the second.
    store, second = opened(tmp_path, buffered=found[240:340])
    fill(second, found[340:])
    store.close()
    assert recorded(tmp_path) == plains(found)
    assert read_gaps(tmp_path, BTC) == []


def test_a_handover_keeps_equal_ticks_of_one_time(tmp_path):
    same = [quote(T0), quote(T0), trade(T0, "a"), trade(T0, "b"), quote(T0), trade(T0, "c")]
    _, first = opened(tmp_path)
    fill(first, same[:4])
    store, _ = opened(tmp_path, buffered=same[1:])
    store.close()
    # The last quote equals one that both have: where it belongs is not known, and matters nowhere.
    assert recorded(tmp_path) == plains([*same[:4], *same[5:]])


def test_a_handover_without_an_overlap_is_a_gap(tmp_path):
    found = ticks(T0, 400)
    _, first = opened(tmp_path)
    fill(first, found[:100])
    store, _ = opened(tmp_path, buffered=found[200:])
    store.close()
    assert recorded(tmp_path) == plains([*found[:100], *found[200:]])
    (gap,) = read_gaps(tmp_path, BTC)
    assert (gap.start_ns, gap.end_ns) == (found[99].ts_event, found[200].ts_event)


def test_ticks_that_the_disk_does_not_take_are_counted_and_a_gap(tmp_path, monkeypatch):
    store, recording = opened(tmp_path)
    found = ticks(T0, 30)
    fill(recording, found[:10])
    writes = []

    def write(descriptor, content):
        writes.append(content)
        if len(writes) > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, content[:20])

    real = os.write
    monkeypatch.setattr(os, "write", write)
    fill(recording, found[10:13])
    monkeypatch.undo()
    fill(recording, found[13:])
    assert (recording.lost, recording.failure) == (3, "No space left on device")
    store.close()
    assert recorded(tmp_path) == plains([*found[:10], *found[13:]])
    (gap,) = read_gaps(tmp_path, BTC)
    assert (gap.start_ns, gap.end_ns, gap.cause) == (
        found[9].ts_event,
        found[13].ts_event,
        DISK,
    )


def test_a_line_of_a_gap_that_a_crash_has_cut_is_left_out(tmp_path):
    _, recording = opened(tmp_path)
    for start in (0, 100):
        recording.add(quote(T0 + start * S))
        recording.mark_gap(CONNECTION)
        recording.add(quote(T0 + (start + 50) * S))
    path = gap_path(tmp_path, BTC)
    path.write_bytes(path.read_bytes()[:-20])
    assert len(read_gaps(tmp_path, BTC)) == 1
    recording.mark_gap(CONNECTION)
    recording.add(quote(T0 + 200 * S))
    assert [gap.end_ns - T0 for gap in read_gaps(tmp_path, BTC)] == [50 * S, 200 * S]
    path.write_text("nonsense\n")
    with pytest.raises(AuctionError, match="line 1 is not readable"):
        read_gaps(tmp_path, BTC)


def test_bars_are_recorded_beside_the_ticks(tmp_path):
    name = f"{BTC}-1-MINUTE-LAST-EXTERNAL"
    store, recording = opened(tmp_path)
    for minute in (1, 2, 2, 3):
        ts = T0 + minute * MINUTE
        recording.add(Record(BAR, ts, ts + S, 10, 14, 9, 12, 77, 0, name))
        fill(recording, ticks(ts, 4))
    store.close()
    rows = list(bar_rows(tmp_path, name))
    assert [row[0] for row in rows] == [T0 + minute * MINUTE for minute in (1, 2, 3)]
    assert rows[0][2:] == (10, 14, 9, 12, 77)
    pass_gate(tmp_path, BTC, ["bar", TRADES, QUOTES])


def long_recording(tmp_path, minutes):
    store, recording = opened(tmp_path)
    found = [record for minute in range(minutes) for record in ticks(T0 + minute * MINUTE, 4, S)]
    fill(recording, found)
    store.close()
    return store, recording, found


def test_hours_and_days_that_are_over_are_merged(tmp_path):
    _, _, found = long_recording(tmp_path, 130)
    assert len(data_files(tmp_path, TRADES, BTC)) == 130
    last = found[-1].ts_event
    with reading(tmp_path, FILES):
        assert compact(tmp_path, last) == 0
    assert compact(tmp_path, last) > 200
    left = 130 - 2 * 60 + 2 - (T0 // MINUTE % 60 > 0)
    assert abs(len(data_files(tmp_path, TRADES, BTC)) - left) <= 60
    assert recorded(tmp_path) == plains(found)
    assert check_catalog(tmp_path, BTC).problems == ()
    assert compact(tmp_path, T0 + 3 * DAY) > 0
    spans = [(f.start_ns // DAY, f.end_ns // DAY) for f in data_files(tmp_path, QUOTES, BTC)]
    assert len(spans) == len(set(spans)) <= 2
    assert recorded(tmp_path) == plains(found)
    assert check_catalog(tmp_path, BTC).problems == ()
    # A node or a backtest sees the quality of merged files as well.
    assert check_catalog(tmp_path, BTC).tallies[0].quality == {"venue side"}


@pytest.mark.parametrize("steps", range(6))
def test_a_merge_that_is_interrupted_anywhere_is_finished_by_the_next_start(
    tmp_path, monkeypatch, steps
):
    _, _, found = long_recording(tmp_path, 4)
    kind = type(tmp_path)
    real, count = kind.unlink, []

    def unlink(self, missing_ok=False):
        count.append(self)
        if len(count) > steps:
            raise KeyboardInterrupt
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(kind, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        compact(tmp_path, T0 + 3 * DAY)
    monkeypatch.undo()
    finish_merge(tmp_path)
    finish_merge(tmp_path)
    assert recorded(tmp_path) == plains(found)
    assert check_catalog(tmp_path, BTC).problems == ()


def test_the_oldest_days_are_removed(tmp_path):
    store, recording = opened(tmp_path, days=2)
    for day in range(5):
        fill(recording, ticks(T0 + day * DAY, 50))
        store.fold()
        store.keep()
    store.close()
    days = {record.ts_event // DAY - T0 // DAY for record in recorded(tmp_path)}
    assert days == {2, 3, 4}
    assert store.problems == []


def test_the_oldest_files_are_removed_above_the_size_bound(tmp_path):
    store, recording = opened(tmp_path, most_bytes=30_000)
    for hour in range(12):
        fill(recording, ticks(T0 + hour * HOUR, 50))
        store.fold()
        store.keep()
    assert recorded_bytes(tmp_path) <= 30_000
    store.close()
    hours = {record.ts_event // HOUR - T0 // HOUR for record in recorded(tmp_path)}
    assert max(hours) == 11
    assert min(hours) > 3
    assert any("size bound" in problem for problem in store.problems)


def test_nothing_is_folded_or_removed_while_it_is_read(tmp_path):
    store, recording = opened(tmp_path, days=1)
    found = ticks(T0, 200)
    fill(recording, found)
    with reading(tmp_path, FOLD, FILES):
        assert store.fold() == 0
        assert recorded(tmp_path) == []
        assert [plain(record) for record in open_ticks(tmp_path, BTC)] == plains(found)
        assert store.keep().files == 0
    assert store.fold() == 1
    assert len(recorded(tmp_path)) + len(open_ticks(tmp_path, BTC)) == 200


def test_a_catalog_of_another_origin_is_left_alone(tmp_path):
    write_catalog(tmp_path, [(0, T0, 600_000, 1, 600_001, 1)])
    with pytest.raises(UsageError, match="no recorder wrote, and retention would remove them"):
        prepare_catalog(tmp_path, [BTC])
    with reading(tmp_path, FOLD):
        assert not (tmp_path / "recording").exists()


def test_a_segment_of_another_version_or_with_an_impossible_value_is_set_aside(tmp_path):
    store, recording = opened(tmp_path)
    writer = SegmentWriter(tmp_path / "recording/segments" / BTC, UNITS, T0 // MINUTE)
    writer.append(trade(T0, ""))
    writer.close()
    found = ticks(T0 + MINUTE, 10)
    fill(recording, found)
    store, recording = opened(tmp_path)
    (problem,) = store.problems
    assert "does not have 1 to 36 characters" in problem
    assert recorded(tmp_path) == plains(found)
    (kept,) = (tmp_path / "recording" / "refused").glob("*.seg")
    assert len(read_segment(kept).records) == 1


def test_the_header_names_the_units(tmp_path):
    _, recording = opened(tmp_path)
    recording.add(quote(T0))
    (path,) = segment_paths(tmp_path, BTC)
    assert read_segment(path).increments == UNITS
    (_, header), *_ = decode(path.read_bytes())
    assert json.loads(header)["version"] == 1
