"""Checks of the values of a message, when it is made."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from math import isfinite
from operator import itemgetter
from typing import Any
from typing import NamedTuple
from typing import NoReturn
from typing import get_args

from actors.messages.schema import ColumnType
from actors.messages.schema import Kind


NANOS_PER_SECOND = 1_000_000_000
# Combinations of types of one class: nulls make a few dozen; this only bounds the memory.
LARGEST_KNOWN = 4_096


class _Plan(NamedTuple):
    """Represents the checks that are left once the types of all values are known to fit."""

    floats: Callable[[Mapping[str, Any]], Collection[float]] | None
    lists: tuple[tuple[str, frozenset[type]], ...]
    nulls: dict[str, None]


class ValueCheck:
    """
    Checks the values of the messages of one class.

    Every column needs a value of its type; one that may be null may be left out. A float must be
    finite: NaN in a price would drop an open trade from the equity without a word. A combination of
    types is checked once; another message with the same costs a hash and a sum.

    Parameters
    ----------
    message : str
        The name of the class.
    types : Mapping[str, ColumnType]
        Its columns.

    """

    def __init__(self, message: str, types: Mapping[str, ColumnType]) -> None:
        self._message = message
        self._types = dict(types)
        self._known: dict[tuple[Any, ...], _Plan] = {}

    def complete(
        self, columns: dict[str, Any], instrument_id: object, ts_event: int
    ) -> dict[str, Any]:
        """
        Return the columns with those that were left out.

        Parameters
        ----------
        columns : dict[str, Any]
            The values by column.
        instrument_id, ts_event
            Those of the message, for errors.

        Raises
        ------
        ValueError
            If a column is missing or unknown, or a value is of another type or not finite; the
            message names class, instrument, time and column.

        """
        types = (*columns, *map(type, columns.values()))
        plan = self._known.get(types)
        try:
            if plan is None:
                plan = self._plan(columns)
                if len(self._known) < LARGEST_KNOWN:
                    self._known[types] = plan
            if plan.floats is not None and not isfinite(sum(plan.floats(columns))):
                self._check_finite(columns)
            for name, python in plan.lists:
                values = columns[name]
                if not python.issuperset(map(type, values)) or (
                    float in python and not isfinite(sum(values))
                ):
                    self._check_list(name, values)
        except ValueError as error:
            at = f"{self._message} of {instrument_id} at {_time(ts_event)}"
            raise ValueError(f"{at}: {error}") from None
        return {**columns, **plan.nulls} if plan.nulls else columns

    def _plan(self, columns: dict[str, Any]) -> _Plan:
        left_out = [name for name in self._types if name not in columns]
        missing = [name for name in left_out if not self._types[name].nullable]
        unknown = [name for name in columns if name not in self._types]
        if missing or unknown:
            wrong = [f"column `{name}` is missing" for name in missing]
            wrong += [f"there is no column `{name}`" for name in unknown]
            raise ValueError(", ".join(wrong))
        for name, value in columns.items():
            _check_type(name, value, self._types[name])
        given = {name: self._types[name] for name, value in columns.items() if value is not None}
        floats = [name for name, kind in given.items() if kind.python is float]
        lists = [
            (name, frozenset(get_args(kind.python)))
            for name, kind in given.items()
            if kind.kind is Kind.LIST
        ]
        return _Plan(_getter(floats), tuple(lists), dict.fromkeys(left_out))

    def _check_finite(self, columns: dict[str, Any]) -> None:
        for name, value in columns.items():
            if self._types[name].python is float and value is not None and not isfinite(value):
                _refuse_infinite(name, value)

    def _check_list(self, name: str, values: list[Any]) -> None:
        (python,) = get_args(self._types[name].python)
        for value in values:
            if not _fits(type(value), python):
                raise ValueError(
                    f"column `{name}`: it holds {value!r:.60} of type {type(value).__name__}, not "
                    f"{python.__name__}"
                )
            if python is float and not isfinite(value):
                _refuse_infinite(name, value)


def _getter(names: list[str]) -> Callable[[Mapping[str, Any]], Collection[float]] | None:
    # With one name alone it would return no collection.
    return itemgetter(*names, *names[:1]) if names else None


def _check_type(name: str, value: Any, kind: ColumnType) -> None:
    if value is None:
        if not kind.nullable:
            raise ValueError(f"column `{name}` is None: declare it `| None` where it may be null")
        return
    python = list if kind.kind is Kind.LIST else kind.python
    if not _fits(type(value), python):
        raise ValueError(
            f"column `{name}`: {value!r:.60} is of type {type(value).__name__}, not "
            f"{python.__name__} ({kind.kind.name.capitalize()})"
        )


def _fits(found: type, wanted: type) -> bool:
    # A flag is a whole number to Python, and a whole number may stand for a float.
    if found is bool:
        return wanted is bool
    return issubclass(found, (int, float) if wanted is float else wanted)


def _refuse_infinite(name: str, value: float) -> NoReturn:
    raise ValueError(f"column `{name}`: {value} is not finite: publish None where there is none")


def _time(ts: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC):%Y-%m-%d %H:%M:%S}"
    # No time at all: it is shown as it is.
    except (ArithmeticError, OSError, TypeError, ValueError):
        return repr(ts)
