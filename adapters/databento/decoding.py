"""Converts Databento records to batches of trades, quotes and bars."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.checks import ONE_SIDED
from adapters.checks import RowCheck
from adapters.checks import Units
from adapters.databento.records import BAR_FIELDS
from adapters.databento.records import BAR_STEPS
from adapters.databento.records import BEST_FIELDS
from adapters.databento.records import MBO
from adapters.databento.records import ORDER_FIELDS
from adapters.databento.records import TRADE_FIELDS
from adapters.databento.records import UNDEF_PRICE
from adapters.databento.records import RecordBlock
from adapters.databento.records import RecordFile
from adapters.databento.records import quote_fields
from adapters.progress import Advance
from adapters.report import FileReport
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.batches import select_rows
from indicators.core.order_book import OrderBook


# `A`: the aggressor sold into the bid, `B`: the aggressor bought from the ask, `N`: neither.
_SIDES = np.zeros(256, dtype=np.uint8)
_SIDES[ord("A")] = SELLER
_SIDES[ord("B")] = BUYER
_TRADE = ord("T")

_ORDER_TYPES = (
    ("action", np.uint8),
    ("side", np.uint8),
    ("order_id", np.uint64),
    ("price", np.int64),
    ("size", np.uint32),
    ("flags", np.uint8),
)
# Room for the records of one file in the common order of several.
_RECORDS_PER_FILE = 1 << 40


def read_trades(
    file: RecordFile,
    number: int,
    symbol: str,
    units: Units,
    report: FileReport,
    advance: Advance,
) -> Iterator[TradeBatch]:
    """
    Yield the trades of one instrument from a file of one of `TRADE_SCHEMAS`.

    The side is the aggressor's as published: `A` seller, `B` buyer, `N` none. The id is the
    exchange's sequence number, which several trades may share. Times are the exchange's, not
    those of receipt. In `mbp-1`, `mbp-10` and `mbo` a trade precedes the quote of its record,
    which is the state after it; in `tbbo` it follows the quote, which is the state before it.

    Parameters
    ----------
    file : RecordFile
        The file.
    number : int
        The position of the file among all files.
    symbol : str
        The symbol at the exchange.
    units : Units
        The grid of the instrument.
    report : FileReport
        Counts the rows.
    advance : Advance
        Called with the number of bytes read.

    Yields
    ------
    TradeBatch
        The accepted trades in the order of the file.

    """
    place = 1 if file.schema == "tbbo" else 0
    for records in file.read(symbol, TRADE_FIELDS, report, advance):
        block = records.where(records.fields["action"] == _TRADE)
        check, ts = _checked_times(block, report, units)
        price = check.fixed_prices(*_fixed(block, "price"))
        size = check.sizes(block.fields["size"].astype(np.float64))
        side = _SIDES[block.fields["side"]]
        check.sides(side)
        ids = pc.cast(pa.array(block.fields["sequence"]), pa.string())
        trades = TradeBatch(ts, price, size, side, ids, _sequence(block, number, place))
        yield select_rows(trades, check.good)


def read_quotes(
    file: RecordFile,
    number: int,
    symbol: str,
    units: Units,
    report: FileReport,
    advance: Advance,
) -> Iterator[QuoteBatch]:
    """
    Yield the quotes of one instrument from a file of one of `QUOTE_SCHEMAS`.

    Each record gives a quote; in `mbo`, each event that changes the best prices or their sizes.
    A sampled quote (`bbo-1s`, `bbo-1m`) has the time of its sample. Records with an empty side of
    the book are skipped and counted. The parameters are those of `read_trades`.

    Yields
    ------
    QuoteBatch
        The accepted quotes in the order of the file.

    """
    place = 0 if file.schema == "tbbo" else 1
    for block in _best_prices(file, symbol, report, advance):
        check, ts = _checked_times(block, report, units)
        bid, has_bid = _fixed(block, "bid_px_00")
        ask, has_ask = _fixed(block, "ask_px_00")
        sizes = [block.fields[name].astype(np.float64) for name in ("bid_sz_00", "ask_sz_00")]
        check.reject(~(has_bid & has_ask) | (sizes[0] == 0) | (sizes[1] == 0), ONE_SIDED)
        bid, ask = check.fixed_prices(bid, has_bid), check.fixed_prices(ask, has_ask)
        check.crossed(bid, ask)
        bid_size, ask_size = (check.sizes(size) for size in sizes)
        seq = _sequence(block, number, place)
        yield select_rows(QuoteBatch(ts, bid, ask, bid_size, ask_size, seq), check.good)


def _best_prices(
    file: RecordFile, symbol: str, report: FileReport, advance: Advance
) -> Iterator[RecordBlock]:
    if file.schema == MBO:
        yield from _best_of_orders(file, symbol, report, advance)
        return
    fields = quote_fields(file.schema)
    for block in file.read(symbol, fields, report, advance):
        block.fields["ts_event"] = block.fields.pop(fields[0])
        yield block


def _best_of_orders(
    file: RecordFile, symbol: str, report: FileReport, advance: Advance
) -> Iterator[RecordBlock]:
    book = OrderBook()
    for block in file.read(symbol, ORDER_FIELDS, report, advance):
        columns: list[Any] = [
            np.ascontiguousarray(block.fields[name], dtype=dtype) for name, dtype in _ORDER_TYPES
        ]
        positions, *best = book.apply(*columns)
        found = block.where(positions)
        times = {"ts_event": found.fields["ts_event"]}
        yield RecordBlock(found.rows, times | dict(zip(BEST_FIELDS, best, strict=True)))
    if book.unknown_orders:
        report.warnings.append(
            f"{report.path}: {book.unknown_orders:,} messages about orders that the file never "
            "adds: it begins without a snapshot of the book, and quotes may lack sizes"
        )


def read_bars(
    file: RecordFile,
    symbol: str,
    units: Units,
    report: FileReport,
    advance: Advance,
) -> Iterator[BarBatch]:
    """
    Yield the bars of one instrument from a file of schema `ohlcv-*`, stamped at their close.

    The parameters are those of `read_trades`.

    Yields
    ------
    BarBatch
        The accepted bars in the order of the file.

    """
    step_ns = BAR_STEPS[file.schema]
    for block in file.read(symbol, BAR_FIELDS, report, advance):
        check, ts = _checked_times(block, report, units)
        names = ("open", "high", "low", "close")
        opens, highs, lows, closes = (check.fixed_prices(*_fixed(block, name)) for name in names)
        volume = check.sizes(block.fields["volume"].astype(np.float64), zero=True)
        check.bars(opens, highs, lows, closes)
        bars = BarBatch(ts + step_ns, opens, highs, lows, closes, volume)
        yield select_rows(bars, check.good)


def _checked_times(
    block: RecordBlock,
    report: FileReport,
    units: Units,
) -> tuple[RowCheck, NDArray[np.int64]]:
    report.rows += len(block.rows)
    check = RowCheck(report, block.rows, block.text, units)
    ts = block.fields["ts_event"].astype(np.int64)
    check.times(ts, ts > 0)
    return check, ts


def _fixed(block: RecordBlock, name: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    values = block.fields[name]
    return values, values != UNDEF_PRICE


def _sequence(block: RecordBlock, number: int, place: int) -> NDArray[np.int64]:
    return 2 * (number * _RECORDS_PER_FILE + block.rows) + place
