"""Starts a node in a process of its own, and again when it dies, hangs or does not run."""

import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from adapters.node.heartbeat import read_heartbeat
from adapters.node.runner import RUNNING
from catalog.errors import AuctionError
from catalog.errors import UsageError
from configs.node_settings import NodeSettings


LOOK_S = 0.25
USAGE = 2


class Supervisor:
    """
    Keeps a node alive.

    A node is ended and started again when it does not run within `start_timeout_s`, when its
    heartbeat is older than `hang_after_s`, and when it ends by itself with an error. More than
    `max_restarts` within `restart_window_s` are no help: then the supervisor gives up. A node that
    is started again begins in observation.

    Parameters
    ----------
    system, environment : str
        As for the node.
    overrides : Sequence[str]
        As for the node.
    runs : Path
        As for the node.
    settings : NodeSettings
        The limits.
    confirmation : str
        What the operator has typed; each node reads it.
    say : Callable[[str], None]
        Shows a line to the operator.

    """

    def __init__(
        self,
        system: str,
        environment: str,
        overrides: Sequence[str],
        runs: Path,
        settings: NodeSettings,
        confirmation: str,
        say: Callable[[str], None],
    ) -> None:
        self._command = [sys.executable, "-m", "auction", "live", system]
        self._command += ["--environment", environment, "--runs", str(runs)]
        for setting in overrides:
            self._command += ["--set", setting]
        self._settings = settings
        self._confirmation = confirmation
        self._say = say
        self._is_over = False

    def run(self) -> None:
        """
        Run until the node ends in order, or no restart helps.

        Raises
        ------
        AuctionError
            If the node died too often.
        UsageError
            If its configuration is wrong.

        """
        deaths: deque[float] = deque()
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, self._end)
        while True:
            reason = self._run_once()
            if reason is None or self._is_over:
                return
            now = time.monotonic()
            deaths.append(now)
            while deaths and now - deaths[0] > self._settings.restart_window_s:
                deaths.popleft()
            if len(deaths) > self._settings.max_restarts:
                raise AuctionError(
                    f"the node has ended {len(deaths)} times within "
                    f"{self._settings.restart_window_s:g} s, last because {reason}: given up"
                )
            self._say(f"the node is started again: {reason}")

    def _run_once(self) -> str | None:
        with tempfile.TemporaryDirectory() as folder:
            heartbeat = Path(folder) / "heartbeat.json"
            typed = Path(folder) / "typed"
            typed.write_text(f"{self._confirmation}\n")
            with typed.open() as stdin:
                process = subprocess.Popen(
                    [*self._command, "--heartbeat", str(heartbeat)],
                    stdin=stdin,
                )
            try:
                reason = self._watch(process, heartbeat)
            finally:
                self._kill(process)
        if reason is not None:
            return reason
        if process.returncode == USAGE:
            raise UsageError("the node refuses its configuration: see above")
        return None if process.returncode == 0 else f"it ended with code {process.returncode}"

    def _watch(self, process: "subprocess.Popen[bytes]", heartbeat: Path) -> str | None:
        # The wall clock may be put right meanwhile: a sign of life is a new one, at any time.
        began, is_told = time.monotonic(), False
        last, heard = None, began
        while process.poll() is None:
            if self._is_over and not is_told:
                process.terminate()
                began, is_told = time.monotonic(), True
            beat, now = read_heartbeat(heartbeat), time.monotonic()
            if beat is not None and beat.ts != last:
                last, heard = beat.ts, now
            has_run = beat is not None and beat.state == RUNNING
            if is_told:
                if now - began > self._settings.hang_after_s:
                    return "it did not end when told to"
            elif not has_run and now - began > self._settings.start_timeout_s:
                return f"it was not running within {self._settings.start_timeout_s:g} s"
            # A process that is still starting gives no sign yet.
            elif beat is not None and now - heard > self._settings.hang_after_s:
                return f"it gave no sign of life for {self._settings.hang_after_s:g} s"
            time.sleep(LOOK_S)
        return None

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(self._settings.hang_after_s / 2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _end(self, *_: object) -> None:
        self._is_over = True
