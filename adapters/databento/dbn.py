"""Databento Binary Encoding (DBN) files, chunk by chunk."""

import warnings
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import BinaryIO

import numpy as np
import zstandard
from databento import BentoError
from databento import DBNStore
from databento.common.error import BentoWarning
from databento_dbn import Metadata
from numpy.typing import NDArray

from adapters.databento.records import LETTERS
from adapters.databento.records import NO_SYMBOL
from adapters.databento.records import RecordBlock
from adapters.progress import Advance
from adapters.report import FileReport
from catalog.errors import AuctionError
from catalog.errors import UsageError


CHUNK_RECORDS = 100_000

_DAMAGE = (BentoError, BentoWarning, ValueError, OSError, zstandard.ZstdError)


@dataclass(frozen=True)
class DbnFile:
    """
    Represents a DBN file, compressed or not.

    Attributes
    ----------
    path : Path
        The file.
    names : Mapping[int, str]
        Symbols by instrument id from a definition file. They are needed where the data was
        requested by continuous symbols or ids, since the file then names no contract.

    """

    path: Path
    names: Mapping[int, str]

    @cached_property
    def metadata(self) -> Metadata:
        """
        Return what the file says about its request.

        Raises
        ------
        UsageError
            If there is no such file.
        AuctionError
            If it is no DBN file.

        """
        with self.opened() as (store, _):
            metadata: Metadata = store.metadata
        return metadata

    @cached_property
    def schema(self) -> str:
        """Return the schema of the records; `mixed` for a recording of several."""
        return str(self.metadata.schema or "mixed")

    @cached_property
    def symbols(self) -> dict[str, list[tuple[int, int, int]]]:
        """Return the instrument ids of each symbol, with the first and last time of use (ns)."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        named = str(self.metadata.stype_in) in ("raw_symbol", "parent")
        for symbol, spans in self.metadata.mappings.items():
            for span in spans:
                if not span["symbol"]:
                    continue
                number = int(span["symbol"])
                name = symbol if named else self.names.get(number, NO_SYMBOL)
                begin, end = (_midnight(span[key]) for key in ("start_date", "end_date"))
                found.setdefault(name, []).append((number, begin, end))
        return found

    def first_ns(self) -> int:
        """Return the start of the request that made the file (ns UTC)."""
        return int(self.metadata.start)

    def defined_symbols(self) -> dict[int, str]:
        """Return the symbol of each instrument id, for a file of schema `definition`."""
        found: dict[int, str] = {}
        for chunk in self._chunks(lambda _: None):
            names = chunk["raw_symbol"].astype(np.str_).tolist()
            found.update(zip(chunk["instrument_id"].tolist(), names, strict=True))
        return found

    def count_symbols(self) -> dict[str, int]:
        """Return the records of each instrument, by its symbol at the exchange."""
        counts: Counter[str] = Counter()
        for chunk in self._chunks(lambda _: None):
            found = {symbol: int(self._mask(chunk, symbol).sum()) for symbol in self.symbols}
            counts.update(found)
            counts[NO_SYMBOL] += len(chunk) - sum(found.values())
        return {symbol: count for symbol, count in counts.items() if count > 0}

    def read(
        self,
        symbol: str,
        fields: tuple[str, ...],
        report: FileReport,
        advance: Advance,
    ) -> Iterator[RecordBlock]:
        """Read columns of the records of one instrument, see `RecordFile`."""
        done = 0
        for chunk in self._chunks(advance):
            mask = self._mask(chunk, symbol)
            rows = np.arange(done + 1, done + 1 + len(chunk), dtype=np.int64)
            done += len(chunk)
            columns = {
                name: chunk[name].view(np.uint8) if name in LETTERS else chunk[name]
                for name in fields
            }
            report.other_symbols += len(chunk) - int(mask.sum())
            block = RecordBlock(rows, columns)
            yield block if mask.all() else block.where(mask)

    @contextmanager
    def opened(self) -> Iterator[tuple[DBNStore, BinaryIO]]:
        """
        Open the file, and close it at the end of the context.

        Raises
        ------
        UsageError
            If there is no such file.
        AuctionError
            If it is no DBN file.

        """
        if not self.path.is_file():
            raise UsageError(f"{self.path}: no such file")
        with self.path.open("rb") as file:
            try:
                store = DBNStore(_OpenFile(self.path, file))
            except _DAMAGE as error:
                raise self._damaged(error) from None
            yield store, file

    def _mask(self, chunk: NDArray[Any], symbol: str) -> NDArray[np.bool_]:
        # The intervals of the symbology are those of the index, the time of receipt if there is.
        ts = chunk["ts_recv" if "ts_recv" in (chunk.dtype.names or ()) else "ts_event"]
        mask = np.zeros(len(chunk), dtype=np.bool_)
        for number, begin, end in self.symbols.get(symbol, ()):
            mask |= (chunk["instrument_id"] == number) & (ts >= begin) & (ts < end)
        return mask

    def _chunks(self, advance: Advance) -> Iterator[NDArray[Any]]:
        with self.opened() as (store, file):
            chunks = store.to_ndarray(count=CHUNK_RECORDS)
            before = 0
            while True:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("error", BentoWarning)
                        chunk = next(chunks, None)
                except _DAMAGE as error:
                    raise self._damaged(error) from None
                advance(file.tell() - before)
                before = file.tell()
                if chunk is None:
                    return
                yield chunk

    def _damaged(self, error: Exception) -> AuctionError:
        reason = " ".join(str(error).split())
        return AuctionError(f"{self.path}: not a readable DBN file ({reason}): download it again")


class _OpenFile:
    """The data source of a store whose file the caller closes and whose position he can read."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.name = path.name
        self.nbytes = path.stat().st_size
        self._file = file

    @property
    def reader(self) -> BinaryIO:
        self._file.seek(0)
        return self._file


def _midnight(day: object) -> int:
    return int(np.datetime64(str(day), "ns").astype(np.int64))
