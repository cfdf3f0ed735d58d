"""Databento Binary Encoding (DBN) files, chunk by chunk."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from databento_dbn import Metadata
from numpy.typing import NDArray

from adapters.databento.dbn_stream import read_metadata
from adapters.databento.dbn_stream import read_records
from adapters.databento.dbn_stream import record_type
from adapters.databento.records import LETTERS
from adapters.databento.records import NO_SYMBOL
from adapters.databento.records import RecordBlock
from adapters.databento.symbology import IdSpan
from adapters.databento.symbology import Symbology
from adapters.databento.symbology import requested_spans
from adapters.progress import Advance
from adapters.report import FileReport
from errors import AuctionError


@dataclass(frozen=True)
class DbnFile:
    """
    Represents a DBN file, compressed or not.

    Attributes
    ----------
    path : Path
        The file.
    definitions : Sequence[IdSpan], optional
        The contracts of instrument ids by a definition file. Required if the data was
        requested by continuous symbols, since the file then names no contract.

    """

    path: Path
    definitions: Sequence[IdSpan] = ()

    @cached_property
    def metadata(self) -> Metadata:
        """
        Return the metadata of the file.

        Raises
        ------
        UsageError
            If the file does not exist.
        AuctionError
            If it is not a DBN file.

        """
        return read_metadata(self.path)

    @cached_property
    def schema(self) -> str:
        """Return the schema of the records; `mixed` for a recording of several."""
        return str(self.metadata.schema or "mixed")

    @cached_property
    def symbology(self) -> Symbology:
        """Return the contracts of the instrument ids in the records."""
        named = self._requested
        return Symbology(self.definitions if named is None else named)

    @cached_property
    def header(self) -> list[str]:
        """Return the names of the fields of a record."""
        return list(record_type(self.path, self.metadata).names or ())

    @property
    def time_unit(self) -> str:
        """Return the format of times."""
        return "ns"

    def first_ns(self) -> int:
        """Return the start of the request that made the file (ns UTC)."""
        return int(self.metadata.start)

    def count_symbols(self) -> dict[str, int]:
        """Return the number of records of each instrument, by its symbol at the exchange."""
        counts: Counter[str] = Counter()
        for chunk in read_records(self.path, lambda _: None):
            ids, ts = self._named(chunk)
            for symbol in self.symbology.symbols:
                counts[symbol] += int(self.symbology.mask(ids, ts, symbol).sum())
            counts[NO_SYMBOL] += len(chunk) - int(self.symbology.mask(ids, ts).sum())
        return {symbol: count for symbol, count in counts.items() if count > 0}

    def read(
        self,
        symbol: str,
        fields: tuple[str, ...],
        report: FileReport,
        advance: Advance,
    ) -> Iterator[RecordBlock]:
        """Yield columns of the records of one instrument, see `RecordFile`."""
        done = 0
        for chunk in read_records(self.path, advance):
            ids, ts = self._named(chunk)
            self.symbology.check_named(self.path, ids, ts, symbol)
            mask = self.symbology.mask(ids, ts, symbol)
            rows = np.arange(done + 1, done + 1 + len(chunk), dtype=np.int64)
            done += len(chunk)
            columns = {
                name: chunk[name].view(np.uint8) if name in LETTERS else chunk[name]
                for name in fields
            }
            report.other_symbols += len(chunk) - int(mask.sum())
            block = RecordBlock(rows, columns)
            yield block if mask.all() else block.where(mask)

    def _named(self, chunk: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        # The intervals of the symbology are those of the index, the time of receipt if there is.
        ids = chunk["instrument_id"]
        ts = chunk["ts_recv" if "ts_recv" in (chunk.dtype.names or ()) else "ts_event"]
        if self._requested is not None:
            lost = ~np.isin(ids, self._own_ids)
            if lost.any():
                raise AuctionError(
                    f"{self.path}: {int(lost.sum()):,} records have instrument ids that the file "
                    f"gives no symbol to ({int(ids[np.argmax(lost)])}): it is damaged, download it "
                    "again"
                )
        return ids, ts

    @cached_property
    def _requested(self) -> list[IdSpan] | None:
        return requested_spans(self.path, self.metadata)

    @cached_property
    def _own_ids(self) -> list[int]:
        return sorted({span.number for span in self.symbology.spans})
