"""The tape of a gateway: records of several sources, each with its time of publication."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.databento.records import BAR_STEPS
from adapters.databento.records import DEFINITION
from errors import UsageError


@dataclass(frozen=True, slots=True)
class Block:
    """
    Represents consecutive records of one schema.

    Attributes
    ----------
    due : NDArray[np.int64]
        The time of publication of each record (ns UTC, shape `n`), see `due_times`.
    records : NDArray
        The records in the layout of DBN (structured, shape `n`).

    """

    due: NDArray[np.int64]
    records: NDArray[Any]


class Source(Protocol):
    """
    Represents stored records that can be played from any time on.

    Attributes
    ----------
    schemas : tuple[str, ...]
        The available schemas.

    """

    @property
    def schemas(self) -> tuple[str, ...]: ...

    def read(self, schema: str, start_ns: int) -> Iterator[Block]:
        """
        Yield the records published from a time (ns UTC) on, in that order.

        Raises
        ------
        AuctionError
            If the data is damaged.

        """


class Tape:
    """
    Provides the records of several sources.

    Parameters
    ----------
    sources : Iterable[Source]
        The sources.

    Raises
    ------
    UsageError
        If there is none.

    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = list(sources)
        if not self._sources:
            raise UsageError("no source of records given")
        self.schemas = frozenset(name for source in self._sources for name in source.schemas)

    def streams(self, schema: str, start_ns: int) -> list[Iterator[Block]]:
        """Return the records of a schema published from a time on, one stream for each source."""
        return [
            source.read(schema, start_ns) for source in self._sources if schema in source.schemas
        ]

    def begin_ns(self) -> int:
        """
        Return the time of the first record that is not a definition (ns UTC).

        Raises
        ------
        UsageError
            If there is no such record.

        """
        first = [
            int(block.due[0])
            for schema in sorted(self.schemas - {DEFINITION})
            for stream in self.streams(schema, 0)
            if (block := next((block for block in stream if len(block.due)), None)) is not None
        ]
        if not first:
            raise UsageError(
                "the sources have no records but definitions: there is nothing to play"
            )
        return min(first)


def due_times(schema: str, records: NDArray[Any]) -> NDArray[np.int64]:
    """
    Return the times of publication of records (ns UTC).

    That is the time of receipt where records have one. A bar is stamped with its opening and
    published at its close: sent at its stamp it would reveal the future.
    """
    if "ts_recv" in (records.dtype.names or ()):
        return records["ts_recv"].astype(np.int64)
    return records["ts_event"].astype(np.int64) + BAR_STEPS.get(schema, 0)
