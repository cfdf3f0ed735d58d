"""The nearest known name for one that is unknown."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from typing import get_args

import msgspec


_UNKNOWN = re.compile(r"unknown field `(?P<name>.+)`")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)` for the nearest of the known names; nothing without one."""
    nearest = get_close_matches(name, list(known), 1)
    return f" (did you mean `{nearest[0]}`?)" if nearest else ""


def nearest_field(error: str, cls: Any, place: str) -> str:
    """
    Return the field that an unknown one may stand for, as `did_you_mean` does.

    Parameters
    ----------
    error : str
        The text of msgspec's error.
    cls : type
        The struct that was to be built.
    place : str
        Where in it the error is: names of fields between dots, empty for the struct itself.

    """
    unknown = _UNKNOWN.search(error)
    if unknown is None:
        return ""
    for part in re.findall(r"[^.\[\]]+", place):
        cls = _struct_of(cls, part)
    return did_you_mean(unknown["name"], getattr(cls, "__struct_fields__", ()))


def _struct_of(cls: Any, field: str) -> Any:
    types = {} if cls is None else {found.name: found.type for found in msgspec.structs.fields(cls)}
    found = types.get(field)
    structs = (kind for kind in (found, *get_args(found)) if isinstance(kind, type))
    return next((kind for kind in structs if issubclass(kind, msgspec.Struct)), None)
