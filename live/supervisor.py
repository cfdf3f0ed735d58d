"""Run a node in a process of its own, and restart it when it dies, hangs or does not start."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from actors.alerts.delivery import Delivery
from actors.alerts.targets import notice_of
from actors.alerts.targets import targets_of
from configs.node_settings import NodeSettings
from errors import AuctionError
from errors import UsageError
from live.node_process import NodeProcess
from live.runner import RUNNING
from live.service_notify import ServiceNotifier
from strategies.common.alert_throttle import AlertThrottle


POLL_S = 0.25
OWN_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
DELIVERY_S = 5.0
TRIES = 3
TRY_PAUSE_S = 1.0
WAITING = 100
USAGE = 2


class Supervisor:
    """
    Keep a node running.

    A node is ended and restarted when it does not run within `start_timeout_s`, when its heartbeat
    is older than `hang_after_s` (then it is killed at once), and when it ends by itself with an
    error. The first restart is immediate, later ones wait for pauses that double up to a minute.
    While a node runs, a standby process is loaded, so that the next node starts in a fraction of
    the time; it does nothing before. If nodes that had been running end more than `max_restarts`
    times within `restart_window_s`, a restart does not help: the supervisor stops. A node that
    never gets to run, as while the venue cannot be reached, is retried without a limit: a position
    may depend on it. Alerts report each end of a node that ran, the first of the others and then
    one every quarter of an hour, and the stop of the supervisor.

    Parameters
    ----------
    system, environment : str
        As for the node.
    overrides : Sequence[str]
        As for the node.
    runs : Path
        As for the node.
    mode : str
        The mode shown in alerts.
    settings : NodeSettings
        The limits.
    confirmation : str
        The confirmation typed by the operator; each node reads it.
    say : Callable[[str], None]
        Shows a line to the operator.

    """

    def __init__(
        self,
        system: str,
        environment: str,
        overrides: Sequence[str],
        runs: Path,
        mode: str,
        settings: NodeSettings,
        confirmation: str,
        say: Callable[[str], None],
    ) -> None:
        self._command = [sys.executable, "-m", "cli", "live", system]
        self._command += ["--environment", environment, "--runs", str(runs)]
        for setting in overrides:
            self._command += ["--set", setting]
        self._settings = settings
        self._confirmation = confirmation
        self._say = say
        self._mode = mode
        self._deliveries = [
            Delivery(target, TRIES, TRY_PAUSE_S, WAITING)
            for target in targets_of(os.environ, DELIVERY_S)
        ]
        self._standby: NodeProcess | None = None
        self._is_over = False
        self._has_run = False
        # Nodes must not inherit the address: systemd counts on the supervisor alone.
        self._notifier = ServiceNotifier.from_environment()

    def run(self) -> None:
        """
        Run until the node ends regularly, or restarts do not help.

        Raises
        ------
        AuctionError
            If the node died too often.
        UsageError
            If its configuration is wrong.

        """
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, self._end)
        for delivery in self._deliveries:
            delivery.start()
        try:
            self._run_again_and_again()
        finally:
            if self._standby is not None:
                self._standby.end()
            end = time.monotonic() + DELIVERY_S
            for delivery in self._deliveries:
                delivery.stop(end)

    def _run_again_and_again(self) -> None:
        deaths: deque[float] = deque()
        down = AlertThrottle()
        in_a_row = 0
        while True:
            self._has_run = False
            reason = self._run_once()
            if reason is None or self._is_over:
                return
            in_a_row = 1 if self._has_run else in_a_row + 1
            if self._has_run:
                down = AlertThrottle()
                self._count(deaths, reason)
            pause_s = 0.0 if in_a_row == 1 else min(2.0 ** (in_a_row - 2), LONGEST_PAUSE_S)
            text = f"the node is started again in {pause_s:g} s: {reason}"
            self._say(text)
            if down.is_due(time.time_ns(), True):
                self._alert("NODE_DOWN", text)
            self._wait(pause_s)
            if self._is_over:
                return

    def _count(self, deaths: "deque[float]", reason: str) -> None:
        now, window_s = time.monotonic(), self._settings.restart_window_s
        deaths.append(now)
        while deaths and now - deaths[0] > window_s:
            deaths.popleft()
        if len(deaths) > self._settings.max_restarts:
            text = (
                f"the node has ended {len(deaths)} times within {window_s:g} s, last because "
                f"{reason}: no further restart"
            )
            self._alert("NODE_GIVEN_UP", text)
            raise AuctionError(text)

    def _alert(self, kind: str, text: str) -> None:
        for delivery in self._deliveries:
            delivery.put(notice_of(kind, self._mode, "", text, {}, time.time_ns()))

    def _wait(self, pause_s: float) -> None:
        end = time.monotonic() + pause_s
        # A venue that cannot be reached is no reason for systemd to end the supervisor.
        self._notifier.ready()
        while not self._is_over and time.monotonic() < end:
            self._notifier.ping()
            time.sleep(POLL_S)

    def _run_once(self) -> str | None:
        node = self._take_standby() or NodeProcess(self._command)
        node.begin(self._confirmation)
        patience_s = 0.0
        try:
            reason, patience_s = self._watch(node)
        finally:
            node.end(patience_s)
        if reason is not None:
            return reason
        if node.exit_code == USAGE:
            raise UsageError("the node refuses its configuration: see above")
        return None if node.exit_code == 0 else f"it ended with code {node.exit_code}"

    def _take_standby(self) -> NodeProcess | None:
        standby, self._standby = self._standby, None
        if standby is not None and not standby.is_alive:
            standby.end()
            return None
        return standby

    def _watch(self, node: NodeProcess) -> tuple[str | None, float]:
        """Return why a node must end, None if it has ended, and how long it may take (s)."""
        # The wall clock may be corrected meanwhile, so any new time of a heartbeat counts.
        began = checked = time.monotonic()
        is_terminating, last, alive_at = False, None, began
        settings = self._settings
        while node.is_alive:
            beat, now = node.heartbeat(), time.monotonic()
            # While this process was suspended as well, it could not read heartbeats.
            if now - checked > OWN_PAUSE_S:
                alive_at += now - checked
            checked = now
            if self._is_over and not is_terminating:
                node.terminate()
                began, is_terminating = now, True
            if beat is not None and beat.ts != last:
                last, alive_at = beat.ts, now
            has_run = beat is not None and beat.state == RUNNING
            self._has_run = self._has_run or has_run
            if has_run:
                self._notifier.ready()
            self._notifier.ping()
            if is_terminating:
                if now - began > settings.stop_timeout_s:
                    return "it did not end when requested", 0.0
            elif not has_run and now - began > settings.start_timeout_s:
                return (
                    f"it was not running within {settings.start_timeout_s:g} s",
                    settings.stop_timeout_s,
                )
            # A process that is still starting writes no heartbeat yet.
            elif beat is not None and now - alive_at > settings.hang_after_s:
                return f"it gave no sign of life for {settings.hang_after_s:g} s", 0.0
            elif has_run and self._standby is None:
                self._standby = NodeProcess(self._command)
            time.sleep(POLL_S)
        return None, 0.0

    def _end(self, *_: object) -> None:
        self._is_over = True
