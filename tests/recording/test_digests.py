"""What a recorder has written is known by its digests: a later change of the files is found."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.codec import changed_definition
from catalog.codec import definition_values
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.recording.compaction import compact
from catalog.recording.digests import altered_intervals
from catalog.recording.segments import recording_folder
from errors import AuctionError
from tests.markets import BTC
from tests.recording.market import INSTRUMENT
from tests.recording.market import MINUTE
from tests.recording.market import T0
from tests.recording.market import S
from tests.recording.market import opened
from tests.recording.market import ticks
from tests.recording.test_recording import DAY
from tests.recording.test_recording import fill
from tests.recording.test_recording import long_recording


ALL = (0, 2**62)


def rewritten(path, change):
    """Write a file of the catalog again, with one of its columns changed."""
    parquet = pq.ParquetFile(path)
    table = parquet.read()
    pq.write_table(change(table), path)


def first_row_dropped(table):
    return table.slice(1)


def first_value_doubled(name):
    def change(table):
        index = table.schema.get_field_index(name)
        values = table.column(index).to_pylist()
        values[0] = (int.from_bytes(values[0], "little") * 2).to_bytes(len(values[0]), "little")
        return table.set_column(
            index, table.schema.field(index), pa.array(values, table.schema.field(index).type)
        )

    return change


def test_what_the_recorder_wrote_is_unaltered_also_when_it_is_merged(tmp_path):
    store, _, _ = long_recording(tmp_path, 4)
    assert altered_intervals(tmp_path, BTC, *ALL) == []
    assert compact(tmp_path, T0 + 3 * DAY) > 0
    assert altered_intervals(tmp_path, BTC, *ALL) == []
    assert store.problems == []


@pytest.mark.parametrize(
    ("data_type", "change"),
    [
        (TRADES, first_row_dropped),
        (QUOTES, first_row_dropped),
        (TRADES, first_value_doubled("size")),
        (QUOTES, first_value_doubled("ask_size")),
    ],
)
def test_a_changed_or_missing_tick_is_found_with_its_minute(tmp_path, data_type, change):
    _, _, found = long_recording(tmp_path, 4)
    rewritten(data_files(tmp_path, data_type, BTC)[2].path, change)
    (interval,) = altered_intervals(tmp_path, BTC, *ALL)
    assert interval[0] // MINUTE == interval[1] // MINUTE == found[0].ts_event // MINUTE + 2
    # A window without that minute is unaltered.
    assert altered_intervals(tmp_path, BTC, 0, interval[0] - 1) == []


def test_a_minute_that_was_deleted_is_found_and_one_that_retention_removed_is_not(tmp_path):
    long_recording(tmp_path, 4)
    for data_type in (TRADES, QUOTES):
        data_files(tmp_path, data_type, BTC)[0].path.unlink()
    assert altered_intervals(tmp_path, BTC, *ALL) == []
    for data_type in (TRADES, QUOTES):
        data_files(tmp_path, data_type, BTC)[1].path.unlink()
    assert len(altered_intervals(tmp_path, BTC, *ALL)) == 1


def test_a_finer_step_of_the_venue_alters_nothing(tmp_path):
    long_recording(tmp_path, 2)
    values = {**definition_values(INSTRUMENT), "price_increment": "0.01", "price_precision": 2}
    store, _ = opened(tmp_path)
    store.open(changed_definition(INSTRUMENT, values))
    assert altered_intervals(tmp_path, BTC, *ALL) == []


def test_digests_are_removed_with_their_days(tmp_path):
    store, recording = opened(tmp_path, days=2)
    for day in range(5):
        fill(recording, ticks(T0 + day * DAY, 50))
        store.fold()
        store.keep()
    store.close()
    paths = sorted((recording_folder(tmp_path) / "digests").glob("*/*.jsonl"))
    assert [int(path.stem) - T0 // DAY for path in paths] == [2, 3, 4]
    assert altered_intervals(tmp_path, BTC, *ALL) == []


def test_a_cut_line_is_written_again_and_a_damaged_one_is_an_error(tmp_path):
    store, recording = opened(tmp_path)
    fill(recording, ticks(T0, 10, S))
    store.close()
    (path,) = (recording_folder(tmp_path) / "digests").glob("*/*.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    fill(recording, ticks(T0 + MINUTE, 10, S))
    store.close()
    assert [json.loads(line)["rows"] for line in path.read_text().splitlines()] == [10, 10]
    path.write_bytes(b"{}\n" + whole)
    with pytest.raises(AuctionError, match="line 1 is not readable"):
        altered_intervals(tmp_path, BTC, *ALL)


def test_a_catalog_without_digests_has_nothing_to_compare(tmp_path):
    assert altered_intervals(tmp_path, BTC, *ALL) == []
