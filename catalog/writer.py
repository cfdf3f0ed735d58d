"""Writes ticks and bars into a Parquet catalog that NautilusTrader reads."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from nautilus_trader.model.data import BarType
from nautilus_trader.model.instruments import Instrument

from catalog.arrow import QUALITY_KEY
from catalog.arrow import UNIQUE_IDS_KEY
from catalog.arrow import bar_table
from catalog.arrow import catalog_schema
from catalog.arrow import column
from catalog.arrow import encode_table
from catalog.arrow import quote_table
from catalog.arrow import trade_table
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.definitions import check_contract
from catalog.definitions import stage_instrument
from catalog.errors import AuctionError
from catalog.errors import UsageError
from catalog.increments import find_increments
from catalog.increments import instrument_files
from catalog.increments import instrument_increments
from catalog.layout import BARS
from catalog.layout import QUALITIES
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import utc_text
from catalog.merging import drop_repeats
from catalog.merging import in_step
from catalog.merging import joint_ts_init
from catalog.refining import refined_files
from catalog.spool import SortingSpool
from catalog.staging import DayFiles
from catalog.staging import move_into_place
from catalog.staging import new_files
from catalog.staging import staging_folder
from catalog.units import check_unit


@dataclass(frozen=True, slots=True)
class WriteReport:
    """
    Represents the outcome of one write.

    Attributes
    ----------
    identifier : str
        The instrument id, or the bar type.
    rows : dict[str, int]
        How many rows of each data type of the input are now in the catalog.
    start_ns, end_ns : int
        The first and the last `ts_init` (ns UTC).
    unordered : int
        The input rows that were earlier than a row before them and have been sorted in.
    repeats : int
        The input rows that were dropped as repetitions of an earlier row.
    files_written, files_unchanged : int
        The data files that are new, and those that were there before with the same content.
    files_refined : int
        The data files of the catalog that now name more decimals, for rows on a finer step.

    """

    identifier: str
    rows: dict[str, int]
    start_ns: int
    end_ns: int
    unordered: int
    repeats: int
    files_written: int
    files_unchanged: int
    files_refined: int = 0

    def warnings(self) -> list[str]:
        """Return one line for each thing about the input that the user should know."""
        lines = []
        if self.unordered:
            lines.append(f"rows not in order of time, now sorted: {self.unordered:,}")
        if self.repeats:
            lines.append(f"rows dropped as repetitions of an earlier row: {self.repeats:,}")
        if self.files_refined:
            lines.append(
                f"files of the catalog that got a finer unit, values unchanged: "
                f"{self.files_refined:,}"
            )
        return lines


def write_ticks(
    catalog_path: Path,
    instrument: Instrument,
    trades: Iterable[TradeBatch] | None,
    quotes: Iterable[QuoteBatch] | None,
    quality: str,
    *,
    unique_trade_ids: bool = False,
) -> WriteReport:
    """
    Write trades and quotes of an instrument, one file for each type and UTC day.

    Both streams get one common order: by `ts_event`; at equal times by `seq` if both streams carry
    it, otherwise quotes first; each stream keeps its own order apart from that. `ts_init` follows
    this order as ``max(ts_event, ts_init before + 1)``, so that it is unique and rises over trades
    and quotes together; `ts_event` is left alone. Streams that are not in order of time are sorted
    stably. Memory does not grow with the input. All files appear together at the end, or none.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    instrument : Instrument
        The instrument in a unit that counts the catalog's data as well (`catalog.units`). Its
        definition is stored if the catalog has none, or one with a coarser unit.
    trades : Iterable[TradeBatch], optional
        The trades.
    quotes : Iterable[QuoteBatch], optional
        The quotes.
    quality : str
        Where the data comes from, one of `catalog.layout.QUALITIES`.
    unique_trade_ids : bool, default False
        If a trade id names one trade at the venue. Then a trade equal to an earlier one in every
        field is a repetition by the feed and is dropped. Not so at CME Globex, where all trades of
        one packet share the sequence number.

    Returns
    -------
    WriteReport
        The counts.

    Raises
    ------
    UsageError
        If `quality` is unknown.
    AuctionError
        If there are no rows, a value is impossible, or the catalog already has other data of the
        same time.

    """
    increments = instrument_increments(instrument)
    labels = [_quality_label(quality)]
    return _write(
        Path(catalog_path),
        instrument,
        str(instrument.id),
        {
            QUOTES: map(quote_table, quotes or ()),
            TRADES: map(trade_table, trades or ()),
        },
        {
            QUOTES: catalog_schema(QUOTES, increments, labels),
            TRADES: catalog_schema(
                TRADES,
                increments,
                [*labels, UNIQUE_IDS_KEY] if unique_trade_ids else labels,
            ),
        },
        without_repeats={TRADES} if unique_trade_ids else set(),
    )


def write_bars(
    catalog_path: Path,
    instrument: Instrument,
    bars: Iterable[BarBatch],
    bar_type: str,
    quality: str,
) -> WriteReport:
    """
    Write bars of an instrument, one file for each UTC day that they cover.

    The bar that closes at midnight belongs to the day that ends there, so that a window can be
    extended day by day.
    Bars that are not in order of time are sorted; a bar equal to the one before it is dropped.
    Memory does not grow with the input. All files appear together at the end, or none.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    instrument : Instrument
        The instrument in a unit that counts the catalog's data as well (`catalog.units`). Its
        definition is stored if the catalog has none, or one with a coarser unit.
    bars : Iterable[BarBatch]
        The bars.
    bar_type : str
        The bar type (``BTCUSDT-LINEAR.BYBIT-1-MINUTE-LAST-EXTERNAL``).
    quality : str
        Where the data comes from, one of `catalog.layout.QUALITIES`.

    Returns
    -------
    WriteReport
        The counts.

    Raises
    ------
    UsageError
        If `quality` is unknown or `bar_type` is not one of the instrument.
    AuctionError
        If there are no rows, a value is impossible, two bars differ at one time, or the catalog
        already has other bars of the same time.

    """
    try:
        parsed = BarType.from_str(bar_type)
    except ValueError as e:
        raise UsageError(f"bar type {bar_type!r} is wrong: {e}") from e
    if parsed.instrument_id != instrument.id:
        raise UsageError(f"bar type {bar_type!r} is not one of {instrument.id}")
    schema = catalog_schema(
        BARS,
        instrument_increments(instrument),
        [_quality_label(quality)],
        bar_type,
    )
    return _write(
        Path(catalog_path),
        instrument,
        bar_type,
        {BARS: map(bar_table, bars)},
        {BARS: schema},
        without_repeats={BARS},
    )


def _quality_label(quality: str) -> bytes:
    if quality not in QUALITIES:
        raise UsageError(f"quality {quality!r} is unknown: use one of {', '.join(QUALITIES)}")
    return QUALITY_KEY + quality.encode()


def _write(
    catalog_path: Path,
    instrument: Instrument,
    identifier: str,
    sources: Mapping[str, Iterable[pa.Table]],
    schemas: Mapping[str, pa.Schema],
    without_repeats: Set[str],
) -> WriteReport:
    check_contract(catalog_path, instrument)
    check_unit(catalog_path, instrument)
    increments = instrument_increments(instrument)
    with staging_folder(catalog_path) as folder:
        spools = {data_type: SortingSpool(folder, data_type) for data_type in sources}
        for data_type, tables in sources.items():
            for table in tables:
                spools[data_type].add(table)
        files = {
            data_type: DayFiles(folder, catalog_path, data_type, identifier, schema)
            for data_type, schema in schemas.items()
        }
        rows = dict.fromkeys(sources, 0)
        last_ns = -1
        for piece in in_step({data_type: spool.drain() for data_type, spool in spools.items()}):
            for data_type in without_repeats & piece.keys():
                piece[data_type] = drop_repeats(piece[data_type])
            if BARS in piece:
                _check_bar_times(identifier, piece[BARS])
            times = joint_ts_init(piece, last_ns)
            last_ns = max(int(ts_init[-1]) for ts_init in times.values())
            for data_type, table in piece.items():
                rows[data_type] += len(table)
                schema = schemas[data_type]
                files[data_type].append(
                    encode_table(table, times[data_type], data_type, increments, schema),
                )
        staged = [file for day_files in files.values() for file in day_files.close()]
        if not staged:
            raise AuctionError(f"{identifier}: the input has no rows; nothing was written")
        stored = find_increments(catalog_path, str(instrument.id))
        old = instrument_files(catalog_path, str(instrument.id))
        definition, refined = [], []
        if stored != increments:
            definition = [stage_instrument(folder, catalog_path, instrument)]
            refined = refined_files(folder, catalog_path, instrument)
        replaced = {file.target: file.path for file in refined}
        new = new_files(catalog_path, identifier, staged, replaced)
        move_into_place([*definition, *refined, *new])
        if definition:
            for path in set(old) - {definition[0].target}:
                path.unlink()
    return WriteReport(
        identifier=identifier,
        rows=rows,
        start_ns=min(file.start_ns for file in staged),
        end_ns=last_ns,
        unordered=sum(spool.unordered for spool in spools.values()),
        repeats=sum(spool.rows for spool in spools.values()) - sum(rows.values()),
        files_written=len(new),
        files_unchanged=len(staged) - len(new),
        files_refined=len(refined),
    )


def _check_bar_times(bar_type: str, table: pa.Table) -> None:
    ts_event = column(table, "ts_event")
    twice = np.flatnonzero(ts_event[1:] == ts_event[:-1])
    if len(twice):
        raise AuctionError(
            f"{bar_type}: two different bars close at {utc_text(int(ts_event[twice[0]]))} UTC: "
            "remove one of them",
        )
