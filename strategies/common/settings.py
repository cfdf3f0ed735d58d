"""Parameters of a machine that may change while it runs."""

from collections.abc import Mapping
from typing import Any

import msgspec

from errors import AuctionError
from errors import UsageError
from errors import shortened


def changed_settings[S: msgspec.Struct](settings: S, changes: Mapping[str, Any]) -> S:
    """
    Return parameters with some of them changed, checked as those of a configuration.

    Parameters
    ----------
    settings : Struct
        The parameters in force.
    changes : Mapping[str, Any]
        The new values by name, as plain values.

    Raises
    ------
    UsageError
        If a name is unknown, or a value has the wrong type or is out of its range.

    """
    for name in changes:
        if name not in settings.__struct_fields__:
            known = ", ".join(settings.__struct_fields__)
            raise UsageError(f"{shortened(name)}: no such setting; there are {known}")
    plain = {**msgspec.to_builtins(settings), **changes}
    try:
        return msgspec.convert(plain, type(settings))
    except msgspec.ValidationError as e:
        text, _, at = str(e).partition(" - at ")
        name = at.strip("`").removeprefix("$.")
        raise UsageError(f"{name}: {text}" if name else text) from e


def checked_settings(
    settings: msgspec.Struct | None, owner: str, changes: Mapping[str, Any]
) -> msgspec.Struct:
    """
    Return the parameters of a strategy with some of them changed; nothing is done yet.

    Parameters
    ----------
    settings : Struct or None
        The parameters in force; None where nothing may change while it runs.
    owner : str
        The strategy, for the error.
    changes : Mapping[str, Any]
        The new values by name, as plain values.

    Raises
    ------
    AuctionError
        If nothing of it may change while it runs.
    UsageError
        If a name is unknown, or a value has the wrong type or is out of its range.

    """
    if settings is None:
        raise AuctionError(f"{owner}: nothing of it can be changed while it runs")
    return changed_settings(settings, changes)


def differences(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, tuple[Any, Any]]:
    """Return the plain values that differ, before and after, by name."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def described(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Return changes on one line."""
    return ", ".join(f"{name} {_text(old)} -> {_text(new)}" for name, (old, new) in changes.items())


def _text(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)
