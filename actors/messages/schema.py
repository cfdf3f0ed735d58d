"""Declarations of a message class: its columns, its table in a run, and when two are equal."""

from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import Annotated
from typing import Any
from typing import get_args
from typing import get_origin

import pyarrow as pa


class Kind(StrEnum):
    """Represents the kind of values in a column."""

    TIME = "time"
    PRICE = "price"
    SIZE = "size"
    TICKS = "ticks"
    LOTS = "lots"
    RATIO = "ratio"
    MONEY = "money"
    COUNT = "count"
    TEXT = "text"
    FLAG = "flag"
    LIST = "list"


# The types of columns, each perhaps `| None`.
Time = Annotated[int, Kind.TIME]  # ns UTC
Price = Annotated[float, Kind.PRICE]
Size = Annotated[float, Kind.SIZE]
Ticks = Annotated[int, Kind.TICKS]
Lots = Annotated[int, Kind.LOTS]
Ratio = Annotated[float, Kind.RATIO]
Money = Annotated[float, Kind.MONEY]  # in the settlement currency
Count = Annotated[int, Kind.COUNT]
Text = Annotated[str, Kind.TEXT]
Flag = Annotated[bool, Kind.FLAG]
TickList = Annotated[list[int], Kind.LIST]
LotList = Annotated[list[int], Kind.LIST]
PriceList = Annotated[list[float], Kind.LIST]
RatioList = Annotated[list[float], Kind.LIST]
TextList = Annotated[list[str], Kind.LIST]

_ARROW = {
    Kind.TIME: pa.timestamp("ns", tz="UTC"),
    Kind.PRICE: pa.float64(),
    Kind.SIZE: pa.float64(),
    Kind.TICKS: pa.int64(),
    Kind.LOTS: pa.int64(),
    Kind.RATIO: pa.float64(),
    Kind.MONEY: pa.float64(),
    Kind.COUNT: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.FLAG: pa.bool_(),
}
_ITEMS = {int: pa.int64(), float: pa.float64(), str: pa.string()}


@dataclass(frozen=True, slots=True)
class ColumnType:
    """
    Represents the declared type of a column.

    Attributes
    ----------
    kind : Kind
        What its values are.
    python : type
        Their Python type.
    nullable : bool
        If a value may be missing.

    """

    kind: Kind
    python: Any
    nullable: bool

    @property
    def arrow(self) -> pa.DataType:
        """Return the type of the column in a table of a run."""
        if self.kind is Kind.LIST:
            (item,) = get_args(self.python)
            return pa.list_(_ITEMS[item])
        return _ARROW[self.kind]


def column_type(name: str, annotation: Any) -> ColumnType:
    """
    Return the declared type of a column, from its annotation.

    Raises
    ------
    TypeError
        If it is none of the column types of this module, with or without `| None`.

    """
    parts = get_args(annotation) if get_origin(annotation) is not Annotated else (annotation,)
    nullable = type(None) in parts
    kinds = [part for part in parts if part is not type(None)]
    if len(kinds) == 1 and get_origin(kinds[0]) is Annotated:
        python, *marks = get_args(kinds[0])
        if len(marks) == 1 and isinstance(marks[0], Kind):
            return ColumnType(marks[0], python, nullable)
    raise TypeError(
        f"column `{name}`: {annotation!r} is no type of a column: take one of "
        "actors.messages.schema, like Ticks or Price"
    )


def column_docs(cls: type) -> dict[str, str]:
    """
    Return the description of each column of a message class, from its docstring's Attributes.

    Returns
    -------
    dict[str, str]
        The columns in the order of the docstring.

    """
    lines = cleandoc(cls.__doc__ or "").partition("Attributes\n----------\n")[2].split("\n")
    docs: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        else:
            for name in names:
                docs[name] = f"{docs.get(name, '')} {line.strip()}".strip()
    return docs


@dataclass(frozen=True, slots=True)
class Table:
    """
    Says what becomes of the messages of a class in the folder of a run.

    Attributes
    ----------
    name : str
        The name of the file.
    bars : str, default ''
        What its rows are called where each is a closed bar: `minutes`, `seconds`. A run is over
        time that has such rows.
    ts : str, default 'event'
        The column `ts` of a table: the time of the event, its `close` a nanosecond later, or `none`
        where a column of the message is the time.
    decided : bool, default False
        If a strategy publishes a decision at each of its rows.
    of_nodes : bool, default False
        If only a node writes it.

    """

    name: str
    bars: str = ""
    ts: str = "event"
    decided: bool = False
    of_nodes: bool = False


@dataclass(frozen=True, slots=True)
class Parity:
    """
    Says what must be equal in two runs of one stretch.

    Attributes
    ----------
    what, unit : str
        Its name, and what its rows are called; without a unit `decisions`, or as the bars of the
        run where there is one at each of them.
    key : tuple[str, ...]
        The columns that name a row beside the instrument; the first is its time (`ts` is that of
        the event). Rows of one name keep their order.
    columns : tuple[str, ...], default ()
        Those that must be equal; all without any.
    is_complete : bool or None, default True
        If a row of one run alone, within the time that both have, is a difference; None for one
        unless there is a decision at each bar.
    of_fills : bool, default False
        If they depend on fills: only where both runs have those of a simulated venue, by the time
        of the data, does a difference count.
    totals : tuple[str, ...], default ()
        The columns that count from the first tick that a run knows. In runs that began at different
        times their changes are compared.

    """

    what: str
    unit: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    is_complete: bool | None = True
    of_fills: bool = False
    totals: tuple[str, ...] = ()
