"""Closes minutes on trades and quotes and publishes their value-area features."""

from typing import Any
from typing import ClassVar

from actors.base import BarActor
from actors.messages import DataGap
from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.value_area.config import ValueAreaActorConfig
from actors.value_area.history import NANOS_PER_MINUTE
from actors.value_area.history import WarmUpHistory
from actors.value_area.messages import ValueAreaMinute
from indicators.components import ValueAreaMinutes


class ValueAreaActor(BarActor):
    """
    Publishes one `MinuteFootprint` and one `ValueAreaMinute` for each minute of one instrument.

    Parameters
    ----------
    config : ValueAreaActorConfig
        The configuration.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (DataGap, MinuteFootprint, ValueAreaMinute)
    INTERVAL_NS: ClassVar[int] = NANOS_PER_MINUTE

    indicator: ValueAreaMinutes | None

    def __init__(self, config: ValueAreaActorConfig) -> None:
        super().__init__(config)
        self._history = WarmUpHistory(config.warmup_minutes)

    @property
    def history_minutes(self) -> int:
        return int(max(self.config.rolling_window_minutes, self.config.warmup_minutes)) + 1

    def history_since(self, now: int) -> int:
        since = now - self.history_minutes * NANOS_PER_MINUTE
        return since - since % NANOS_PER_MINUTE

    def create_indicator(self) -> ValueAreaMinutes:
        parameters = {**self.config.feature_parameters(), "gaps": self.gaps}
        return ValueAreaMinutes(
            self.tick, self.lot, self._on_minute, self.publish_gap, **parameters
        )

    def on_history_end(self) -> str:
        closed = self._history.closed
        super().on_history_end()
        return f"{closed} of {self.history_minutes - 1} minutes; the others are waited for"

    def describe_history(self) -> list[str]:
        return self._history.describe()

    def on_stop(self) -> None:
        if text := self._history.unquoted_text(self.config.gap_after_s):
            self.notices[text] = 1
        super().on_stop()
        agreement = None if self.indicator is None else self.indicator.core.flow.agreement
        if agreement is not None:
            self.notices[f"side_source both: {agreement:.1%} of the volume signed as the venue"] = 1

    def publish_gap(self, start: int, end: int, open_ns: int) -> None:
        self._history.on_gap(start, end)
        super().publish_gap(start, end, open_ns)

    def _on_minute(
        self,
        values: tuple[Any, ...],
        footprint: tuple[list[int], list[int], list[int], list[int]],
    ) -> None:
        instrument_id = self.config.instrument_id
        self._history.on_minute(values)
        ts_event = values[0] + NANOS_PER_MINUTE - 1
        ts_init = max(self.clock.timestamp_ns(), ts_event)
        ticks, buy, sell, unsigned = footprint
        # The footprint's time stamps lie one nanosecond earlier: replay keeps the order.
        self.publish(
            MinuteFootprint(
                instrument_id,
                ts_event - 1,
                ts_init - 1,
                ts_min=values[0],
                tick_size=self.tick_size,
                lot_size=self.lot_size,
                ticks=ticks,
                buy=buy,
                sell=sell,
                unsigned=unsigned,
            )
        )
        self.publish(
            ValueAreaMinute(
                instrument_id,
                ts_event,
                ts_init,
                **dict(zip(ValueAreaMinute.COLUMNS, values, strict=True)),
            )
        )
