"""An event loop whose clock jumps to the next thing that is due, so that no test waits."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


REAL_S = 0.005


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    A loop that begins at 0 s and never sleeps.

    Only while a thread works for it, or nothing is due at all, it waits in real time.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.working = 0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        self.working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._note_done)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        # A limit would be over at once.
        await super().shutdown_default_executor(None)

    def _note_done(self, _: asyncio.Future[Any]) -> None:
        self.working -= 1


class _Jump(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        is_busy = self._loop.working > 0
        ready = super().select(None if timeout is None else REAL_S if is_busy and timeout else 0)
        if not ready and not is_busy and timeout is not None and timeout > 0:
            self._loop.now_s += timeout
        return ready


def run_virtually[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own with a clock of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
