"""The descriptor that a configuration names under `system`."""

from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.messages import Message
from actors.messages import message_classes
from configs.documents import class_of
from errors import AuctionError
from errors import UsageError
from strategies.common.system import System
from strategies.common.views.checks import problems
from strategies.common.views.checks import uses


EXAMPLE = "strategies.value_area.system:SYSTEM"
# The package of the messages that all systems share.
SHARED_MESSAGES = "actors.messages."
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
        If the key is missing, names nothing that can be imported, or no `System`; if its messages
        are not registered, or two of them share a table or a check of parity; if a view names what
        its messages do not have.

    """
    if "system" not in document:
        raise UsageError(
            f"{path.name}: missing key `system`: name the descriptor of the system, like {EXAMPLE}"
        )
    return _load(document["system"], f"{path.name}: `system`")


def _load(text: Any, where: str) -> System:
    try:
        found = class_of(text)
    except ValueError as e:
        raise UsageError(f"{where}: {e}") from e
    where = f"{where}: {text}"
    if not isinstance(found, System):
        raise UsageError(f"{where} is no System: name a descriptor, like {EXAMPLE}")
    _check_messages(found, where)
    check_tables(found.messages, where)
    _check_views(found, where)
    return found


def check_tables(messages: Iterable[type[Message]], where: str) -> None:
    """
    Check that no two messages, shared ones included, have one table or one check of parity.

    Parameters
    ----------
    messages : Iterable[type[Message]]
        The messages of a system.
    where : str
        What the error names first.

    Raises
    ------
    UsageError
        If two have: the rows of one would be lost, or never compared.

    """
    tables = dict.fromkeys(RUN_TABLES, "every run")
    checks: dict[str, str] = {}
    shared = (cls for cls in message_classes() if cls.__module__.startswith(SHARED_MESSAGES))
    for cls in dict.fromkeys((*shared, *messages)):
        named = [] if cls.TABLE is None else [("table", cls.TABLE.name, tables)]
        named += [("parity", one.what, checks) for one in cls.PARITY]
        for what, name, owners in named:
            if (owner := owners.setdefault(name, cls.__name__)) != cls.__name__:
                raise UsageError(
                    f"{where}: {what} `{name}` of {cls.__name__} is that of {owner} already: give "
                    "it another name"
                )


def _check_messages(system: System, where: str) -> None:
    messages: Any = system.messages
    if not isinstance(messages, tuple) or not all(
        isinstance(cls, type) and issubclass(cls, Message) for cls in messages
    ):
        raise UsageError(
            f"{where}: `messages` must be a tuple of message classes, like (ChannelMinute,)"
        )


def _check_views(system: System, where: str) -> None:
    for cls in system.messages:
        if not cls.COLUMNS:
            raise UsageError(f"{where}: {cls.__name__} has no columns: decorate it with @register")
    if wrong := problems(system.views):
        raise UsageError(f"{where}: view {wrong[0]}: mend its views.py")
    for cls in dict.fromkeys(use.message for use in uses(system.views)):
        if cls not in system.messages and not cls.__module__.startswith(SHARED_MESSAGES):
            raise UsageError(
                f"{where}: its views show {cls.__name__}: name it under `messages` of the System"
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
        If the run was written by another version, or its system is not there any more or wrong.

    """
    if not isinstance(document, dict) or "system" not in document:
        raise AuctionError(f"{path}: it does not name its `system`; run the backtest again")
    try:
        return _load(document["system"], f"{path}: `system`")
    except UsageError as e:
        raise AuctionError(str(e)) from e
