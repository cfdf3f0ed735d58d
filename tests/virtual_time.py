"""An event loop whose clock jumps to the next thing that is due, so that no test waits."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    A loop that begins at 0 s and never sleeps.

    Only where nothing is due, such as while a thread works, it waits in real time.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.now_s


class _Jump(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout is not None and timeout > 0:
            self._loop.now_s += timeout
        return ready


def run_virtually[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own with a clock of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
