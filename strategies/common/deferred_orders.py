"""Orders that wait for the market to show itself."""

from collections.abc import Callable
from dataclasses import dataclass

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.events import Canceled
from strategies.common.intents import Intent


@dataclass(frozen=True, slots=True)
class DeferredOrder:
    """Represents an order that waits for the market to show itself after `not_before` (ns)."""

    command: Submit
    intent: Intent
    not_before: int


class DeferredOrders:
    """
    Holds the orders of one strategy that are not sent yet, in the order of their commands.

    Attributes
    ----------
    waiting : list[DeferredOrder]
        The orders.

    """

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: list[DeferredOrder] = []

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def entries(self) -> list[Submit]:
        """Return the entries that wait."""
        commands = (deferred.command for deferred in self.waiting)
        return [command for command in commands if command.purpose is Purpose.ENTRY]

    def take_due(self, ts: int) -> list[DeferredOrder]:
        """Return the orders whose time (ns UTC) has come; they wait no longer."""
        due = [deferred for deferred in self.waiting if ts >= deferred.not_before]
        self.waiting = [deferred for deferred in self.waiting if ts < deferred.not_before]
        return due

    def drop_late_entries(self, ts: int, patience_ns: int) -> list[Canceled]:
        """Drop entries that have waited too long (ns); return their ends for the manager."""
        return self._drop(
            ts,
            lambda deferred: (
                deferred.command.purpose is Purpose.ENTRY
                and ts >= deferred.not_before + patience_ns
            ),
        )

    def drop_market_entries(
        self, ts: int, is_dropped: Callable[[DeferredOrder], bool]
    ) -> list[Canceled]:
        """Drop some of the entries at market; return their ends for the manager."""
        return self._drop(
            ts,
            lambda deferred: (
                deferred.command.purpose is Purpose.ENTRY
                and deferred.command.kind is OrderKind.MARKET
                and is_dropped(deferred)
            ),
        )

    def clear(self) -> None:
        """Drop all of them."""
        self.waiting = []

    def _drop(self, ts: int, is_dropped: Callable[[DeferredOrder], bool]) -> list[Canceled]:
        dropped = [deferred for deferred in self.waiting if is_dropped(deferred)]
        self.waiting = [deferred for deferred in self.waiting if deferred not in dropped]
        return [Canceled(order_id=deferred.command.order_id, ts=ts) for deferred in dropped]


def is_beyond_stop(bid: int, ask: int, deferred: DeferredOrder) -> bool:
    """Return True if an entry would be filled (ticks) where its stop has been reached already."""
    intent = deferred.intent
    price = ask if intent.is_long else bid
    return intent.side * (price - intent.stop) <= 0
