"""Publishes footprint bars, the patterns of order flow in them, and the lives of their zones."""

from collections.abc import Iterable
from typing import Any
from typing import ClassVar

from actors.base import BarActor
from actors.footprint.config import FootprintActorConfig
from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintPattern
from actors.footprint.messages import FootprintZone
from actors.footprint.series import ClosedFootprint
from actors.footprint.series import Columns
from actors.footprint.series import FootprintSeries
from actors.messages import DataGap
from actors.messages import Message
from indicators.components import Footprints


NANOS_PER_MINUTE = 60_000_000_000
# Times of messages of one bar before that of the bar itself: a replay keeps their order.
ZONES, PATTERNS = 2, 1
# The least time between two bars: room for those messages, and for those of a subclass.
ROOM = 8


class FootprintActor(BarActor):
    """
    Publishes one `FootprintBar` for each closed bar of one instrument.

    Before it, in this order, the events of zones (`FootprintZone`) and its patterns
    (`FootprintPattern`). A stretch without trades has no bar and no message.

    Parameters
    ----------
    config : FootprintActorConfig
        The configuration.

    Attributes
    ----------
    series : FootprintSeries or None
        Patterns and zones; None before the start.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        DataGap,
        FootprintZone,
        FootprintPattern,
        FootprintBar,
    )

    indicator: Footprints | None

    def __init__(self, config: FootprintActorConfig) -> None:
        super().__init__(config)
        self.series: FootprintSeries | None = None
        self._last_init = 0

    @property
    def interval_ns(self) -> int | None:
        return int(self.config.interval_ns)

    @property
    def history_minutes(self) -> int:
        return int(max(self.config.lookback_minutes, self.config.warmup_minutes)) + 1

    def history_since(self, now: int) -> int:
        since = now - self.history_minutes * NANOS_PER_MINUTE
        start, _, _ = self.config.spans()(now)
        since = min(since, start)
        return int(since - since % self.config.interval_ns)

    def create_indicator(self) -> Footprints:
        config = self.config
        self.series = FootprintSeries(
            config.thresholds(), config.zone_bars, config.warmup_bars, self.tick, self.lot
        )
        return Footprints(self.tick, self.lot, on_close=self._on_close, **config.bar_parameters())

    def start_again(self, ts: int) -> None:
        super().start_again(ts)
        if self.series is not None:
            self._publish_zones(self.series.start_again(), ts, self._next_init(ts) - ZONES)

    def describe_history(self) -> list[str]:
        series, needed = self.series, self.config.warmup_bars
        if series is None:
            return []
        what = f"History: warm-up needs {needed:,} footprint bars without a gap (warmup_bars)"
        if series.warm:
            return [f"{what}, and {series.closed:,} closed: {series.warm:,} of them were warm."]
        gaps = f", {series.gaps:,} gaps began the count anew" if series.gaps else ""
        return [
            f"{what}, and there were {series.longest:,}{gaps}: give {needed - series.longest:,} "
            "more, by an earlier --start or by ingesting what came before."
        ]

    def publish_bar(self, closed: ClosedFootprint, ts_event: int, ts_init: int) -> None:
        """
        Publish the messages of a closed bar, `FootprintBar` last.

        A subclass publishes what it makes of the bar before it calls this method, with times three
        to seven nanoseconds earlier.

        Parameters
        ----------
        closed : ClosedFootprint
            The bar.
        ts_event, ts_init : int
            The times of its message (ns UTC).

        """
        instrument_id = self.config.instrument_id
        self._publish_zones(closed.zones, ts_event - ZONES, ts_init - ZONES)
        for row in closed.patterns:
            times = ts_event - PATTERNS, ts_init - PATTERNS
            self.publish(FootprintPattern(instrument_id, *times, **row))
        self.publish(FootprintBar(instrument_id, ts_event, ts_init, **closed.row))

    def _on_close(
        self,
        values: tuple[Any, ...],
        levels: tuple[list[int], list[int], list[int], list[int]],
    ) -> None:
        if self.series is None or self.gaps is None:
            return
        is_silent = self.gaps.is_silent_at(values[1])
        closed = self.series.on_bar(values, levels, is_silent=is_silent)
        ts_event = closed.bar.ts_end - 1
        self.publish_bar(closed, ts_event, self._next_init(ts_event))

    def _next_init(self, ts_event: int) -> int:
        # Several bars may close at one event.
        self._last_init = max(self.clock.timestamp_ns(), ts_event, self._last_init + ROOM)
        return self._last_init

    def _publish_zones(self, rows: Iterable[Columns], ts_event: int, ts_init: int) -> None:
        for row in rows:
            self.publish(FootprintZone(self.config.instrument_id, ts_event, ts_init, **row))
