"""Builds a node from a configuration, runs it, and says with what it ended."""

import asyncio
import gc
import shutil
import signal
import time
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from nautilus_trader.common.messages import ShutdownSystem
from nautilus_trader.live.node import TradingNode

from actors.base import BarActor
from actors.journal import JournalActor
from actors.messages import DataGap
from actors.protocols import published_by
from catalog.layout import END_OF_TIME
from configs.documents import one_line
from configs.live import LiveConfig
from errors import AuctionError
from live.account_watch import AccountWatch
from live.alerting import NodeAlerts
from live.build import build_node
from live.build import make_folder
from live.connections import ConnectionWatch
from live.control import Control
from live.control import serving
from live.data_watch import DataWatch
from live.funding import FundingWatch
from live.ghosts import GhostWatch
from live.heartbeat import write_heartbeat
from live.live_recording import LiveRecording
from live.logins import LoginWatch
from live.operator_commands import OperatorCommands
from live.position_look import PositionLooks
from live.readiness import Readiness
from live.recorder import Recorder
from live.replay_clock import ReplayClock
from live.shadow import ShadowWatch
from live.warm_up import warm_up
from live.watchdog import Watchdog
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy


if TYPE_CHECKING:
    from live.cache_probe import RefusedCache
    from live.cache_watch import CacheWatch


STARTING = "STARTING"
RUNNING = "RUNNING"
FEED_LOOK_S = 0.5
SHADOW_LOOK_S = 1.0
CACHE_LOOK_S = 1.0
# A socket that is lost is back after a fifth of a second at the soonest.
CONNECTIONS_LOOK_S = 0.05
# As long as it takes to know that an order which nobody has confirmed will never work.
ORDERS_GONE_S = 10.0
STOP_S = 1.0

type Task = Callable[["NodeRun"], Awaitable[None]]


class NodeRun:
    """
    Runs one node. Nautilus takes one per process: its logging belongs to the first.

    Parameters
    ----------
    config : LiveConfig
        The resolved configuration.
    folder : Path
        The run's folder, which exists.
    token : str or None
        The token of the control channel; None for a node without one.
    heartbeat : Path, optional
        The file that tells that the node lives.
    tape_time : ReplayClock, optional
        The time of a replay. Strategies are then active from the start, nothing is warmed up, and
        no clock is watched.

    Attributes
    ----------
    node : TradingNode
        Nautilus's node.
    strategies : tuple[TradingStrategy, ...]
        Its strategies.
    desk : OperatorCommands
        What an operator can do.
    evidence : dict[str, list[str]]
        After the run, for a reader of one without a trade: `history` and `progress`.
    trades_closed : int
        After the run, the closed positions.

    Raises
    ------
    UsageError
        If the node cannot be built of the configuration, or its journal is that of a newer version.

    """

    def __init__(
        self,
        config: LiveConfig,
        folder: Path,
        token: str | None,
        heartbeat: Path | None = None,
        *,
        tape_time: ReplayClock | None = None,
    ) -> None:
        self.config = config
        self._token = token
        self._heartbeat = heartbeat
        self._is_replay = tape_time is not None
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._refused_cache = _set_aside_unfit_cache(config)
        self.node = build_node(config, self._loop, tape_time)
        self._loop.set_exception_handler(self._note_exception)
        for actor in self.node.trader.actors():
            if isinstance(actor, JournalActor):
                actor.prepare()
        self.strategies = tuple(
            s for s in self.node.trader.strategies() if isinstance(s, TradingStrategy)
        )
        for strategy in self.strategies:
            strategy.holds_orders = config.mode != "live"
        components = [*self.node.trader.strategies(), *self.node.trader.actors()]
        settings = config.settings
        self.readiness = Readiness(self.node, config.mode, settings.stale_after_s)
        self.alerts = NodeAlerts(self.node.kernel.msgbus)
        self.account = AccountWatch(self.node, self.strategies, self.alerts)
        self.desk = OperatorCommands(
            self.node, self.strategies, self.readiness, self.account, settings.flatten_timeout_s
        )
        self.watchdog = Watchdog(self.node, self.strategies, self.readiness, settings)
        # What a restart leaves active enters nothing before its account has been looked at.
        self.watchdog.is_account_unknown = config.mode == "live" and not self._is_replay
        for strategy in self.strategies:
            strategy.stale = self.watchdog.is_account_unknown
        self.readiness.reasons.append(self.watchdog.missing)
        if not self._is_replay:
            # A replay is over its gaps as a backtest is: no operator is there to activate it again.
            self.node.kernel.msgbus.subscribe(DataGap.topic(), self.watchdog.on_gap)
        self._position_looks = PositionLooks(self.node, self.strategies, self.watchdog)
        self.recorder = Recorder(self.node.kernel.msgbus, folder, published_by(components))
        self._shadow: ShadowWatch | None = None
        if config.mode == "shadow" and not self._is_replay:
            self._shadow = ShadowWatch(
                self.node.kernel.msgbus,
                self.strategies,
                LiveRecording(folder.parent, config.system),
                settings.shadow_size_tolerance,
                self.node.kernel.logger,
            )
        self._ghosts = GhostWatch(self.node, self.strategies, self.alerts)
        self._connections = ConnectionWatch(self.node, self.strategies, self.watchdog, self.alerts)
        self._cache_watch = _cache_watch(config, self.node, self.alerts)
        self.control_port = 0
        self.evidence: dict[str, list[str]] = {}
        self.trades_closed = 0
        self._state = STARTING
        self._failures: list[str] = []
        self._lost = 0
        self._unrecorded = AlertThrottle()
        self._unhandled = AlertThrottle()
        self.node.kernel.msgbus.subscribe("commands.system.shutdown", self._note_shutdown)

    def run(self, *tasks: Task) -> None:
        """
        Run until an operator, a signal or a task ends the node, and dispose of it.

        Parameters
        ----------
        tasks : Task
            Started when the node runs; the first that ends shuts the node down.

        Raises
        ------
        AuctionError
            If the node did not start, or a component gave up.

        """
        try:
            self._loop.run_until_complete(self._main(tasks))
        finally:
            try:
                self.evidence = self._evidence()
                self.trades_closed = self.node.cache.positions_closed_count()
            finally:
                self.recorder.close()
                self.node.dispose()
        if self._failures:
            raise AuctionError(f"the node has ended: {self._failures[0]}")

    def _evidence(self) -> dict[str, list[str]]:
        actors = [a for a in self.node.trader.actors() if isinstance(a, BarActor)]
        return {
            "history": [text for actor in actors for text in actor.describe_history()],
            "progress": [text for s in self.strategies for text in s.describe_progress()],
        }

    async def _main(self, tasks: tuple[Task, ...]) -> None:
        for sig in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(sig, self.desk.shutdown.set)
        async with AsyncExitStack() as stack:
            if self._token is not None:
                logins = LoginWatch(self.alerts, self.node.kernel.logger.warning, time.monotonic)
                control = Control(self.desk, self._token, logins)
                port = self.config.settings.control_port
                self.control_port = await stack.enter_async_context(serving(control, port))
            running = self._loop.create_task(self.node.run_async())
            beating = self._loop.create_task(self._beat())
            others: list[asyncio.Task[None]] = []
            try:
                if await self._has_started(running):
                    self._state = RUNNING
                    self._tell_refused_cache()
                    _freeze_memory()
                    others = [self._loop.create_task(self._guarded(task)) for task in tasks]
                    others += [self._loop.create_task(self._guarded(x)) for x in self._duties()]
                    await self._until_over(running)
            finally:
                for task in (beating, *others):
                    task.cancel()
                await asyncio.gather(beating, *others, return_exceptions=True)
                await self._stop(running)

    def _tell_refused_cache(self) -> None:
        refused = self._refused_cache
        if refused is None:
            return
        if not refused.is_garbage:
            text = f"Redis had lost a part of the cache, journal and venue count: {refused.text}"
            self.alerts.raise_alert("CACHE_REFUSED", text)
            return
        text = f"Redis held a cache that cannot be read: nothing is entered: {refused.text}"
        self.alerts.raise_alert("CACHE_REFUSED", text)
        for strategy in self.strategies:
            strategy.active = False
            strategy.halt_entries()

    async def _has_started(self, running: "asyncio.Task[None]") -> bool:
        timeout_s = self.config.settings.start_timeout_s
        end = self._loop.time() + timeout_s
        while not self.node.kernel.trader.is_running:
            if self._failures or self.desk.shutdown.is_set():
                return False
            if running.done() or self._loop.time() > end:
                missing = "; ".join(self._unconnected()) or "see the log"
                self._failures.append(f"not running within {timeout_s:g} s: {missing}")
                return False
            await asyncio.sleep(0.05)
        return True

    def _unconnected(self) -> list[str]:
        kernel = self.node.kernel
        return [
            f"{name} client {client.id}: not connected"
            for name, engine in (("data", kernel.data_engine), ("execution", kernel.exec_engine))
            for client in engine._clients.values()
            if not client.is_connected
        ]

    def _duties(self) -> list[Task]:
        if self._is_replay:
            return []
        settings = self.config.settings
        duties = [
            _warm_up_all,
            _confirm_account,
            _every(CONNECTIONS_LOOK_S, self._connections.look),
            _every(FEED_LOOK_S, self.watchdog.check_feed),
            _every(FEED_LOOK_S, self._look_at_records),
            _every(FEED_LOOK_S, DataWatch(self.node, self.alerts).look),
            _every(FEED_LOOK_S, self._ghosts.take_notices),
            _every(settings.position_look_s, self.watchdog.look_at_positions),
            _every(settings.position_look_s, self._ghosts.look),
            FundingWatch(self.node, self.strategies, settings).watch,
        ]
        if self._shadow is not None:
            duties.append(_every(SHADOW_LOOK_S, self._shadow.look))
        if self._cache_watch is not None:
            duties.append(_every(CACHE_LOOK_S, self._cache_watch.look))
        return duties

    def _look_at_records(self) -> None:
        lost, now = self.recorder.lost, time.time_ns()
        if not lost > self._lost or not self._unrecorded.is_due(now, True):
            return
        self._lost = lost
        text = f"{lost} lines of the run's files are lost, trading goes on: {self.recorder.failure}"
        for strategy in self.strategies[:1]:
            strategy.alert(now, "RECORDS_LOST", text, float(lost))

    def _note_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Nobody waits for what takes the messages of sockets: asyncio only prints what it raises.
        error = context.get("exception")
        if not isinstance(error, Exception) or "handle" not in context:
            loop.default_exception_handler(context)
            return
        self.node.kernel.logger.exception("A message was not taken", error)
        if self._unhandled.is_due(time.time_ns(), True):
            text = f"a message was not taken, the next look asks the venue: {one_line(error)}"
            self.alerts.raise_alert("MESSAGE_LOST", text)

    async def _guarded(self, task: Task) -> None:
        try:
            await task(self)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # A safety duty that has failed must not leave a node that trades without it.
            self._failures.append(f"{one_line(error)}")
            self.node.kernel.logger.exception("A duty of the node has failed", error)
        if not self._is_once(task):
            self.desk.shutdown.set()

    def _is_once(self, task: Task) -> bool:
        return task in (_warm_up_all, _confirm_account) and not self._failures

    async def _until_over(self, running: "asyncio.Task[None]") -> None:
        over = self._loop.create_task(self.desk.shutdown.wait())
        try:
            await asyncio.wait({over, running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if running.done() and not self._failures and not self.desk.shutdown.is_set():
            self._failures.append("its engines have stopped: see the log")

    async def _stop(self, running: "asyncio.Task[None]") -> None:
        kernel = self.node.kernel
        if kernel.trader.is_running:
            # Entries go; the protective stop of an open position works on.
            self.desk.deactivate()
            end = self._loop.time() + ORDERS_GONE_S
            while self._loop.time() < end and any(
                trade.is_entry_pending
                for s in self.strategies
                for trade in s.manager.trades.values()
            ):
                await asyncio.sleep(0.05)
        limit_s = self.config.node.timeout_disconnection + self.config.node.timeout_post_stop
        # A component that gives up has the kernel stop by itself.
        stopping = {asyncio.ensure_future(self._stopped())}
        await asyncio.wait(stopping, timeout=limit_s + STOP_S)
        running.cancel()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        _, late = await asyncio.wait(left, timeout=STOP_S) if left else (set(), set())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if self._cache_watch is not None:
            await self._cache_watch.end()

    async def _stopped(self) -> None:
        kernel = self.node.kernel
        if kernel.is_running() and not kernel._is_stopping:
            await self.node.stop_async()
        while kernel.is_running():
            await asyncio.sleep(0.05)

    async def _beat(self) -> None:
        while self._heartbeat is not None:
            write_heartbeat(self._heartbeat, self._state, self.control_port)
            await asyncio.sleep(self.config.settings.heartbeat_s)

    def _note_shutdown(self, command: ShutdownSystem) -> None:
        self._failures.append(f"{command.component_id}: {command.reason}")


def prepare(
    config: LiveConfig,
    runs: Path,
    token: str | None,
    heartbeat: Path | None = None,
    *,
    tape_time: ReplayClock | None = None,
) -> tuple[NodeRun, Path]:
    """
    Build a node and the folder of its run, or leave neither.

    Parameters
    ----------
    runs : Path
        The folder that gets the run's folder.
    config, token, heartbeat, tape_time
        As for `NodeRun`.

    Raises
    ------
    UsageError
        If the folder cannot be made or the node cannot be built.
    AuctionError
        If Redis, which is to keep the cache, does not answer.

    """
    folder = make_folder(runs, config)
    try:
        return NodeRun(config, folder, token, heartbeat, tape_time=tape_time), folder
    except AuctionError:
        shutil.rmtree(folder)
        raise


# Redis's client takes a twelfth of what loading a node takes, and few nodes have a Redis.


def _set_aside_unfit_cache(config: LiveConfig) -> "RefusedCache | None":
    if config.node.cache is None or config.node.cache.database is None:
        return None
    from live.cache_probe import set_aside_unfit_cache

    return set_aside_unfit_cache(config.node)


def _cache_watch(config: LiveConfig, node: TradingNode, alerts: NodeAlerts) -> "CacheWatch | None":
    if config.node.cache is None or config.node.cache.database is None:
        return None
    from live.cache_watch import CacheWatch

    return CacheWatch(config.node.cache.database, node, alerts)


def _freeze_memory() -> None:
    # What the start has made stays; with it in view a full collection stops a node for 0.1 s.
    gc.collect()
    gc.freeze()


def _every(interval_s: float, look: Callable[[], Awaitable[object] | None]) -> Task:
    async def duty(_: NodeRun) -> None:
        while True:
            await asyncio.sleep(interval_s)
            looking = look()
            if looking is not None:
                await looking

    return duty


async def _confirm_account(run: NodeRun) -> None:
    await run.account.confirm_recovered()
    run.watchdog.is_account_unknown = False


async def _warm_up_all(run: NodeRun) -> None:
    cache = run.node.cache
    settings = run.config.settings
    for actor in run.node.trader.actors():
        if not (isinstance(actor, BarActor) and actor.is_collecting):
            continue
        instrument = cache.instrument(actor.config.instrument_id)
        if actor.history_minutes:
            run.watchdog.set_window(instrument.id, actor.history_minutes)
        # The first tick heard is where a history must end.
        while cache.trade_tick(instrument.id) is None or cache.quote_tick(instrument.id) is None:
            await asyncio.sleep(FEED_LOOK_S)
        mine = [s for s in run.strategies if s.config.instrument_id == instrument.id]
        for strategy in mine:
            strategy.observe_until = END_OF_TIME
        await warm_up(
            actor,
            instrument,
            run.config.catalog,
            actor.config.gap_after_s,
            has_recent_trades=instrument.id.venue.value in settings.recent_trades_from,
            log=run.node.kernel.logger,
        )
        # What was told again up to now is the past.
        for strategy in mine:
            strategy.observe_until = time.time_ns()
