"""Imports Databento files, DBN or CSV, into the catalog."""

import time
from collections.abc import Sequence
from pathlib import Path

from adapters.bar_types import external_bar_type
from adapters.checks import units_of
from adapters.databento.csvfile import DatabentoCsvFile
from adapters.databento.dbn import DbnFile
from adapters.databento.dbn_stream import is_dbn
from adapters.databento.decoding import read_bars
from adapters.databento.decoding import read_quotes
from adapters.databento.decoding import read_trades
from adapters.databento.definitions import Definitions
from adapters.databento.records import BAR_FIELDS
from adapters.databento.records import BAR_STEPS
from adapters.databento.records import DEFINITION
from adapters.databento.records import QUOTE_SCHEMAS
from adapters.databento.records import SAMPLED_SCHEMAS
from adapters.databento.records import TRADE_FIELDS
from adapters.databento.records import TRADE_SCHEMAS
from adapters.databento.records import RecordFile
from adapters.databento.records import new_report
from adapters.databento.records import quote_fields
from adapters.databento.symbols import choose_symbols
from adapters.databento.symbols import is_outright
from adapters.guard import FinerStepError
from adapters.guard import accepted_batches
from adapters.instruments import definition_notes
from adapters.progress import Advance
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from catalog.layout import EARLIEST_NS
from catalog.layout import END_OF_TIME
from catalog.layout import ESTIMATED
from catalog.layout import VENUE_SIDE
from catalog.layout import latest_ns
from catalog.protocols import Instrument
from catalog.transaction import CatalogWrites
from catalog.transaction import catalog_writes
from catalog.units import in_catalog_unit
from catalog.write_report import WriteReport
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError


_TICK_SCHEMAS = (TRADE_SCHEMAS, QUOTE_SCHEMAS)


def ingest_databento(
    catalog_path: Path,
    files: Sequence[Path],
    symbols: Sequence[str] = (),
    definition: Path | None = None,
) -> IngestReport:
    """
    Import Databento files of trades, quotes, bars or definitions into the catalog.

    Supported are DBN and Databento's CSV, plain or compressed (the content decides, not the name),
    with or without pretty prices and times, of the schemas `trades`, `tbbo`, `mbp-1`, `mbp-10`,
    `mbo` (its trades, and best bid and ask), `bbo-1s`, `bbo-1m` and `ohlcv-*`. A DBN file of schema
    `definition` among them serves as `definition`; alone, its contracts are written.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    files : Sequence[Path]
        The files, in any order.
    symbols : Sequence[str]
        The contracts to import (`NQZ5`). May be left out where the files hold only one.
    definition : Path, optional
        A DBN file of schema `definition`; its instruments replace those in the catalog. Without
        it the contracts of `catalog.contracts` and the definitions in the catalog are used.

    Returns
    -------
    IngestReport
        What was read, rejected and written.

    Raises
    ------
    UsageError
        If a file does not exist, the files hold several instruments and none is named, a spread
        is named, an instrument is unknown, or files carry the same trades twice.
    AuctionError
        If a file cannot be read or most of its rows are bad. Nothing is written then.

    """
    started = time.perf_counter()
    paths = [Path(path) for path in files]
    if definition is None:
        definition = next((path for path in paths if _is_definition(path)), None)
    definitions = Definitions(definition)
    sources = [_open(path, definitions) for path in paths if path != definition]
    if not sources:
        return _write_definitions(catalog_path, definitions, symbols, started)
    _require_one_tick_schema(sources)
    chosen = choose_symbols(sources, symbols)
    starts = {source.path: source.first_ns() for source in sources}
    known = [start for start in starts.values() if start is not None]
    if not known:
        raise AuctionError(f"{sources[0].path}: the file has no rows: nothing was written")
    # One damaged header must not determine the decade of the contracts of the others.
    on_ns = min((ns for ns in known if EARLIEST_NS <= ns <= latest_ns()), default=known[0])
    sources.sort(key=lambda source: starts[source.path] or 0)
    instruments = [
        in_catalog_unit(catalog_path, definitions.instrument(catalog_path, name, on_ns))
        for name in chosen
    ]
    notes = [note for known in instruments for note in definition_notes(catalog_path, known)]
    reports: list[FileReport] = []
    writes: list[WriteReport] = []
    with catalog_writes(catalog_path) as catalog:
        for symbol, instrument in zip(chosen, instruments, strict=True):
            try:
                writes += _ingest_symbol(catalog, sources, symbol, instrument, reports)
            except FinerStepError as error:
                raise AuctionError(
                    f"{error}; if its tick was finer then, pass the definition file of those days"
                ) from None
            if definition is not None:
                catalog.define(instrument)
    ids = [str(instrument.id) for instrument in instruments]
    return IngestReport.of(ids, reports, writes, started, notes)


def _write_definitions(
    catalog_path: Path, definitions: Definitions, symbols: Sequence[str], started: float
) -> IngestReport:
    names = symbols or [symbol for symbol in definitions.symbols if is_outright(symbol)]
    if not names:
        raise UsageError("no Databento file of trades, quotes, bars or definitions given")
    instruments = [definitions.instrument(catalog_path, name, END_OF_TIME) for name in names]
    notes = [note for known in instruments for note in definition_notes(catalog_path, known)]
    with catalog_writes(catalog_path) as catalog:
        for instrument in instruments:
            catalog.define(instrument)
    return IngestReport.of([str(found.id) for found in instruments], [], [], started, notes)


def _is_definition(path: Path) -> bool:
    return is_dbn(path) and DbnFile(path).schema == DEFINITION


def _open(path: Path, definitions: Definitions) -> RecordFile:
    source: RecordFile
    if is_dbn(path):
        source = DbnFile(path, definitions.spans)
    elif path.name.endswith((".dbn", ".dbn.zst")):
        # Reading its metadata raises the error.
        source = DbnFile(path)
    elif path.name.endswith((".csv", ".csv.zst", ".csv.gz")):
        source = DatabentoCsvFile(path, definitions.spans)
    else:
        raise UsageError(f"{path}: not a Databento file: give DBN, or CSV named .csv or .csv.zst")
    known = (*TRADE_SCHEMAS, *SAMPLED_SCHEMAS, *BAR_STEPS)
    if source.schema not in known:
        raise UsageError(f"{path}: schema {source.schema} is not supported: use {', '.join(known)}")
    return source


def _require_one_tick_schema(sources: Sequence[RecordFile]) -> None:
    schemas = {source.schema for source in sources}
    for group in (TRADE_SCHEMAS, QUOTE_SCHEMAS):
        found = sorted(schemas & set(group))
        if len(found) < 2:
            continue
        carried = "trades" if group is TRADE_SCHEMAS else "quotes"
        raise UsageError(
            f"files of schemas {' and '.join(found)} carry the same {carried}: "
            "import those of one schema",
        )


def _ingest_symbol(
    catalog: CatalogWrites,
    sources: Sequence[RecordFile],
    symbol: str,
    instrument: Instrument,
    reports: list[FileReport],
) -> list[WriteReport]:
    ticks = [source for source in sources if source.schema not in BAR_STEPS]
    total = sum(
        source.path.stat().st_size * sum(source.schema in group for group in _TICK_SCHEMAS)
        for source in ticks
    )
    bars: dict[str, list[RecordFile]] = {}
    for source in sources:
        if source.schema in BAR_STEPS:
            bars.setdefault(source.schema, []).append(source)
            total += source.path.stat().st_size
    writes = []
    with show_progress(f"reading {symbol}", total) as advance:
        if ticks:
            writes.append(_write_ticks(catalog, ticks, symbol, instrument, reports, advance))
        for schema, group in bars.items():
            writes.append(
                _write_bars(catalog, schema, group, symbol, instrument, reports, advance),
            )
    return writes


def _write_ticks(
    catalog: CatalogWrites,
    sources: Sequence[RecordFile],
    symbol: str,
    instrument: Instrument,
    reports: list[FileReport],
    advance: Advance,
) -> WriteReport:
    units = units_of(instrument)
    trades = []
    quotes = []
    for number, source in enumerate(sources):
        if source.schema in TRADE_SCHEMAS:
            report = new_report(source, f"{symbol} trades", TRADE_FIELDS)
            trades.append((report, read_trades(source, number, symbol, units, report, advance)))
            reports.append(report)
        if source.schema in QUOTE_SCHEMAS:
            report = new_report(source, f"{symbol} quotes", quote_fields(source.schema))
            quotes.append((report, read_quotes(source, number, symbol, units, report, advance)))
            reports.append(report)
    return write_ticks(
        catalog,
        instrument,
        accepted_batches(trades, may_be_empty=bool(quotes)) if trades else None,
        accepted_batches(quotes) if quotes else None,
        VENUE_SIDE,
    )


def _write_bars(
    catalog: CatalogWrites,
    schema: str,
    sources: Sequence[RecordFile],
    symbol: str,
    instrument: Instrument,
    reports: list[FileReport],
    advance: Advance,
) -> WriteReport:
    units = units_of(instrument)
    bars = []
    for source in sources:
        report = new_report(source, f"{symbol} bars", BAR_FIELDS)
        bars.append((report, read_bars(source, symbol, units, report, advance)))
        reports.append(report)
    bar_type = external_bar_type(str(instrument.id), BAR_STEPS[schema])
    return write_bars(catalog, instrument, accepted_batches(bars), bar_type, ESTIMATED)
