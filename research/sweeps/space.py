"""The parameters of a sweep: values on the command line become points."""

import itertools
import random
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from configs.parameters import full_key
from configs.plain_yaml import parse_yaml
from errors import UsageError


MOST_VALUES = 10_000
# A grid of more points is drawn from without listing it.
MOST_POINTS = 1_000_000

Point = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    Represents one parameter and its values.

    Attributes
    ----------
    key : str
        Its full key.
    values : tuple[Any, ...]
        Its values, in order.

    """

    key: str
    values: tuple[Any, ...]


def parse_parameter(text: str, document: dict[str, Any]) -> Parameter:
    """
    Return a parameter of `key=2,3,4`, `key=0.005:0.02:0.005` or `key=true,false`.

    Parameters
    ----------
    text : str
        The argument; the key is a full one, or the last part of exactly one.
    document : dict[str, Any]
        The resolved configuration.

    Raises
    ------
    UsageError
        If there is no such key, it is not unique, or the values make no list.

    """
    name, equals, values = text.partition("=")
    if not equals or not name or not values:
        raise UsageError(f"--param {text}: write KEY=2,3,4 or KEY=FIRST:LAST:STEP")
    return Parameter(full_key(name, document, "--param"), _values(text, values))


def _values(text: str, values: str) -> tuple[Any, ...]:
    parts = values.split(":")
    if len(parts) == 3:
        return tuple(_range(text, *parts))
    if len(parts) == 2:
        raise UsageError(f"--param {text}: a range needs a step: FIRST:LAST:STEP")
    found = tuple(parse_yaml(part.strip()) for part in values.split(","))
    if len(set(map(repr, found))) != len(found):
        raise UsageError(f"--param {text}: a value stands there twice")
    if any(isinstance(value, dict | list) for value in found):
        raise UsageError(f"--param {text}: values are numbers, true, false or names")
    return found


def _range(text: str, *parts: str) -> Iterator[Any]:
    try:
        first, last, step = (Decimal(part.strip()) for part in parts)
    except InvalidOperation:
        raise UsageError(f"--param {text}: FIRST:LAST:STEP are numbers") from None
    if not all(number.is_finite() for number in (first, last, step)) or step <= 0 or last < first:
        raise UsageError(f"--param {text}: LAST is at least FIRST, and STEP above zero")
    count = int((last - first) / step) + 1
    if count > MOST_VALUES:
        raise UsageError(f"--param {text}: {count:,} values, {MOST_VALUES:,} at most")
    whole = all(number == number.to_integral_value() for number in (first, step))
    for number in range(count):
        value = first + number * step
        yield int(value) if whole else float(value)


def grid(parameters: Sequence[Parameter]) -> Iterator[Point]:
    """Yield all points, those of one actor configuration together."""
    # Features are computed once for each set of the actors' parameters.
    ordered = sorted(parameters, key=lambda parameter: not parameter.key.startswith("actors."))
    for values in itertools.product(*(parameter.values for parameter in ordered)):
        chosen = dict(zip((parameter.key for parameter in ordered), values, strict=True))
        yield {parameter.key: chosen[parameter.key] for parameter in parameters}


def grid_size(parameters: Sequence[Parameter]) -> int:
    """Return the number of points of a grid."""
    size = 1
    for parameter in parameters:
        size *= len(parameter.values)
    return size


def random_points(parameters: Sequence[Parameter], count: int, seed: int) -> list[Point]:
    """
    Return different random points of a grid, those of one actor configuration together.

    Parameters
    ----------
    parameters : Sequence[Parameter]
        The parameters.
    count : int
        How many; all of the grid where it has fewer.
    seed : int
        The seed.

    """
    size = grid_size(parameters)
    draw = random.Random(seed)
    if size <= min(MOST_POINTS, 4 * count):
        points = list(grid(parameters))
        kept = sorted(draw.sample(range(size), min(count, size)))
        return [points[index] for index in kept]
    found: dict[str, Point] = {}
    while len(found) < count:
        point = {parameter.key: draw.choice(parameter.values) for parameter in parameters}
        found.setdefault(repr(point), point)
    return sorted(found.values(), key=lambda point: _feature_part(point))


def _feature_part(point: Point) -> str:
    return repr({key: value for key, value in point.items() if key.startswith("actors.")})
