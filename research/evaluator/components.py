"""Actors and strategies made of their sections in a configuration."""

from collections.abc import Callable
from typing import Any

import msgspec

from configs.documents import class_of


def component(
    section: dict[str, Any], kind: str, wrap: Callable[[type[Any]], type[Any]] | None = None
) -> Any:
    """
    Return an actor or a strategy, not registered anywhere.

    Parameters
    ----------
    section : dict[str, Any]
        Its resolved section.
    kind : str
        `actor` or `strategy`.
    wrap : Callable[[type[Any]], type[Any]], optional
        Returns the class to use in place of the named one.

    """
    cls = class_of(section[f"{kind}_path"])
    config = class_of(section["config_path"])
    parsed = config.parse(msgspec.json.encode(section["config"]))
    return (cls if wrap is None else wrap(cls))(parsed)
