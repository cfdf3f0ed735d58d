"""Converts rows of files to batches of trades, quotes and bars."""

from collections.abc import Iterator
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.checks import BAD_ID
from adapters.checks import BAD_SEQ
from adapters.checks import BLANK_ID
from adapters.checks import ONE_SIDED
from adapters.checks import RowCheck
from adapters.checks import Units
from adapters.files.layout import FileLayout
from adapters.files.layout import TimedBlock
from adapters.files.reading import Block
from adapters.files.sides import parse_sides
from adapters.progress import Advance
from adapters.report import FileReport
from adapters.text import parse_floats
from adapters.text import parse_integers
from catalog.arrow import MAX_TRADE_ID_LENGTH
from catalog.arrow import valid_trade_ids
from catalog.batches import NO_SIDE
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.batches import select_rows
from errors import AuctionError
from errors import shortened


_BEST = ("bid", "ask", "bid_size", "ask_size")


class RunningNumbers:
    """Generates trade ids for sources without: 1, 2, 3 and so on through all files of an import."""

    def __init__(self) -> None:
        self._given = 0

    def take(self, good: NDArray[np.bool_]) -> pa.StringArray:
        """Return the next ids for the rows of a mask (shape `n`), null for other rows."""
        numbers = self._given + np.cumsum(good)
        self._given += int(np.count_nonzero(good))
        return pc.cast(pa.array(numbers), pa.string())


def read_trades(
    layout: FileLayout,
    units: Units,
    report: FileReport,
    numbers: RunningNumbers,
    advance: Advance,
) -> Iterator[TradeBatch]:
    """
    Yield the trades of one file.

    Parameters
    ----------
    layout : FileLayout
        The file and its columns.
    units : Units
        The grid of the instrument.
    report : FileReport
        Counts the rows.
    numbers : RunningNumbers
        Generates ids for trades without.
    advance : Advance
        Called with the number of bytes read.

    Yields
    ------
    TradeBatch
        The accepted trades in the order of the file.

    Raises
    ------
    AuctionError
        If the file is damaged, mixes time units or symbols, or most sides are unknown.

    """
    unknown_sides = 0
    unknown_word = ""
    flag = "side" not in layout.columns
    side_column = "buyer_is_maker" if flag else "side"
    for timed in layout.read(report, advance):
        block, ts = timed.block, timed.ts
        check = _checked_times(layout, timed, units, report)
        price = check.prices(parse_floats(block.columns["price"]))
        sizes = parse_floats(block.columns["size"])
        if side_column not in block.columns:
            check.signs(sizes)
        size = check.sizes(sizes)
        seq = _seq(check, block)
        ids = block.columns.get("id")
        if ids is not None:
            too_long = pc.greater(pc.binary_length(ids), MAX_TRADE_ID_LENGTH)
            plain = pc.string_is_ascii(ids).to_numpy(zero_copy_only=False)
            check.reject(too_long.to_numpy(zero_copy_only=False) | ~plain, BAD_ID)
            is_empty = pc.equal(ids, "").to_numpy(zero_copy_only=False)
            check.reject(~(valid_trade_ids(ids) | is_empty), BLANK_ID)
        good = check.good
        side = np.full(len(ts), NO_SIDE, dtype=np.uint8)
        if side_column in block.columns:
            words = block.columns[side_column]
            side, unknown = parse_sides(words, buyer_is_maker=flag)
            unknown &= good
            if unknown.any() and unknown_sides == 0:
                unknown_word = shortened(words[int(unknown.argmax())])
            unknown_sides += int(unknown.sum())
            check.sides(side)
        made = numbers.take(good)
        trade_id = made if ids is None else pc.if_else(pc.equal(ids, ""), made, ids)
        yield select_rows(TradeBatch(ts, price, size, side, trade_id, seq), good)
    if unknown_sides > report.accepted / 2:
        raise AuctionError(
            f"{layout.path}: {unknown_sides:,} trades have an unknown side (first: "
            f"{unknown_word!r}): write buy or sell for the aggressor, or leave the column out",
        )
    if unknown_sides:
        report.warnings.append(
            f"{layout.path.name}: {unknown_sides:,} trades have an unknown side "
            f"(first: {unknown_word!r}) and are kept without",
        )


def read_quotes(
    layout: FileLayout,
    units: Units,
    report: FileReport,
    advance: Advance,
) -> Iterator[QuoteBatch]:
    """
    Yield the best bid and ask quotes of one file, like `read_trades`.

    Yields
    ------
    QuoteBatch
        The accepted quotes in the order of the file.

    """
    for timed in layout.read(report, advance):
        block, ts = timed.block, timed.ts
        check = _checked_times(layout, timed, units, report)
        values = {name: parse_floats(block.columns[name]) for name in _BEST}
        check.reject(_is_one_sided(block, values), ONE_SIDED)
        bid, ask = check.prices(values["bid"]), check.prices(values["ask"])
        bid_size, ask_size = check.sizes(values["bid_size"]), check.sizes(values["ask_size"])
        check.crossed(bid, ask)
        seq = _seq(check, block)
        yield select_rows(QuoteBatch(ts, bid, ask, bid_size, ask_size, seq), check.good)


def read_bars(
    layout: FileLayout,
    units: Units,
    report: FileReport,
    advance: Advance,
    step_ns: int,
) -> Iterator[BarBatch]:
    """
    Yield the bars of one file with times of the open, like `read_trades`.

    Yields
    ------
    BarBatch
        The accepted bars in the order of the file, stamped at their close; volume 0 where the
        file has none.

    """
    for timed in layout.read(report, advance):
        block, ts = timed.block, timed.ts
        check = _checked_times(layout, timed, units, report)
        opens, highs, lows, closes = (
            check.prices(parse_floats(block.columns[name]))
            for name in ("open", "high", "low", "close")
        )
        volume = np.zeros(len(ts), dtype=np.int64)
        if "volume" in block.columns:
            volume = check.sizes(parse_floats(block.columns["volume"]), zero=True)
        check.bars(opens, highs, lows, closes)
        bars = BarBatch(ts + step_ns, opens, highs, lows, closes, volume)
        yield select_rows(bars, check.good)


def _checked_times(
    layout: FileLayout,
    timed: TimedBlock,
    units: Units,
    report: FileReport,
) -> RowCheck:
    check = RowCheck(report, timed.block.lines, timed.block.text, units)
    check.reject(timed.skipped, f"time that the clocks of {layout.zone} skip")
    check.times(timed.ts, timed.valid)
    return check


def _is_one_sided(block: Block, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    # Sources write an empty side of the book as empty text or as a size of zero.
    empty = np.zeros(len(block.lines), dtype=np.bool_)
    for side in ("bid", "ask"):
        for name in (side, f"{side}_size"):
            empty |= pc.equal(block.columns[name], "").to_numpy(zero_copy_only=False)
        empty |= values[f"{side}_size"] == 0
    return empty


def _seq(check: RowCheck, block: Block) -> NDArray[np.int64] | None:
    if "seq" not in block.columns:
        return None
    seq, valid = parse_integers(block.columns["seq"])
    check.reject(~valid, BAD_SEQ)
    return seq
