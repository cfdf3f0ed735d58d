"""Background tasks of a running node beside trading."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duty:
    """
    Represents one background task of a node.

    Parameters
    ----------
    run : Callable[[], Awaitable[None]]
        The task.
    is_once : bool, default False
        If it may end before the node does.

    """

    run: Callable[[], Awaitable[None]]
    is_once: bool = False


def every(interval_s: float, check: Callable[[], Awaitable[object] | None]) -> Duty:
    """Return a duty that calls a function repeatedly, with a pause (s) before each call."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(interval_s)
            pending = check()
            if pending is not None:
                await pending

    return Duty(repeat)
