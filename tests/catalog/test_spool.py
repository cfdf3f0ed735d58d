from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from catalog.spool import SortingSpool


def table(times: list[int], first_row: int) -> pa.Table:
    rows = np.arange(first_row, first_row + len(times))
    return pa.table({"ts_event": np.array(times, dtype=np.int64), "row": rows})


def rows_of(drained: pa.Table) -> list[tuple[int, int]]:
    return list(zip(drained["ts_event"].to_pylist(), drained["row"].to_pylist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 15), max_size=6), max_size=8),
    st.integers(1, 10),
    st.integers(1, 4),
)
def test_rows_come_back_sorted_stably_whatever_the_size_of_runs(
    batches: list[list[int]],
    run_rows: int,
    batch_rows: int,
) -> None:
    with TemporaryDirectory() as folder:
        spool = SortingSpool(Path(folder), "test", run_rows, batch_rows)
        rows: list[tuple[int, int]] = []
        for times in batches:
            added = table(times, len(rows))
            spool.add(added)
            rows += rows_of(added)
        drained = [rows_of(part) for part in spool.drain()]

        assert spool.rows == len(rows)
        assert [row for part in drained for row in part] == sorted(rows)
        assert list(Path(folder).iterdir()) == []
    assert all(drained)
    assert all(before[-1][0] < after[0][0] for before, after in pairwise(drained))


def test_rows_earlier_than_any_row_before_are_counted(tmp_path: Path) -> None:
    spool = SortingSpool(tmp_path, "test")

    spool.add(table([1, 2, 2], 0))
    assert spool.unordered == 0
    spool.add(table([9, 3, 4, 9], 3))
    assert spool.unordered == 2
    spool.add(table([8], 7))
    assert spool.unordered == 3


def test_memory_holds_no_more_than_a_run(tmp_path: Path) -> None:
    spool = SortingSpool(tmp_path, "test", run_rows=5)

    spool.add(table([0, 1, 2], 0))
    assert list(tmp_path.iterdir()) == []
    spool.add(table([3, 4, 5], 3))
    assert len(list(tmp_path.iterdir())) == 1


def test_late_rows_are_merged_a_batch_at_a_time(tmp_path: Path) -> None:
    times = np.arange(10_000)
    times[::10] -= 25
    spool = SortingSpool(tmp_path, "test", run_rows=1000, batch_rows=100)

    for start in range(0, len(times), 500):
        spool.add(table(times[start : start + 500].tolist(), start))

    assert max(len(part) for part in spool.drain()) <= 2 * 100
