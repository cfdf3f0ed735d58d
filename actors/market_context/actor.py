"""Closes minutes on trades, or takes candles, and publishes their market context."""

from typing import Any
from typing import ClassVar

from actors.base import BarActor
from actors.given_bars import GivenBar
from actors.market_context.config import MarketContextConfig
from actors.market_context.history import ContextHistory
from actors.market_context.messages import LvnAlert
from actors.market_context.messages import MarketContextMinute
from actors.market_context.messages import SessionBalance
from actors.market_context.messages import VolumeNodeUpdate
from actors.messages import DataGap
from actors.messages import Message
from actors.messages import MinuteFootprint
from indicators.components import MarketContextMinutes
from indicators.core.context_minute import MinuteDetails


NANOS_PER_MINUTE = 60_000_000_000
# Times of messages of one minute before that of the minute itself: a replay keeps their order.
BALANCE, NODES, ALERT, FOOTPRINT = 4, 3, 2, 1


class MarketContextActor(BarActor):
    """
    Publishes the market context of each minute of one instrument.

    In this order: `SessionBalance` with the first minute after a whole session, `VolumeNodeUpdate`
    for each node that begins or ends, `LvnAlert`, `MinuteFootprint`, and last
    `MarketContextMinute`. Alerts of single prints are published as they fire.

    Parameters
    ----------
    config : MarketContextConfig
        The configuration.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        DataGap,
        SessionBalance,
        VolumeNodeUpdate,
        LvnAlert,
        MinuteFootprint,
        MarketContextMinute,
    )
    INTERVAL_NS: ClassVar[int | None] = NANOS_PER_MINUTE

    indicator: MarketContextMinutes | None

    def __init__(self, config: MarketContextConfig) -> None:
        super().__init__(config)
        self._history = ContextHistory(config.warmup_minutes)
        self._sessions = config.profile_sessions()
        self._balance_start: int | None = None

    @property
    def history_minutes(self) -> int:
        config = self.config
        return int(max(config.state_lookback, config.avg_lookback, config.warmup_minutes)) + 1

    def history_since(self, now: int) -> int:
        return self._sessions.before(now)[0]

    def create_indicator(self) -> MarketContextMinutes:
        parameters = {**self.config.feature_parameters(), "gaps": self.gaps}
        return MarketContextMinutes(
            self.tick,
            self.lot,
            self._on_minute,
            self.publish_gap,
            on_alert=self._on_trade_alert,
            **parameters,
        )

    def on_history_end(self) -> str:
        super().on_history_end()
        counted = self._history
        balance = "with" if counted.balanced else "without"
        return f"{counted.closed} minutes, {counted.warm} of them warm, {balance} a balance"

    def describe_history(self) -> list[str]:
        return self._history.describe()

    def on_stop(self) -> None:
        self.notices.update(self._history.notices())
        super().on_stop()

    def _on_minute(self, values: tuple[Any, ...], details: MinuteDetails) -> None:
        row = dict(zip(MarketContextMinute.COLUMNS, values, strict=True))
        self._history.on_minute(row)
        ts_event = row["ts_min"] + NANOS_PER_MINUTE - 1
        ts_init = max(self.clock.timestamp_ns(), ts_event)
        if row["balance_start"] not in (None, self._balance_start):
            self._publish_balance(row, ts_event - BALANCE, ts_init - BALANCE)
        self._balance_start = row["balance_start"]
        if self.config.publish_nodes:
            self._publish_nodes(row, details, ts_event - NODES, ts_init - NODES)
        if row["lvn_alert"]:
            self._publish_alert(row, ts_event - ALERT, ts_init - ALERT)
        ticks, buy, sell, unsigned = details.footprint
        self._publish(
            MinuteFootprint,
            ts_event - FOOTPRINT,
            ts_init - FOOTPRINT,
            ts_min=row["ts_min"],
            tick_size=self.tick_size,
            lot_size=self.lot_size,
            ticks=ticks,
            buy=buy,
            sell=sell,
            unsigned=unsigned,
        )
        self._publish(MarketContextMinute, ts_event, ts_init, **row)

    def _publish(
        self,
        message: type[Message],
        ts_event: int,
        ts_init: int,
        /,
        **columns: Any,
    ) -> None:
        self.publish(message(self.config.instrument_id, ts_event, ts_init, **columns))

    def _publish_balance(self, row: dict[str, Any], ts_event: int, ts_init: int) -> None:
        self._publish(
            SessionBalance,
            ts_event,
            ts_init,
            ts_min=row["ts_min"],
            session_start=row["balance_start"],
            poc=row["balance_poc"],
            val=row["balance_val"],
            vah=row["balance_vah"],
            tick_size=self.tick_size,
        )

    def _publish_nodes(
        self,
        row: dict[str, Any],
        details: MinuteDetails,
        ts_event: int,
        ts_init: int,
    ) -> None:
        gone = [("GONE", zone, 0) for zone in details.nodes_gone]
        found = [("FOUND", zone, zone.volume) for zone in details.nodes_found]
        for event, zone, volume in (*gone, *found):
            self._publish(
                VolumeNodeUpdate,
                ts_event,
                ts_init,
                ts_min=row["ts_min"],
                event=event,
                kind=zone.kind,
                low=zone.low,
                high=zone.high,
                price=zone.price,
                volume=volume,
                tick_size=self.tick_size,
                lot_size=self.lot_size,
            )

    def _publish_alert(self, row: dict[str, Any], ts_event: int, ts_init: int) -> None:
        self._publish(
            LvnAlert,
            ts_event,
            ts_init,
            ts_min=row["ts_min"],
            event="CLOSE",
            price=row["close"],
            lvn=row["lvn"],
            low=row["lvn_low"],
            high=row["lvn_high"],
            direction=row["lvn_direction"],
            approaching=row["lvn_approaching"],
            tick_size=self.tick_size,
        )

    def _on_trade_alert(
        self,
        ts: int,
        price: int,
        lvn: int,
        low: int,
        high: int,
        direction: str,
        approaching: bool | None,
    ) -> None:
        self._publish(
            LvnAlert,
            ts,
            max(self.clock.timestamp_ns(), ts),
            ts_min=ts // NANOS_PER_MINUTE * NANOS_PER_MINUTE,
            event="TRADE",
            price=price,
            lvn=lvn,
            low=low,
            high=high,
            direction=direction,
            approaching=approaching,
            tick_size=self.tick_size,
        )


class CandleContextActor(MarketContextActor):
    """
    Publishes the market context of candles of one minute, where there are no ticks.

    The volume by price and side is estimated, and each minute is marked as such. A minute without a
    candle is closed when the next one arrives.

    Parameters
    ----------
    config : CandleContextConfig
        The configuration.

    """

    QUOTES: ClassVar[bool] = False
    TRADES: ClassVar[bool] = False
    INTERVAL_NS: ClassVar[int | None] = None

    def create_indicator(self) -> MarketContextMinutes:
        # The actor applies the rule for gaps to its candles.
        parameters = {**self.config.feature_parameters(), "gaps": None}
        return MarketContextMinutes(self.tick, self.lot, self._on_minute, **parameters)

    def on_given_bar(self, bar: GivenBar) -> None:
        if self.indicator is None:
            return
        # A candle bears the time of its end.
        start = (bar.ts_event - 1) // NANOS_PER_MINUTE * NANOS_PER_MINUTE
        prices = bar.open, bar.high, bar.low, bar.close
        self.indicator.core.update_bar(start, *prices, bar.volume)
        self.close_until(start + NANOS_PER_MINUTE)
