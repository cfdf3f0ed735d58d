"""Build a node from a configuration, run it, and report how it ended."""

import asyncio
import gc
import shutil
import signal
import time
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from actors.base import BarActor
from actors.failures import failure_line
from actors.journal import JournalActor
from configs.live import LiveConfig
from errors import AuctionError
from live.build import build_node
from live.build import make_folder
from live.control import Control
from live.control import serving
from live.duties import Duty
from live.heartbeat import write_heartbeat
from live.logins import LoginWatch
from live.markets import set_markets
from live.node_cache import report_refused_cache
from live.node_cache import set_aside_unfit_cache
from live.node_protocols import ShutdownCommand
from live.node_stop import stop_node
from live.readiness import unconnected_clients
from live.replay_clock import ReplayClock
from live.unhandled_errors import UnhandledErrors
from live.watches import Watches
from strategies.common.nautilus.strategy import TradingStrategy


STARTING = "STARTING"
RUNNING = "RUNNING"

type Task = Callable[["NodeRun"], Awaitable[None]]


class NodeRun:
    """
    Run one node. Nautilus permits one per process: its logging belongs to the first.

    Parameters
    ----------
    config : LiveConfig
        The resolved configuration.
    folder : Path
        The run's folder, which exists.
    token : str or None
        The token of the control channel; None for a node without a control channel.
    heartbeat : Path, optional
        The heartbeat file.
    replay_clock : ReplayClock, optional
        The clock of a replay. Strategies are then active from the start, nothing is warmed up, and
        no clock is checked.

    Attributes
    ----------
    node : TradingNode
        Nautilus's node.
    strategies : tuple[TradingStrategy, ...]
        Its strategies.
    watches : Watches
        All monitors of the node.
    operator : OperatorCommands
        The commands of an operator.
    recorder : Recorder
        Writes the files of the run.
    evidence : dict[str, list[str]]
        After the run, the explanation of a run without trades: `history` and `progress`.
    trades_closed : int
        After the run, the number of closed positions.

    Raises
    ------
    UsageError
        If the node cannot be built from the configuration, or a newer version wrote its journal.

    """

    def __init__(
        self,
        config: LiveConfig,
        folder: Path,
        token: str | None,
        heartbeat: Path | None = None,
        *,
        replay_clock: ReplayClock | None = None,
    ) -> None:
        self.config = config
        self._token = token
        self._heartbeat = heartbeat
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._refused_cache = set_aside_unfit_cache(config)
        self.node = build_node(config, self._loop, replay_clock)
        for actor in self.node.trader.actors():
            if isinstance(actor, JournalActor):
                actor.prepare()
        self.strategies = tuple(
            s for s in self.node.trader.strategies() if isinstance(s, TradingStrategy)
        )
        set_markets(self.strategies, self.node.trader.actors(), config)
        self.watches = Watches(
            self.node, self.strategies, config, folder, is_replay=replay_clock is not None
        )
        self.operator = self.watches.operator
        self.recorder = self.watches.recorder
        errors = UnhandledErrors(self.node.kernel.logger, self.watches.alerts)
        self._loop.set_exception_handler(errors.handle)
        self.control_port = 0
        self.evidence: dict[str, list[str]] = {}
        self.trades_closed = 0
        self._state = STARTING
        self._failures = self.watches.failures
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
            If the node did not start, or a component failed.

        """
        try:
            self._loop.run_until_complete(self._main(tasks))
        finally:
            try:
                self.evidence = self._evidence()
                self.trades_closed = self._positions_closed()
            finally:
                self.recorder.close()
                self.node.dispose()
        if self._failures:
            raise AuctionError(f"the node has ended: {self._failures[0]}")

    def _positions_closed(self) -> int:
        cache = self.node.cache
        # A netting venue reopens the same position; its earlier states are snapshots.
        earlier = (cache.position_snapshot_bytes(name) for name in cache.position_snapshot_ids())
        return int(cache.positions_closed_count()) + sum(map(len, earlier))

    def _evidence(self) -> dict[str, list[str]]:
        actors = [a for a in self.node.trader.actors() if isinstance(a, BarActor)]
        return {
            "history": [text for actor in actors for text in actor.describe_history()],
            "progress": [text for s in self.strategies for text in s.describe_progress()],
        }

    async def _main(self, tasks: tuple[Task, ...]) -> None:
        for sig in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(sig, self.operator.shutdown.set)
        async with AsyncExitStack() as stack:
            if self._token is not None:
                logins = LoginWatch(
                    self.watches.alerts, self.node.kernel.logger.warning, time.monotonic
                )
                control = Control(self.operator, self._token, logins)
                port = self.config.settings.control_port
                self.control_port = await stack.enter_async_context(serving(control, port))
            running = self._loop.create_task(self.node.run_async())
            beating = self._loop.create_task(self._beat())
            others: list[asyncio.Task[None]] = []
            try:
                if await self._has_started(running):
                    self._state = RUNNING
                    if self._refused_cache is not None:
                        report_refused_cache(
                            self._refused_cache, self.strategies, self.watches.alerts
                        )
                    _freeze_memory()
                    duties = [Duty(partial(task, self)) for task in tasks]
                    duties += self.watches.duties()
                    others = [self._loop.create_task(self._guarded(duty)) for duty in duties]
                    await self._until_over(running)
            finally:
                for task in (beating, *others):
                    task.cancel()
                await asyncio.gather(beating, *others, return_exceptions=True)
                await stop_node(self.node, self.config, self.strategies, self.operator, running)
                if self.watches.cache is not None:
                    await self.watches.cache.end()

    async def _has_started(self, running: "asyncio.Task[None]") -> bool:
        timeout_s = self.config.settings.start_timeout_s
        end = self._loop.time() + timeout_s
        while not self.node.kernel.trader.is_running:
            if self._failures or self.operator.shutdown.is_set():
                return False
            if running.done() or self._loop.time() > end:
                missing = "; ".join(unconnected_clients(self.node)) or "see the log"
                self._failures.append(f"not running within {timeout_s:g} s: {missing}")
                return False
            await asyncio.sleep(0.05)
        return True

    async def _guarded(self, duty: Duty) -> None:
        try:
            await duty.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # A node must not keep trading after one of its safety tasks has failed.
            self._failures.append(failure_line(error))
            self.node.kernel.logger.exception("A duty of the node has failed", error)
        if self._failures or not duty.is_once:
            self.operator.shutdown.set()

    async def _until_over(self, running: "asyncio.Task[None]") -> None:
        over = self._loop.create_task(self.operator.shutdown.wait())
        try:
            await asyncio.wait({over, running}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if running.done() and not self._failures and not self.operator.shutdown.is_set():
            self._failures.append("its engines have stopped: see the log")

    async def _beat(self) -> None:
        while self._heartbeat is not None:
            write_heartbeat(self._heartbeat, self._state, self.control_port)
            await asyncio.sleep(self.config.settings.heartbeat_s)

    def _note_shutdown(self, command: ShutdownCommand) -> None:
        self._failures.append(f"{command.component_id}: {command.reason}")


def prepare(
    config: LiveConfig,
    runs: Path,
    token: str | None,
    heartbeat: Path | None = None,
    *,
    replay_clock: ReplayClock | None = None,
) -> tuple[NodeRun, Path]:
    """
    Build a node and the folder of its run, or leave neither behind.

    Parameters
    ----------
    runs : Path
        The folder that gets the run's folder.
    config, token, heartbeat, replay_clock
        As for `NodeRun`.

    Raises
    ------
    UsageError
        If the folder cannot be made or the node cannot be built.
    AuctionError
        If the Redis configured for the cache does not answer.

    """
    folder = make_folder(runs, config)
    try:
        return NodeRun(config, folder, token, heartbeat, replay_clock=replay_clock), folder
    except AuctionError:
        shutil.rmtree(folder)
        raise


def _freeze_memory() -> None:
    # Exclude the start's objects from collection: a full collection would stop a node for 0.1 s.
    gc.collect()
    gc.freeze()
