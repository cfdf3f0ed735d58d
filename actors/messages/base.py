"""The base of all messages: columns, topics, serialisation."""

import json
from typing import Any
from typing import ClassVar
from typing import Self

import pyarrow as pa
from nautilus_trader.core.data import Data
from nautilus_trader.core.nautilus_pyo3.model import register_custom_data_class
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.serialization.arrow.serializer import register_arrow
from nautilus_trader.serialization.base import register_serializable_type

from actors.messages.declarations import check_declarations
from actors.messages.schema import ColumnType
from actors.messages.schema import Kind
from actors.messages.schema import Parity
from actors.messages.schema import Table
from actors.messages.schema import column_type
from actors.messages.values import ValueCheck


# In a catalog, where times are whole numbers as Nautilus's own are.
_STORED_TYPES: dict[Any, pa.DataType] = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bool: pa.bool_(),
    list[int]: pa.list_(pa.int64()),
    list[float]: pa.list_(pa.float64()),
    list[str]: pa.list_(pa.string()),
}
# Created once: each message needs its type, every second.
_DATA_TYPES: dict[tuple[type, InstrumentId], DataType] = {}


# In the order of their declaration.
_CLASSES: list[type["Message"]] = []


class Message(Data):  # type: ignore[misc]
    """
    Represents facts of one instrument at one time.

    Unlike Nautilus's own custom data classes, a column may be null or a list.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument the message is about.
    ts_event : int
        The time the message speaks of (ns UTC).
    ts_init : int
        The time the message was made (ns UTC).
    **columns
        One value for each of `COLUMNS`; those left out are null, where they may be.

    Raises
    ------
    ValueError
        If a column is missing or unknown, or a value is of another type or not finite.

    Attributes
    ----------
    COLUMNS : tuple[str, ...]
        The columns, in order.
    TYPES : dict[str, ColumnType]
        Their declared types.
    TABLE : Table or None
        What becomes of the messages in the folder of a run; None for none.
    JOURNAL : str
        The table of the journal; empty for none.
    PARITY : tuple[Parity, ...]
        What must be equal in two runs.
    MARK : tuple[str, ...]
        The columns that give the price of the instrument at `ts_event`, the first that is not null.
    WARM : str
        The column that is true if the data of a bar were complete; empty for none.
    LATE : str
        The column with the trades of a bar that happened before it, and came after the bar of their
        time had closed; empty for none.
    UNCLEAR : tuple[str, str] or None
        The column with the share of a bar's volume whose side is unclear, and that with its prints.

    """

    COLUMNS: ClassVar[tuple[str, ...]] = ()
    TYPES: ClassVar[dict[str, ColumnType]] = {}
    TABLE: ClassVar[Table | None] = None
    JOURNAL: ClassVar[str] = ""
    PARITY: ClassVar[tuple[Parity, ...]] = ()
    MARK: ClassVar[tuple[str, ...]] = ()
    WARM: ClassVar[str] = ""
    LATE: ClassVar[str] = ""
    UNCLEAR: ClassVar[tuple[str, str] | None] = None
    _schema: ClassVar[pa.Schema]
    _values: ClassVar[ValueCheck] = ValueCheck("A message class without @register", {})

    def __init__(
        self,
        instrument_id: InstrumentId,
        ts_event: int,
        ts_init: int,
        **columns: Any,
    ) -> None:
        self.instrument_id = instrument_id
        self._ts_event = ts_event
        self._ts_init = ts_init
        self.__dict__.update(self._values.complete(columns, instrument_id, ts_event))

    @property
    def ts_event(self) -> int:
        return self._ts_event

    @property
    def ts_init(self) -> int:
        return self._ts_init

    @classmethod
    def type_for(cls, instrument_id: InstrumentId) -> DataType:
        """Return the data type under which messages about an instrument are published."""
        key = cls, instrument_id
        found = _DATA_TYPES.get(key)
        if found is None:
            found = DataType(cls, metadata={"instrument_id": instrument_id.value})
            _DATA_TYPES[key] = found
        return found

    @classmethod
    def topic(cls) -> str:
        """
        Return the topic of all messages of the class.

        A replay from a catalog publishes without the instrument in the topic, so a subscription to
        one instrument alone would miss it.
        """
        return f"data.{DataType(cls).topic}"

    @property
    def data_type(self) -> DataType:
        return self.type_for(self.instrument_id)

    @classmethod
    def schema(cls) -> pa.Schema:
        """Return the Arrow schema: the instrument, the columns, and both times."""
        return cls._schema

    @property
    def mark(self) -> float | None:
        """Return the price of the instrument at `ts_event`; None without one."""
        for name in self.MARK:
            value = self.column(name)
            if value is not None:
                is_ticks = self.TYPES[name].kind is Kind.TICKS
                return float(value * self.column("tick_size") if is_ticks else value)
        return None

    def column(self, name: str) -> Any:
        """Return the value of a column."""
        return getattr(self, name)

    def columns(self) -> dict[str, Any]:
        """Return the columns by name."""
        return {name: getattr(self, name) for name in self.COLUMNS}

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}={value}" for name, value in self.columns().items())
        return f"{type(self).__name__}(instrument_id={self.instrument_id}, {columns})"

    def to_dict(self) -> dict[str, Any]:
        return {
            "instrument_id": self.instrument_id.value,
            **self.columns(),
            "ts_event": self._ts_event,
            "ts_init": self._ts_init,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        columns = {name: data[name] for name in cls.COLUMNS}
        instrument_id = InstrumentId.from_str(data["instrument_id"])
        return cls(instrument_id, data["ts_event"], data["ts_init"], **columns)

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.from_dict(data)

    def to_arrow(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([self.to_dict()], schema=self._schema)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> list[Self]:
        return [cls.from_dict(row) for row in table.to_pylist()]

    @classmethod
    def type_name_static(cls) -> str:
        return cls.__name__

    def encode_record_batch_py(self, items: list["Message"]) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([item.to_dict() for item in items], schema=self._schema)

    @classmethod
    def decode_record_batch_py(cls, metadata: dict[str, str], batch: pa.RecordBatch) -> list[Self]:
        return [cls.from_dict(row) for row in batch.to_pylist()]


def register(cls: type[Message]) -> type[Message]:
    """
    Make a message class known to the bus, the catalog and replays.

    Its columns are its annotations, in their order: types of `actors.messages.schema`, each perhaps
    `| None`. Their documentation is the section Attributes of its docstring.

    Parameters
    ----------
    cls : type[Message]
        The class.

    Returns
    -------
    type[Message]
        The same class, so that this serves as a decorator.

    Raises
    ------
    TypeError
        If a column is of another type, if `TABLE`, `PARITY`, `MARK`, `WARM`, `LATE` or `UNCLEAR`
        name what the class does not have, or if there is a message class of its name: the bus, the
        catalog and replays know a class by its name.

    """
    name = f"{cls.__module__}.{cls.__name__}"
    for known in _CLASSES:
        if known.__name__ == cls.__name__:
            raise TypeError(
                f"{name}: {known.__module__} has a message class of that name: give it a name of "
                "its own"
            )
    try:
        types = {column: column_type(column, kind) for column, kind in cls.__annotations__.items()}
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    check_declarations(cls, types, Message)
    cls.TYPES = types
    cls.COLUMNS = tuple(cls.TYPES)
    cls._values = ValueCheck(cls.__name__, types)
    cls._schema = pa.schema(
        [
            pa.field("instrument_id", pa.string()),
            *(pa.field(name, _STORED_TYPES[kind.python]) for name, kind in cls.TYPES.items()),
            pa.field("ts_event", pa.int64()),
            pa.field("ts_init", pa.int64()),
        ],
    )
    register_serializable_type(cls, cls.to_dict, cls.from_dict)
    register_arrow(cls, cls._schema, cls.to_arrow, cls.from_arrow)
    register_custom_data_class(cls)
    _CLASSES.append(cls)
    return cls


def message_classes() -> tuple[type[Message], ...]:
    """Return the message classes that are known so far, in the order of their declaration."""
    return tuple(_CLASSES)
