"""Imports Bybit's public trade archives into the catalog."""

import time
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from adapters.checks import Units
from adapters.checks import units_of
from adapters.files.columns import TRADE_COLUMNS
from adapters.files.layout import FileLayout
from adapters.files.layout import inspect_file
from adapters.files.parsing import RunningNumbers
from adapters.files.parsing import read_trades
from adapters.finer_steps import in_finer_steps
from adapters.guard import accepted_batches
from adapters.instruments import definition_notes
from adapters.instruments import find_instrument
from adapters.progress import Advance
from adapters.progress import show_progress
from adapters.report import FileReport
from adapters.report import IngestReport
from catalog.batches import TradeBatch
from catalog.layout import VENUE_SIDE
from catalog.protocols import Instrument
from catalog.units import in_catalog_unit
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError


def ingest_bybit(
    catalog_path: Path,
    files: Sequence[Path],
    instrument_id: str | None = None,
) -> IngestReport:
    """
    Import public trade archives of a linear perpetual (`BTCUSDT2024-08-08.csv.gz`).

    Their columns are `timestamp` (seconds with decimals), `symbol`, `side` (of the taker), `size`,
    `price`, `tickDirection`, `trdMatchID`, `grossValue`, `homeNotional`, `foreignNotional`. Some
    archives run from the newest trade to the oldest; such a file is held in memory (about 100
    bytes for each trade) and reversed.

    Archives keep the price and size steps of their time. Where they are finer than the venue's
    present ones, the catalog stores the instrument in the finer step; no row is dropped or rounded,
    and orders keep the venue's step.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    files : Sequence[Path]
        The archives of one symbol, in any order.
    instrument_id : str, optional
        The expected instrument (`BTCUSDT-LINEAR.BYBIT`); inferred from the files if not given.

    Returns
    -------
    IngestReport
        What was read, rejected and written.

    Raises
    ------
    UsageError
        If no file is given or one does not exist, the files are of another instrument or of
        several, or the instrument is unknown.
    AuctionError
        If a file is not such an archive, cannot be read, or most of its rows are bad. Nothing is
        written then.

    """
    started = time.perf_counter()
    if not files:
        raise UsageError("no Bybit archive given: name files such as BTCUSDT2024-08-08.csv.gz")
    layouts = sorted(map(_inspect, map(Path, files)), key=lambda layout: int(layout.head.min()))
    found = _instrument_id(layouts)
    if instrument_id not in (None, found):
        raise UsageError(f"{layouts[0].path}: trades of {found}, not of {instrument_id}")
    instrument = in_catalog_unit(
        catalog_path, find_instrument(catalog_path, found, int(layouts[0].head.min()))
    )
    notes = definition_notes(catalog_path, instrument)
    warnings: list[str] = []

    def write(instrument: Instrument) -> IngestReport:
        reports: list[FileReport] = []
        total = sum(layout.path.stat().st_size for layout in layouts)
        with show_progress(f"reading {found}", total) as advance:
            streams = _streams(layouts, units_of(instrument), reports, advance)
            write = write_ticks(
                catalog_path,
                instrument,
                # The archive comes from the venue: no row lies on a wrong step.
                accepted_batches(streams, finer_rows=0),
                None,
                VENUE_SIDE,
                unique_trade_ids=True,
            )
        return IngestReport.of([found], reports, [write], started, [*notes, *warnings])

    return in_finer_steps(instrument, write, warnings)


def _streams(
    layouts: Sequence[FileLayout], units: Units, reports: list[FileReport], advance: Advance
) -> list[tuple[FileReport, Iterator[TradeBatch]]]:
    numbers = RunningNumbers()
    streams = []
    for layout in layouts:
        report = layout.new_report("trades")
        batches = read_trades(layout, units, report, numbers, advance)
        if _is_newest_first(layout):
            report.warnings.append(f"{layout.path.name}: newest trade first, turned around")
            batches = _in_reverse(batches)
        reports.append(report)
        streams.append((report, batches))
    return streams


def _inspect(path: Path) -> FileLayout:
    layout = inspect_file(path, TRADE_COLUMNS)
    if layout is None:
        raise AuctionError(f"{path}: the file has no rows: nothing was written")
    missing = {"side", "id", "symbol"} - layout.columns.keys()
    if missing:
        raise AuctionError(
            f"{path}: no column for {', '.join(sorted(missing))}, not an archive of Bybit's "
            "derivatives trades: use the CSV import",
        )
    return layout


def _instrument_id(layouts: Sequence[FileLayout]) -> str:
    symbols = sorted({layout.symbol for layout in layouts})
    if len(symbols) > 1:
        raise UsageError(f"archives of {', '.join(symbols)}: import one symbol at a time")
    if symbols[0].endswith("USD"):
        raise UsageError(f"{layouts[0].path}: {symbols[0]} is inverse, only linear is supported")
    return f"{symbols[0]}-LINEAR.BYBIT"


def _is_newest_first(layout: FileLayout) -> bool:
    steps = np.diff(layout.head)
    return bool(np.any(steps < 0) and not np.any(steps > 0))


def _in_reverse(batches: Iterator[TradeBatch]) -> Iterator[TradeBatch]:
    for batch in reversed(list(batches)):
        last_to_first = np.arange(len(batch))[::-1]
        yield TradeBatch(
            ts_event=batch.ts_event[last_to_first],
            price=batch.price[last_to_first],
            size=batch.size[last_to_first],
            side=batch.side[last_to_first],
            trade_id=batch.trade_id.take(pa.array(last_to_first)),
        )
