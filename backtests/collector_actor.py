"""The actors that receive the messages of a run."""

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig

from actors.messages import Message
from backtests.collector import Collector


# Before all other receivers.
FIRST = 1_000
EVENTS = ("data.quotes.*", "data.trades.*")


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


class Fact(NamedTuple):
    """
    Represents a message and its place.

    Attributes
    ----------
    seen : int
        The events of all instruments that had come before it, with the one that brought it about.
    is_within : bool
        If an event brought it about, and not the clock.
    now : int
        The time it was published at (ns UTC).
    message : Message
        The message.

    """

    seen: int
    is_within: bool
    now: int
    message: Message


class FactRecorder(Actor):  # type: ignore[misc]
    """
    Keeps messages during a run without strategies.

    Parameters
    ----------
    classes : Iterable[type[Message]]
        What it keeps.

    Attributes
    ----------
    facts : list[Fact]
        The messages, in the order of their publication.
    seen : int
        The events so far.

    """

    def __init__(self, classes: Iterable[type[Message]]) -> None:
        super().__init__(ActorConfig(component_id="FACTS"))
        self.facts: list[Fact] = []
        self.seen = 0
        self._classes = tuple(classes)
        self._is_within = False

    def listen(self) -> None:
        """Receive messages and events from now on, as part of an engine."""
        for cls in self._classes:
            self.msgbus.subscribe(topic=cls.topic(), handler=self._keep, priority=FIRST)
        for topic in EVENTS:
            self.msgbus.subscribe(topic=topic, handler=self._begin, priority=FIRST)

    def on_start(self) -> None:
        # It starts last, and so receives an event after the actors before it.
        for topic in EVENTS:
            self.msgbus.subscribe(topic=topic, handler=self._end)

    def _begin(self, _: Any) -> None:
        self.seen += 1
        self._is_within = True

    def _end(self, _: Any) -> None:
        self._is_within = False

    def _keep(self, message: Message) -> None:
        now = self.clock.timestamp_ns()
        self.facts.append(Fact(self.seen, self._is_within, now, message))
