"""Configuration documents: files found by name, read, overridden by key, converted to structs."""

from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from nautilus_trader.common.config import msgspec_decoding_hook
from nautilus_trader.common.config import resolve_path

from catalog.errors import UsageError


FOLDER = Path(__file__).parent


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
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        return path
    path = FOLDER / folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in (FOLDER / folder).glob("*.yaml")))
        raise UsageError(f"{name}: no such {folder.removesuffix('s')}; there are {known}")
    return path


def read(path: Path, known: set[str]) -> dict[str, Any]:
    """
    Read a YAML file that may hold the known keys at its top.

    Raises
    ------
    UsageError
        If the file cannot be read, is not YAML or holds another key.

    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise UsageError(f"{path}: not readable: {e.strerror}") from e
    except (yaml.YAMLError, ValueError) as e:
        raise UsageError(f"{path}: not valid YAML: {one_line(e)}") from e
    if not isinstance(document, dict):
        raise UsageError(f"{path}: must hold keys and values at the top")
    check_known(document, known, path)
    result: dict[str, Any] = _unshared(document)
    return result


def override(document: dict[str, Any], settings: Iterable[str]) -> None:
    """
    Set values of a document in place.

    Parameters
    ----------
    document : dict[str, Any]
        The document.
    settings : Iterable[str]
        `dotted.key=value`; the value is YAML, a later setting wins.

    Raises
    ------
    UsageError
        If a setting is malformed or lies at no known place.

    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {setting}: must be of the form dotted.key=value")
        try:
            value = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError) as e:
            raise UsageError(f"--set {setting}: the value is not valid YAML") from e
        _set(document, key, _unshared(value))


def check_known(document: Mapping[Any, Any], known: set[str], path: Path) -> None:
    """Raise UsageError if a document holds a key that is not known."""
    if unknown := sorted(str(key) for key in document if key not in known):
        raise UsageError(
            f"{path.name}: unknown key `{unknown[0]}`; there are {', '.join(sorted(known))}"
        )


def check_complete(document: Mapping[str, Any], needed: set[str], path: Path) -> None:
    """Raise UsageError if a document lacks a key."""
    if missing := sorted(needed - set(document)):
        raise UsageError(f"{path.name}: missing key `{missing[0]}`")


def mapping(value: Any, where: str, path: Path) -> dict[str, Any]:
    """Return a value that must hold keys and values, or raise UsageError."""
    if not isinstance(value, dict):
        raise UsageError(f"{path.name}: `{where}` must hold keys and values, is {value!r}")
    return value


def _decode(kind: type, value: Any) -> Any:
    # Nautilus's own hook cannot decode the classes of a streaming configuration.
    if kind is not type:
        try:
            return msgspec_decoding_hook(kind, value)
        except (AttributeError, KeyError) as e:
            raise ValueError(f"{value!r} is no {kind.__name__}") from e
    try:
        return resolve_path(value)
    except (ImportError, AttributeError, ValueError) as e:
        raise ValueError(f"`{value}` is no class: {e}") from e


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
        return msgspec.convert(document, cls, dec_hook=_decode, strict=True)
    except msgspec.ValidationError as e:
        text, _, at = str(e).partition(" - at ")
        key = prefix + at.strip("`").removeprefix("$").removeprefix(".")
        raise UsageError(f"{path.name}: `{key.rstrip('.')}`: {text}") from e
    except UsageError as e:
        raise UsageError(f"{path.name}: {prefix}{e}") from e


def one_line(error: Exception) -> str:
    """Return what an error says on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _unshared(value: Any) -> Any:
    # YAML's aliases are one object: a setting below one key would change every other.
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unshared(item) for item in value]
    return value


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
                raise UsageError(f"--set {key}: unknown key `{where}`; there are {known}")
        else:
            raise UsageError(f"--set {key}: `{where}` lies inside a single value")
        if depth + 1 == len(parts):
            target[index] = value
        else:
            target = target[index]
