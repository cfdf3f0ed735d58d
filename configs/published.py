"""Checks that the components of a configuration publish what its system declares."""

from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.messages import Message
from configs.descriptors import check_tables
from configs.documents import class_of
from errors import UsageError
from strategies.common.system import System
from strategies.common.views.checks import uses


COMPONENTS = {"actors": "actor_path", "strategies": "strategy_path"}


def published_messages(resolved: Mapping[str, Any]) -> list[type[Message]]:
    """Return the messages that actors and strategies of a resolved system say they publish."""
    found: list[type[Message]] = []
    for section, key in COMPONENTS.items():
        for entry in resolved[section]:
            found += getattr(class_of(entry[key]), "PUBLISHES", ())
    return list(dict.fromkeys(found))


def check_published(system: System, resolved: Mapping[str, Any], path: Path) -> None:
    """
    Check that a run keeps every table that its system needs, and has closed bars.

    Parameters
    ----------
    system : System
        The descriptor.
    resolved : Mapping[str, Any]
        The actors and strategies.
    path : Path
        The file that the errors name.

    Raises
    ------
    UsageError
        If a message of the system is in `PUBLISHES` of no component, none of those published is a
        closed bar, or two of them share a table.

    """
    published = published_messages(resolved)
    check_tables(published, path.name)
    shown = (use.message for use in uses(system.views))
    for cls in dict.fromkeys((*system.messages, *shown)):
        if cls.TABLE is not None and not cls.TABLE.of_nodes and cls not in published:
            raise UsageError(
                f"{path.name}: no table of {cls.__name__} would be kept: no actor or strategy of "
                f"the file names it in PUBLISHES: {_names(resolved)}"
            )
    if not any(cls.TABLE is not None and cls.TABLE.bars for cls in published):
        own = [cls for cls in published if cls in system.messages]
        raise UsageError(
            f"{path.name}: none of its messages is a closed bar, by which a run counts its time: "
            f"give the Table of one bars='minutes' ({', '.join(cls.__name__ for cls in own)})"
        )


def _names(resolved: Mapping[str, Any]) -> str:
    paths: Iterable[str] = (
        entry[key] for section, key in COMPONENTS.items() for entry in resolved[section]
    )
    return ", ".join(text.rpartition(":")[2] for text in paths)
