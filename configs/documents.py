"""Configuration documents: files found by name, read, overridden by key, converted to structs."""

import math
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.common.config import msgspec_decoding_hook
from nautilus_trader.common.config import msgspec_encoding_hook
from nautilus_trader.common.config import resolve_path

from configs import FOLDER
from configs.parameters import full_key
from configs.parameters import parameter_paths
from configs.plain_yaml import LONGEST_TEXT
from configs.plain_yaml import YamlError
from configs.plain_yaml import parse_yaml
from configs.spelling import did_you_mean
from configs.spelling import nearest_field
from errors import UsageError
from errors import shortened


LARGEST_INTEGER = 2**63 - 1
LARGEST_EXPONENT = 30
_WANTED = re.compile(r"Expected `(?P<kind>int|float)\b.*, got `str`")
# What YAML 1.1 takes for text: its numbers with an exponent have a point and a signed exponent.
_NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?")


def find(folder: str, name: str) -> Path:
    """
    Return the file of a name in a folder of `configs`, or the file that a path names.

    Raises
    ------
    UsageError
        If there is no such file.

    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        if not _is_file(path):
            raise UsageError(f"{path}: no such file")
        return path
    path = FOLDER / folder / f"{name}.yaml"
    if not _is_file(path):
        known = ", ".join(sorted(p.stem for p in (FOLDER / folder).glob("*.yaml")))
        raise UsageError(f"{name}: no such {folder.removesuffix('s')}; there are {known}")
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    # A name that no file can have, for its length.
    except OSError:
        return False


def read(path: Path, known: set[str]) -> dict[str, Any]:
    """
    Read a YAML file that may hold the known keys at its top.

    Raises
    ------
    UsageError
        If the file cannot be read, is not YAML or holds another key.

    """
    try:
        with path.open(encoding="utf-8") as file:
            document = parse_yaml(file.read(LONGEST_TEXT + 1))
    except OSError as e:
        raise UsageError(f"{path}: not readable: {e.strerror}") from e
    except ValueError as e:
        raise UsageError(f"{path}: not valid YAML: {one_line(e)}") from e
    if not isinstance(document, dict):
        raise UsageError(f"{path}: must hold keys and values at the top")
    check_known(document, known, path)
    return document


def override(document: dict[str, Any], settings: Iterable[str]) -> None:
    """
    Set values of a document in place.

    Parameters
    ----------
    document : dict[str, Any]
        The document.
    settings : Iterable[str]
        `dotted.key=value`, or the last part of a parameter's key where it is the only one; the
        value is YAML, a later setting wins.

    Raises
    ------
    UsageError
        If a setting is malformed or lies at no known place.

    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {shortened(setting)}: must be of the form dotted.key=value")
        try:
            value = parse_yaml(text)
        except YamlError as e:
            raise UsageError(f"--set {shortened(setting)}: the value is not valid YAML: {e}") from e
        _set(document, _in_full(key, document), value)


def _in_full(key: str, document: dict[str, Any]) -> str:
    if "." in key or key in document:
        return key
    if any(path.endswith(f".{key}") for path in parameter_paths(document)):
        return full_key(key, document, "--set")
    last = dict.fromkeys(path.rpartition(".")[2] for path in parameter_paths(document))
    if nearest := did_you_mean(key, [*map(str, document), *last]):
        raise UsageError(f"--set {key}: unknown key `{key}`{nearest}")
    return key


def check_known(document: Mapping[Any, Any], known: set[str], path: Path) -> None:
    """Raise UsageError if a document holds a key that is not known."""
    if unknown := sorted(str(key) for key in document if key not in known):
        raise UsageError(
            f"{path.name}: unknown key `{unknown[0]}`{did_you_mean(unknown[0], sorted(known))}; "
            f"there are {', '.join(sorted(known))}"
        )


def check_complete(document: Mapping[str, Any], needed: set[str], path: Path) -> None:
    """Raise UsageError if a document lacks a key."""
    if missing := sorted(needed - set(document)):
        raise UsageError(f"{path.name}: missing key `{missing[0]}`")


def class_of(text: Any) -> Any:
    """
    Return the object at a path of the form `package.module:Name`.

    Raises
    ------
    ValueError
        If it is no such path, or the module cannot be imported.

    """
    try:
        return resolve_path(text)
    # A module named in a configuration may raise anything when it is imported.
    except Exception as e:
        is_path = isinstance(text, str) and ":" in text
        named = text if is_path else shortened(repr(text))
        why = f"{named}: {one_line(e) if is_path else 'it is no package.module:Name'}"
        raise ValueError(why) from e


def mapping(value: Any, where: str, path: Path) -> dict[str, Any]:
    """Return a value that must hold keys and values, or raise UsageError."""
    if not isinstance(value, dict):
        raise UsageError(f"{path.name}: `{where}` must hold keys and values, is {value!r}")
    return value


def decode_hook(kind: type, value: Any) -> Any:
    """Decode what msgspec does not know by itself: Nautilus's identifiers, and classes."""
    # Nautilus's own hook cannot decode the classes of a streaming configuration.
    if kind is not type:
        try:
            return msgspec_decoding_hook(kind, value)
        except (AttributeError, KeyError) as e:
            raise ValueError(f"{value!r} is no {kind.__name__}") from e
    return class_of(value)


def plain(struct: msgspec.Struct) -> dict[str, Any]:
    """Return every field of a struct as plain values, those of Nautilus's own types as text."""
    fields: dict[str, Any] = msgspec.to_builtins(struct, enc_hook=msgspec_encoding_hook)
    return fields


def convert(document: Any, cls: type, path: Path, where: str) -> Any:
    """
    Convert plain values to a struct.

    Raises
    ------
    UsageError
        If a key is unknown or missing, or a value has the wrong type or is out of range; the
        message names the key with `where` before it.

    """
    prefix = f"{where}." if where else ""
    try:
        found: Any = msgspec.convert(document, cls, dec_hook=decode_hook, strict=True)
    except msgspec.ValidationError as e:
        text, _, at = str(e).partition(" - at ")
        place = at.strip("`").removeprefix("$").removeprefix(".")
        text += _number_as_text(text, _value_at(document, place))
        text += nearest_field(text, cls, place)
        raise UsageError(f"{path.name}: `{(prefix + place).rstrip('.')}`: {text}") from e
    except UsageError as e:
        raise UsageError(f"{path.name}: {prefix}{e}") from e
    except ArithmeticError as e:
        reason = "a number is too large or too small"
        raise UsageError(f"{path.name}: `{where}`: {reason} ({one_line(e)})") from e
    for at, number in _numbers(found, where):
        if not _is_usable(number):
            raise UsageError(f"{path.name}: `{at}`: {shortened(number)} is out of all bounds")
    return found


def _value_at(document: Any, place: str) -> Any:
    for part in re.findall(r"[^.\[\]]+", place):
        if isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            return None
    return document


def _number_as_text(error: str, value: Any) -> str:
    wanted = _WANTED.match(error)
    if wanted is None or not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return ""
    shown = shortened(value)
    if wanted["kind"] == "int":
        return f": YAML reads {shown} as text: write a whole number in digits, like 1000"
    return (
        f": YAML reads {shown} as text: write the digits, or a point and the sign of the exponent, "
        "like 1.0e+3"
    )


def _numbers(value: Any, at: str) -> Iterator[tuple[str, int | float | Decimal]]:
    # The configuration of a component is a struct of its own, and converted as one.
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _numbers(getattr(value, name), f"{at}.{name}" if at else name)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _numbers(item, f"{at}.{i}" if at else str(i))
    elif isinstance(value, int | float | Decimal):
        yield at, value


def _is_usable(number: float | Decimal) -> bool:
    # Cores count in 64 bits, and arithmetic of any width would take its time.
    if isinstance(number, int):
        return abs(number) <= LARGEST_INTEGER
    if isinstance(number, float):
        return math.isfinite(number)
    return number.is_finite() and (not number or abs(number.adjusted()) <= LARGEST_EXPONENT)


def one_line(error: Exception) -> str:
    """Return the message of an error on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _set(document: dict[str, Any], key: str, value: Any) -> None:
    target: Any = document
    parts = key.split(".")
    for depth, part in enumerate(parts):
        where = ".".join(parts[: depth + 1])
        if isinstance(target, list):
            if not part.isdecimal() or int(part) >= len(target):
                raise UsageError(f"--set {key}: `{where}` must be an index below {len(target)}")
            index: Any = int(part)
        elif isinstance(target, dict):
            index = part
            if depth + 1 < len(parts) and part not in target:
                known = ", ".join(sorted(map(str, target)))
                near = did_you_mean(part, map(str, target))
                raise UsageError(f"--set {key}: unknown key `{where}`{near}; there are {known}")
        else:
            raise UsageError(f"--set {key}: `{where}` lies inside a single value")
        if depth + 1 == len(parts):
            target[index] = value
        else:
            target = target[index]
