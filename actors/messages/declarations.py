"""Checks of what a message class declares, when it is registered."""

import re
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from actors.messages.schema import ColumnType
from actors.messages.schema import Kind
from actors.messages.schema import Parity
from actors.messages.schema import Table


# How the column `ts` of a table may come about: see `Table`.
TIMES = ("event", "close", "none")
# Columns that every table and record has beside those of its message.
RESERVED = frozenset({"instrument_id", "ts", "ts_event", "ts_init"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_declarations(cls: type, types: Mapping[str, ColumnType], base: type) -> None:
    """
    Check that a message class names columns of its own, of kinds that fit.

    Parameters
    ----------
    cls : type
        The message class.
    types : Mapping[str, ColumnType]
        Its columns.
    base : type
        The base of all messages, whose attributes cannot be columns.

    Raises
    ------
    TypeError
        If a declaration names no column, or one of a kind that does not fit; the message names
        class and declaration.

    """
    declared: Any = cls
    for problem in (
        *_columns(types, base),
        *_table(declared.TABLE, types),
        *_parities(declared.PARITY, declared.TABLE, types),
        *_mark(declared.MARK, types),
        *_warm(declared.WARM, types),
        *_late(declared.LATE, types),
        *_unclear(declared.UNCLEAR, types),
    ):
        raise TypeError(f"{cls.__module__}.{cls.__name__}: {problem}")


def _columns(types: Mapping[str, ColumnType], base: type) -> Iterator[str]:
    for name in types:
        if name in RESERVED or hasattr(base, name):
            yield f"column `{name}`: each message has an attribute of that name: choose another"


def _table(table: Any, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if table is None:
        return
    if not isinstance(table, Table):
        yield f"TABLE: {table!r} is no Table, like Table('channel')"
        return
    if not _NAME.fullmatch(table.name):
        yield f"TABLE: {table.name!r} is no name of a file: small letters, digits and _"
    if table.ts not in TIMES:
        yield f"TABLE: ts={table.ts!r} must be one of {', '.join(TIMES)}"
    elif table.ts == "none" and not any(_is_time(kind) for kind in types.values()):
        yield "TABLE: ts='none' needs a Time column that is never null"


def _parities(parities: Any, table: Any, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if not isinstance(parities, tuple) or not all(isinstance(one, Parity) for one in parities):
        yield "PARITY: it must be a tuple of Parity, like (Parity(...),)"
    elif parities and table is None:
        yield "PARITY: it compares tables: declare a TABLE"
    else:
        names = [parity.what for parity in parities]
        for parity in parities:
            if names.count(parity.what) > 1:
                yield f"PARITY `{parity.what}`: there are two of that name"
            yield from _parity(parity, table, types)


def _parity(parity: Parity, table: Table, types: Mapping[str, ColumnType]) -> Iterator[str]:
    where = f"PARITY `{parity.what}`"
    known = [*types, *([] if table.ts == "none" else ["ts"])]
    if not isinstance(parity.key, tuple) or not parity.key:
        yield f"{where}: its key must be a tuple of columns, like ('ts_min',)"
        return
    yield from _unknown(f"{where}: key", parity.key, known)
    yield from _unknown(f"{where}: columns", parity.columns, known)
    yield from _unknown(f"{where}: totals", parity.totals, known)
    first = parity.key[0]
    if first in types and not _is_time(types[first]):
        yield f"{where}: key: `{first}` comes first and must be a Time column that is never null"


def _mark(names: Any, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if not isinstance(names, tuple):
        yield f"MARK: {names!r} must be a tuple of columns, like ('close',)"
        return
    yield from _unknown("MARK", names, types)
    for name in names:
        if name in types:
            yield from _wrong("MARK", name, types, (Kind.PRICE, Kind.TICKS))
            if types[name].kind is Kind.TICKS and "tick_size" not in types:
                yield f"MARK: `{name}` is in ticks: add the column `tick_size: Price`"


def _late(name: Any, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if name:
        yield from _unknown("LATE", (name,), types)


def _warm(name: str, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if name:
        yield from _unknown("WARM", (name,), types)
        yield from _wrong("WARM", name, types, (Kind.FLAG,))


def _unclear(names: Any, types: Mapping[str, ColumnType]) -> Iterator[str]:
    if names is None:
        return
    if not isinstance(names, tuple) or len(names) != 2:
        yield f"UNCLEAR: {names!r} must be two columns: the unclear share, and the prints"
        return
    yield from _unknown("UNCLEAR", names, types)
    yield from _wrong("UNCLEAR", names[0], types, (Kind.RATIO,))
    yield from _wrong("UNCLEAR", names[1], types, (Kind.COUNT, Kind.LOTS))


def _unknown(where: str, names: Collection[str], known: Collection[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{where}: there is no column `{name}`; there are {', '.join(known)}"


def _wrong(
    where: str, name: str, types: Mapping[str, ColumnType], kinds: Collection[Kind]
) -> Iterator[str]:
    if (found := types.get(name)) is not None and found.kind not in kinds:
        wanted = " or ".join(kind.name.capitalize() for kind in kinds)
        yield f"{where}: `{name}` is a column of kind {found.kind.name.capitalize()}, not {wanted}"


def _is_time(kind: ColumnType) -> bool:
    return kind.kind is Kind.TIME and not kind.nullable
