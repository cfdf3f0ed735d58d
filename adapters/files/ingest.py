"""Imports CSV and Parquet files of trades, quotes and bars into the catalog."""

import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from adapters.bar_types import detect_bar_step
from adapters.bar_types import external_bar_type
from adapters.bar_types import parse_bar_step
from adapters.checks import units_of
from adapters.files.columns import BAR_COLUMNS
from adapters.files.columns import QUOTE_COLUMNS
from adapters.files.columns import TRADE_COLUMNS
from adapters.files.layout import FileLayout
from adapters.files.layout import inspect_file
from adapters.files.local_time import UTC_ZONE
from adapters.files.local_time import find_zone
from adapters.files.parsing import RunningNumbers
from adapters.files.parsing import read_bars
from adapters.files.parsing import read_quotes
from adapters.files.parsing import read_trades
from adapters.finer_steps import in_finer_steps
from adapters.guard import FinerStepError
from adapters.guard import accepted_batches
from adapters.instruments import definition_notes
from adapters.instruments import find_instrument
from adapters.progress import Advance
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from adapters.wall_clock import utc_checked
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.layout import ESTIMATED
from catalog.layout import INFERRED
from catalog.layout import NO_VOLUME
from catalog.layout import VENUE_SIDE
from catalog.protocols import Instrument
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.transaction import CatalogWrites
from catalog.transaction import catalog_writes
from catalog.units import in_catalog_unit
from catalog.write_report import WriteReport
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError


WITHOUT_VOLUME = "no column of volume: the bars are kept with the volume 0 and have no profile"


@dataclass(frozen=True, slots=True)
class _Reading:
    reports: list[FileReport]
    advance: Advance
    # How many rows on a finer step than the instrument's are single bad rows.
    finer_rows: int | None
    # If the times may be those of a wall clock.
    is_doubted: bool

    def accepted[B: (TradeBatch, QuoteBatch, BarBatch)](
        self, streams: Sequence[tuple[FileReport, Iterator[B]]], step_ns: int = 0
    ) -> Iterator[B]:
        batches = accepted_batches(streams, finer_rows=self.finer_rows)
        return utc_checked(batches, streams[0][0].path, step_ns) if self.is_doubted else batches


def ingest_csv(
    catalog_path: Path,
    instrument_id: str,
    trades: Sequence[Path] = (),
    quotes: Sequence[Path] = (),
    bars: Sequence[Path] = (),
    bar_step: str | None = None,
    *,
    finer_steps: bool = False,
    time_zone: str | None = None,
) -> IngestReport:
    """
    Import CSV (plain, gzip or zstandard) or Parquet files of one instrument into the catalog.

    Trades have the columns `ts,price,size[,side][,id][,seq]`, quotes
    `ts,bid,bid_size,ask,ask_size[,seq]`, bars `ts,open,high,low,close[,volume]`, in any order and
    under other usual names (see `adapters.files.columns`). Times are epoch numbers, whose unit is
    inferred from their magnitude, or ISO 8601; all of one file in one unit. Bars are stamped at
    their open in the file and at their close in the catalog. Bars without a column of volume are
    kept with the volume 0 and labelled `no volume`: they have no profile.

    Times without an offset are UTC. Those of a market on Globex that are the wall clock of the
    exchange instead, whatever they are labelled, are refused: the daily break shows them
    (`adapters.wall_clock`). With `time_zone` they are read as that clock. An hour that the clocks
    skip is rejected row by row; in a repeated one the order of the rows distinguishes the first
    pass from the second, and the rows are counted.

    A row without time, with a price or size that is not above zero or not on the instrument's
    grid, or a quote with the bid above the ask by more than 1 % is rejected and counted. Trades
    without a side column are labelled `inferred`.

    Ids are taken as ids of the venue, one for each trade. If every file of trades has a column of
    ids, a trade equal to an earlier one in every field is therefore a repetition by the feed (or
    two files overlap): it is dropped and counted. Without the column nothing is dropped.

    A file is refused as misread if one reason rejects more than 1 % of its rows (and more than
    three), or if it would lose all trades of one side (three or more, for any reasons) and keep
    some of the other.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The instrument of all rows (`BTCUSDT-LINEAR.BYBIT`, `NQZ5.XCME`).
    trades, quotes, bars : Sequence[Path]
        The files. They may be given in any order.
    bar_step : str, optional
        The step of the bars (`1m`, `4h`); inferred from their times if not given.
    finer_steps : bool, default False
        If prices and sizes on a finer step than the venue's present one are older rows of this
        instrument, and not a misread file: the catalog then stores it in the finer step.
    time_zone : str, optional
        The time zone whose wall clock the times are (`America/New_York`); `UTC` takes them for UTC
        without a doubt.

    Returns
    -------
    IngestReport
        What was read, rejected and written.

    Raises
    ------
    UsageError
        If no file is given, one does not exist, the instrument, the step or the time zone is
        unknown, or the times are those of a wall clock labelled UTC.
    AuctionError
        If a file cannot be read or mixes time units, or most of its rows are bad. Nothing is
        written then.

    """
    started = time.perf_counter()
    if not (trades or quotes or bars):
        raise UsageError(f"{instrument_id}: no file given: name one of trades, quotes or bars")
    reports: list[FileReport] = []
    zone = None if time_zone in (None, UTC_ZONE) else find_zone(str(time_zone))
    trade_files = _inspect(trades, TRADE_COLUMNS, "trades", reports, zone)
    quote_files = _inspect(quotes, QUOTE_COLUMNS, "quotes", reports, zone)
    bar_files = _inspect(bars, BAR_COLUMNS, "bars", reports, zone)
    layouts = [*trade_files, *quote_files, *bar_files]
    if not layouts:
        raise AuctionError(f"{reports[0].path}: the file has no rows: nothing was written")
    symbols = sorted({layout.symbol for layout in layouts if layout.symbol})
    if len(symbols) > 1:
        raise UsageError(f"files of {', '.join(symbols)}: import one instrument at a time")
    # One wrong time must not select the contract of another decade.
    first_ns = min(int(np.median(layout.head)) for layout in layouts)
    instrument = in_catalog_unit(
        catalog_path, find_instrument(catalog_path, instrument_id, first_ns)
    )
    step_ns = _bar_step(bar_files, bar_step)
    total = sum(layout.path.stat().st_size for layout in layouts)
    notes = definition_notes(catalog_path, instrument)
    warnings: list[str] = []
    is_globex = str(instrument.id.venue) in GLOBEX_VENUES

    def write(instrument: Instrument) -> IngestReport:
        files = list(reports)
        writes = []
        with (
            show_progress(f"reading {instrument_id}", total) as advance,
            catalog_writes(catalog_path) as catalog,
        ):
            reading = _Reading(
                files, advance, 0 if finer_steps else None, is_globex and time_zone is None
            )
            if trade_files or quote_files:
                sources = trade_files, quote_files
                writes.append(_write_ticks(catalog, instrument, sources, reading))
            if bar_files:
                writes.append(_write_bars(catalog, instrument, bar_files, step_ns, reading))
        return IngestReport.of([instrument_id], files, writes, started, [*notes, *warnings])

    try:
        return in_finer_steps(instrument, write, warnings) if finer_steps else write(instrument)
    except FinerStepError as error:
        if finer_steps:
            raise
        raise AuctionError(
            f"{error}; or pass --finer-steps if the venue has raised its step since then"
        ) from None


def _inspect(
    paths: Sequence[Path],
    wanted: Mapping[str, str],
    kind: str,
    reports: list[FileReport],
    zone: ZoneInfo | None,
) -> list[FileLayout]:
    layouts = []
    for path in map(Path, paths):
        layout = inspect_file(path, wanted, zone)
        if layout is None:
            reports.append(FileReport(path, kind, warnings=[f"{path.name}: the file has no rows"]))
        else:
            layouts.append(layout)
    if not all("seq" in layout.columns for layout in layouts):
        for layout in layouts:
            layout.columns.pop("seq", None)
    return sorted(layouts, key=lambda layout: int(layout.head[0]))


def _new_report(layout: FileLayout, kind: str, reports: list[FileReport]) -> FileReport:
    report = layout.new_report(kind)
    reports.append(report)
    return report


def _bar_step(layouts: list[FileLayout], bar_step: str | None) -> int:
    if bar_step is not None:
        return parse_bar_step(bar_step)
    steps = {detect_bar_step(layout.head) for layout in layouts}
    step_ns = steps.pop() if len(steps) == 1 else None
    if layouts and step_ns is None:
        raise UsageError(
            f"{layouts[0].path}: the times do not show one step of the bars: pass --bar-step (1m)",
        )
    return step_ns or 0


def _write_ticks(
    catalog: CatalogWrites,
    instrument: Instrument,
    sources: tuple[list[FileLayout], list[FileLayout]],
    reading: _Reading,
) -> WriteReport:
    trade_files, quote_files = sources
    units = units_of(instrument)
    numbers = RunningNumbers()
    with_side = all({"side", "buyer_is_maker"} & layout.columns.keys() for layout in trade_files)
    trades = []
    for layout in trade_files:
        report = _new_report(layout, "trades", reading.reports)
        trades.append((report, read_trades(layout, units, report, numbers, reading.advance)))
    quotes = []
    for layout in quote_files:
        report = _new_report(layout, "quotes", reading.reports)
        quotes.append((report, read_quotes(layout, units, report, reading.advance)))
    return write_ticks(
        catalog,
        instrument,
        reading.accepted(trades) if trades else None,
        reading.accepted(quotes) if quotes else None,
        VENUE_SIDE if with_side else INFERRED,
        unique_trade_ids=all("id" in layout.columns for layout in trade_files),
    )


def _write_bars(
    catalog: CatalogWrites,
    instrument: Instrument,
    bar_files: list[FileLayout],
    step_ns: int,
    reading: _Reading,
) -> WriteReport:
    units = units_of(instrument)
    bars = []
    for layout in bar_files:
        report = _new_report(layout, "bars", reading.reports)
        if "volume" not in layout.columns:
            report.warnings.append(f"{layout.path.name}: {WITHOUT_VOLUME}")
        bars.append((report, read_bars(layout, units, report, reading.advance, step_ns)))
    bar_type = external_bar_type(str(instrument.id), step_ns)
    has_volume = all("volume" in layout.columns for layout in bar_files)
    qualities = (ESTIMATED,) if has_volume else (ESTIMATED, NO_VOLUME)
    return write_bars(catalog, instrument, reading.accepted(bars, step_ns), bar_type, *qualities)
