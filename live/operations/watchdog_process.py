"""`auction watchdog`: watch a node from a process of its own, and report what it finds."""

import os
import shutil
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

import psutil

from actors.alerts.delivery import Delivery
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from actors.alerts.templates import Severity
from configs.live import LiveConfig
from live.operations.days import days_of
from live.operations.node_health import read_health
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from live.operations.state_files import DoneDates
from live.operations.state_files import StateFiles
from live.operations.state_files import state_files
from live.operations.watchdog_rules import Observation
from live.operations.watchdog_rules import WatchdogLimits
from live.operations.watchdog_rules import WatchdogRules
from live.operations.watchdog_rules import status_lines
from live.service_notify import ServiceNotifier


CHECK_S = 60.0
DELIVERY_S = 5.0
TRIES = 3
TRY_PAUSE_S = 1.0
WAITING = 100
LAST_ISSUES = 5
JUST_BOOTED_S = 600.0
MEGABYTE = 1_000_000
KINDS = {Severity.WARNING: "WATCHDOG_WARNING", Severity.FAILURE: "WATCHDOG_CRITICAL"}


class WatchdogProcess:
    """
    Check a node at intervals, and send what is found to the receivers of alerts.

    Parameters
    ----------
    config : LiveConfig
        The configuration of the node.
    limits : WatchdogLimits
        The thresholds.
    check_s : float
        The time between two checks (s).
    say : Callable[[str], None]
        Shows a line.
    now : Callable[[], int], default `time.time_ns`
        The clock (ns UTC).

    """

    def __init__(
        self,
        config: LiveConfig,
        limits: WatchdogLimits,
        check_s: float,
        say: Callable[[str], None],
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._config = config
        self._files: StateFiles = state_files(config)
        self._check_s = check_s
        self._say = say
        self._now = now
        days = days_of(config.instrument_ids)
        self.rules = WatchdogRules(days, limits)
        self._schedule = Schedule(days)
        self._done = DoneDates(self._files.watchdog)
        self._schedule.done = self._done.dates
        self._issues: deque[str] = deque(maxlen=LAST_ISSUES)
        self._is_over = threading.Event()
        self._deliveries: list[Delivery] = []
        self._notifier = ServiceNotifier.from_environment()

    def run(self) -> None:
        """Check until a signal ends the process."""
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, lambda *_: self._is_over.set())
        self.start()
        try:
            while not self._is_over.is_set():
                self.check()
                self._notifier.ping()
                self._is_over.wait(self._check_s)
        finally:
            self.stop()

    def start(self) -> None:
        """Start the threads that deliver, and report a machine that has just booted."""
        self._deliveries = [
            Delivery(target, TRIES, TRY_PAUSE_S, WAITING)
            for target in targets_of(os.environ, DELIVERY_S)
        ]
        if not self._deliveries:
            self._say("no receiver: set ALERT_URLS or ALERT_WEBHOOK_URL; findings are only printed")
        for delivery in self._deliveries:
            delivery.start()
        up_s = time.time() - psutil.boot_time()
        if up_s < JUST_BOOTED_S:
            text = f"{socket.gethostname()} has been up for {up_s:.0f} s"
            self._report("SYSTEM_REBOOTED", text)
        self._notifier.ready()

    def stop(self) -> None:
        """Deliver what waits, and end."""
        end = time.monotonic() + DELIVERY_S
        for delivery in self._deliveries:
            delivery.stop(end)

    def check(self) -> None:
        """Check once."""
        seen = self._observe()
        findings = self.rules.findings(seen)
        due, ended = self.rules.due(seen.now, findings)
        for finding in due:
            self._issues.append(f"{finding.kind}: {finding.text}")
            self._report(KINDS[finding.severity], f"{finding.kind}: {finding.text}")
        for kind in ended:
            self._report("WATCHDOG_RESTORED", f"{kind}: over")
        for event in self._schedule.due(seen.now):
            self._schedule.mark(event)
            self._done.save()
            lines = status_lines(seen.health, seen.problem, event.day, seen.now)
            if event.kind is EventKind.SESSION_STARTED:
                self._report("WATCHDOG_STATUS", "\n".join(lines))
            elif event.kind is EventKind.DIGEST:
                issues = [*self._issues] or ["no issues"]
                self._report("WATCHDOG_SUMMARY", "\n".join([*lines, *issues]))
                self._issues.clear()

    def _observe(self) -> Observation:
        health, problem, is_alive = None, "", False
        try:
            health = read_health(self._files.health)
            problem = "" if health else f"has written no {self._files.health.name} yet"
        except (OSError, ValueError) as error:
            problem = f"{self._files.health.name} cannot be read: {error}"
        if health is not None:
            is_alive = psutil.pid_exists(health.pid)
        folder = next(p for p in (self._files.folder, *self._files.folder.parents) if p.exists())
        return Observation(
            now=self._now(),
            health=health,
            problem=problem,
            is_alive=is_alive,
            memory_percent=psutil.virtual_memory().percent,
            disk_mb=shutil.disk_usage(folder).free / MEGABYTE,
        )

    def _report(self, kind: str, text: str) -> None:
        self._say(f"{kind}: {text}")
        notice = notice_of(kind, self._config.mode, self._config.system, text, {}, time.time_ns())
        for delivery in self._deliveries:
            delivery.put(notice)


def run_watchdog(
    config: LiveConfig,
    limits: WatchdogLimits,
    check_s: float,
    say: Callable[[str], None],
) -> None:
    """Run the watchdog of a configured node until a signal ends it."""
    WatchdogProcess(config, limits, check_s, say).run()
