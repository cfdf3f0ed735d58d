"""The actor that delivers alerts."""

import os
import time
from typing import Any

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.common.config import ActorConfig

from actors.alerts.cooldown import Cooldown
from actors.alerts.day_results import DayResults
from actors.alerts.delivery import Delivery
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from actors.messages import Alert
from actors.messages import Decision
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from catalog.sessions import new_york_time
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt


HEALTH_NS = 5_000_000_000
ENTERING = frozenset({"ENTER", "FLIP"})


class AlertsActorConfig(ActorConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configuration for `AlertsActor`.

    Parameters
    ----------
    mode : str, default 'live'
        The mode of the node (`paper`, `shadow`, `live`), part of each alert.
    timeout_secs : PositiveFloat, default 5.0
        How long one attempt may wait for a receiver.
    tries : PositiveInt, default 3
        How often one alert is tried.
    pause_secs : PositiveFloat, default 1.0
        The wait before the second try; it doubles before the third.
    queue_size : PositiveInt, default 1000
        The alerts that may wait for one receiver.
    stop_timeout_secs : PositiveFloat, default 5.0
        How long a stop waits for the alerts that are left.

    """

    mode: str = "live"
    timeout_secs: PositiveFloat = 5.0
    tries: PositiveInt = 3
    pause_secs: PositiveFloat = 1.0
    queue_size: PositiveInt = 1_000
    stop_timeout_secs: PositiveFloat = 5.0


class AlertsActor(Actor):  # type: ignore[misc]
    """
    Sends alerts, opened and closed trades, start and stop to the receivers of the environment.

    Nothing is delivered from a backtest. Failures of a receiver are logged and counted; the actor
    never waits for a receiver and never logs its address.

    Parameters
    ----------
    config : AlertsActorConfig
        The configuration.

    """

    def __init__(self, config: AlertsActorConfig) -> None:
        super().__init__(config)
        self.deliveries: list[Delivery] = []
        self._in_trade: set[tuple[str, str]] = set()
        self._plans: dict[tuple[str, str], Decision] = {}
        self._day = DayResults()
        self._cooldown = Cooldown()
        self._lost: dict[str, int] = {}

    def on_start(self) -> None:
        if not isinstance(self.clock, LiveClock):
            self.log.info("Alerts are delivered by a live node alone")
            return
        config = self.config
        self.deliveries = [
            Delivery(target, config.tries, config.pause_secs, config.queue_size)
            for target in targets_of(os.environ, config.timeout_secs)
        ]
        if not self.deliveries:
            self.log.warning("Alerts have no receiver: set ALERT_URLS or ALERT_WEBHOOK_URL")
            return
        for delivery in self.deliveries:
            delivery.start()
        self.msgbus.subscribe(topic=Alert.topic(), handler=self._on_alert)
        self.msgbus.subscribe(topic=TradeEvent.topic(), handler=self._on_trade_event)
        self.msgbus.subscribe(topic=Decision.topic(), handler=self._on_decision)
        self.msgbus.subscribe(topic=TradingStatus.topic(), handler=self._day.take_status)
        self.clock.set_timer_ns(
            name=f"{self.id}-HEALTH",
            interval_ns=HEALTH_NS,
            start_time_ns=0,
            stop_time_ns=0,
            callback=self._on_health,
        )
        self._send("NODE_STARTED", "", "the node has started", {})

    def on_stop(self) -> None:
        if not self.deliveries:
            return
        self._report_suppressed(at_end=True)
        self._send("NODE_STOPPED", "", "the node stops", {})
        deadline = time.monotonic() + self.config.stop_timeout_secs
        for delivery in self.deliveries:
            if not delivery.stop(deadline):
                self.log.error(f"Alerts: {delivery.target.name} has not taken all in time")
        self._check()

    def _on_alert(self, alert: Alert) -> None:
        data = {"strategy_id": alert.strategy_id, "value": alert.value}
        self._send(alert.kind, alert.instrument_id.value, alert.text, data, alert.ts_event)

    def _on_trade_event(self, event: TradeEvent) -> None:
        self._day.take_event(event)
        key = (event.strategy_id, event.instrument_id.value)
        text = f"{event.side} {event.quantity} at {event.price} ({event.setup})"
        if event.kind == "ENTRY_FILLED" and key not in self._in_trade:
            self._in_trade.add(key)
            self._send("TRADE_OPENED", key[1], text, self._opened(key, event), event.ts_event)
        elif event.kind == "TRADE_CLOSED":
            self._in_trade.discard(key)
            day_pnl = self._day.result(event.strategy_id, event.ts_event)
            text = f"{text}: {event.reason}, net {event.net}, the day {day_pnl:+,.2f}"
            data = event.columns() | {"day_pnl": day_pnl}
            self._send("TRADE_CLOSED", key[1], text, data, event.ts_event)

    def _on_decision(self, decision: Decision) -> None:
        if decision.action in ENTERING:
            self._plans[decision.strategy_id, decision.instrument_id.value] = decision

    def _opened(self, key: tuple[str, str], event: TradeEvent) -> dict[str, Any]:
        plan = self._plans.get(key)
        data = event.columns()
        if plan is not None and plan.setup == event.setup:
            target = plan.tp1 if plan.tp2 is None else plan.tp2
            data |= {"stop": plan.stop, "target": target}
        return data

    def _send(
        self,
        kind: str,
        instrument: str,
        text: str,
        data: dict[str, Any],
        ts: int | None = None,
    ) -> None:
        at = self.clock.timestamp_ns() if ts is None else ts
        key = (kind, str(data.get("strategy_id", "")), instrument)
        if self._cooldown.admits(key, text, self.clock.timestamp_ns()):
            self._deliver(kind, instrument, text, data, at)

    def _report_suppressed(self, *, at_end: bool = False) -> None:
        for found in self._cooldown.take(self.clock.timestamp_ns(), at_end=at_end):
            kind, strategy_id, instrument = found.key
            text = f"{found.count} more since {new_york_time(found.since)}, the last: {found.text}"
            data = {"strategy_id": strategy_id, "count": found.count}
            self._deliver(kind, instrument, text, data, self.clock.timestamp_ns())

    def _deliver(
        self, kind: str, instrument: str, text: str, data: dict[str, Any], at: int
    ) -> None:
        whole = {"trader_id": self.trader_id.value, **data}
        notice = notice_of(kind, self.config.mode, instrument, text, whole, at)
        for delivery in self.deliveries:
            delivery.put(notice)

    def _on_health(self, _: TimeEvent) -> None:
        self._report_suppressed()
        self._check()

    def _check(self) -> None:
        for delivery in self.deliveries:
            name, lost = delivery.target.name, delivery.failed + delivery.dropped
            if lost > self._lost.get(name, 0):
                self._lost[name] = lost
                why = delivery.failure or "too many waited"
                self.log.error(f"Alerts: {name} {why}; {lost} not delivered so far")
