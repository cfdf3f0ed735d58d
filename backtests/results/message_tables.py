"""Message classes as Parquet files of a run, written while it goes on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Message


ROWS = 20_000
_TIME = pa.timestamp("ns", tz="UTC")


def message_schema(cls: type[Message]) -> pa.Schema:
    """
    Return the columns of a message class as a table: `ts`, `instrument_id` and its own.

    Where a column of the message is the time, there is no `ts`.
    """
    return pa.schema(
        [
            *([] if _own_time(cls) else [pa.field("ts", _TIME)]),
            pa.field("instrument_id", pa.string()),
            *(pa.field(name, kind.arrow) for name, kind in cls.TYPES.items()),
        ]
    )


def message_table(cls: type[Message], messages: Iterable[Message]) -> pa.Table:
    """Return messages of a class as a table, in their order."""
    schema, found = message_schema(cls), list(messages)
    later = cls.TABLE is not None and cls.TABLE.ts == "close"
    columns: list[list[Any]] = [
        *([] if _own_time(cls) else [[message.ts_event + later for message in found]]),
        [message.instrument_id.value for message in found],
        *([message.column(name) for message in found] for name in cls.COLUMNS),
    ]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _own_time(cls: type[Message]) -> bool:
    return cls.TABLE is not None and cls.TABLE.ts == "none"


class MessageTable:
    """
    Writes the messages of one class to a file, a part at a time: seconds are many.

    Parameters
    ----------
    cls : type[Message]
        The class.
    path : Path
        The file, in a folder that is not yet the run's.

    """

    def __init__(self, cls: type[Message], path: Path) -> None:
        self._class = cls
        self._messages: list[Message] = []
        self._writer = pq.ParquetWriter(path, message_schema(cls), compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, message: Message) -> None:
        """Add a message."""
        self._messages.append(message)
        if len(self._messages) >= ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left; a file without rows has its columns."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(message_table(self._class, self._messages))
        self._messages = []
