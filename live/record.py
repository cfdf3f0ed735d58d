"""`auction record`: write live market data into a catalog, in a process of its own."""

import asyncio
import signal
from collections.abc import Callable
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path

from adapters.databento.continuous import require_contract
from adapters.databento.continuous import require_trading
from catalog.recording.store import prepare_catalog
from configs.documents import one_line
from configs.recorder import RecorderConfig
from configs.recorder import load_recorder
from errors import AuctionError
from live.alerting import NodeAlerts
from live.build import build_node
from live.heartbeat import write_heartbeat
from live.readiness import unconnected_clients
from live.record_duties import RecorderDuties
from live.record_duties import recorder_lock


STARTING, RUNNING = "STARTING", "RUNNING"
POLL_S = 0.05


def run_record(
    name: str,
    overrides: Sequence[str],
    say: Callable[[str], None],
    heartbeat: Path | None = None,
) -> None:
    """
    Record until a signal ends it.

    A second recorder of one catalog waits in standby and takes over when the first one ends.

    Parameters
    ----------
    name : str
        The name of a file in `configs/recorders`, or the path of a file.
    overrides : Sequence[str]
        `dotted.key=value` settings.
    say : Callable[[str], None]
        Shows a line to the operator.
    heartbeat : Path, optional
        The heartbeat file, for a watchdog.

    Raises
    ------
    UsageError
        If the configuration or a key is wrong, or the catalog is not a recorder's.
    AuctionError
        If the node did not start, or the recording cannot be continued.

    """
    config = load_recorder(name, overrides)
    today = datetime.now(UTC).date()
    for instrument_id in config.live.instrument_ids:
        require_contract(instrument_id, today)
        require_trading(instrument_id, today)
    prepare_catalog(config.live.catalog, config.live.instrument_ids)
    RecorderNode(config, say, heartbeat).run()


class RecorderNode:
    """
    Runs a Nautilus node that has data clients alone, and the recorder in it.

    It is Nautilus's node and not a client of our own, so that a recording holds the very ticks a
    trading node gets: the same clients, filters, reconnects and definitions.

    Parameters
    ----------
    config : RecorderConfig
        The configuration.
    say : Callable[[str], None]
        Shows a line to the operator.
    heartbeat : Path, optional
        The heartbeat file.

    """

    def __init__(
        self, config: RecorderConfig, say: Callable[[str], None], heartbeat: Path | None = None
    ) -> None:
        self._config = config
        self._say = say
        self._heartbeat = heartbeat
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self.node = build_node(config.live, self._loop)
        self.shutdown = asyncio.Event()
        self.duties = RecorderDuties(
            self.node,
            config,
            recorder_lock(config.live.catalog),
            NodeAlerts(self.node.kernel.msgbus),
            say,
        )
        self._state = STARTING
        self._failures: list[str] = []
        self.node.kernel.msgbus.subscribe("commands.system.shutdown", self._note_shutdown)

    def run(self) -> None:
        """
        Run until a signal, or `shutdown`, ends it.

        Raises
        ------
        AuctionError
            If the node did not start, or the recording failed.

        """
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self.node.dispose()
        if self._failures:
            raise AuctionError(f"the recorder has ended: {self._failures[0]}")

    async def _main(self) -> None:
        for sig in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(sig, self.shutdown.set)
        running = self._loop.create_task(self.node.run_async())
        beating = self._loop.create_task(self._beat())
        recording: asyncio.Task[None] | None = None
        try:
            if await self._has_started(running):
                self.duties.listen()
                self._state = RUNNING
                recording = self._loop.create_task(self.duties.run())
                over = self._loop.create_task(self.shutdown.wait())
                tasks = {over, running, recording}
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                over.cancel()
        finally:
            beating.cancel()
            await self._end(recording)
            await self._stop(running)

    async def _end(self, recording: "asyncio.Task[None] | None") -> None:
        if recording is None:
            return
        recording.cancel()
        (result,) = await asyncio.gather(recording, return_exceptions=True)
        if isinstance(result, Exception):
            self._failures.append(one_line(result))

    async def _stop(self, running: "asyncio.Task[None]") -> None:
        node = self._config.live.node
        limit_s = node.timeout_disconnection + node.timeout_post_stop
        if self.node.kernel.is_running():
            stopping = asyncio.ensure_future(self.node.stop_async())
            await asyncio.wait({stopping}, timeout=limit_s)
        running.cancel()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _has_started(self, running: "asyncio.Task[None]") -> bool:
        timeout_s = self._config.live.settings.start_timeout_s
        end = self._loop.time() + timeout_s
        while not self.node.kernel.trader.is_running:
            if self._failures or self.shutdown.is_set():
                return False
            if running.done() or self._loop.time() > end:
                missing = "; ".join(unconnected_clients(self.node)) or "see the log"
                self._failures.append(f"not running within {timeout_s:g} s: {missing}")
                return False
            await asyncio.sleep(POLL_S)
        return True

    async def _beat(self) -> None:
        while self._heartbeat is not None:
            write_heartbeat(self._heartbeat, self._state, 0)
            await asyncio.sleep(self._config.live.settings.heartbeat_s)

    def _note_shutdown(self, command: object) -> None:
        component, reason = getattr(command, "component_id", ""), getattr(command, "reason", "")
        self._failures.append(f"{component}: {reason}")
        self.shutdown.set()
