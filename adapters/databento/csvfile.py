"""Databento CSV files, with or without pretty prices and times."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.databento.continuous import parse_rolling
from adapters.databento.records import LETTERS
from adapters.databento.records import NO_SYMBOL
from adapters.databento.records import UNDEF_PRICE
from adapters.databento.records import UNDEF_TIME
from adapters.databento.records import RecordBlock
from adapters.databento.symbology import IdSpan
from adapters.databento.symbology import Symbology
from adapters.files.reading import Block
from adapters.files.reading import read_blocks
from adapters.files.reading import read_header
from adapters.files.timestamps import MixedTimeUnitsError
from adapters.files.timestamps import parse_times
from adapters.progress import Advance
from adapters.report import FileReport
from adapters.text import cast_or_null
from adapters.text import parse_integers
from adapters.text import unscaled
from catalog.layout import EARLIEST_NS
from catalog.layout import latest_ns
from errors import AuctionError


_PRICES = frozenset({"price", "bid_px_00", "ask_px_00", "open", "high", "low", "close"})
_TIMES = frozenset({"ts_event", "ts_recv"})
_NANO_DECIMALS = 9
_SAMPLED_TYPES = {"195": "bbo-1s", "196": "bbo-1m"}
_BAR_TYPES = {"32": "ohlcv-1s", "33": "ohlcv-1m", "34": "ohlcv-1h", "35": "ohlcv-1d"}


@dataclass(frozen=True)
class DatabentoCsvFile:
    """
    Represents a CSV file from Databento, compressed or not.

    Attributes
    ----------
    path : Path
        The file.
    definitions : Sequence[IdSpan], optional
        The contracts of instrument ids by a definition file. Required if the data was
        requested by continuous symbols or written without symbols.

    """

    path: Path
    definitions: Sequence[IdSpan] = ()

    @cached_property
    def header(self) -> list[str]:
        """Return the column names."""
        header = read_header(self.path)
        missing = {"ts_event", "rtype"} - set(header)
        if not {"symbol", "instrument_id"} & set(header):
            missing.add("symbol")
        if missing:
            raise AuctionError(
                f"{self.path}: no column {', '.join(sorted(missing))}: export Databento's CSV with "
                "a header and symbols (map_symbols), or use DBN",
            )
        return header

    @cached_property
    def symbology(self) -> Symbology | None:
        """Return the contracts of the ids, None if the symbols of the rows name them."""
        names = self._head("symbol") if "symbol" in self.header else pa.array([], pa.string())
        first = str(names[0]) if len(names) else ""
        if first and not first.isdigit() and parse_rolling(first) is None:
            return None
        if len(names) and "instrument_id" not in self.header:
            raise AuctionError(
                f"{self.path}: the symbol {first!r} names no contract and there is no column "
                "instrument_id: export it with raw symbols, or use DBN"
            )
        return Symbology(self.definitions)

    @cached_property
    def schema(self) -> str:
        """
        Return the schema of the records, inferred from the columns.

        `tbbo` and `mbp-1` have the same columns. The file name decides, otherwise a file is `tbbo`
        if all records of its first block are trades.
        """
        if "open" in self.header:
            record_type = str(self._head("rtype")[0]) if len(self._head("rtype")) else ""
            return _BAR_TYPES.get(record_type, "ohlcv-eod")
        if "bid_px_01" in self.header:
            return "mbp-10"
        if "order_id" in self.header:
            return "mbo"
        if "bid_px_00" not in self.header:
            return "trades" if {"price", "sequence", "depth"} <= set(self.header) else "other"
        if "action" not in self.header:
            record_type = str(self._head("rtype")[0]) if len(self._head("rtype")) else ""
            return _SAMPLED_TYPES.get(record_type, "bbo-1s")
        for name in ("tbbo", "mbp-1"):
            if name in self.path.name:
                return name
        return "tbbo" if pc.all(pc.equal(self._head("action"), "T")).as_py() else "mbp-1"

    @cached_property
    def time_unit(self) -> str:
        """Return the format of times."""
        times = self._head("ts_event")
        return "ns" if len(times) == 0 or _is_number(times) else "iso"

    def first_ns(self) -> int | None:
        """Return the time of the first record with a valid time (ns UTC), else of the first one."""
        block = next(read_blocks(self.path, {"ts_event": "ts_event"}, block_bytes=1 << 18), None)
        if block is None:
            return None
        times = self._values(block, ("ts_event",))["ts_event"]
        known = times[times != UNDEF_TIME]
        possible = known[(known >= EARLIEST_NS) & (known <= latest_ns())]
        return next((int(found[0]) for found in (possible, known) if len(found)), None)

    def count_symbols(self) -> dict[str, int]:
        """Return the number of records of each instrument, by its symbol at the exchange."""
        counts: Counter[str] = Counter()
        for block in read_blocks(self.path, self._columns(())):
            if self.symbology is None:
                for entry in pc.value_counts(block.columns["symbol"]).to_pylist():
                    counts[entry["values"]] += entry["counts"]
                continue
            ids, ts = self._ids(block)
            for symbol in self.symbology.symbols:
                counts[symbol] += int(self.symbology.mask(ids, ts, symbol).sum())
            counts[NO_SYMBOL] += len(ids) - int(self.symbology.mask(ids, ts).sum())
        return {symbol: count for symbol, count in counts.items() if count > 0}

    def read(
        self,
        symbol: str,
        fields: tuple[str, ...],
        report: FileReport,
        advance: Advance,
    ) -> Iterator[RecordBlock]:
        """Yield columns of the records of one instrument, see `RecordFile`."""
        lines = FileReport(self.path, report.kind)
        for block in read_blocks(self.path, self._columns(fields), lines, advance):
            mask = self._mask(block, symbol)
            count = int(mask.sum())
            report.other_symbols += len(mask) - count
            found = block if count == len(mask) else _where(block, mask)
            yield RecordBlock(found.lines, self._values(found, fields))
        # The instrument of a malformed line is unknown: each instrument counts it.
        report.rows += lines.rejected_rows
        report.rejected |= lines.rejected

    def _columns(self, fields: tuple[str, ...]) -> dict[str, str]:
        identity = ("symbol",) if self.symbology is None else ("instrument_id", self._index)
        return {name: name for name in (*fields, *identity)}

    @property
    def _index(self) -> str:
        return "ts_recv" if "ts_recv" in self.header else "ts_event"

    def _mask(self, block: Block, symbol: str) -> NDArray[np.bool_]:
        if self.symbology is None:
            same = pc.equal(block.columns["symbol"], symbol)
            mask: NDArray[np.bool_] = same.to_numpy(zero_copy_only=False)
            return mask
        ids, ts = self._ids(block)
        self.symbology.check_named(self.path, ids, ts, symbol)
        return self.symbology.mask(ids, ts, symbol)

    def _ids(self, block: Block) -> tuple[NDArray[Any], NDArray[Any]]:
        values = self._values(block, ("instrument_id", self._index))
        return values["instrument_id"], values[self._index]

    def _values(self, block: Block, fields: tuple[str, ...]) -> dict[str, NDArray[Any]]:
        try:
            return {name: _convert(name, block.columns[name]) for name in fields}
        except MixedTimeUnitsError as error:
            raise AuctionError(
                f"{self.path}: row {block.lines[error.row]}: time "
                f"{str(block.columns['ts_event'][error.row])!r} is written in another way than "
                "the rows before it: export the file again",
            ) from None

    def _head(self, name: str) -> pa.Array:
        block = next(read_blocks(self.path, {name: name}, block_bytes=1 << 18), None)
        return pa.array([], pa.string()) if block is None else block.columns[name]


def _where(block: Block, mask: NDArray[np.bool_]) -> Block:
    kept = pa.array(mask)
    columns = {name: column.filter(kept) for name, column in block.columns.items()}
    return Block(block.lines[mask], columns)


def _convert(name: str, texts: pa.Array) -> NDArray[Any]:
    if name in _TIMES:
        return _times(texts)
    if name in _PRICES:
        return _prices(texts)
    if name in LETTERS:
        coded = pc.dictionary_encode(texts)
        words = coded.dictionary.to_pylist()
        codes = [ord(word) if len(word) == 1 and word.isascii() else 0 for word in words]
        letters: NDArray[np.uint8] = np.array(codes, dtype=np.uint8)[coded.indices.to_numpy()]
        return letters
    values, valid = parse_integers(texts)
    return np.where(valid, values, 0)


def _times(texts: pa.Array) -> NDArray[np.uint64]:
    ts, valid = parse_times(texts, "ns" if _is_number(texts) else "iso")
    return np.where(valid, ts.astype(np.uint64), UNDEF_TIME)


def _is_number(texts: pa.Array) -> bool:
    return len(texts) > 0 and str(texts[0]).isdigit()


def _prices(texts: pa.Array) -> NDArray[np.int64]:
    # Pretty prices always have nine decimals, others none.
    is_pretty = pc.any(pc.match_substring(texts, ".")).as_py()
    kind = pa.decimal128(38, _NANO_DECIMALS if is_pretty else 0)
    values, valid = unscaled(cast_or_null(texts, kind))
    return np.where(valid, values, UNDEF_PRICE)
