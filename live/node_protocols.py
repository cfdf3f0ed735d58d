"""The part of a Nautilus node's interface used by its monitors, whatever the Nautilus version."""

from collections.abc import Callable
from typing import Any
from typing import Protocol


class InstrumentId(Protocol):
    """Represents the id of an instrument, equal to another of the same text."""

    @property
    def value(self) -> str:
        """The text, `SYMBOL.VENUE`."""

    @property
    def symbol(self) -> Any:
        """The venue's symbol of the instrument."""

    @property
    def venue(self) -> Any:
        """The venue."""


class Bus(Protocol):
    """Represents the message bus of a node."""

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        """Register a handler for the messages of a topic."""

    def register(self, endpoint: str, handler: Callable[[Any], None]) -> None:
        """Register a handler for the messages sent to an endpoint."""

    def publish(self, topic: str, msg: Any) -> None:
        """Publish a message to the handlers of its topic."""


class Log(Protocol):
    """Represents the log of a component."""

    def warning(self, message: str) -> None:
        """Log a warning."""

    def exception(self, message: str, ex: Exception) -> None:
        """Log an error with its traceback."""


class ShutdownCommand(Protocol):
    """Represents the request of a component to end the node."""

    @property
    def component_id(self) -> Any:
        """The component."""

    @property
    def reason(self) -> str | None:
        """Why."""


class Kernel(Protocol):
    """Represents the engines of a node and their shared parts."""

    @property
    def cache(self) -> Any:
        """Market data, instruments, orders and positions."""

    @property
    def clock(self) -> Any:
        """The clock."""

    @property
    def logger(self) -> Log:
        """The log."""

    @property
    def msgbus(self) -> Bus:
        """The message bus."""

    @property
    def trader(self) -> Any:
        """Its actors and strategies."""

    @property
    def data_engine(self) -> Any:
        """The router of market data; `_clients` are the clients by id."""

    @property
    def risk_engine(self) -> Any:
        """The pre-trade risk checks; `trading_state` is the state they are in."""

    @property
    def exec_engine(self) -> Any:
        """The router of orders and fills; `_clients` are the clients by id."""

    _cache: Any
    """The cache that it closes at its end."""

    @property
    def _is_stopping(self) -> bool:
        """Whether a stop is under way."""

    def is_running(self) -> bool:
        """Return True from the start of the engines to their end."""


class Node(Protocol):
    """Represents a node that is built."""

    @property
    def kernel(self) -> Kernel:
        """Its engines."""

    @property
    def cache(self) -> Any:
        """Market data, instruments, orders and positions."""

    @property
    def trader(self) -> Any:
        """Its actors and strategies."""

    @property
    def trader_id(self) -> Any:
        """Its name, under which the venue knows its orders."""

    async def stop_async(self) -> None:
        """Stop its engines."""
