"""Imports CSV and Parquet files of trades, quotes and bars into the catalog."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adapters.databento.continuous import parse_rolling
from adapters.files.columns import BAR_COLUMNS
from adapters.files.columns import QUOTE_COLUMNS
from adapters.files.columns import TRADE_COLUMNS
from adapters.files.continuous import ingest_continuous
from adapters.files.continuous import series_notes
from adapters.files.inspection import inspect_files
from adapters.files.inspection import step_of
from adapters.files.local_time import UTC_ZONE
from adapters.files.local_time import find_zone
from adapters.files.synthesis import MADE_UP
from adapters.files.synthesis import check_minutes
from adapters.files.synthesis import check_synthesis
from adapters.files.synthesis import proxy_notes
from adapters.files.writes import Reading
from adapters.files.writes import write_bar_files
from adapters.files.writes import write_synthetic
from adapters.files.writes import write_tick_files
from adapters.finer_steps import in_finer_steps
from adapters.guard import FinerStepError
from adapters.instruments import definition_notes
from adapters.instruments import find_instrument
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from catalog.protocols import Instrument
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.transaction import catalog_writes
from catalog.units import in_catalog_unit
from errors import AuctionError
from errors import UsageError


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
    synthesize_seed: int | None = None,
    proxy_for: str | None = None,
) -> IngestReport:
    """
    Import CSV (plain, gzip or zstandard) or Parquet files of one instrument into the catalog.

    Trades have the columns `ts,price,size[,side][,id][,seq]`, quotes
    `ts,bid,bid_size,ask,ask_size[,seq]`, bars `ts,open,high,low,close[,volume]`, in any order and
    under other usual names (see `adapters.files.columns`). Times are epoch numbers, whose unit is
    inferred from their magnitude, or ISO 8601; all of one file in one unit. Bars are stamped at
    their open in the file and at their close in the catalog. Bars without a column of volume are
    kept with the volume 0 and labelled `no volume`: they have no profile.

    The bars of a continuous series are split into their contracts where the instrument is one like
    `CL.v.0.XNYM` (`adapters.files.continuous`).

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
        The instrument of all rows (`BTCUSDT-LINEAR.BYBIT`, `NQZ5.XCME`), or a continuous symbol.
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
    synthesize_seed : int, optional
        The seed of trades that are made up from bars of one minute and written in their place, as a
        stand-in for ticks (`adapters.files.synthesis`); they are labelled as estimated.
    proxy_for : str, optional
        The symbol of another instrument that these made-up trades stand in for, as SPY does for ES;
        they are labelled so.

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
    proxies: list[str] = []
    if synthesize_seed is not None:
        check_synthesis(instrument_id, [*trades, *quotes], bars)
        proxies = proxy_notes(instrument_id, proxy_for)
    elif proxy_for is not None:
        raise UsageError("--proxy-for needs --synthesize-ticks")
    if parse_rolling(instrument_id.rpartition(".")[0]) is not None:
        if trades or quotes or finer_steps:
            raise UsageError(
                f"{instrument_id}: only bars are split into contracts: name the contract of ticks"
            )
        return ingest_continuous(catalog_path, instrument_id, bars, bar_step, time_zone)
    reports: list[FileReport] = []
    zone = None if time_zone in (None, UTC_ZONE) else find_zone(str(time_zone))
    trade_files = inspect_files(trades, TRADE_COLUMNS, "trades", reports, zone)
    quote_files = inspect_files(quotes, QUOTE_COLUMNS, "quotes", reports, zone)
    bar_files = inspect_files(bars, BAR_COLUMNS, "bars", reports, zone)
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
    step_ns = step_of(bar_files, bar_step)
    if synthesize_seed is not None:
        check_minutes(step_ns)
    total = sum(layout.path.stat().st_size for layout in layouts)
    notes = definition_notes(catalog_path, instrument)
    notes += series_notes(instrument_id, [layout.path for layout in bar_files])
    warnings: list[str] = [] if synthesize_seed is None else [MADE_UP, *proxies]
    is_globex = str(instrument.id.venue) in GLOBEX_VENUES

    def write(instrument: Instrument) -> IngestReport:
        files = list(reports)
        writes = []
        with (
            show_progress(f"reading {instrument_id}", total) as advance,
            catalog_writes(catalog_path) as catalog,
        ):
            reading = Reading(
                files, advance, 0 if finer_steps else None, is_globex and time_zone is None
            )
            if trade_files or quote_files:
                sources = trade_files, quote_files
                writes.append(write_tick_files(catalog, instrument, sources, reading))
            if bar_files and synthesize_seed is not None:
                seed = synthesize_seed
                made_up = write_synthetic(catalog, instrument, bar_files, seed, proxy_for, reading)
                writes.append(made_up)
            elif bar_files:
                writes.append(write_bar_files(catalog, instrument, bar_files, step_ns, reading))
        return IngestReport.of([instrument_id], files, writes, started, [*notes, *warnings])

    try:
        return in_finer_steps(instrument, write, warnings) if finer_steps else write(instrument)
    except FinerStepError as error:
        if finer_steps:
            raise
        raise AuctionError(
            f"{error}; or pass --finer-steps if the venue has raised its step since then"
        ) from None
