"""Bars of a continuous series that are split at its rolls into contracts."""

from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.files.continuous import contract_parts
from adapters.files.ingest import ingest_csv
from adapters.report import IngestReport
from catalog.layout import END_OF_TIME
from errors import AuctionError
from errors import UsageError


HOUR = 3_600
MINUTE_NS = 60 * 10**9


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def write(path: Path, seconds: Sequence[int]) -> Path:
    columns = {"timestamp": pa.array(seconds, pa.timestamp("s", "UTC"))}
    columns |= {name: [70.0] * len(seconds) for name in ("open", "high", "low", "close")}
    pq.write_table(pa.table({**columns, "volume": range(len(seconds))}), path)
    return path


def rows_of(catalog_path: Path, contract: str) -> list[int]:
    bars = ParquetDataCatalog(catalog_path).bars([f"{contract}-1-MINUTE-LAST-EXTERNAL"])
    return [bar.ts_event // 10**9 - 60 for bar in bars]


def test_a_contract_begins_with_the_trade_date_of_its_roll(
    tmp_path: Path, catalog_path: Path
) -> None:
    # CLX4 trades until 22 October; it is no front month from the trade date 17 October on.
    seconds = [
        *(at("2024-10-01T12:00") + 60 * minute for minute in range(3)),
        at("2024-10-16T21:59"),
        at("2024-10-16T22:00"),
        at("2024-10-31T12:00"),
    ]
    path = write(tmp_path / "CL_1m_2024-10.parquet", seconds)

    report = ingest_csv(catalog_path, "CL.v.0.XNYM", bars=[path])

    assert rows_of(catalog_path, "CLX4.XNYM") == seconds[:4]
    assert rows_of(catalog_path, "CLZ4.XNYM") == seconds[4:]
    assert report.instrument_ids == ("CLX4.XNYM", "CLZ4.XNYM")
    assert report.warnings == (
        "CL.v.0.XNYM is split into contracts (the customary roll; that of the vendor may differ)",
        "bars of CLX4 until 2024-10-16 18:00:00 New York",
        "bars of CLZ4 from 2024-10-16 18:00:00 New York on",
    )
    counts = [(file.kind, file.rows, file.accepted, file.other_symbols) for file in report.files]
    assert counts == [("CLX4 bars", 4, 4, 2), ("CLZ4 bars", 2, 2, 4)]


def test_the_calendar_rule_rolls_after_the_last_trading_day() -> None:
    hours = np.array([at("2024-10-21T12:00"), at("2024-10-22T21:00"), at("2024-10-22T22:00")])

    first, second = contract_parts("CL.c.0", hours * 10**9)

    assert (first.contract, first.begin_ns, second.contract) == ("CLX4", 0, "CLZ4")
    assert first.end_ns == second.begin_ns == at("2024-10-22T22:00") * 10**9
    assert second.end_ns == END_OF_TIME


def test_contracts_without_a_row_are_left_out() -> None:
    hours = np.array([at("2024-01-02T12:00"), at("2024-12-02T12:00")]) * 10**9

    assert [part.contract for part in contract_parts("MCL.n.0", hours)] == ["MCLG4", "MCLF5"]


def test_two_months_in_two_files_are_one_series(tmp_path: Path, catalog_path: Path) -> None:
    october = [at("2024-10-01T12:00"), at("2024-10-01T12:01"), at("2024-10-31T12:00")]
    november = [at("2024-11-01T12:00"), at("2024-11-01T12:01"), at("2024-11-20T12:00")]
    paths = [
        write(tmp_path / f"MCL_1m_2024-{month}.parquet", rows)
        for month, rows in ((11, november), (10, october))
    ]

    report = ingest_csv(catalog_path, "MCL.v.0.XNYM", bars=paths)

    assert report.instrument_ids == ("MCLX4.XNYM", "MCLZ4.XNYM", "MCLF5.XNYM")
    assert rows_of(catalog_path, "MCLZ4.XNYM") == [october[2], *november[:2]]


def test_a_series_read_as_one_contract_is_named(tmp_path: Path, catalog_path: Path) -> None:
    seconds = [at("2024-10-01T12:00"), at("2024-10-01T12:01")]
    path = write(tmp_path / "CL_1m_2024-10.parquet", seconds)
    other = write(tmp_path / "mine.parquet", [second + HOUR for second in seconds])

    def warnings(instrument_id: str, source: Path) -> IngestReport:
        return ingest_csv(catalog_path / instrument_id / source.stem, instrument_id, bars=[source])

    assert warnings("CLZ4.XNYM", path).warnings == (
        "CL_1m_2024-10.parquet: named as a continuous series, whose contract that month is CLX4, "
        "then CLZ4: --instrument CL.v.0.XNYM splits it at the roll; all of it is now CLZ4",
    )
    assert warnings("CLZ4.XNYM", other).warnings == ()


def test_rows_after_the_last_day_of_a_contract_name_the_continuous_symbol(
    tmp_path: Path, catalog_path: Path
) -> None:
    seconds = [at("2024-10-01T12:00") + 60 * n for n in range(5)]
    seconds += [at("2024-10-30T12:00") + 60 * n for n in range(5)]

    with pytest.raises(AuctionError, match=r"split into contracts by one like CL\.v\.0\.XNYM"):
        ingest_csv(catalog_path, "CLX4.XNYM", bars=[write(tmp_path / "in.parquet", seconds)])


def test_what_cannot_be_split_is_refused(tmp_path: Path, catalog_path: Path) -> None:
    path = write(tmp_path / "in.parquet", [at("2024-10-01T12:00"), at("2024-10-01T12:01")])

    with pytest.raises(UsageError, match="only bars are split"):
        ingest_csv(catalog_path, "CL.v.0.XNYM", trades=[path])
    with pytest.raises(UsageError, match="CL trades at XNYM"):
        ingest_csv(catalog_path, "CL.v.0.XCME", bars=[path])
    with pytest.raises(UsageError, match="'ZB' is unknown"):
        ingest_csv(catalog_path, "ZB.v.0.XCBT", bars=[path])
    assert not list(tmp_path.glob("catalog/**/*.parquet"))


def test_recorded_crude_oil_of_october_is_two_contracts(
    real_data: Path, catalog_path: Path
) -> None:
    path = real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet"

    with pytest.raises(UsageError, match="pass --time-zone America/New_York"):
        ingest_csv(catalog_path, "CL.v.0.XNYM", bars=[path])

    zone = "America/New_York"
    report = ingest_csv(catalog_path, "CL.v.0.XNYM", bars=[path], time_zone=zone)
    assert report.instrument_ids == ("CLX4.XNYM", "CLZ4.XNYM")
    assert report.accepted == 31_491
    first, second = (rows_of(catalog_path, name) for name in report.instrument_ids)
    assert first[-1] < at("2024-10-16T22:00") <= second[0]
