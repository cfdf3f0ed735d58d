"""Message classes as Parquet files of a run, written while it goes on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Message
from errors import AuctionError


ROWS = 20_000
# What pyarrow raises at a value that a column cannot hold.
NOT_STORABLE = (pa.ArrowException, OverflowError, TypeError, ValueError)
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
    """
    Return messages of a class as a table, in their order.

    Raises
    ------
    AuctionError
        If a value does not fit into its column, as a number of more than 64 bits.

    """
    schema, found = message_schema(cls), list(messages)
    later = cls.TABLE is not None and cls.TABLE.ts == "close"
    columns: list[list[Any]] = [
        *([] if _own_time(cls) else [[message.ts_event + later for message in found]]),
        [message.instrument_id.value for message in found],
        *([message.column(name) for message in found] for name in cls.COLUMNS),
    ]
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        try:
            arrays.append(pa.array(values, field.type))
        except NOT_STORABLE:
            raise AuctionError(_first_problem(cls, field, values, found)) from None
    return pa.Table.from_arrays(arrays, schema=schema)


def _first_problem(
    cls: type[Message], field: pa.Field, values: list[Any], messages: list[Message]
) -> str:
    for value, message in zip(values, messages, strict=True):
        try:
            pa.array([value], field.type)
        except NOT_STORABLE:
            at = f"{cls.__name__} of {message.instrument_id} at {_shown(message.ts_event)}"
            return f"{at}: column `{field.name}`: {value!r:.60} is no {field.type}"
    return f"{cls.__name__}: column `{field.name}`: its values are no {field.type}"


def _shown(ts: int) -> str:
    return f"{pd.Timestamp(ts, tz='UTC'):%Y-%m-%d %H:%M:%S}"


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
