"""Writes the rows of files of one instrument into the catalog."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.bar_types import external_bar_type
from adapters.checks import units_of
from adapters.files.layout import FileLayout
from adapters.files.parsing import RunningNumbers
from adapters.files.parsing import read_bars
from adapters.files.parsing import read_quotes
from adapters.files.parsing import read_trades
from adapters.files.synthesis import MINUTE_NS
from adapters.files.synthesis import synthetic_trades
from adapters.guard import accepted_batches
from adapters.progress import Advance
from adapters.report import FileReport
from adapters.wall_clock import utc_checked
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.layout import ESTIMATED
from catalog.layout import INFERRED
from catalog.layout import NO_VOLUME
from catalog.layout import VENUE_SIDE
from catalog.layout import proxy_label
from catalog.protocols import Instrument
from catalog.transaction import CatalogWrites
from catalog.write_report import WriteReport
from catalog.writer import write_bars
from catalog.writer import write_ticks


WITHOUT_VOLUME = "no column of volume: the bars are kept with the volume 0 and have no profile"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Represents how files are read into the catalog.

    Attributes
    ----------
    reports : list[FileReport]
        Gets a report for each file.
    advance : Advance
        Is called with the bytes read.
    finer_rows : int or None
        How many rows on a finer step than the instrument's are single bad rows; None for as many as
        of any other reason.
    is_doubted : bool
        If the times may be those of a wall clock labelled UTC.

    """

    reports: list[FileReport]
    advance: Advance
    finer_rows: int | None
    is_doubted: bool

    def accepted[B: (TradeBatch, QuoteBatch, BarBatch)](
        self, streams: Sequence[tuple[FileReport, Iterator[B]]], step_ns: int = 0
    ) -> Iterator[B]:
        """Return the batches of files while their rows are counted and their times are judged."""
        batches = accepted_batches(streams, finer_rows=self.finer_rows)
        return utc_checked(batches, streams[0][0].path, step_ns) if self.is_doubted else batches


def write_tick_files(
    catalog: CatalogWrites,
    instrument: Instrument,
    sources: tuple[list[FileLayout], list[FileLayout]],
    reading: Reading,
) -> WriteReport:
    """Write files of trades and files of quotes, in one order."""
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


def write_bar_files(
    catalog: CatalogWrites,
    instrument: Instrument,
    bar_files: list[FileLayout],
    step_ns: int,
    reading: Reading,
) -> WriteReport:
    """Write files of bars, whose length is `step_ns`."""
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


def write_synthetic(
    catalog: CatalogWrites,
    instrument: Instrument,
    bar_files: list[FileLayout],
    seed: int,
    proxy_for: str | None,
    reading: Reading,
) -> WriteReport:
    """Write trades that are made up from files of bars of one minute, labelled as estimated."""
    labels = [] if proxy_for is None else [proxy_label(proxy_for)]
    units = units_of(instrument)
    bars = []
    for layout in bar_files:
        report = _new_report(layout, "bars", reading.reports)
        bars.append((report, read_bars(layout, units, report, reading.advance, MINUTE_NS)))
    trades = synthetic_trades(reading.accepted(bars, MINUTE_NS), seed)
    return write_ticks(catalog, instrument, trades, None, ESTIMATED, *labels)


def _new_report(layout: FileLayout, kind: str, reports: list[FileReport]) -> FileReport:
    report = layout.new_report(kind)
    reports.append(report)
    return report
