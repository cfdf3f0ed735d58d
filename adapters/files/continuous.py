"""
Bars of a continuous series, split at its rolls into the contracts that they were traded in.

A run trades a contract, so the catalog holds contracts: a synthetic instrument of several would
have no expiry, an untradable jump at each roll, and no live counterpart. A file of a vendor does
not state its rolls, so the rule of the symbol decides, as for Databento
(`adapters.databento.continuous`): `CL.v.0` and `CL.n.0` by the usual roll of the product
(`catalog.contracts.roll_day`), `CL.c.0` after the last trading day. A trade date is never cut: a
contract begins at 18:00 in New York of the evening before. If the vendor has rolled on another
day, the days between are stored under the wrong contract; back-adjusted prices belong to no
contract.
"""

import re
import time
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.databento.continuous import contract_on
from adapters.databento.continuous import next_roll
from adapters.files.columns import BAR_COLUMNS
from adapters.files.inspection import inspect_files
from adapters.files.inspection import step_of
from adapters.files.layout import FileLayout
from adapters.files.local_time import UTC_ZONE
from adapters.files.local_time import find_zone
from adapters.files.writes import Reading
from adapters.files.writes import write_bar_files
from adapters.instruments import definition_notes
from adapters.instruments import find_instrument
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from adapters.wall_clock import WallClock
from adapters.wall_clock import refuse_wall_clock
from catalog.contracts import contract_spec
from catalog.layout import EARLIEST_NS
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_HOUR
from catalog.layout import latest_ns
from catalog.sessions.clock import new_york_time
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.sessions.trade_date import NewYorkClock
from catalog.sessions.trade_date import trade_day
from catalog.transaction import catalog_writes
from catalog.units import in_catalog_unit
from errors import AuctionError
from errors import UsageError


_NAMED_BY_MONTH = re.compile(r"([A-Z0-9]+)_\w+_(\d{4})[-_](\d{2})\b")


@dataclass(frozen=True, slots=True)
class ContractPart:
    """
    Represents the period in which a continuous symbol resolves to one contract.

    Attributes
    ----------
    contract : str
        The contract (`CLX4`).
    begin_ns, end_ns : int
        The period (ns UTC, the end excluded); the first part has no begin and the last no end.

    """

    contract: str
    begin_ns: int
    end_ns: int


def contract_parts(symbol: str, hours: NDArray[np.int64]) -> list[ContractPart]:
    """
    Return the contracts of a continuous symbol that have a row.

    Parameters
    ----------
    symbol : str
        The symbol (`CL.v.0`).
    hours : NDArray[np.int64]
        The hours with a row, rising (ns UTC).

    """
    clock, parts = NewYorkClock(), []
    at, last = int(hours[0]), int(hours[-1])
    while at <= last:
        day = clock.trade_date(at)
        end = trade_day(next_roll(symbol, day))[0]
        parts.append(ContractPart(contract_on(symbol, day), at, end))
        later = hours[hours >= end]
        at = int(later[0]) if len(later) else END_OF_TIME
    parts[0] = replace(parts[0], begin_ns=0)
    parts[-1] = replace(parts[-1], end_ns=END_OF_TIME)
    return parts


def ingest_continuous(
    catalog_path: Path,
    instrument_id: str,
    bars: Sequence[Path],
    bar_step: str | None = None,
    time_zone: str | None = None,
) -> IngestReport:
    """
    Import bars of a continuous series under the contracts that they were traded in.

    The report lists the part of each contract. All are written to the catalog, or none.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        A continuous symbol at its venue (`CL.v.0.XNYM`).
    bars : Sequence[Path]
        The files, as for `ingest_csv`.
    bar_step, time_zone : str, optional
        As for `ingest_csv`.

    Returns
    -------
    IngestReport

    Raises
    ------
    UsageError
        If the root is unknown or trades at another venue; else as `ingest_csv`.
    AuctionError
        As `ingest_csv`.

    """
    started = time.perf_counter()
    symbol, _, venue = instrument_id.rpartition(".")
    zone = None if time_zone in (None, UTC_ZONE) else find_zone(str(time_zone))
    reports: list[FileReport] = []
    layouts = inspect_files(bars, BAR_COLUMNS, "bars", reports, zone)
    if not layouts:
        raise AuctionError(f"{reports[0].path}: the file has no rows: nothing was written")
    step_ns = step_of(layouts, bar_step)
    is_doubted = time_zone is None and venue in GLOBEX_VENUES
    parts = contract_parts(symbol, _hours(layouts, is_doubted=is_doubted))
    instruments = [
        in_catalog_unit(
            catalog_path,
            find_instrument(catalog_path, f"{part.contract}.{venue}", part.end_ns - 1)
            if part.end_ns < END_OF_TIME
            else find_instrument(catalog_path, f"{part.contract}.{venue}", _first(layouts, part)),
        )
        for part in parts
    ]
    notes = [note for one in instruments for note in definition_notes(catalog_path, one)]
    writes = []
    total = len(parts) * sum(layout.path.stat().st_size for layout in layouts)
    with (
        show_progress(f"reading {instrument_id}", total) as advance,
        catalog_writes(catalog_path) as catalog,
    ):
        for part, instrument in zip(parts, instruments, strict=True):
            found: list[FileReport] = []
            of_part = [replace(one, part=(part.begin_ns, part.end_ns)) for one in layouts]
            reading = Reading(found, advance, None, is_doubted=False)
            writes.append(write_bar_files(catalog, instrument, of_part, step_ns, reading))
            for report in found:
                report.kind = f"{part.contract} bars"
            reports += found
    ids = [str(instrument.id) for instrument in instruments]
    return IngestReport.of(ids, reports, writes, started, [*_rolls(instrument_id, parts), *notes])


def series_notes(instrument_id: str, paths: Sequence[Path]) -> list[str]:
    """
    Return a remark for files named as a continuous series but read as one contract.

    Parameters
    ----------
    instrument_id : str
        The contract.
    paths : Sequence[Path]
        The files; one named by product and month (`CL_1m_2024-10.parquet`) is such a series.

    """
    contract, _, venue = instrument_id.rpartition(".")
    spec = contract_spec(contract)
    notes = []
    for path in paths:
        named = _NAMED_BY_MONTH.match(path.name)
        if spec is None or named is None or named[1] != spec.root or not 1 <= int(named[3]) <= 12:
            continue
        year, month = int(named[2]), int(named[3])
        days = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        fronts = dict.fromkeys(contract_on(f"{spec.root}.v.0", day) for day in days)
        if list(fronts) != [contract]:
            notes.append(
                f"{path.name}: named as a continuous series, whose contract that month is "
                f"{', then '.join(fronts)}: --instrument {spec.root}.v.0.{venue} splits it at the "
                f"roll; all of it is now {contract}"
            )
    return notes


def _first(layouts: Sequence[FileLayout], part: ContractPart) -> int:
    return max(part.begin_ns, min(int(np.median(layout.head)) for layout in layouts))


def _hours(layouts: Sequence[FileLayout], *, is_doubted: bool) -> NDArray[np.int64]:
    clock, found = WallClock(), []
    for layout in layouts:
        only_times = replace(layout, columns={"ts": layout.columns["ts"]}, symbol="")
        for timed in only_times.read(FileReport(layout.path, "bars")):
            possible = (timed.ts >= EARLIEST_NS) & (timed.ts <= latest_ns())
            ts = timed.ts[timed.valid & ~timed.skipped & possible]
            clock.add(ts)
            found.append(np.unique(ts // NS_PER_HOUR))
    if is_doubted:
        refuse_wall_clock(clock, layouts[0].path)
    hours = np.unique(np.concatenate(found)) * NS_PER_HOUR
    if not len(hours):
        raise UsageError(f"{layouts[0].path}: no row has a time: nothing was written")
    return hours


def _rolls(instrument_id: str, parts: Sequence[ContractPart]) -> list[str]:
    rule = "after the last trading day" if ".c." in instrument_id else "the customary roll"
    lines = [f"bars of {part.contract} {_span(part, is_last=part is parts[-1])}" for part in parts]
    return [
        f"{instrument_id} is split into contracts ({rule}; that of the vendor may differ)",
        *lines,
    ]


def _span(part: ContractPart, *, is_last: bool) -> str:
    begin = f"from {new_york_time(part.begin_ns)} on" if part.begin_ns else ""
    end = "" if is_last else f"until {new_york_time(part.end_ns)}"
    return ", ".join(text for text in (begin, end) if text) or "throughout"
