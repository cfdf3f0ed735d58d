"""YAML of a user: plain values within bounds, read in bounded time and memory."""

from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any

import yaml
from yaml.constructor import SafeConstructor


LONGEST_TEXT = 1 << 16
DEEPEST = 40
# What aliases may unfold to; a configuration has some hundreds of values.
MOST_VALUES = 20_000
LONGEST_NUMBER = 200
_TAG = "tag:yaml.org,2002:"
_SCALARS = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")}
_TEXT = f"{_TAG}str"
_NUMBERS = {f"{_TAG}int", f"{_TAG}float"}
_COLLECTIONS = {f"{_TAG}seq", f"{_TAG}map"}
# What the constructors of PyYAML raise at a value that is none of its tag.
_NO_VALUE = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


class YamlError(ValueError):
    """Represents text that is no YAML, or YAML that is no plain configuration; one line."""


def parse_yaml(text: str) -> Any:
    """
    Return the value of a YAML text, as dictionaries, lists and scalars of which none is shared.

    Aliases are copied. Merge keys (`<<`) are resolved.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    Any

    Raises
    ------
    YamlError
        If it is no YAML, is longer than 64 KB, nests deeper than 40 levels, unfolds to more than
        20,000 values, holds itself, or has a tag of its own, a key that is no text, a key twice or
        a number of more than 200 characters.

    """
    return deepcopy(_parsed(text))


# A command reads the files of its configuration several times, a sweep for each of its runs.
@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    if len(text) > LONGEST_TEXT:
        raise YamlError(f"longer than {LONGEST_TEXT:,} characters")
    try:
        _check_size(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise YamlError(_one_line(error)) from error
    except RecursionError as error:
        raise YamlError(f"nests deeper than {DEEPEST} levels") from error
    if node is None:
        return None
    constructor = SafeConstructor()
    _check_nodes(node)
    return _value(node, constructor)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _check_size(text: str) -> None:
    depth = values = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        values += isinstance(event, yaml.NodeEvent)
        if values > MOST_VALUES:
            raise YamlError(f"{_at(event.start_mark)} more than {MOST_VALUES:,} values")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise YamlError(f"{_at(event.start_mark)} nests deeper than {DEEPEST} levels")


def _check_nodes(root: yaml.Node) -> None:
    counts: dict[int, int] = {}
    open_nodes: set[int] = set()

    def count(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            raise YamlError(f"{_at(node.start_mark)} a value holds itself")
        if id(node) not in counts:
            open_nodes.add(id(node))
            counts[id(node)] = 1 + sum(count(child) for child in _children(node))
            open_nodes.remove(id(node))
        if counts[id(node)] > MOST_VALUES:
            raise YamlError(
                f"{_at(node.start_mark)} its aliases unfold to more than {MOST_VALUES:,} values"
            )
        return counts[id(node)]

    count(root)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


def _value(node: yaml.Node, constructor: SafeConstructor) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, constructor)
    if node.tag not in _COLLECTIONS:
        raise YamlError(f"{_at(node.start_mark)} the tag {node.tag[:40]!r} is not supported")
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, constructor) for item in node.value]
    assert isinstance(node, yaml.MappingNode)
    _check_keys(node)
    try:
        # Puts what `<<` names before the keys of the mapping itself.
        constructor.flatten_mapping(node)
    except yaml.YAMLError as error:
        raise YamlError(_one_line(error)) from error
    return {key.value: _value(item, constructor) for key, item in node.value}


def _check_keys(node: yaml.MappingNode) -> None:
    found = set()
    for key, _ in node.value:
        where = _at(key.start_mark)
        if key.tag == f"{_TAG}merge":
            continue
        if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
            shown = repr(key.value[:40]) if isinstance(key, yaml.ScalarNode) else "a collection"
            raise YamlError(f"{where} the key {shown} is no text: write it in quotes")
        if key.value in found:
            raise YamlError(f"{where} the key {key.value[:40]!r} is there twice")
        _scalar(key, SafeConstructor())
        found.add(key.value)


def _scalar(node: yaml.ScalarNode, constructor: SafeConstructor) -> Any:
    where = _at(node.start_mark)
    if node.tag not in _SCALARS:
        raise YamlError(f"{where} the tag {node.tag[:40]!r} is not supported")
    shown = repr(node.value[:40])
    if node.tag != _TEXT and len(node.value) > LONGEST_NUMBER:
        raise YamlError(f"{where} {shown} has more than {LONGEST_NUMBER} characters: quote text")
    if node.tag in _NUMBERS and ":" in node.value:
        # A time of the day, of which YAML 1.1 makes a number to the base of 60: 22:00 is 1320.
        return node.value
    try:
        # Halves of characters, which escapes can make, cannot be written again.
        node.value.encode()
        return constructor.construct_object(node)
    except _NO_VALUE as error:
        kind = node.tag.removeprefix(_TAG)
        raise YamlError(f"{where} {shown} is no {kind}") from error
    except yaml.YAMLError as error:
        raise YamlError(_one_line(error)) from error


def _at(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}:"
