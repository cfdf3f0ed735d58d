"""Message classes as Parquet files of a run, written while it goes on."""

from pathlib import Path
from typing import Any
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Message


ROWS = 20_000
_TIME = pa.timestamp("ns", tz="UTC")
_TIMES = {"ts", "ts_second", "start", "end", "opens_at", "closes_at", "ends_at"}


def message_schema(cls: type[Message]) -> pa.Schema:
    """Return the columns of a message class as a table: `ts`, `instrument_id` and its own."""
    own = (field for field in cls.schema() if field.name in cls.COLUMNS)
    return pa.schema(
        [
            pa.field("ts", _TIME),
            pa.field("instrument_id", pa.string()),
            *(pa.field(f.name, _TIME if f.name in _TIMES else f.type) for f in own),
        ]
    )


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
        self._names = cls.COLUMNS
        self._schema = message_schema(cls)
        self._messages: list[Message] = []
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

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
        messages = self._messages
        columns: list[list[Any]] = [
            [message.ts_event for message in messages],
            [message.instrument_id.value for message in messages],
            *([message.column(name) for message in messages] for name in self._names),
        ]
        arrays = [
            pa.array(values, kind) for values, kind in zip(columns, self._schema.types, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._messages = []
