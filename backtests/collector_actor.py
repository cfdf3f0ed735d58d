"""The actor that hands the messages of a run to its collector."""

from collections.abc import Callable
from typing import Any

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig

from backtests.collector import Collector


class CollectorActor(Actor):  # type: ignore[misc]
    """
    Receives messages from the bus during a run.

    Parameters
    ----------
    collector : Collector
        What becomes of them.

    Attributes
    ----------
    failure : Exception or None
        The first error of a handler: a message is then missing from the results.

    """

    def __init__(self, collector: Collector) -> None:
        super().__init__(ActorConfig(component_id="COLLECTOR"))
        self.failure: Exception | None = None
        self._collector = collector

    def listen(self) -> None:
        """Receive messages from now on: as part of an engine, before others start and publish."""
        for cls, handler in self._collector.handlers():
            self.msgbus.subscribe(topic=cls.topic(), handler=self._guarded(handler))

    def _guarded(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            try:
                handler(message)
            # Any error must not reach the publishers, and the run must not pass.
            except Exception as error:
                self.failure = self.failure or error

        return take
