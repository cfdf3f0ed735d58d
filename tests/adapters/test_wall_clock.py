"""Times of an exchange's clock that are labelled UTC, and the option that mends them."""

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from numpy.typing import NDArray

from adapters.files.ingest import ingest_csv
from adapters.files.local_time import LocalClock
from adapters.files.local_time import find_zone
from adapters.files.reading import read_blocks
from adapters.files.reading import read_header
from adapters.files.writes import WITHOUT_VOLUME
from adapters.wall_clock import WallClock
from catalog.contents import data_quality
from catalog.sessions.globex import globex_hours
from errors import AuctionError
from errors import UsageError


CL = "CLX4.XNYM"
CL_MINUTES = f"{CL}-1-MINUTE-LAST-EXTERNAL"
MINUTE_NS = 60 * 10**9
NEW_YORK = find_zone("America/New_York")


def minutes_of(venue: str, first: str, days: int) -> NDArray[np.int64]:
    """Return the starts of the minutes (ns UTC) of trade dates on Globex."""
    start = date.fromisoformat(first).toordinal()
    hours = [
        hour for day in range(days) for hour in globex_hours(venue, date.fromordinal(start + day))
    ]
    return np.concatenate([np.arange(begin, end, MINUTE_NS) for begin, end in hours])


def on_clock(ts: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Return times as a wall clock shows them, labelled UTC."""
    hours, of = np.unique(ts // (60 * MINUTE_NS), return_inverse=True)
    shown = [datetime.fromtimestamp(int(hour) * 3600, find_zone(zone)) for hour in hours]
    labels = np.array([int(at.replace(tzinfo=UTC).timestamp()) for at in shown], dtype=np.int64)
    return labels[of] * 10**9 + ts % (60 * MINUTE_NS)


def found_zone(ts: NDArray[np.int64]) -> str | None:
    clock = WallClock()
    for part in np.array_split(ts, 7):
        clock.add(part)
    found = clock.find()
    return None if found is None else found[0].zone


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_bars(ts: NDArray[np.int64], *, volume: bool = True) -> Path:
        columns = {"timestamp": pa.array(ts, pa.timestamp("ns"))}
        columns |= {
            name: pa.array(np.full(len(ts), 68.35)) for name in ("open", "high", "low", "close")
        }
        if volume:
            columns["volume"] = pa.array(np.arange(len(ts)))
        path = tmp_path / "bars.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return write_bars


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago"])
@pytest.mark.parametrize("first", ["2024-07-01", "2024-12-02", "2024-10-28", "2013-10-07"])
@pytest.mark.parametrize("venue", ["XNYM", "XCME"])
def test_the_clock_of_an_exchange_is_found_in_summer_and_winter(
    venue: str, first: str, zone: str
) -> None:
    assert found_zone(on_clock(minutes_of(venue, first, 13), zone)) == zone


@pytest.mark.parametrize("first", ["2024-07-01", "2024-12-02", "2024-10-28", "2013-10-07"])
@pytest.mark.parametrize("step", [1, 5, 60])
def test_true_utc_of_a_future_is_none(first: str, step: int) -> None:
    assert found_zone(minutes_of("XNYM", first, 40)[::step]) is None


def test_a_market_without_a_break_is_none() -> None:
    assert found_zone(np.arange(0, 30 * 1440) * MINUTE_NS) is None


@pytest.mark.parametrize(
    ("first", "days"), [("2024-10-07", 5), ("2024-10-10", 4), ("2024-10-08", 1)]
)
def test_few_days_or_no_weekend_show_no_clock(first: str, days: int) -> None:
    ts = on_clock(minutes_of("XNYM", first, days), "America/New_York")
    # A week from its first Sunday evening shows one; that without its Sunday does not.
    assert found_zone(ts[ts >= ts[0] + 7 * 60 * MINUTE_NS]) is None


def test_hourly_bars_of_a_clock_are_found_in_a_month() -> None:
    ts = on_clock(minutes_of("XNYM", "2024-10-01", 60)[::60], "America/New_York")

    assert found_zone(ts) == "America/New_York"


def test_the_ingest_refuses_the_clock_and_names_the_option(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    ts = minutes_of("XNYM", "2024-10-01", 14)
    path = write(on_clock(ts, "America/New_York"))

    with pytest.raises(UsageError, match="pass --time-zone America/New_York") as error:
        ingest_csv(catalog_path, CL, bars=[path])

    assert error.value.exit_code == 2
    assert "empty from 17:00 to 18:00" in str(error.value)
    assert not catalog_path.exists() or not list(catalog_path.rglob("*.parquet"))

    report = ingest_csv(catalog_path, CL, bars=[path], time_zone="America/New_York")

    bars = ParquetDataCatalog(catalog_path).bars([CL_MINUTES])
    assert [bar.ts_event - MINUTE_NS for bar in bars] == ts.tolist()
    assert report.files[0].warnings == [
        "bars.parquet: times are read as the wall clock of America/New_York"
    ]


def test_utc_by_name_is_taken_without_a_doubt(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    ts = on_clock(minutes_of("XNYM", "2024-10-01", 14), "America/New_York")

    report = ingest_csv(catalog_path, CL, bars=[write(ts)], time_zone="UTC")

    assert report.accepted == len(ts)


def test_bars_without_volume_are_kept_and_say_so(
    write: Callable[..., Path], catalog_path: Path
) -> None:
    ts = minutes_of("XNYM", "2024-10-08", 1)

    report = ingest_csv(catalog_path, CL, bars=[write(ts, volume=False)])

    assert report.files[0].warnings == [
        "bars.parquet: times without an offset are read as UTC",
        f"bars.parquet: {WITHOUT_VOLUME}",
    ]
    assert data_quality(catalog_path, CL) == {"estimated from bars", "no volume"}
    assert {bar.volume.as_double() for bar in ParquetDataCatalog(catalog_path).bars()} == {0.0}


def test_hours_that_clocks_skip_are_rejected_and_repeated_ones_distinguished(
    tmp_path: Path, catalog_path: Path
) -> None:
    stamps = [
        *(f"2024-11-03 00:{minute:02d}" for minute in range(60)),
        *(f"2024-11-03 01:{minute:02d}" for minute in range(60)),
        *(f"2024-11-03 01:{minute:02d}" for minute in range(60)),
        "2024-11-03 02:00",
        "2025-03-09 01:59",
        "2025-03-09 02:30",
        "2025-03-09 03:00",
    ]
    path = tmp_path / "in.csv"
    path.write_text("ts,open,high,low,close,volume\n" + "".join(f"{s},1,1,1,1,1\n" for s in stamps))
    btc = "BTCUSDT-LINEAR.BYBIT"

    report = ingest_csv(catalog_path, btc, bars=[path], time_zone="America/New_York")

    (file,) = report.files
    assert {reason: found.count for reason, found in file.rejected.items()} == {
        "time that the clocks of America/New_York skip": 1
    }
    assert file.warnings[-1] == (
        "in.csv: 120 rows of an hour that the clocks of America/New_York repeat: distinguished by "
        "their order, 60 are of the second"
    )
    bars = ParquetDataCatalog(catalog_path).bars()
    opens = [datetime.fromtimestamp(bar.ts_event // 10**9 - 60, UTC) for bar in bars]
    assert [f"{at:%m-%d %H:%M}" for at in (opens[0], opens[180], *opens[181:])] == [
        "11-03 04:00",
        "11-03 07:00",
        "03-09 06:59",
        "03-09 07:00",
    ]
    assert len(set(opens)) == 183


def test_a_repeated_hour_without_a_step_back_is_the_first() -> None:
    clock = LocalClock(NEW_YORK)
    local = np.array([np.datetime64("2024-11-03T01:30", "ns")]).astype(np.int64)

    assert clock.read(local).ts.astype("datetime64[ns]").tolist() == [1730611800 * 10**9]
    assert clock.notes() == [
        "1 rows of an hour that the clocks of America/New_York repeat: read as those of the first: "
        "the times never step back"
    ]


@pytest.mark.parametrize("stamp", ["2024-10-01T00:00:00-04:00", "2024-10-01 00:00:00+0530"])
def test_times_with_an_offset_of_their_own_are_no_wall_clock(
    stamp: str, tmp_path: Path, catalog_path: Path
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"ts,open,high,low,close\n{stamp},1,1,1,1\n")

    with pytest.raises(UsageError, match="leave --time-zone out"):
        ingest_csv(catalog_path, CL, bars=[path], time_zone="America/New_York")


def test_an_unknown_zone_is_wrong_usage(tmp_path: Path, catalog_path: Path) -> None:
    with pytest.raises(UsageError, match="'Mars' is no time zone"):
        ingest_csv(catalog_path, CL, bars=[tmp_path / "none"], time_zone="Mars")


def test_parquet_is_read_as_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    table = pa.table(
        {
            "ts": pa.array([1_728_000_000 * 10**9], pa.timestamp("ns", "America/New_York")),
            "price": [68.35],
            "size": pa.array([None], pa.int64()),
            "side": pa.array(["buy"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)

    assert read_header(path) == ["ts", "price", "size", "side"]
    (block,) = read_blocks(path, {name: name for name in table.column_names})
    assert block.text(0) == "2024-10-04 00:00:00.000000000Z,68.35,,buy"
    assert block.lines.tolist() == [1]


def test_damaged_parquet_is_one_line(tmp_path: Path, catalog_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(b"PAR1" + b"x" * 100)

    with pytest.raises(AuctionError, match="not a readable Parquet file"):
        ingest_csv(catalog_path, CL, bars=[path])


def test_recorded_minutes_of_crude_oil_are_the_clock_of_new_york(
    real_data: Path, catalog_path: Path
) -> None:
    path = real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet"

    with pytest.raises(UsageError, match="pass --time-zone America/New_York"):
        ingest_csv(catalog_path, "CLZ4.XNYM", bars=[path])

    report = ingest_csv(catalog_path, "CLZ4.XNYM", bars=[path], time_zone="America/New_York")
    assert report.accepted == report.files[0].rows == 31_492 - 1
    bars = ParquetDataCatalog(catalog_path).bars()
    assert bars[0].ts_event == (datetime(2024, 10, 1, 4, 1, tzinfo=UTC)).timestamp() * 10**9
