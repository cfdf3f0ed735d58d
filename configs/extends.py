"""Environment files that inherit from another one."""

from pathlib import Path
from typing import Any

from configs.documents import find
from configs.documents import read
from errors import UsageError


EXTENDS = "extends"


def read_environment(path: Path, known: set[str]) -> dict[str, Any]:
    """
    Read an environment file, and those that it extends.

    `extends: NAME` names another file of `configs/environments`, or the path of a file. Mappings
    are merged key by key, and anything else, a list as well, replaces what the other file has.

    Parameters
    ----------
    path : Path
        The file.
    known : set[str]
        The keys allowed at the top of each file, beside `extends`.

    Raises
    ------
    UsageError
        If a file is missing or wrong, or extends itself in the end.

    """
    documents: list[dict[str, Any]] = []
    seen: list[Path] = []
    following: Path | None = path
    while following is not None:
        if following.resolve() in seen:
            raise UsageError(
                f"{path.name}: `{EXTENDS}`: {following.name} extends itself in the end"
            )
        seen.append(following.resolve())
        document = read(following, known | {EXTENDS})
        name = document.pop(EXTENDS, None)
        if name is not None and not isinstance(name, str):
            raise UsageError(f"{following.name}: `{EXTENDS}` must be the name of an environment")
        documents.append(document)
        following = None if name is None else find("environments", name)
    merged: dict[str, Any] = {}
    for document in reversed(documents):
        merged = _merged(merged, document)
    return merged


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        result[key] = _merged(known, value) if both else value  # type: ignore[arg-type]
    return result
