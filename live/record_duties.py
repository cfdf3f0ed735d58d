"""The work of a recorder beside receiving: take over, synchronize, fold, request, report."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from actors.recording.actor import RecordingActor
from catalog.increments import instrument_increments
from catalog.recording.segments import recording_folder
from catalog.recording.status import InstrumentStatus
from catalog.recording.status import RecorderStatus
from catalog.recording.status import write_status
from catalog.recording.store import RecordingStore
from configs.documents import one_line
from configs.recorder import RecorderConfig
from live.alerting import NodeAlerts
from live.client_protocols import HasConnections
from live.locks import ProcessLock
from live.locks import lock_folder
from live.node_protocols import Node
from live.record_feed import InstrumentFeed


STANDBY_POLL_S = 0.2
CONNECTIONS_POLL_S = 0.05
FOLD_POLL_S = 1.0
STATUS_S = 1.0
ANSWER_S = 15.0
RECENT_TRADES = 1000
RECENT = timedelta(minutes=59)
GIGABYTE = 10**9


def recorder_lock(catalog: Path) -> ProcessLock:
    """Return the lock of the recorder that writes to a catalog."""
    identity = json.dumps(["recording", str(catalog.resolve())])
    return ProcessLock(lock_folder(), identity, f"the recording in {catalog}")


class RecorderDuties:
    """
    Keep the recording of a node.

    Parameters
    ----------
    node : Node
        The node, running.
    config : RecorderConfig
        Its configuration.
    lock : ProcessLock
        The lock of the catalog.
    alerts : NodeAlerts
        Receives gaps and problems.
    say : Callable[[str], None]
        Shows a line to the operator.

    """

    def __init__(
        self,
        node: Node,
        config: RecorderConfig,
        lock: ProcessLock,
        alerts: NodeAlerts,
        say: Callable[[str], None],
    ) -> None:
        self._node = node
        self._config = config
        self._lock = lock
        self._alerts = alerts
        self._say = say
        self._catalog = config.live.catalog
        settings = config.recorder
        most_bytes = int(settings.most_gigabytes * GIGABYTE)
        self.store = RecordingStore(self._catalog, settings.days, most_bytes)
        self._actors = [a for a in node.trader.actors() if isinstance(a, RecordingActor)]
        self._feeds: dict[str, InstrumentFeed] = {}
        self._down: set[str] = set()
        self._requests: set[asyncio.Task[None]] = set()
        self._since = ""
        self._lost: dict[str, int] = {}

    def listen(self) -> None:
        """Buffer what is received from now on."""
        for actor in self._actors:
            instrument = self._node.cache.instrument(actor.config.instrument_id)
            increments = instrument_increments(instrument)
            feed = InstrumentFeed(increments, self._config.recorder.standby_s)
            self._feeds[increments.instrument_id] = feed
            actor.pass_to(feed)

    async def run(self) -> None:
        """
        Wait for the catalog, then record until the task is cancelled.

        Raises
        ------
        AuctionError
            If the catalog cannot be continued.

        """
        await self._until_alone()
        try:
            self._start()
            await asyncio.gather(
                self._repeat(self._config.recorder.sync_s, self._sync),
                self._repeat(CONNECTIONS_POLL_S, self._check_connections),
                self._repeat(STATUS_S, self._report),
                self._fold(),
            )
        finally:
            for task in self._requests:
                task.cancel()
            self.store.close()
            self._report()
            self._lock.release()

    async def _until_alone(self) -> None:
        is_waiting = False
        while (owner := self._lock.acquire()) is not None:
            if not is_waiting:
                is_waiting = True
                self._say(f"standby: process {owner.pid} records into {self._catalog}")
            await asyncio.sleep(STANDBY_POLL_S)

    def _start(self) -> None:
        self.store.recover()
        for name, feed in self._feeds.items():
            instrument = next(
                self._node.cache.instrument(actor.config.instrument_id)
                for actor in self._actors
                if str(actor.config.instrument_id) == name
            )
            recording = self.store.open(instrument, feed.buffered)
            feed.start(recording)
            if recording.has_gap and self._has_recent(name):
                recording.begin_request()
                self._request(name)
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._say(f"recording {', '.join(self._feeds)} into {self._catalog}")

    async def _repeat(self, interval_s: float, check: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(interval_s)
            check()

    def _sync(self) -> None:
        now = time.time_ns()
        for name, recording in self.store.recordings.items():
            recording.sync()
            recording.close_if_over(now)
            if recording.lost > self._lost.get(name, 0):
                if not self._lost.get(name):
                    text = f"{name}: not recorded: {recording.failure}"
                    self._alerts.raise_alert("RECORDING_LOST", text, recording.lost)
                self._lost[name] = recording.lost

    async def _fold(self) -> None:
        while True:
            await asyncio.sleep(FOLD_POLL_S)
            try:
                await asyncio.to_thread(self.store.fold)
                await asyncio.to_thread(self.store.keep)
            # A full disk: the segments are kept, and folded when there is room.
            except OSError as error:
                self._problem(f"{self._catalog}: {error.strerror}: the minutes wait as segments")
                await asyncio.sleep(10 * FOLD_POLL_S)
            while self.store.problems:
                self._problem(self.store.problems.pop(0))

    def _problem(self, text: str) -> None:
        self._node.kernel.logger.warning(text)
        self._alerts.raise_alert("RECORDING_PROBLEM", text)

    # -- Lost connections ------------------------------------------------------------------------

    def _check_connections(self) -> None:
        for name in self._feeds:
            is_down = not self._is_up(name)
            if is_down and name not in self._down:
                self._down.add(name)
                self._lose(name)
            elif not is_down and name in self._down:
                self._down.remove(name)
                self._request(name)

    def _is_up(self, instrument_id: str) -> bool:
        venue = instrument_id.rpartition(".")[2]
        clients = {
            str(found.id): found for found in self._node.kernel.data_engine._clients.values()
        }
        # A client that is not named after a venue serves all others, as Databento's does.
        own = [clients[venue]] if venue in clients else list(clients.values())
        return all(
            client.is_connected
            and (not isinstance(client, HasConnections) or all(client.connections().values()))
            for client in own
        )

    def _has_recent(self, instrument_id: str) -> bool:
        venue = instrument_id.rpartition(".")[2]
        return venue in self._config.live.settings.recent_trades_from

    def _lose(self, instrument_id: str) -> None:
        recording = self.store.recordings[instrument_id]
        recording.mark_gap()
        if self._has_recent(instrument_id):
            recording.begin_request()

    def _request(self, instrument_id: str) -> None:
        if not self._has_recent(instrument_id):
            return
        task = asyncio.ensure_future(self._fill(instrument_id))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def _fill(self, instrument_id: str) -> None:
        actor = next(a for a in self._actors if str(a.config.instrument_id) == instrument_id)
        feed, recording = self._feeds[instrument_id], self.store.recordings[instrument_id]
        answered = asyncio.Event()
        loop = asyncio.get_running_loop()
        feed.recent = []
        try:
            actor.request_trade_ticks(
                actor.config.instrument_id,
                start=actor.clock.utc_now() - RECENT,
                limit=RECENT_TRADES,
                callback=lambda _: loop.call_soon_threadsafe(answered.set),
            )
            await asyncio.wait_for(answered.wait(), ANSWER_S)
        except TimeoutError:
            self._node.kernel.logger.warning(f"{instrument_id}: no recent trades from the venue")
        # Whatever fails, the recording must not wait for an answer any longer.
        finally:
            added = recording.end_request(feed.recent)
            feed.recent = []
        self._say(f"{instrument_id}: {added} trades of the gap requested from the venue")

    # -- State -----------------------------------------------------------------------------------

    def _report(self) -> None:
        status = RecorderStatus(
            pid=os.getpid(),
            since=self._since,
            written_ns=time.time_ns(),
            instruments={
                name: InstrumentStatus(
                    last_ns=recording.last_ns,
                    records=sum(recording.counts.values()),
                    repeated=recording.repeated,
                    refused=recording.refused + self._feeds[name].off_grid,
                    lost=recording.lost,
                    is_connected=name not in self._down,
                )
                for name, recording in self.store.recordings.items()
            },
        )
        try:
            write_status(recording_folder(self._catalog), status)
        except OSError as error:
            self._node.kernel.logger.warning(f"status of the recorder: {one_line(error)}")
