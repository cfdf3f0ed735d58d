"""The descriptor that a configuration names under `system`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.messages import message_classes
from configs.documents import class_of
from errors import AuctionError
from errors import UsageError
from strategies.common.system import System


EXAMPLE = "strategies.value_area.system:SYSTEM"
# Tables that every run has, whatever its messages.
RUN_TABLES = ("orders", "fills", "positions", "equity", "days")


def load_descriptor(document: Mapping[str, Any], path: Path) -> System:
    """
    Return the descriptor that the first key of a system file names.

    Parameters
    ----------
    document : Mapping[str, Any]
        The content of the file.
    path : Path
        The file, for the error.

    Raises
    ------
    UsageError
        If the key is missing, names nothing that can be imported, or no `System`, or if two of its
        messages would be written to one table.

    """
    if "system" not in document:
        raise UsageError(
            f"{path.name}: missing key `system`: name the descriptor of the system, like {EXAMPLE}"
        )
    text = document["system"]
    try:
        found = class_of(text)
    except ValueError as e:
        raise UsageError(f"{path.name}: `system`: {e}") from e
    if not isinstance(found, System):
        raise UsageError(
            f"{path.name}: `system`: {text} is no System: name a descriptor, like {EXAMPLE}"
        )
    _check_tables(found, f"{path.name}: `system`: {text}")
    return found


def _check_tables(system: System, where: str) -> None:
    owners = dict.fromkeys(RUN_TABLES, "every run")
    shared = (cls for cls in message_classes() if cls.__module__.startswith("actors.messages."))
    for cls in dict.fromkeys((*shared, *system.messages)):
        if cls.TABLE is None:
            continue
        owner = owners.setdefault(cls.TABLE.name, cls.__name__)
        if owner != cls.__name__:
            raise UsageError(
                f"{where}: table `{cls.TABLE.name}` of {cls.__name__} is that of {owner} already: "
                "give it another name"
            )


def descriptor_of_run(document: Any, path: Path) -> System:
    """
    Return the descriptor that the configuration in a run folder names.

    Parameters
    ----------
    document : Any
        The content of its `config.yaml`.
    path : Path
        That file, for the error.

    Raises
    ------
    AuctionError
        If the run was written by another version, or its system is not there any more.

    """
    if not isinstance(document, dict) or "system" not in document:
        raise AuctionError(f"{path}: it does not name its `system`; run the backtest again")
    try:
        return load_descriptor(document, path)
    except UsageError as e:
        raise AuctionError(f"{path}: `system`: its descriptor is not there: {e}") from e
