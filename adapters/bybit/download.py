"""Downloads market data of a Bybit perpetual into the catalog over the public HTTP API."""

import time
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from adapters.bar_types import external_bar_type
from adapters.bybit.funding import NS_PER_MS
from adapters.bybit.funding import funding_updates
from adapters.bybit.funding import write_funding
from adapters.bybit.market import MINUTE_MS
from adapters.bybit.market import BybitMarket
from adapters.checks import RowCheck
from adapters.checks import Units
from adapters.checks import units_of
from adapters.guard import accepted_batches
from adapters.instruments import definition_notes
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from adapters.text import parse_floats
from catalog.batches import BarBatch
from catalog.batches import select_rows
from catalog.definitions import write_instrument
from catalog.instruments import bybit_perpetual_from_definition
from catalog.layout import BARS
from catalog.layout import ESTIMATED
from catalog.layout import data_files
from catalog.protocols import Instrument
from catalog.units import in_catalog_unit
from catalog.write_report import WriteReport
from catalog.writer import write_bars
from errors import UsageError


MINUTE_NS = MINUTE_MS * NS_PER_MS


def download_bybit(
    catalog_path: Path,
    instrument_id: str,
    start: datetime,
    end: datetime,
    base_url: str | None = None,
) -> IngestReport:
    """
    Download definition, one-minute bars and funding rates of a linear perpetual.

    The definition replaces the one in the catalog. Bars and rates are those of the window, up to
    now; bars of a time that the catalog covers are not requested again. Trades come from Bybit's
    public archive files, see `ingest_bybit`.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    instrument_id : str
        The instrument (`BTCUSDT-LINEAR.BYBIT`).
    start, end : datetime
        The window, without its end (UTC where no time zone is given). It is cut to whole minutes.
    base_url : str, optional
        An address instead of Bybit's.

    Returns
    -------
    IngestReport
        What was read, rejected and written.

    Raises
    ------
    UsageError
        If the window is empty, or the id is not of a linear perpetual that Bybit has.
    AuctionError
        If a request fails, or the catalog holds data on another price or size grid.

    """
    started = time.perf_counter()
    symbol = instrument_id.removesuffix("-LINEAR.BYBIT")
    if symbol == instrument_id or not symbol:
        raise UsageError(f"instrument {instrument_id!r}: use <symbol>-LINEAR.BYBIT")
    start_ms, end_ms = _minute_ms(start), _minute_ms(end)
    if start_ms >= end_ms:
        raise UsageError(f"window from {start} to {end} holds no minute: set start before end")
    warnings: list[str] = []
    reports: list[FileReport] = []
    writes: list[WriteReport] = []
    with BybitMarket.connect(symbol, base_url) as market:
        definition = market.instrument()
        end_ms = min(end_ms, market.server_ms // MINUTE_MS * MINUTE_MS)
        if start_ms >= end_ms:
            raise UsageError(f"window from {start} has no minute that is over: set start earlier")
        instrument = in_catalog_unit(catalog_path, bybit_perpetual_from_definition(definition))
        warnings += definition_notes(catalog_path, instrument)
        write_instrument(catalog_path, instrument)
        writes += [
            _download_bars(catalog_path, market, instrument, *part, reports)
            for part in _missing(catalog_path, instrument_id, start_ms, end_ms)
        ]
        if not writes:
            warnings.append("the bars of the window are in the catalog already")
        settlements = market.funding(start_ms, end_ms)
        if settlements:
            minutes = int(definition["fundingInterval"])
            updates = funding_updates(settlements, minutes)
            write_funding(catalog_path, str(instrument.id), updates)
            reports.append(FileReport(Path("funding"), "rates", len(updates), len(updates)))
        else:
            warnings.append("no funding was settled in the window")
    return IngestReport.of([instrument_id], reports, writes, started, warnings)


def _minute_ms(moment: datetime) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(aware.timestamp()) * 1000 // MINUTE_MS * MINUTE_MS


def _bar_type(instrument_id: str) -> str:
    return external_bar_type(instrument_id, MINUTE_NS)


def _missing(
    catalog_path: Path,
    instrument_id: str,
    start_ms: int,
    end_ms: int,
) -> Iterator[tuple[int, int]]:
    # A file from one close to another holds the bars that opened a minute before.
    for file in data_files(catalog_path, BARS, _bar_type(instrument_id)):
        stored_start_ms = file.start_ns // NS_PER_MS - MINUTE_MS
        if start_ms < min(stored_start_ms, end_ms):
            yield start_ms, min(stored_start_ms, end_ms)
        start_ms = max(start_ms, file.end_ns // NS_PER_MS)
    if start_ms < end_ms:
        yield start_ms, end_ms


def _download_bars(
    catalog_path: Path,
    market: BybitMarket,
    instrument: Instrument,
    start_ms: int,
    end_ms: int,
    reports: list[FileReport],
) -> WriteReport:
    report = FileReport(Path("kline"), "bars")
    reports.append(report)
    units = units_of(instrument)

    def batches() -> Iterator[BarBatch]:
        minutes = (end_ms - start_ms) // MINUTE_MS
        with show_progress(f"downloading {instrument.id}", minutes) as advance:
            for page in market.klines(start_ms, end_ms):
                yield _bars(page, units, report)
                advance(len(page))

    return write_bars(
        catalog_path,
        instrument,
        accepted_batches([(report, batches())]),
        _bar_type(str(instrument.id)),
        ESTIMATED,
    )


def _bars(page: list[list[str]], units: Units, report: FileReport) -> BarBatch:
    rows = np.arange(report.rows + 1, report.rows + 1 + len(page), dtype=np.int64)
    report.rows += len(page)
    check = RowCheck(report, rows, lambda row: ",".join(page[row]), units)
    columns = [pa.array([row[field] for row in page], pa.string()) for field in range(1, 6)]
    opens, highs, lows, closes = (check.prices(parse_floats(text)) for text in columns[:4])
    volume = check.sizes(parse_floats(columns[4]), zero=True)
    check.bars(opens, highs, lows, closes)
    starts_ms = np.array([int(row[0]) for row in page], dtype=np.int64)
    ends_ns = starts_ms * NS_PER_MS + MINUTE_NS
    bars = BarBatch(ends_ns, opens, highs, lows, closes, volume)
    return select_rows(bars, check.good)
