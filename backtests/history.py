"""The history that the actors of a system need before a time."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import msgspec

from actors.base import BarActor
from configs.documents import class_of
from configs.documents import decode_hook


def history_begin(actors: Iterable[Mapping[str, Any]], at_ns: int) -> int:
    """
    Return from when on the actors of a configuration need data to be warm at a time.

    Parameters
    ----------
    actors : Iterable[Mapping[str, Any]]
        The `actors` of a resolved configuration.
    at_ns : int
        The time (ns UTC).

    """
    found = [at_ns]
    for entry in actors:
        kind = class_of(entry["actor_path"])
        if issubclass(kind, BarActor):
            config_class = class_of(entry["config_path"])
            config = msgspec.convert(entry["config"], config_class, dec_hook=decode_hook)
            found.append(kind(config).history_since(at_ns))
    return min(found)
