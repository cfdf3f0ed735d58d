"""A Redis of our own on the loopback interface, that tests can kill, freeze and bring back."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.adapters.bybit_server import wait_until


START_S = 10.0


class RedisServer:
    """A server without persistence in a folder of its own."""

    def __init__(self, port: int, folder: Path, password: str = "") -> None:
        self.port = port
        self.client = Redis(port=port, password=password or None, socket_timeout=2.0)
        self._command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
        self._command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        if password:
            self._command += ["--requirepass", password]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self.answers, START_S)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Keep the connections open and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def contents(self) -> dict[bytes, bytes]:
        """Return all that it holds, to be put back by `replace`."""
        keys = list(self.client.scan_iter())
        return {key: found for key in keys if (found := self.client.dump(key)) is not None}

    def replace(self, contents: dict[bytes, bytes]) -> None:
        self.client.flushall()
        for key, value in contents.items():
            self.client.restore(key, 0, value)


@contextmanager
def redis_server(port: int, password: str = "") -> Iterator[RedisServer]:
    """Run a server; without one on this machine the test is skipped."""
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server on this machine")
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(port, Path(folder), password)
        try:
            server.start()
            yield server
        finally:
            server.kill()
            server.client.close()
