"""The message bus of an evaluation: messages reach the strategies alone."""

from collections.abc import Callable
from typing import Any


class EvaluatedBus:
    """Offers the part of Nautilus's message bus that strategies use."""

    __slots__ = ("_handlers",)

    def __init__(self) -> None:
        self._handlers: dict[str, list[tuple[int, Callable[[Any], None]]]] = {}

    def endpoints(self) -> list[str]:
        """Return no endpoint: there is no journal."""
        return []

    def subscribe(self, topic: str, handler: Callable[[Any], None], priority: int = 0) -> None:
        """Add a handler of a topic, after those of a higher or the same priority."""
        handlers = [item for item in self._handlers.get(topic, []) if item[1] != handler]
        handlers.append((priority, handler))
        self._handlers[topic] = sorted(handlers, key=lambda item: -item[0])

    def unsubscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        """Remove a handler of a topic."""
        kept = [item for item in self._handlers.get(topic, []) if item[1] != handler]
        self._handlers[topic] = kept

    def publish(self, topic: str, msg: Any) -> None:
        """Call the handlers of a topic."""
        for _, handler in tuple(self._handlers.get(topic, ())):
            handler(msg)

    def handlers(self, topic: str) -> tuple[Callable[[Any], None], ...]:
        """Return the handlers of a topic, in the order of their calls."""
        return tuple(handler for _, handler in self._handlers.get(topic, ()))
