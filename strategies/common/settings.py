"""Parameters of a machine that may change while it runs."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import msgspec

from errors import AuctionError
from errors import UsageError
from errors import shortened


# Whether a change of a parameter, from one value to another, takes no more risk; with all
# parameters in force before, since one may have two uses.
type AsTight = Callable[[Any, Any, Any], bool]


def _is_more(before: Any, after: Any, _: Any) -> bool:
    return bool(before <= after)


def _is_less(before: Any, after: Any, _: Any) -> bool:
    return bool(before >= after)


MORE: AsTight = _is_more
LESS: AsTight = _is_less


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
    settings: msgspec.Struct | None,
    owner: str,
    changes: Mapping[str, Any],
    as_tight: Mapping[str, AsTight] | None = None,
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
    as_tight : Mapping[str, AsTight], optional
        Where it may enter or holds something: the parameters that have a tighter direction, each
        with its rule; all other changes are refused. None where all may change.

    Raises
    ------
    AuctionError
        If nothing of it may change while it runs, or not before it is inactive and flat.
    UsageError
        If a name is unknown, or a value has the wrong type or is out of its range.

    """
    if settings is None:
        raise AuctionError(f"{owner}: nothing of it can be changed while it runs")
    after = changed_settings(settings, changes)
    if as_tight is None:
        return after
    changed = differences(settings, after)
    tighter = {
        name
        for name in changed.keys() & as_tight.keys()
        if as_tight[name](getattr(settings, name), getattr(after, name), settings)
    }
    looser = {name: values for name, values in changed.items() if name not in tighter}
    if looser:
        raise AuctionError(
            f"{owner}: {described(looser)} is not tighter: deactivate the node and wait until it "
            "is flat"
        )
    return after


def differences(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, tuple[Any, Any]]:
    """Return the plain values that differ, before and after, by name."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def described(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Return changes on one line."""
    return ", ".join(f"{name} {_text(old)} -> {_text(new)}" for name, (old, new) in changes.items())


def _text(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)
