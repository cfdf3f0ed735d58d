"""Closes the bars of an actor by the clock, where no event does it."""

from typing import Any
from typing import Protocol


class BarCloser(Protocol):
    """Represents the actor whose bars are closed."""

    config: Any
    clock: Any
    cache: Any
    id: Any

    @property
    def is_collecting(self) -> bool:
        """Return True while no bar may close, since its history is not there yet."""

    def close_until(self, ts: int) -> None:
        """Close every bar that ends at or before a time (ns UTC)."""


class CloseTimer:
    """
    Alerts at the end of each bar: at T - 1 ns, so that no event stamped with T comes before it.

    A catalog gives each event of an instrument a `ts_init` of its own: of events of one time each
    comes a nanosecond after the other, so that some come when their time is over. There is no gap
    in such a row: where no event has come at the present time it has ended. An alert that falls
    into a row waits until then, and still belongs to the bar that it was set for.

    Parameters
    ----------
    actor : BarCloser
        The actor.
    interval_ns : int
        The length of a bar (ns).
    delay_ns : int
        How long a live bar waits for events still on the wire (ns).
    """

    def __init__(self, actor: BarCloser, interval_ns: int, delay_ns: int) -> None:
        self._actor = actor
        self._interval = interval_ns
        self._delay = delay_ns

    def start(self) -> None:
        """Start with the bar in progress."""
        clock, interval = self._actor.clock, self._interval
        clock.set_timer_ns(
            name=f"{self._actor.id}-CLOSE",
            interval_ns=interval,
            start_time_ns=clock.timestamp_ns() // interval * interval - 1 + self._delay,
            stop_time_ns=0,
            callback=self._on_alert,
        )

    def _on_alert(self, event: Any) -> None:
        actor = self._actor
        if actor.is_collecting:
            return
        if self._delay == 0 and self._is_within_ties():
            actor.clock.set_time_alert_ns(f"{actor.id}-TIES", event.ts_event + 1, self._on_alert)
            return
        end = event.ts_event + 1 - self._delay
        actor.close_until(end // self._interval * self._interval)

    def _is_within_ties(self) -> bool:
        cache, instrument_id = self._actor.cache, self._actor.config.instrument_id
        last = cache.quote_tick(instrument_id), cache.trade_tick(instrument_id)
        now = self._actor.clock.timestamp_ns()
        return any(tick is not None and tick.ts_init == now for tick in last)
