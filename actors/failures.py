"""The one line that names the component, the time and the error of a failed handler."""

import sys
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from traceback import walk_tb
from types import CodeType
from typing import Any

from errors import AuctionError


NANOS_PER_SECOND = 1_000_000_000
# Their text names the file or the resource, and what to do.
CLEAR = (AuctionError, OSError)


def failure_line(error: BaseException) -> str:
    """
    Return one line about an error: the component that failed, its time, the error, and the place.

    Parameters
    ----------
    error : BaseException
        An error that was raised, in a handler of an actor or a strategy or elsewhere.

    Returns
    -------
    str
        For example `ChannelActor at 2026-01-05 00:30:59 UTC: ValueError: ... (actor.py:87 in
        _on_minute)`. The time is that of the component's clock: what it handled had happened by
        then. Without a component the line begins with the error.

    """
    frames = list(_frames(error))
    component = next((me for me, _, _ in reversed(frames) if _is_component(me)), None)
    place = _place(component, [(code, line) for _, code, line in frames])
    text = " ".join(str(error).split())
    if component is None and isinstance(error, CLEAR) and text:
        return text
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    where = "" if component is None else f"{component.id} at {_now(component)}: "
    return f"{where}{what}{place}"


def _frames(error: BaseException) -> Iterator[tuple[Any, CodeType, int]]:
    for frame, line in walk_tb(error.__traceback__):
        yield frame.f_locals.get("self"), frame.f_code, line


def _place(component: Any, lines: list[tuple[CodeType, int]]) -> str:
    """Return the last line in the package of the component, where there is one."""
    if not lines:
        return ""
    module = sys.modules.get(type(component).__module__)
    folder = Path(getattr(module, "__file__", None) or "").parent
    own = [(code, line) for code, line in lines if Path(code.co_filename).parent == folder]
    code, line = (own or lines)[-1]
    return f" ({Path(code.co_filename).name}:{line} in {code.co_name})"


def _is_component(found: Any) -> bool:
    # An actor or a strategy of Nautilus, which this module does not import.
    return all(hasattr(found, name) for name in ("id", "clock", "msgbus", "on_start"))


def _now(component: Any) -> str:
    seconds = component.clock.timestamp_ns() // NANOS_PER_SECOND
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
