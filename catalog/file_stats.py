"""Counts over the rows of one data type of one instrument, file by file."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from catalog.arrow import PRICES
from catalog.arrow import ROW_GROUP_ROWS
from catalog.arrow import SIZES
from catalog.arrow import UNIQUE_IDS_KEY
from catalog.arrow import valid_trade_ids
from catalog.batches import NO_SIDE
from catalog.batches import SELLER
from catalog.columns import NUMBERS
from catalog.columns import Columns
from catalog.columns import damaged
from catalog.columns import decode_columns
from catalog.columns import open_parquet
from catalog.columns import read_columns
from catalog.footer import check_statistics
from catalog.footer import finest_increments
from catalog.footer import trade_ids
from catalog.increments import Increments
from catalog.layout import BARS
from catalog.layout import EARLIEST_NS
from catalog.layout import END_OF_TIME
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import DataFile
from catalog.layout import instrument_of
from catalog.layout import latest_ns
from catalog.market_hours import closed_ns
from catalog.ordering import is_in
from catalog.quality import quality_labels
from errors import AuctionError
from errors import shortened


GAPS_KEPT = 10


class Gap(NamedTuple):
    """
    Represents a time without rows.

    Attributes
    ----------
    start_ns, end_ns : int
        The `ts_event` (ns UTC) of the rows before and after.

    """

    start_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        """Return the length (ns)."""
        return self.end_ns - self.start_ns


@dataclass(slots=True)
class FileStats:
    """
    Counts properties of the rows of one data type of one instrument.

    Attributes
    ----------
    identifier, data_type : str
        The instrument id (bar type for bars) and the data type.
    rows : int
        The rows of all readable files.
    first_ns, last_ns : int
        The first and the last `ts_event` (ns UTC).
    gaps : list[Gap]
        The longest times without rows, longest first.
    gap_count : int
        The number of times without rows longer than the limit.
    repeated_ids : int
        Trades with the id of another trade of the same day.
    ids_unique : bool
        If the source of the trades gives each trade a unique id.
    repeated_ts_init, falling_ts_init : int
        Rows whose `ts_init` is equal to, or less than, that of the row before.
    outside_name : int
        Rows whose `ts_init` is outside the interval in the name of their file.
    crossed, locked : int
        Quotes with a bid above, or equal to, the ask.
    unknown_sides : int
        Trades without an aggressor side.
    off_increment : int
        Rows with a price or size that is not a multiple of the instrument's increment.
    no_size : int
        Trades, and quotes with a side, of a size that is not above zero.
    wrong_sides : int
        Trades whose side is none of 0, 1 and 2.
    wrong_ids : int
        Trades whose id Nautilus cannot hold.
    impossible_times : int
        Rows of before 1980 or later than the machine's clock.
    low, high : int
        The least and the latest `ts_event` (ns UTC).
    quality : set[str]
        The data quality labels.
    file_errors : list[str]
        Defects of files as a whole, one line each.

    """

    identifier: str
    data_type: str
    rows: int = 0
    first_ns: int = -1
    last_ns: int = -1
    gaps: list[Gap] = field(default_factory=list)
    gap_count: int = 0
    repeated_ids: int = 0
    ids_unique: bool = False
    repeated_ts_init: int = 0
    falling_ts_init: int = 0
    outside_name: int = 0
    crossed: int = 0
    locked: int = 0
    unknown_sides: int = 0
    off_increment: int = 0
    no_size: int = 0
    wrong_sides: int = 0
    wrong_ids: int = 0
    impossible_times: int = 0
    low: int = END_OF_TIME
    high: int = -1
    quality: set[str] = field(default_factory=set)
    file_errors: list[str] = field(default_factory=list)
    _last_ts_init: int = field(default=-1, init=False, repr=False)

    @property
    def unknown_side_share(self) -> float:
        """Return the share of trades without an aggressor side (0 without trades)."""
        return self.unknown_sides / self.rows if self.rows else 0.0

    def add_file(self, file: DataFile, increments: Increments | None, gap_ns: int) -> None:
        """
        Count the rows of a file; call in order of time.

        Parameters
        ----------
        file : DataFile
            The file.
        increments : Increments, optional
            The increments of the instrument, if the catalog has its definition.
        gap_ns : int
            The longest time without rows (ns) in the hours of the venue that is not a gap.

        """
        try:
            self._add_rows(file, increments, gap_ns)
        except AuctionError as e:
            self.file_errors.append(str(e))

    def _add_rows(self, file: DataFile, increments: Increments | None, gap_ns: int) -> None:
        with open_parquet(file.path) as parquet:
            schema, count = parquet.schema_arrow, parquet.metadata.num_rows
            finest = finest_increments(file, schema.metadata or {})
            self.quality |= quality_labels(file.path, schema)
            check_statistics(parquet, file)
            if self.data_type == TRADES:
                self.ids_unique |= UNIQUE_IDS_KEY in (schema.metadata or {})
                ids = trade_ids(parquet, file)
                self.repeated_ids += len(ids) - int(pc.count_distinct(ids).as_py())
                self.wrong_ids += len(ids) - int(np.count_nonzero(valid_trade_ids(ids)))
        if increments is not None and (
            (increments.price_precision, increments.size_precision)
            != (finest.price_precision, finest.size_precision)
        ):
            self.file_errors.append(
                f"{file.path} has prices of {finest.price_precision} and sizes of "
                f"{finest.size_precision} decimals, the instrument {increments.price_precision} "
                f"and {increments.size_precision}: delete it and ingest its day again",
            )
        name = finest.instrument_id.replace("/", "")
        if name != instrument_of(self.data_type, self.identifier).replace("/", ""):
            self.file_errors.append(
                f"{file.path} is of {shortened(finest.instrument_id)!r} by its metadata: it is in "
                "the wrong folder, or damaged"
            )
        before = self.rows
        rows = read_columns([file], NUMBERS[self.data_type], 0, END_OF_TIME, ROW_GROUP_ROWS)
        for path, batch in rows:
            columns = decode_columns(path, batch, self.data_type, finest)
            self.rows += len(batch)
            self._add_times(columns, file, gap_ns)
            self._add_values(columns)
            if increments is not None:
                self._add_off_increment(columns, finest, increments)
        # A damaged footer may hide rows, which a reader would skip.
        if self.rows - before != count:
            raise damaged(file.path, f"{self.rows - before:,} of {count:,} rows")

    def _add_times(self, columns: Columns, file: DataFile, gap_ns: int) -> None:
        ts_init, ts_event = columns["ts_init"], columns["ts_event"]
        if self.first_ns < 0:
            self.first_ns = int(ts_event[0])
        else:
            ts_init = np.concatenate(([self._last_ts_init], ts_init))
            ts_event = np.concatenate(([self.last_ns], ts_event))
        steps = np.diff(ts_init)
        self.repeated_ts_init += int(np.count_nonzero(steps == 0))
        self.falling_ts_init += int(np.count_nonzero(steps < 0))
        outside = (columns["ts_init"] < file.start_ns) | (columns["ts_init"] > file.end_ns)
        self.outside_name += int(np.count_nonzero(outside))
        latest = latest_ns()
        for times in (columns["ts_init"], columns["ts_event"]):
            bad = (times < EARLIEST_NS) | (times > latest)
            self.impossible_times += int(np.count_nonzero(bad))
        self.low = min(self.low, int(columns["ts_event"].min()))
        self.high = max(self.high, int(columns["ts_event"].max()))
        long = np.flatnonzero(np.diff(ts_event) > gap_ns).tolist()
        silences = [Gap(int(ts_event[at]), int(ts_event[at + 1])) for at in long]
        gaps = [gap for gap in silences if gap.length_ns - self._closed_ns(gap, latest) > gap_ns]
        self.gap_count += len(gaps)
        self.gaps += gaps
        self.gaps = sorted(self.gaps, key=lambda gap: -gap.length_ns)[:GAPS_KEPT]
        self._last_ts_init, self.last_ns = int(ts_init[-1]), int(ts_event[-1])

    def _closed_ns(self, gap: Gap, latest: int) -> int:
        if gap.start_ns < EARLIEST_NS or gap.end_ns > latest:
            return 0
        venue = instrument_of(self.data_type, self.identifier).rpartition(".")[2]
        return closed_ns(venue, gap.start_ns, gap.end_ns)

    def _add_values(self, columns: Columns) -> None:
        if self.data_type == TRADES:
            self.unknown_sides += int(np.count_nonzero(columns["aggressor_side"] == NO_SIDE))
            self.wrong_sides += int(np.count_nonzero(columns["aggressor_side"] > SELLER))
        if self.data_type == QUOTES:
            bid, ask = columns["bid_price"], columns["ask_price"]
            self.crossed += int(np.count_nonzero(bid > ask))
            self.locked += int(np.count_nonzero(bid == ask))
        if self.data_type != BARS:
            empty = np.zeros(len(columns["ts_init"]), dtype=np.bool_)
            for name in SIZES[self.data_type]:
                empty |= columns[name] <= 0
            self.no_size += int(np.count_nonzero(empty))

    def _add_off_increment(
        self,
        columns: Columns,
        finest: Increments,
        increments: Increments,
    ) -> None:
        tick, lot = increments.tick_raw // finest.tick_raw, increments.lot_raw // finest.lot_raw
        off = np.zeros(len(columns["ts_init"]), dtype=np.bool_)
        for name in PRICES[self.data_type]:
            off |= columns[name] % max(tick, 1) != 0
        for name in SIZES[self.data_type]:
            off |= columns[name] % max(lot, 1) != 0
        self.off_increment += int(np.count_nonzero(off))


def count_common_ts_init(trades: Sequence[DataFile], quotes: Sequence[DataFile]) -> int:
    """
    Count the trades that share their `ts_init` with a quote.

    Raises
    ------
    AuctionError
        If a file cannot be read.

    """
    count = 0
    for _, batch in read_columns(trades, (), 0, END_OF_TIME, ROW_GROUP_ROWS):
        times = batch["ts_init"].to_numpy().view(np.int64)
        between = read_columns(quotes, (), int(times[0]), int(times[-1]), ROW_GROUP_ROWS)
        for _, other in between:
            count += int(np.count_nonzero(is_in(times, other["ts_init"].to_numpy().view(np.int64))))
    return count
