"""In which order a node stops, how long it waits, and what it does beside trading until then."""

import asyncio
from types import SimpleNamespace

import pytest
from nautilus_trader.common.config import DatabaseConfig

from actors.messages import Alert
from live import records_watch
from live.alerting import NodeAlerts
from live.duties import every
from live.node_cache import report_refused_cache
from live.node_cache import watch_cache
from live.node_stop import ORDERS_GONE_S
from live.node_stop import STOP_S
from live.node_stop import stop_node
from live.records_watch import RecordsWatch
from tests.live.watched import Kernel
from tests.live.watched import Strategy
from tests.virtual_time import run_virtually


LIMIT_S = 7.0


class Scene:
    """A node that stops some time after it is told to, and notes when (s) it was told what."""

    def __init__(self, *, takes_s=0.0, is_running=True, is_stopping=False):
        self.told = []
        self.takes_s, self._runs = takes_s, True
        self.pending = {1: SimpleNamespace(is_entry_pending=False)}
        kernel = SimpleNamespace(
            trader=SimpleNamespace(is_running=is_running),
            is_running=lambda: self._runs,
            _is_stopping=is_stopping,
        )
        self.node = SimpleNamespace(kernel=kernel, stop_async=self._stop)
        limits = SimpleNamespace(timeout_disconnection=LIMIT_S - 2, timeout_post_stop=2.0)
        self.config = SimpleNamespace(node=limits)
        self.strategies = [SimpleNamespace(manager=SimpleNamespace(trades=self.pending))]
        self.operator = SimpleNamespace(deactivate=lambda: self.note("deactivate"))

    def note(self, what):
        self.told.append((what, round(asyncio.get_running_loop().time(), 2)))

    def end(self):
        self._runs = False

    async def _stop(self):
        self.note("stop")
        asyncio.get_running_loop().call_later(self.takes_s, self.end)

    def stop(self, *works, at=()):
        """Stop the node beside some work; return how long it takes (s)."""

        async def scene():
            loop = asyncio.get_running_loop()
            for seconds, act in at:
                loop.call_later(seconds, act)
            running = loop.create_task(asyncio.sleep(1_000))
            self.works = [loop.create_task(work) for work in works]
            await asyncio.sleep(0)
            await stop_node(self.node, self.config, self.strategies, self.operator, running)
            assert running.cancelled()
            return loop.time()

        return run_virtually(scene())


def test_entries_are_taken_back_and_waited_for_before_the_engines_stop():
    scene = Scene()
    entry = scene.pending[1]
    entry.is_entry_pending = True
    scene.stop(at=[(3.0, lambda: setattr(entry, "is_entry_pending", False))])
    assert [what for what, _ in scene.told] == ["deactivate", "stop"]
    assert scene.told[0][1] == 0.0
    assert scene.told[1][1] == pytest.approx(3.0, abs=0.1)


def test_an_entry_that_never_ends_is_not_waited_for_without_end():
    scene = Scene()
    scene.pending[1].is_entry_pending = True
    scene.stop()
    assert scene.told[-1] == ("stop", pytest.approx(ORDERS_GONE_S, abs=0.1))


def test_a_node_that_has_not_started_has_nothing_to_take_back():
    scene = Scene(is_running=False)
    scene.stop()
    assert scene.told == [("stop", 0.0)]


def test_a_node_that_stops_by_itself_is_not_told_to_again():
    scene = Scene(is_stopping=True)
    took_s = scene.stop(at=[(2.0, scene.end)])
    assert scene.told == [("deactivate", 0.0)]
    assert took_s == pytest.approx(2.0, abs=0.1)


def test_a_node_that_does_not_stop_is_left_after_its_limits():
    took_s = Scene(takes_s=600.0).stop()
    assert took_s == pytest.approx(LIMIT_S + 2 * STOP_S, abs=0.1)


def test_what_is_left_ends_before_the_node_does():
    """A task that is cancelled may have something to close: it is waited for."""
    closed = []

    async def work(closes_s):
        try:
            await asyncio.sleep(1_000)
        finally:
            await asyncio.sleep(closes_s)
            closed.append(closes_s)

    async def fails():
        try:
            await asyncio.sleep(1_000)
        finally:
            raise OSError("cannot be closed")

    scene = Scene()
    took_s = scene.stop(work(0.5), work(2.0), fails())
    assert closed == [0.5, 2.0]
    assert all(task.done() for task in scene.works)
    assert took_s == pytest.approx(STOP_S + 2.0, abs=0.1)


def test_work_that_ends_in_time_is_not_cancelled():
    ended = []

    async def work():
        await asyncio.sleep(STOP_S / 2)
        ended.append(True)

    Scene().stop(work())
    assert ended == [True]


def test_a_duty_is_done_again_and_again_and_waits_for_what_it_starts():
    done = []

    async def slowly():
        await asyncio.sleep(3.0)
        done.append(asyncio.get_running_loop().time())

    def at_once():
        done.append(asyncio.get_running_loop().time())

    for look, expected in ((at_once, [2.0, 4.0, 6.0, 8.0]), (slowly, [5.0, 10.0])):
        done.clear()
        duty = every(2.0, look)
        assert not duty.is_once

        async def scene(duty=duty):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10.5):
                    await duty.run()

        run_virtually(scene())
        assert [round(at, 3) for at in done] == [*expected, *([10.0] if look is at_once else [])]


def test_redis_is_watched_where_a_cache_is_kept_there():
    kernel = Kernel([])
    alerts = NodeAlerts(kernel.msgbus)
    database = DatabaseConfig(host="127.0.0.1", port=6_399)
    for cache in (None, SimpleNamespace(database=None)):
        config = SimpleNamespace(node=SimpleNamespace(cache=cache))
        assert watch_cache(config, kernel.node, alerts) is None
    kept = SimpleNamespace(node=SimpleNamespace(cache=SimpleNamespace(database=database)))
    watch = watch_cache(kept, kernel.node, alerts)
    assert watch is not None
    assert watch._place == "Redis at 127.0.0.1:6399"


@pytest.mark.parametrize("is_garbage", [True, False])
def test_nothing_is_entered_after_a_cache_that_cannot_be_read(is_garbage):
    kernel, told = Kernel([]), []
    kernel.msgbus.subscribe(Alert.topic(), told.append)
    strategy = Strategy()
    strategy.halt_entries = lambda: strategy.told.append("halt entries")
    refused = SimpleNamespace(is_garbage=is_garbage, text="three keys")
    report_refused_cache(refused, [strategy], NodeAlerts(kernel.msgbus))
    assert [(alert.kind, "three keys" in alert.text) for alert in told] == [("CACHE_REFUSED", True)]
    assert strategy.active is not is_garbage
    assert strategy.told == (["halt entries"] if is_garbage else [])


def test_lost_lines_are_told_by_one_strategy_and_only_where_more_are_lost(monkeypatch):
    clock = Kernel([])
    monkeypatch.setattr(records_watch, "time", clock.time)
    recorder = SimpleNamespace(lost=0, failure=None)
    first, second = Strategy("S-001"), Strategy("S-002")
    watch = RecordsWatch(recorder, [first, second])
    watch.check()
    assert first.alerts == []
    recorder.lost, recorder.failure = 1, "No space left on device"
    for _ in range(3):
        watch.check()
        clock.wait(3_600)
    ((_, kind, text, value),) = first.alerts
    assert (kind, value) == ("RECORDS_LOST", 1.0)
    assert text.startswith("1 lines of the run's files are lost, trading goes on: No space")
    recorder.lost = 4
    watch.check()
    assert [value for *_, value in first.alerts] == [1.0, 4.0]
    assert second.alerts == []
