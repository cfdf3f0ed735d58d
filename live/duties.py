"""What a node does beside trading, for as long as it runs."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duty:
    """
    Represents one duty of a node.

    Parameters
    ----------
    run : Callable[[], Awaitable[None]]
        Does it.
    is_once : bool, default False
        If it may end before the node does.

    """

    run: Callable[[], Awaitable[None]]
    is_once: bool = False


def every(interval_s: float, look: Callable[[], Awaitable[object] | None]) -> Duty:
    """Return the duty to call a function again and again, with a pause (s) before each call."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(interval_s)
            looking = look()
            if looking is not None:
                await looking

    return Duty(repeat)
