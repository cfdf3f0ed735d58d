"""Plays a DBN file."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from databento import BentoError
from databento import DBNStore
from databento.common.constants import SCHEMA_STRUCT_MAP
from databento_dbn import DBNError
from databento_dbn import Schema
from numpy.lib.recfunctions import repack_fields
from numpy.typing import NDArray

from adapters.databento.dbn import DbnFile
from adapters.databento.dbn_stream import read_records
from adapters.databento.loopback.tape import Block
from adapters.databento.loopback.tape import due_times
from adapters.databento.records import BAR_STEPS
from adapters.databento.records import TRADE_SCHEMAS
from errors import AuctionError
from errors import UsageError


# The layout is the same in all versions of the encoding, so columns need no conversion.
_UNCHANGED = frozenset((*TRADE_SCHEMAS, *BAR_STEPS))


class DbnSource:
    """
    Plays the records of a DBN file, compressed or not, of any schema.

    Parameters
    ----------
    path : Path
        The file.
    schemas : tuple[str, ...], optional
        The schemas to play of a recorded live stream, which holds several.

    Raises
    ------
    UsageError
        If the file does not exist, or it holds several schemas and none is given.
    AuctionError
        If it is not a DBN file.

    """

    def __init__(self, path: Path, schemas: tuple[str, ...] = ()) -> None:
        self.file = DbnFile(Path(path))
        own = self.file.metadata.schema
        if own is None and not schemas:
            raise UsageError(f"{path}: a recording of several schemas: name those to play")
        self._schemas = schemas or (str(own),)

    @property
    def schemas(self) -> tuple[str, ...]:
        """Return the available schemas."""
        return self._schemas

    def read(self, schema: str, start_ns: int) -> Iterator[Block]:
        """Yield the records published from a time on, see `Source`."""
        last = 0
        for records in self._chunks(schema):
            if not len(records):
                continue
            # Times of receipt of different channels may go back: the order of the file is kept.
            due = np.maximum(np.maximum.accumulate(due_times(schema, records)), last)
            last = int(due[-1])
            known = due >= start_ns
            if known.any():
                yield Block(due[known], records[known])

    def _chunks(self, schema: str) -> Iterator[NDArray[Any]]:
        try:
            if schema not in _UNCHANGED:
                yield self._upgraded[schema]
                return
            if self.file.metadata.schema is None:
                yield self._store.to_ndarray(schema=schema)
                return
            for records in read_records(self.file.path, lambda _: None):
                yield _without_ts_out(records)
        except (BentoError, DBNError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())
            raise AuctionError(f"{self.file.path}: cannot be read ({reason})") from None

    @property
    def _store(self) -> DBNStore:
        # From bytes: a store of a file would keep it open.
        return DBNStore.from_bytes(self.file.path.read_bytes())

    @cached_property
    def _upgraded(self) -> dict[str, NDArray[Any]]:
        found = {}
        for schema in self._schemas:
            struct = SCHEMA_STRUCT_MAP[Schema.from_str(schema)]
            content = b"".join(
                bytes(record) for record in self._store if isinstance(record, struct)
            )
            found[schema] = np.frombuffer(content, dtype=struct._dtypes)
        return found


def _without_ts_out(records: NDArray[Any]) -> NDArray[Any]:
    # The gateway adds that time itself if a client requests it.
    names = [name for name in records.dtype.names or () if name != "ts_out"]
    return repack_fields(records[names])
