"""Plays the ticks of a catalog in the format of Databento's live service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.bar_types import external_bar_type
from adapters.databento.dbn_stream import CHUNK_RECORDS
from adapters.databento.loopback.bars import BarBuilder
from adapters.databento.loopback.definition import encode_definition
from adapters.databento.loopback.layout import empty_records
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.tape import Block
from adapters.databento.loopback.tape import due_times
from adapters.databento.records import BAR_STEPS
from adapters.databento.records import DEFINITION
from adapters.databento.records import UNDEF_PRICE
from adapters.instruments import find_instrument
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.columns import NUMBERS
from catalog.columns import Columns
from catalog.columns import decode_columns
from catalog.columns import read_columns
from catalog.increments import FIXED_PRECISION
from catalog.increments import read_increments
from catalog.instruments import is_future
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.layout import QUOTES
from catalog.layout import TICK_TYPES
from catalog.layout import TRADES
from catalog.layout import data_files
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.reader import MergedTicks
from catalog.reader import read_ticks
from errors import AuctionError
from errors import UsageError


NANO_PRECISION = 9
BUILT_BARS = ("ohlcv-1s", "ohlcv-1m")

_LAST = 128
_LETTERS = np.full(256, b"N", dtype="S1")
_LETTERS[BUYER] = b"B"
_LETTERS[SELLER] = b"A"


class CatalogSource:
    """
    Plays one instrument of a catalog: trades, quotes, bars and its definition.

    Records are published in the order and at the times (`ts_init`) in which a backtest delivers
    the rows. Fields that a catalog does not store are undefined: a quote has no order that moved it
    (action `M`, side `N`, no price). The sequence is the low half of `ts_init`, so that a trade has
    the same id in every schema. Bars are those of the catalog, otherwise built from its trades. In
    `mbp-1` and `tbbo`, trades carry the quote before them.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str
        The future (`NQZ5.XCME`).
    number : int
        The instrument id in the records.

    Raises
    ------
    UsageError
        If the instrument is not a future, or its sizes are not whole contracts.
    AuctionError
        If the catalog has no data or no definition of the instrument.

    """

    def __init__(self, catalog_path: Path, instrument_id: str, number: int) -> None:
        increments = read_increments(Path(catalog_path), instrument_id)
        self._increments = increments
        self._path = Path(catalog_path)
        self._id = instrument_id
        self._number = number
        self._tick = increments.tick_raw // 10 ** (FIXED_PRECISION - NANO_PRECISION)
        self._lot = increments.lot_raw // 10**FIXED_PRECISION
        if self._lot * 10**FIXED_PRECISION != increments.lot_raw:
            raise UsageError(f"{instrument_id}: sizes of {increments.lot_size} are not encodable")
        self._bar_files = {
            schema: files
            for schema in BUILT_BARS
            if (
                files := data_files(
                    self._path, BARS, external_bar_type(self._id, BAR_STEPS[schema])
                )
            )
        }
        ticks = {name: data_files(self._path, name, self._id) for name in TICK_TYPES}
        starts = [
            file.start_ns
            for files in (*ticks.values(), *self._bar_files.values())
            for file in files
        ]
        if not starts:
            raise AuctionError(f"catalog {catalog_path} has no data of {instrument_id}: ingest it")
        self._first_ns = min(starts)
        found = find_instrument(self._path, instrument_id, self._first_ns)
        if not is_future(found):
            raise UsageError(f"{instrument_id} is no future: Databento definitions need one")
        self._instrument = found
        self._schemas = (
            *(("trades",) if ticks[TRADES] else ()),
            *(("mbp-1",) if ticks[QUOTES] else ()),
            *(("tbbo",) if ticks[QUOTES] and ticks[TRADES] else ()),
            *(name for name in BUILT_BARS if ticks[TRADES] or name in self._bar_files),
            DEFINITION,
        )

    @property
    def schemas(self) -> tuple[str, ...]:
        """Return the available schemas."""
        return self._schemas

    @property
    def span(self) -> Span:
        """Return the entry for the symbol table."""
        return Span(self._number, self._instrument.raw_symbol.value)

    def read(self, schema: str, start_ns: int) -> Iterator[Block]:
        """Yield the records published from a time on, see `Source`."""
        if schema == DEFINITION:
            yield from self._definition(start_ns)
        elif schema in BAR_STEPS:
            yield from self._bars(schema, start_ns)
        elif schema == "trades":
            for ticks in read_ticks(self._path, self._id, start_ns):
                yield _block(schema, self._trades(_where(ticks, ticks.kind == TRADE)))
        else:
            yield from self._quotes(schema, start_ns)

    def _definition(self, start_ns: int) -> Iterator[Block]:
        midnight = self._first_ns - self._first_ns % NS_PER_DAY
        if midnight >= start_ns:
            yield _block(DEFINITION, encode_definition(self._instrument, self._number, midnight))

    def _bars(self, schema: str, start_ns: int) -> Iterator[Block]:
        step = BAR_STEPS[schema]
        if schema in self._bar_files:
            rows = read_columns(
                self._bar_files[schema],
                NUMBERS[BARS],
                start_ns,
                END_OF_TIME,
                CHUNK_RECORDS,
            )
            for path, batch in rows:
                columns = decode_columns(path, batch, BARS, self._increments)
                yield _block(schema, self._stored_bars(schema, columns))
            return
        # The first bar that closes at the start or later opened at most a step before.
        since = max(0, start_ns - step)
        opening = since if since % step == 0 else since - since % step + step
        builder = BarBuilder(schema, self._number)
        for ticks in read_ticks(self._path, self._id, opening):
            bars = builder.add(self._trades(_where(ticks, ticks.kind == TRADE)))
            if len(bars):
                yield _block(schema, bars)
        bars = builder.close()
        if len(bars):
            yield _block(schema, bars)

    def _stored_bars(self, schema: str, columns: Columns) -> NDArray[Any]:
        found = empty_records(schema, len(columns["ts_event"]), self._number)
        # The catalog stamps bars at their close, Databento at their opening.
        found["ts_event"] = columns["ts_event"] - BAR_STEPS[schema]
        for name in ("open", "high", "low", "close"):
            found[name] = columns[name] * self._tick
        found["volume"] = columns["volume"] * self._lot
        return found

    def _quotes(self, schema: str, start_ns: int) -> Iterator[Block]:
        book = (UNDEF_PRICE, UNDEF_PRICE, 0, 0)
        # A trade needs the quote before it: an open market has one within an hour.
        for ticks in read_ticks(self._path, self._id, max(0, start_ns - NS_PER_HOUR)):
            records = self._records(schema, ticks)
            is_trade = ticks.kind == TRADE
            at = np.maximum.accumulate(np.where(is_trade, -1, np.arange(len(ticks))))
            unit = (self._tick, self._tick, self._lot, self._lot)
            columns = (ticks.a, ticks.b, ticks.a_size, ticks.b_size)
            for index, name in enumerate(("bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00")):
                values = columns[index] * unit[index]
                records[name] = np.where(at >= 0, values[at], book[index])
            if len(ticks):
                last = records[-1]
                book = (
                    int(last["bid_px_00"]),
                    int(last["ask_px_00"]),
                    int(last["bid_sz_00"]),
                    int(last["ask_sz_00"]),
                )
            quotes = ticks.kind == QUOTE
            records["action"][quotes] = b"M"
            records["side"][quotes] = b"N"
            records["price"][quotes] = UNDEF_PRICE
            records["size"][quotes] = 0
            wanted = ticks.ts_init >= start_ns
            yield _block(schema, records[wanted & is_trade if schema == "tbbo" else wanted])

    def _trades(self, ticks: MergedTicks) -> NDArray[Any]:
        return self._records("trades", ticks)

    def _records(self, schema: str, ticks: MergedTicks) -> NDArray[Any]:
        found = empty_records(schema, len(ticks), self._number)
        found["ts_event"] = ticks.ts_event
        found["ts_recv"] = ticks.ts_init
        found["price"] = ticks.a * self._tick
        found["size"] = ticks.a_size * self._lot
        found["action"] = b"T"
        found["side"] = _LETTERS[ticks.side]
        found["flags"] = _LAST
        found["sequence"] = ticks.ts_init & 0xFFFFFFFF
        return found


def _block(schema: str, records: NDArray[Any]) -> Block:
    return Block(due_times(schema, records), records)


def _where(ticks: MergedTicks, mask: NDArray[np.bool_]) -> MergedTicks:
    return MergedTicks(
        ticks.kind[mask],
        ticks.ts_event[mask],
        ticks.ts_init[mask],
        ticks.a[mask],
        ticks.b[mask],
        ticks.a_size[mask],
        ticks.b_size[mask],
        ticks.side[mask],
    )
