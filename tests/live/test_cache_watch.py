"""What a node tells about the Redis of its cache, and how it ends with one that is gone."""

import asyncio
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.config import DatabaseConfig
from nautilus_trader.core.datetime import format_iso8601

from actors.messages import Alert
from live import alerting
from live import cache_watch
from live.alerting import NodeAlerts
from live.cache_watch import DRAIN_S
from live.cache_watch import LOST_AFTER_S
from live.cache_watch import CacheWatch
from tests.live.live_node import free_port
from tests.live.redis_server import redis_server
from tests.live.watched import Kernel


PASSWORD = "pass word%"
KEY = "trader-T-001:health:heartbeat"


class CoreCache:
    """Writes signs of life as the core does: it drops what Redis does not take."""

    def __init__(self, server):
        self._server = server
        self.writes = True
        self.after_s = 0.0
        self.written = []

    def heartbeat(self, at):
        self.written.append(at)
        if self.writes:
            text = format_iso8601(at)
            asyncio.get_running_loop().call_later(self.after_s, self._set, text)

    def _set(self, text):
        if self._server.answers():
            self._server.client.set(KEY, text)


class Scene:
    def __init__(self, server, monkeypatch):
        self.server = server
        self.kernel = Kernel([])
        self.core = CoreCache(server)
        self.kernel.cache = self.core
        self.kernel.clock = SimpleNamespace(
            utc_now=lambda: pd.Timestamp(self.kernel.time.time_ns(), tz="UTC")
        )
        self.alerts = []
        self.kernel.msgbus.subscribe(Alert.topic(), self.alerts.append)
        for module in (alerting, cache_watch):
            monkeypatch.setattr(module, "time", self.kernel.time)
        # As a URL carries it.
        password = PASSWORD.replace("%", "%25").replace(" ", "%20")
        database = DatabaseConfig(host="127.0.0.1", port=server.port, password=password)
        self.watch = CacheWatch(database, self.kernel.node, NodeAlerts(self.kernel.msgbus))

    def wait(self, seconds):
        self.kernel.now += seconds

    async def check(self, seconds=1.0, times=1):
        for _ in range(times):
            self.wait(seconds)
            await self.watch.check()
            # What the core writes is there by the next look.
            await asyncio.sleep(self.core.after_s + 0.01)

    def told(self):
        return [(alert.kind, alert.text) for alert in self.alerts]

    @property
    def place(self):
        return f"Redis at 127.0.0.1:{self.server.port}"


@pytest.fixture
def scene(monkeypatch):
    with redis_server(free_port(), PASSWORD) as server:
        yield Scene(server, monkeypatch)


def run(scene, coroutine):
    """Run a coroutine for a bounded time, and leave no connection open."""

    async def bounded():
        try:
            async with asyncio.timeout(20.0):
                await coroutine
        finally:
            await scene.watch._client.aclose()

    asyncio.run(bounded())


def test_signs_of_life_that_arrive_are_no_news(scene):
    run(scene, scene.check(times=20))
    assert scene.alerts == []
    assert len(scene.core.written) == 20


def test_a_cache_that_is_not_taken_is_told_after_five_seconds_and_its_end_as_well(scene):
    async def drop():
        await scene.check(times=3)
        scene.core.writes = False
        # The first sign of life is still that of before.
        await scene.check()
        await scene.check(times=int(LOST_AFTER_S))
        assert scene.told() == []
        await scene.check()
        text = f"{scene.place} takes no writes: trading goes on, and a restart recovers from the "
        assert scene.told() == [("CACHE_LOST", f"{text}journal")]
        await scene.check(times=5)
        assert len(scene.alerts) == 1
        scene.core.writes = True
        await scene.check()
        assert len(scene.alerts) == 1
        await scene.check()
        assert scene.told()[1:] == [("CACHE_RESTORED", f"{scene.place} accepts writes again")]
        await scene.check(times=10)
        assert len(scene.alerts) == 2

    run(scene, drop())


def test_a_redis_that_is_gone_is_not_written_to_until_it_is_back(scene):
    async def go():
        await scene.check(times=2)
        scene.server.kill()
        await scene.check(times=7)
        assert [kind for kind, _ in scene.told()] == ["CACHE_LOST"]
        assert len(scene.core.written) == 2
        scene.server.start()
        await scene.check(times=2)
        assert [kind for kind, _ in scene.told()] == ["CACHE_LOST", "CACHE_RESTORED"]

    run(scene, go())


def test_a_loss_that_lasts_is_told_again_after_a_quarter_of_an_hour(scene):
    async def go():
        scene.server.kill()
        await scene.check(seconds=60.0, times=15)
        assert len(scene.alerts) == 1
        await scene.check(seconds=60.0)
        assert [kind for kind, _ in scene.told()] == ["CACHE_LOST", "CACHE_LOST"]

    run(scene, go())


def test_a_node_ends_when_its_last_writes_have_been_taken(scene):
    async def end():
        await scene.check(times=2)
        scene.wait(1.0)
        scene.core.after_s = 0.3
        began = time.monotonic()
        await scene.watch.end()
        return time.monotonic() - began

    async def ended():
        assert await end() >= 0.3
        assert scene.server.client.get(KEY).decode() == format_iso8601(scene.core.written[-1])

    run(scene, ended())
    assert len(scene.core.written) == 3
    assert isinstance(scene.kernel._cache, Cache)


@pytest.mark.parametrize("fault", ["kill", "freeze", "drop"])
def test_a_node_ends_without_a_redis_that_takes_nothing(scene, fault):
    async def end():
        await scene.check(times=2)
        if fault == "drop":
            scene.core.writes = False
            scene.wait(1.0)
        else:
            getattr(scene.server, fault)()
        began = time.monotonic()
        # A wait without a limit would be cut off after 20 s.
        await scene.watch.end()
        assert fault != "drop" or time.monotonic() - began >= DRAIN_S

    run(scene, end())
    if fault == "freeze":
        scene.server.thaw()
    assert isinstance(scene.kernel._cache, Cache)
    assert len(scene.core.written) == (3 if fault == "drop" else 2)
