"""The actor that passes the market data of an instrument to a recorder."""

from typing import Any
from typing import Protocol

from actors.bar_inputs import subscribe
from actors.base import BarActor
from actors.instrument import required_instrument
from actors.recording.config import RecordingActorConfig
from catalog.protocols import Bar
from catalog.protocols import Quote
from catalog.protocols import Trade


class Sink(Protocol):
    """Represents a recorder of one instrument."""

    def take_quote(self, quote: Quote) -> None:
        """Record a quote."""

    def take_trade(self, trade: Trade) -> None:
        """Record a trade."""

    def take_bar(self, bar: Bar) -> None:
        """Record a bar that has closed."""

    def take_recent(self, trade: Trade) -> None:
        """Take a trade of an answer to a request for recent ones."""


class RecordingActor(BarActor):
    """
    Subscribes to quotes, trades and bars as other actors do, and closes no bars of its own.

    Parameters
    ----------
    config : RecordingActorConfig
        The configuration.

    """

    def __init__(self, config: RecordingActorConfig) -> None:
        super().__init__(config)
        self._sink: Sink | None = None
        self._waiting: list[tuple[str, Any]] = []

    def pass_to(self, sink: Sink) -> None:
        """Pass on what has been received and all that follows."""
        self._sink = sink
        for name, data in self._waiting:
            getattr(sink, name)(data)
        self._waiting.clear()

    def history_since(self, now: int) -> int:
        return now

    def create_indicator(self) -> None:
        return None

    def on_start(self) -> None:
        # No history, no gaps and no timer: what is received is all that counts.
        required_instrument(self.cache, self.config.instrument_id)
        subscribe(self)

    def on_stop(self) -> None:
        """End without an effect: the recorder closes its files itself."""

    def on_quote_tick(self, tick: Quote) -> None:
        self._pass("take_quote", tick)

    def on_trade_tick(self, tick: Trade) -> None:
        self._pass("take_trade", tick)

    def on_bar(self, bar: Bar) -> None:
        self._pass("take_bar", bar)

    def on_historical_data(self, data: Any) -> None:
        if hasattr(data, "trade_id"):
            self._pass("take_recent", data)

    def _pass(self, name: str, data: Any) -> None:
        if self._sink is None:
            self._waiting.append((name, data))
        else:
            getattr(self._sink, name)(data)
