"""A file of one-minute bars split at the ends of months in New York."""

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.files.months import split_lines
from adapters.files.months import split_months
from errors import AuctionError
from errors import UsageError
from tests.vectors import load


HOUR = 3_600


@pytest.fixture(scope="module")
def bars() -> dict[str, Any]:
    found: dict[str, Any] = load("001", "bars.json.gz")
    return found


def labels_of(bars: dict[str, Any]) -> np.ndarray:
    start = datetime.fromisoformat(bars["generator"]["params"]["start_label"]).replace(tzinfo=UTC)
    return int(start.timestamp()) + 60 * np.array(bars["minute"])


def write(path: Path, seconds: np.ndarray, bars: dict[str, Any], **more: Any) -> Path:
    columns: dict[str, Any] = {"timestamp": pa.array(seconds, pa.timestamp("s", "UTC"))}
    columns |= {name: np.array(bars[name]) / 100.0 for name in ("open", "high", "low", "close")}
    pq.write_table(pa.table({**columns, "volume": bars["volume"], **more}), path)
    return path


@pytest.mark.parametrize("is_true_utc", [True, False])
def test_the_months_are_those_of_new_york(
    is_true_utc: bool, bars: dict[str, Any], tmp_path: Path
) -> None:
    labels = labels_of(bars)
    ahead = bars["generator"]["params"]["utc_offset_hours"] * HOUR
    source = write(tmp_path / "in.parquet", labels + ahead * is_true_utc, bars)
    zone = None if is_true_utc else "America/New_York"

    split = split_months(source, tmp_path / "out", "CL", zone)

    assert split.months == load("001", "months.json")["by_label_new_york"]
    tables = {path.name: pq.read_table(path) for path in (tmp_path / "out").iterdir()}
    assert sorted(tables) == ["CL_1m_2024-10.parquet", "CL_1m_2024-11.parquet"]
    october = tables["CL_1m_2024-10.parquet"]
    assert october.schema.names == ["timestamp", "open", "high", "low", "close", "volume"]
    assert october.schema.field("volume").type == pa.int64()
    assert october["timestamp"].type == pa.timestamp("ns", "UTC")
    assert october["timestamp"][0].value == (labels[0] + ahead) * 10**9
    assert october["close"].to_pylist() == [ticks / 100.0 for ticks in bars["close"][:5805]]
    metadata = pq.read_metadata(split.files["2024-10"])
    assert metadata.row_group(0).column(0).compression == "SNAPPY"
    assert b"pandas" not in (metadata.metadata or {})


def test_the_clock_of_new_york_labelled_utc_is_refused(
    bars: dict[str, Any], tmp_path: Path
) -> None:
    source = write(tmp_path / "in.parquet", labels_of(bars), bars)

    with pytest.raises(UsageError, match="pass --time-zone America/New_York"):
        split_months(source, tmp_path / "out", "CL")

    assert not (tmp_path / "out").exists()


def test_quotes_are_kept_and_bad_rows_counted(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    rows = [f"2024-10-01 12:{minute:02d},1,1,1,1,5,0.9,1.1\n" for minute in range(20)]
    rows[3] = "2024-10-01 12:03,1,x,1,1,5,,\n"
    rows[4] = "2024-10-01 12:04,1,1,1,1,5.5,,\n"
    rows[5] = "2024-10-01 12:05,1,1,1,1,5,,\n"
    source.write_text("time,open,high,low,close,volume,Bid,ask\n" + "".join(rows))

    split = split_months(source, tmp_path, "CL")

    table = pq.read_table(tmp_path / "CL_1m_2024-10.parquet")
    assert table.column_names[-2:] == ["bid", "ask"]
    assert table["bid"].null_count == 1
    assert list(split_lines(split)) == [
        f"{tmp_path / 'CL_1m_2024-10.parquet'}: 18 bars",
        "in.csv: 1 rejected, no valid price (first row 5)",
        "in.csv: 1 rejected, volume is not whole (first row 6)",
        "in.csv: times without an offset are read as UTC",
    ]


def test_a_second_split_changes_nothing_and_never_overwrites(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "time,open,high,low,close\n2024-10-31 12:00,1,1,1,1\n2024-10-31 12:01,1,1,1,1\n"
        "2024-11-01 12:00,1,1,1,1\n"
    )
    first = split_months(source, tmp_path, "CL")

    assert (first.unchanged, split_months(source, tmp_path, "CL").unchanged) == (0, 2)
    assert first.report.warnings[-1].endswith("the months have none either")

    first.files["2024-10"].unlink()
    first.files["2024-11"].write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"CL_1m_2024-11\.parquet: another file is there"):
        split_months(source, tmp_path, "CL")

    assert first.files["2024-11"].read_bytes() == b"mine"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "CL_1m_2024-11.parquet"}


@pytest.mark.parametrize(
    ("text", "symbol", "kind", "message"),
    [
        ("time,open,high,low,close\n", "CL", AuctionError, "has no rows"),
        ("time,open,high,low\n2024-10-01,1,1,1\n", "CL", AuctionError, "close"),
        ("time,open,high,low,close\n2024-10-01,1,1,1,1\n", "../CL", UsageError, "--symbol"),
        (
            "time,open,high,low,close\n2024-10-01 00:00,1,1,1,1\n2024-10-01 00:05,1,1,1,1\n",
            "CL",
            UsageError,
            "bars of 5m: give bars of one minute",
        ),
    ],
)
def test_what_cannot_be_split_is_one_line(
    text: str, symbol: str, kind: type[AuctionError], message: str, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(text)

    with pytest.raises(kind, match=message) as error:
        split_months(source, tmp_path / "out", symbol)

    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_recorded_crude_oil_is_one_month(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet"

    split = split_months(source, tmp_path, "CL", "America/New_York")

    assert split.months == {"2024-10": 31_491}
