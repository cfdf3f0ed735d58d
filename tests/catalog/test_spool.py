from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from catalog.layout import NS_PER_HOUR
from catalog.spool import HourSpool


def table(times: list[int], first_row: int) -> pa.Table:
    rows = np.arange(first_row, first_row + len(times))
    return pa.table({"ts_event": np.array(times, dtype=np.int64) * (NS_PER_HOUR // 4), "row": rows})


def drain(spool: HourSpool) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for hour in sorted(spool.hours):
        taken = spool.take(hour)
        assert taken is not None
        rows += zip(taken["ts_event"].to_pylist(), taken["row"].to_pylist(), strict=True)
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 15), max_size=6), max_size=8), st.integers(0, 10))
def test_rows_come_back_sorted_stably_whether_spilled_or_not(
    batches: list[list[int]],
    spill_rows: int,
) -> None:
    with TemporaryDirectory() as folder:
        spool = HourSpool(Path(folder), "test", spill_rows)
        rows: list[tuple[int, int]] = []
        for times in batches:
            added = table(times, len(rows))
            spool.add(added)
            rows += zip(added["ts_event"].to_pylist(), added["row"].to_pylist(), strict=True)

        assert spool.rows == len(rows)
        assert drain(spool) == sorted(rows)
        assert list(Path(folder).iterdir()) == []


def test_rows_earlier_than_any_row_before_are_counted(tmp_path: Path) -> None:
    spool = HourSpool(tmp_path, "test")

    spool.add(table([1, 2, 2], 0))
    assert spool.unordered == 0
    spool.add(table([9, 3, 4, 9], 3))
    assert spool.unordered == 2
    spool.add(table([8], 7))
    assert spool.unordered == 3


def test_memory_holds_no_more_than_the_limit(tmp_path: Path) -> None:
    spool = HourSpool(tmp_path, "test", spill_rows=5)

    spool.add(table([0, 1, 2], 0))
    assert list(tmp_path.iterdir()) == []
    spool.add(table([3, 4, 5], 3))
    assert len(list(tmp_path.iterdir())) == 2
