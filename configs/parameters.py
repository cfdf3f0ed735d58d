"""Keys of a configuration's parameters, in full or by their last part."""

from collections.abc import Iterator
from typing import Any

from configs.spelling import did_you_mean
from errors import UsageError


SECTIONS = ("actors", "strategies", "venues")
# What names a class and no parameter.
_PATHS = ("_path",)


def parameter_paths(document: Any, at: str = "") -> Iterator[str]:
    """Yield the full keys of the parameters of actors, strategies and market assumptions."""
    if not at:
        for section in SECTIONS:
            if section in document:
                yield from parameter_paths(document[section], section)
    elif isinstance(document, dict):
        for key, value in document.items():
            if not str(key).endswith(_PATHS):
                yield from parameter_paths(value, f"{at}.{key}")
    elif isinstance(document, list) and any(isinstance(item, dict) for item in document):
        for number, item in enumerate(document):
            yield from parameter_paths(item, f"{at}.{number}")
    else:
        yield at


def full_key(name: str, document: dict[str, Any], option: str) -> str:
    """
    Return the full key that a name stands for: itself, or the one key that ends with it.

    Parameters
    ----------
    name : str
        The name.
    document : dict[str, Any]
        The configuration.
    option : str
        The option it was given with, for errors.

    Raises
    ------
    UsageError
        If no parameter or several have it.

    """
    known = list(parameter_paths(document))
    if name in known:
        return name
    found = [key for key in known if key.endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{option} {name}: several end with it: {', '.join(found)}: write one")
    last = dict.fromkeys(key.rpartition(".")[2] for key in known)
    nearest = did_you_mean(name, [*known, *last])
    raise UsageError(f"{option} {name}: no such parameter{nearest}")
