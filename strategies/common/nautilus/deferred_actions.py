"""Defer actions that can wait until the orders of a strategy have left."""

import asyncio
from collections import deque
from collections.abc import Callable


# An order leaves within a millisecond; messages about it can wait for so long.
WAIT_S = 0.002


class DeferredActions:
    """
    Queues the actions of a strategy until its orders have left, then runs them in order.

    Nautilus's live engines put commands on queues: an order leaves only after the handler that has
    sent it has returned, so that everything else done there would delay it.

    Parameters
    ----------
    fail : Callable[[Exception], None]
        Receives an error of an action; the others are run all the same.
    loop : asyncio.AbstractEventLoop or None
        The event loop of the node; None runs everything at once, as in a backtest.

    """

    __slots__ = ("_actions", "_fail", "_loop", "_timer")

    def __init__(
        self,
        fail: Callable[[Exception], None],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._fail = fail
        self._loop = loop
        self._actions: deque[Callable[[], object]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def do(self, action: Callable[[], object]) -> None:
        """Run an action after all that were queued before it."""
        if self._loop is None:
            action()
            return
        self._actions.append(action)
        if self._timer is None:
            self._timer = self._loop.call_later(WAIT_S, self.catch_up)

    def catch_up(self) -> None:
        """Run the queued actions now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._actions:
            try:
                self._actions.popleft()()
            except Exception as error:
                self._fail(error)

    def close(self) -> None:
        """Run the queued actions now, and all later ones at once."""
        self.catch_up()
        self._loop = None


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop of the node; None for a live clock without one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
