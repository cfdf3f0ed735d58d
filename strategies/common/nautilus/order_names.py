"""Client order ids in Nautilus's form, made without its calendar arithmetic."""

import time
from collections.abc import Callable


NS_PER_S = 1_000_000_000


class OrderNames:
    """
    Counts the client order ids of one strategy.

    They are `O-DATE-TIME-TRADER-STRATEGY-COUNT`, as Nautilus makes them: it formats the date anew
    for each, which takes more than the whole rest of an order. The count rises for as long as the
    process lives and begins anew with it, so that an id is unique with its second.

    Parameters
    ----------
    now_ns : Callable[[], int]
        Provides the time (ns UTC).
    trader_tag, strategy_tag : str
        The tags of trader and strategy.
    count : int, default 0
        The ids that were given before.

    """

    __slots__ = ("_count", "_now_ns", "_prefix", "_second", "_tags")

    def __init__(
        self,
        now_ns: Callable[[], int],
        trader_tag: str,
        strategy_tag: str,
        count: int = 0,
    ) -> None:
        self._now_ns = now_ns
        self._tags = f"{trader_tag}-{strategy_tag}"
        self._count = count
        self._second: int | None = None
        self._prefix = ""

    def new(self) -> str:
        """Return the next id."""
        second = self._now_ns() // NS_PER_S
        if second != self._second:
            self._second = second
            at = time.gmtime(second)
            self._prefix = time.strftime("O-%Y%m%d-%H%M%S-", at) + self._tags
        self._count += 1
        return f"{self._prefix}-{self._count}"
