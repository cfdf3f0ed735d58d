"""A process of `auction live` that has loaded its code and waits for the command to run."""

import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from live.heartbeat import Heartbeat
from live.heartbeat import read_heartbeat


class NodeProcess:
    """
    Start a node in two steps: loading its code takes most of the time until a node trades.

    It ends by itself if its parent ends before the second step.

    Parameters
    ----------
    command : Sequence[str]
        The command line of the node.

    """

    def __init__(self, command: Sequence[str]) -> None:
        # The folder is removed with this object.
        self._folder = tempfile.TemporaryDirectory()
        self._heartbeat = Path(self._folder.name) / "heartbeat.json"
        # Ctrl-C at the terminal is for the supervisor, which ends its nodes. Ignored signals are
        # inherited; the node handles them again once it runs.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process = subprocess.Popen(
                [*command, "--heartbeat", str(self._heartbeat), "--standby"],
                stdin=subprocess.PIPE,
            )
        finally:
            signal.signal(signal.SIGINT, before)

    def begin(self, confirmation: str) -> None:
        """Let the node run, with the confirmation typed by the operator."""
        assert self._process.stdin is not None
        try:
            with self._process.stdin as stdin:
                stdin.write(f"{confirmation}\n".encode())
        except BrokenPipeError:
            # It has already ended: its exit code gives the reason.
            return

    @property
    def is_alive(self) -> bool:
        """Return True until the process has ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Return the exit code, None for a process that lives."""
        return self._process.poll()

    def heartbeat(self) -> Heartbeat | None:
        """Return the last heartbeat, None before the first."""
        return read_heartbeat(self._heartbeat)

    def terminate(self) -> None:
        """Signal the node to shut down gracefully."""
        self._process.terminate()

    def end(self, patience_s: float = 0.0) -> None:
        """
        End the process.

        Parameters
        ----------
        How long a graceful shutdown may take (s). At 0 the process is killed at once: a stopped or
        hung process does not handle signals.

        """
        if patience_s and self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                patience_s = 0.0
        if self.is_alive:
            self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._folder.cleanup()
