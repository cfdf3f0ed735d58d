"""The part of unattended operation that runs in a node: schedule, health, flatten checks."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from functools import partial
from pathlib import Path

from configs.live import LiveConfig
from live.alerting import NodeAlerts
from live.duties import Duty
from live.node_protocols import Node
from live.operations.days import days_of
from live.operations.days import last_digest_day
from live.operations.flatten_watch import FlattenWatch
from live.operations.node_health import HealthWriter
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from live.operations.schedule_watch import ScheduleWatch
from live.operations.schedule_watch import digest_command
from live.operations.state_files import DoneDates
from live.operations.state_files import state_files
from live.readiness import Readiness
from strategies.common.nautilus.strategy import TradingStrategy


RETRY_S = 60.0
FLATTEN_CHECK_S = 1.0


class NodeOperations:
    """
    Build and run schedule, health file and flatten checks of a node.

    A failure of these is reported and retried; it never ends the node.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : tuple[TradingStrategy, ...]
        Its strategies.
    config : LiveConfig
        Its configuration, with a journal.
    folder : Path
        The folder of its run.
    readiness : Readiness
        Provides connections and the age of quotes.
    alerts : NodeAlerts
        Receives the alerts.
    failures : list[str]
        Why the node ends, empty for an orderly end.
    is_blind : Callable[[], bool]
        Returns True while the venue reports no positions.

    """

    def __init__(
        self,
        node: Node,
        strategies: tuple[TradingStrategy, ...],
        config: LiveConfig,
        folder: Path,
        readiness: Readiness,
        alerts: NodeAlerts,
        failures: list[str],
        is_blind: Callable[[], bool],
    ) -> None:
        self._strategies = strategies
        self._alerts = alerts
        self._log = node.kernel.logger
        files = state_files(config)
        bus, now = node.kernel.msgbus, node.kernel.clock.timestamp_ns
        timeout_s = config.settings.flatten_timeout_s
        self._flatten = FlattenWatch(bus, strategies, alerts, timeout_s, is_blind, now)
        days = days_of(config.instrument_ids)
        self.health = HealthWriter(
            node, strategies, readiness, files.health, failures, days.date_of
        )
        done = DoneDates(files.schedule)
        # A node that has never run has no digest of the time before it.
        done.dates.setdefault(EventKind.DIGEST, last_digest_day(days, now()))
        schedule = Schedule(days, config.instrument_ids)
        # Calendars are computed here: within the loop of a node that trades they would hold it up.
        schedule.due(now())
        self.schedule = ScheduleWatch(
            schedule, done, now, alerts, self._describe, digest_command(folder)
        )

    def duties(self) -> list[Duty]:
        """Return the background tasks."""
        tasks = (self.health.run, self.schedule.run, self._check_flatten)
        return [Duty(partial(self._unharmed, task)) for task in tasks]

    async def _check_flatten(self) -> None:
        while True:
            await asyncio.sleep(FLATTEN_CHECK_S)
            self._flatten.check()

    async def _unharmed(self, task: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await task()
            except Exception as error:
                # A node that trades must not end because a message could not be made.
                self._log.exception("Unattended operation has failed", error)
                text = f"{type(error).__name__}: schedule, health or flatten check: see the log"
                self._alerts.raise_alert("OPERATIONS_FAILED", text)
            await asyncio.sleep(RETRY_S)

    def _describe(self) -> str:
        return "; ".join(_limits(strategy) for strategy in self._strategies)


def _limits(strategy: TradingStrategy) -> str:
    state = "active" if strategy.active else "observing"
    parts = [f"{strategy.id} {state}"]
    for name, label in (("max_daily_loss", "loss limit"), ("daily_profit_target", "target")):
        value = getattr(strategy.config, name, None)
        parts.append(f"{label} {'none' if value is None else value}")
    return ", ".join(parts)
