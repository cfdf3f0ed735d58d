"""The days of a batch: which are named, and which of them have data."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from backtests.preflight import run_files
from catalog.layout import DataFile
from catalog.trading_days import is_closed_day
from catalog.trading_days import last_close
from catalog.trading_days import trading_day
from configs.loader import RunConfig
from errors import AuctionError
from errors import UsageError


MOST_DAYS = 3_700


@dataclass(frozen=True, slots=True)
class BatchDays:
    """
    Represents the days of a batch.

    Attributes
    ----------
    ranges : tuple[tuple[date, ...], ...]
        The days that are run, in ranges without a day of trading between two of them left out.
    closed : tuple[date, ...]
        The days on which no venue of the run trades.
    missing : tuple[tuple[date, str], ...]
        The days without data, each with the instruments that lack them.

    """

    ranges: tuple[tuple[date, ...], ...]
    closed: tuple[date, ...]
    missing: tuple[tuple[date, str], ...]


def parse_days(text: str) -> list[tuple[date, date]]:
    """
    Return the ranges of a text like `2025-07-01..2025-11-28,2025-12-03`, first and last day each.

    Raises
    ------
    UsageError
        If it is no such text, the days do not rise, or there are too many.

    """
    ranges: list[tuple[date, date]] = []
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        start = _day(first, text)
        end = _day(last, text) if dots else start
        if end < start:
            raise UsageError(f"--days {part.strip()}: {end} is before {start}")
        if ranges and start <= ranges[-1][1]:
            raise UsageError(f"--days {part.strip()}: {start} is not after {ranges[-1][1]}")
        ranges.append((start, end))
    count = sum((end - start).days + 1 for start, end in ranges)
    if count > MOST_DAYS:
        raise UsageError(f"--days: {count:,} days; at most {MOST_DAYS:,} at once")
    return ranges


def batch_days(run: RunConfig, named: Sequence[tuple[date, date]]) -> BatchDays:
    """
    Return the days of a batch by calendar and catalog.

    Days of two ranges that follow each other without a day of trading between them are one range.
    A day is run if any instrument of the run has data of it.

    Parameters
    ----------
    run : RunConfig
        The configuration, with its catalog and instruments.
    named : Sequence[tuple[date, date]]
        The ranges, as `parse_days` returns them.

    Raises
    ------
    AuctionError
        If none of the days has data.

    """
    venues = sorted({venue_of(name) for name in run.instrument_ids})
    days = [day for first, last in named for day in _days(first, last)]
    closed = tuple(day for day in days if all(is_closed_day(v, day) for v in venues))
    files = {name: _files(run, name) for name in run.instrument_ids}
    missing: list[tuple[date, str]] = []
    ranges: list[list[date]] = []
    last: date | None = None
    for day in sorted(set(days).difference(closed)):
        lacking = [
            name
            for name in run.instrument_ids
            if not any(has_rows(f, *trading_day(venue_of(name), day)) for f in files[name])
        ]
        if lacking:
            missing.append((day, ", ".join(lacking)))
        if len(lacking) == len(run.instrument_ids):
            continue
        if last is None or not _follows(venues, last, day):
            ranges.append([])
        ranges[-1].append(day)
        last = day
    if not ranges:
        raise AuctionError(
            f"{run.catalog}: no data of {', '.join(run.instrument_ids)} on any day of --days: see "
            "`auction catalog list`"
        )
    return BatchDays(tuple(map(tuple, ranges)), closed, tuple(missing))


def window_of(run: RunConfig, days: Sequence[date]) -> tuple[int, int]:
    """Return when the first of some days begins, and trading on the last ends (ns UTC)."""
    venues = sorted({venue_of(name) for name in run.instrument_ids})
    starts = [trading_day(venue, days[0])[0] for venue in venues]
    return min(starts), max(last_close(venue, days[-1]) for venue in venues)


def venue_of(instrument_id: str) -> str:
    """Return the venue of an instrument."""
    return instrument_id.rpartition(".")[2]


def has_rows(file: DataFile, start: int, end: int) -> bool:
    """Return True if a file of a catalog has a row of a time (ns UTC, the end outside)."""
    if not file.overlaps(start, end - 1):
        return False
    # Its first or its last row is within.
    if start <= file.start_ns or file.end_ns < end:
        return True
    try:
        parquet = pq.ParquetFile(file.path)
        column = parquet.schema_arrow.names.index("ts_init")
        for number in range(parquet.metadata.num_row_groups):
            found = parquet.metadata.row_group(number).column(column).statistics
            if found is None or not found.has_min_max:
                rows = parquet.read_row_group(number, columns=["ts_init"])["ts_init"].to_numpy()
                if ((rows >= start) & (rows < end)).any():
                    return True
            elif int(found.min) < end and int(found.max) >= start:
                return True
    except (pa.ArrowException, OSError, ValueError) as e:
        raise AuctionError(f"{file.path}: not readable: {' '.join(str(e).split())}") from e
    return False


def _follows(venues: Iterable[str], last: date, day: date) -> bool:
    between = _days(last + timedelta(days=1), day - timedelta(days=1))
    return all(is_closed_day(venue, other) for other in between for venue in venues)


def _files(run: RunConfig, instrument_id: str) -> list[DataFile]:
    return [file for name in run.document["data"] for file in run_files(run, name, instrument_id)]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"--days {whole}: {text.strip()!r} is no day; give days like 2025-07-01..2025-11-28 or "
            "2025-07-01,2025-07-03"
        ) from None
