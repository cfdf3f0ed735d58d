"""What a comparison with the recorded results sees."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.golden.__main__ import RESULTS
from tests.golden.cases import cases
from tests.golden.digests import differences
from tests.golden.digests import digests
from tests.golden.digests import table_digests


def write_run(folder: Path, prices: list[float | None], run_id: str = "one") -> Path:
    folder.mkdir()
    pq.write_table(pa.table({"ts": [1, 2], "price": prices}), folder / "fills.parquet")
    (folder / "alerts.jsonl").write_text('{"kind": "A", "ts": 1}\n')
    (folder / "summary.json").write_text(json.dumps({"run_id": run_id, "net_pnl": 1.5}))
    return folder


def test_two_runs_of_one_result_are_equal(tmp_path: Path) -> None:
    one = digests(write_run(tmp_path / "a", [1.0, 2.0]))
    two = digests(write_run(tmp_path / "b", [1.0, 2.0], "two"))
    assert one == two
    assert list(differences(one, two)) == []


def test_one_bit_of_one_column_is_seen_and_named(tmp_path: Path) -> None:
    one = digests(write_run(tmp_path / "a", [1.0, 2.0]))
    two = digests(write_run(tmp_path / "b", [1.0, 2.0000000000000004]))
    (line,) = differences(one, two)
    assert line.startswith("/tables/fills/price: ")


def test_chunks_and_compression_are_no_difference(tmp_path: Path) -> None:
    table = pa.table({"price": [1.0, None, 3.0]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1, compression="zstd")
    pq.write_table(table, tmp_path / "b.parquet", compression=None)
    assert table_digests(tmp_path / "a.parquet") == table_digests(tmp_path / "b.parquet")


def test_what_is_new_and_what_is_gone_is_said() -> None:
    lines = list(differences({"a": 1, "b": {"c": 2}}, {"b": {"d": 2}}))
    assert lines == ["/a: gone", "/b/c: gone", "/b/d: new"]


def test_every_case_is_recorded(tmp_path: Path) -> None:
    has_real_data = bool(os.environ.get("AUCTION_REAL_DATA"))
    recorded = json.loads(RESULTS.read_text())
    names = [case.name for case in cases(tmp_path, has_real_data=has_real_data)]
    assert len(names) == len(set(names))
    assert set(names) <= set(recorded)
    assert all(recorded[name]["tables"] for name in names)
