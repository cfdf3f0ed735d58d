"""The private socket's topics: orders, executions, position and wallet."""

import asyncio
from collections.abc import Sequence

from adapters.bybit.loopback.account import Position
from adapters.bybit.loopback.account import Wallet
from adapters.bybit.loopback.connection import PRIVATE
from adapters.bybit.loopback.connection import Connections
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.order_book import Change
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.payloads import Row
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.payloads import order_row
from adapters.bybit.loopback.payloads import position_row
from adapters.bybit.loopback.payloads import wallet_row
from adapters.bybit.loopback.venue import Venue


TOPICS = ("order", "execution", "position", "wallet")


class PrivateStream:
    """
    Publishes changes of the account to subscribers, with the faults that are switched on.

    Changes are not repeated for clients that are not connected at that moment.

    Parameters
    ----------
    venue : Venue
        The venue.
    connections : Connections
        The open connections.
    faults : Faults
        The switches.

    """

    def __init__(self, venue: Venue, connections: Connections, faults: Faults) -> None:
        self._venue = venue
        self._connections = connections
        self._faults = faults
        self._count = 0
        self._held: Row | None = None

    def has(self, topic: str) -> bool:
        """Return True if the topic exists."""
        return topic in TOPICS

    def publish(self, changes: Sequence[Change]) -> None:
        """Publish changes to the subscribers."""
        for change in changes:
            topic, row = self._row(change)
            if self._faults.is_withheld(topic):
                continue
            message = self._message(topic, row)
            if self._faults.swap and self._held is None:
                self._held = message
                continue
            self._send(message)
            self.release()

    def release(self) -> None:
        """Send the message that is held back for a later one (`faults.swap`)."""
        held, self._held = self._held, None
        if held is not None:
            self._send(held)

    def _row(self, change: Change) -> tuple[str, Row]:
        contract = self._venue.contract
        match change:
            case Order():
                return "order", order_row(contract, change)
            case Execution():
                return "execution", execution_row(contract, change)
            case Position():
                return "position", position_row(contract, change)
            case Wallet():
                return "wallet", wallet_row(contract, change)

    def _message(self, topic: str, row: Row) -> Row:
        self._count += 1
        return {
            "topic": topic,
            "id": f"loopback_{self._count}",
            "creationTime": self._venue.matching_ns() // 10**6,
            "data": [{"category": "linear", **row}],
        }

    def _send(self, message: Row) -> None:
        copies = 2 if self._faults.duplicate else 1
        if self._faults.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._faults.delay_s, self._send_now, message, copies)
        else:
            self._send_now(message, copies)

    def _send_now(self, message: Row, copies: int) -> None:
        for connection in self._connections.subscribers(PRIVATE, message["topic"]):
            for _ in range(copies):
                connection.send(message)
