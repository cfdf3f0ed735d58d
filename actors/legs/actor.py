"""Publishes the legs of one-minute bars, their low volume nodes, and the trend of the closes."""

from collections.abc import Iterable
from typing import Any
from typing import ClassVar

from actors.base import BarActor
from actors.given_bars import GivenBar
from actors.legs.config import LegsActorConfig
from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.minutes import MINUTE_NS
from actors.legs.minutes import ClosedMinute
from actors.legs.minutes import LegMinutes
from actors.legs.node_messages import LegLvn
from actors.messages import DataGap
from actors.messages import Message
from indicators.components import AggressorBars


ESTIMATED = (
    "leg profiles are estimated: the volume of each one-minute bar is spread evenly over its range "
    "(legs.profile ticks makes exact ones of trades)"
)


class LegsActor(BarActor):
    """
    Publishes one `LegMinute` for each one-minute bar of one instrument.

    Before it, in this order, the `LegPivot` and the `PriceLeg` that the minute has made known, and
    the events of low volume nodes (`LegLvn`). Minutes without trades have no bar and no message.

    Parameters
    ----------
    config : LegsActorConfig
        The configuration.

    Attributes
    ----------
    minutes : LegMinutes or None
        Legs, nodes and trend; None before the start.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        DataGap,
        LegPivot,
        PriceLeg,
        LegLvn,
        LegMinute,
    )
    QUOTES: ClassVar[bool] = False
    TRADES: ClassVar[bool] = False

    indicator: AggressorBars | None

    def __init__(self, config: LegsActorConfig) -> None:
        super().__init__(config)
        self.minutes: LegMinutes | None = None

    @property
    def is_exact(self) -> bool:
        """Return True if minutes are closed from trades, whose prices are those of profiles."""
        return bool(self.config.legs.is_exact)

    @property
    def bar_types(self) -> tuple[Any, ...]:
        # Minutes of trades are closed here, with the volume at each price.
        return () if self.is_exact else super().bar_types

    @property
    def takes_quotes(self) -> bool:
        return self.is_exact

    @property
    def takes_trades(self) -> bool:
        return self.is_exact

    @property
    def interval_ns(self) -> int | None:
        return MINUTE_NS if self.is_exact else None

    @property
    def history_minutes(self) -> int:
        return int(max(self.config.lookback_minutes, self.config.legs.warmup_bars)) + 1

    def history_since(self, now: int) -> int:
        since = now - self.history_minutes * MINUTE_NS
        return since - since % MINUTE_NS

    def create_indicator(self) -> AggressorBars | None:
        self.minutes = LegMinutes(self.config.legs, self.tick, self.lot)
        if not self.is_exact:
            return None
        return AggressorBars(self.tick, self.lot, MINUTE_NS, self._on_minute)

    def start_again(self, ts: int) -> None:
        super().start_again(ts)
        if self.minutes is not None:
            ts_init = max(self.clock.timestamp_ns(), ts)
            self._publish_nodes(self.minutes.start_again(), ts, ts_init)

    def on_given_bar(self, bar: GivenBar) -> None:
        prices = bar.open, bar.high, bar.low, bar.close
        if self.minutes is not None:
            ts_min = bar.ts_event - MINUTE_NS
            self._publish(self.minutes.on_bar(ts_min, prices, bar.volume))

    def on_stop(self) -> None:
        super().on_stop()
        minutes = self.minutes
        if minutes is None or not minutes.closed:
            return
        if not self.is_exact:
            self.notices[ESTIMATED] = 1
        if not minutes.volume:
            self.notices["bars without volume: legs have no nodes"] = minutes.closed
        if oversized := minutes.structure.profile.oversized:
            text = "legs without nodes: half their bars were flat, so that bins were too many"
            self.notices[text] = oversized

    def describe_history(self) -> list[str]:
        minutes, needed = self.minutes, self.config.legs.warmup_bars
        if minutes is None:
            return []
        what = f"History: warm-up needs {needed:,} one-minute bars without a gap"
        if minutes.warm:
            return [
                f"{what} (legs.warmup_bars), and {minutes.closed:,} closed: entries were possible "
                f"in {minutes.warm:,} of them.",
                *self._without_nodes(minutes),
            ]
        gaps = f", {minutes.gaps:,} gaps began the count anew" if minutes.gaps else ""
        return [
            f"{what} (legs.warmup_bars), and there were {minutes.longest:,}{gaps}: give "
            f"{needed - minutes.longest:,} more, by an earlier --start or by ingesting what came "
            "before."
        ]

    def _without_nodes(self, minutes: LegMinutes) -> list[str]:
        if minutes.nodes or not minutes.volume:
            return []
        structure = minutes.structure
        if not structure.leg_count:
            return [
                f"Legs: none, for no two pivots in a row made a trend: the reversal of "
                f"{self.config.legs.reversal_pct} % (legs.reversal_pct) may not suit this market."
            ]
        return [
            f"Nodes: none in {structure.leg_count:,} legs, of which {minutes.short_legs:,} were "
            f"shorter than {structure.nodes.min_bars} minutes (legs.min_bars): the reversal of "
            f"{self.config.legs.reversal_pct} % (legs.reversal_pct) may not suit this market."
        ]

    def _on_minute(self, values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> None:
        ts_min, open_, high, low, close, *_ = values
        prices = open_, high, low, close
        if self.minutes is not None:
            self._publish(self.minutes.on_bar(ts_min, prices, sum(prints[1]), prints))

    def _publish(self, closed: ClosedMinute) -> None:
        instrument_id = self.config.instrument_id
        ts_event = closed.minute["ts_min"] + MINUTE_NS - 1
        ts_init = max(self.clock.timestamp_ns(), ts_event)
        # A replay is sorted by these times: the minute comes last.
        if closed.pivot is not None:
            self.publish(LegPivot(instrument_id, ts_event - 3, ts_init - 3, **closed.pivot))
        if closed.leg is not None:
            self.publish(PriceLeg(instrument_id, ts_event - 2, ts_init - 2, **closed.leg))
        self._publish_nodes(closed.nodes, ts_event - 1, ts_init - 1)
        self.publish(LegMinute(instrument_id, ts_event, ts_init, **closed.minute))

    def _publish_nodes(self, events: Iterable[dict[str, Any]], ts_event: int, ts: int) -> None:
        for columns in events:
            self.publish(LegLvn(self.config.instrument_id, ts_event, ts, **columns))
