"""The request body of the command `set`."""

from collections.abc import Iterable
from typing import Any

from configs.plain_yaml import YamlError
from configs.plain_yaml import parse_yaml
from errors import UsageError
from errors import shortened


def settings_body(
    command: str, changes: Iterable[str], instrument_id: str | None
) -> dict[str, Any] | None:
    """
    Return the request body of the command `set`; None for the others, which have none.

    Raises
    ------
    UsageError
        If a change is malformed, or the command takes no settings.

    """
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name:
            raise UsageError(f"{shortened(change)}: must be of the form NAME=VALUE")
        try:
            values[name] = parse_yaml(text)
        except YamlError as e:
            raise UsageError(f"{shortened(change)}: the value is not valid YAML: {e}") from e
    if command != "set":
        if values or instrument_id is not None:
            raise UsageError(f"{command}: takes no settings and no instrument; `set` does")
        return None
    if not values:
        raise UsageError("set: name at least one setting: NAME=VALUE")
    return {"changes": values, "instrument_id": instrument_id}
