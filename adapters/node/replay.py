"""Plays a stretch of a catalog through a live node, by the wire protocol of its venue."""

import asyncio
import os
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.identifiers import InstrumentId

from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.market import NS_PER_MS
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.tape import catalog_events
from adapters.bybit.loopback.thread import ServerThread
from adapters.bybit.loopback.thread import running_in_thread
from adapters.instruments import find_instrument
from adapters.node.build import write_end
from adapters.node.runner import NodeRun
from adapters.node.runner import prepare
from catalog.errors import AuctionError
from catalog.errors import UsageError
from catalog.layout import END_OF_TIME
from configs.live import LiveConfig
from configs.live import load_live
from configs.loader import parse_time


KEYS = {"BYBIT_API_KEY": "loopback-key", "BYBIT_API_SECRET": "loopback-secret"}
VENUE = "BYBIT"
NS_PER_S = 1_000_000_000
# Largest prices and sizes of the contract: a tape obeys its own.
LARGEST_PRICE = Decimal(10_000_000)
LARGEST_SIZE = Decimal(1_000_000)
LEVERAGE = Decimal(25)
# How many events the tape may be ahead of what the node has handled. A venue of its own must not
# know more of the market than the node when an order comes.
AHEAD = {"live": 1}
FAR_AHEAD = 1000
INFLIGHT_S = 1.0
LOOK_S = 0.001
MANY = 1_000_000
NO_LIMIT = f"{MANY}/00:00:01"
STALLED_S = 30.0


def run_replay(
    system: str,
    environment: str,
    overrides: Sequence[str],
    runs: Path,
    say: Callable[[str], None],
    *,
    speed: float | None,
    start: str | None = None,
    end: str | None = None,
) -> Path:
    """
    Play a stretch of the catalog through a live node on a loopback server.

    Minutes close by the time of the events, at whatever speed they come, and the strategies are
    active from the start, as in a backtest.

    Parameters
    ----------
    system, environment : str
        As for a node. `paper` sends orders to the simulated venue of a backtest, `live` to the
        loopback server by Bybit's protocol.
    overrides : Sequence[str]
        `dotted.key=value` settings.
    runs : Path
        The folder that gets the run's folder.
    say : Callable[[str], None]
        Shows a line.
    speed : float or None
        How many seconds of the tape pass in one second; None is as fast as the node keeps up.
    start, end : str, optional
        The window (ISO 8601, UTC, the end excluded); None is all data.

    Returns
    -------
    Path
        The run's folder.

    Raises
    ------
    UsageError
        If the configuration is wrong, or the instrument is none of Bybit's.
    AuctionError
        If the catalog has nothing to play, or the node does not keep up.

    """
    if speed is not None and not speed > 0:
        raise UsageError(f"--speed {speed}: use a positive number, or `max`")
    given = load_live(system, environment, overrides)
    instrument_id = _only_instrument(given)
    start_ns, end_ns = parse_time(start, "start") or 0, parse_time(end, "end")
    events = catalog_events(
        given.catalog,
        instrument_id,
        start_ns,
        END_OF_TIME if end_ns is None else end_ns - 1,
    )
    first = next(events, None)
    if first is None:
        raise AuctionError(f"the catalog has no event of {instrument_id} in the window")
    # The node must not find the keys of a real account, nor could it use these for one.
    os.environ.update(KEYS)
    server = BybitLoopback(
        _contract(given.catalog, instrument_id, first.ts_ns),
        leverage=LEVERAGE,
        orders_per_second=MANY,
        as_recorded=True,
    )
    with running_in_thread(server) as thread:
        settings = [*overrides, *_addresses(thread, given.mode)]
        config = load_live(system, environment, settings, own_actors=False)
        run, folder = prepare(config, runs, None, by_events=True)
        tape = _Tape(thread, chain([first], events), instrument_id, speed)
        try:
            run.run(tape.play, pace)
        finally:
            write_end(folder, run.config, run.recorder.counts)
    if not run.recorder.counts["features"]:
        raise AuctionError(f"{tape.count:,} events closed no minute: choose a longer window")
    say(f"{tape.count:,} events, {run.recorder.counts['features']:,} minutes: {folder}")
    return folder


class _Tape:
    def __init__(
        self,
        server: ServerThread,
        events: Iterator[Event],
        instrument_id: str,
        speed: float | None,
    ) -> None:
        self._server = server
        self._events = events
        self._instrument_id = InstrumentId.from_str(instrument_id)
        self._speed = speed
        self.count = 0

    async def play(self, run: NodeRun) -> None:
        await self._until(lambda: self._server.call(_is_subscribed), "did not subscribe")
        loop = asyncio.get_running_loop()
        began, first_ns = loop.time(), 0
        batch: list[Event] = []
        ahead = AHEAD.get(run.config.mode, FAR_AHEAD)
        for event in self._events:
            first_ns = first_ns or event.ts_ns
            if self._speed is not None:
                due = began + (event.ts_ns - first_ns) / NS_PER_S / self._speed
                if due > loop.time():
                    await self._feed(run, batch)
                    batch = []
                    await asyncio.sleep(due - loop.time())
            batch.append(event)
            if len(batch) == ahead:
                await self._feed(run, batch)
                batch = []
        await self._feed(run, batch)

    async def _feed(self, run: NodeRun, batch: list[Event]) -> None:
        if not batch:
            return

        def feed(server: BybitLoopback) -> None:
            for event in batch:
                server.feed(event)

        await asyncio.to_thread(self._server.call, feed)
        self.count += len(batch)
        last = {type(event): event for event in batch}
        await self._until(partial(self._has_taken, run, list(last.values())), "does not keep up")

    def _has_taken(self, run: NodeRun, events: list[Event]) -> bool:
        cache = run.node.cache
        return all(
            _has_seen(cache.trade_tick(self._instrument_id), event)
            if isinstance(event, Trade)
            else _has_seen(cache.quote_tick(self._instrument_id), event)
            for event in events
        )

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + STALLED_S
        while not condition():
            if loop.time() > end:
                raise AuctionError(f"replay: the node {what} within {STALLED_S:g} s")
            await asyncio.sleep(LOOK_S)


async def pace(run: NodeRun) -> None:
    """
    Hand the ticks of a node's data clients on, each when all that the one before caused is done.

    The queues of a live node would let a fast tape overtake orders and fills. A tick counts as
    received at its own time, as in a backtest.
    """
    kernel, loop = run.node.kernel, asyncio.get_running_loop()
    ticks: asyncio.Queue[Any] = asyncio.Queue()
    for client in kernel.data_engine._clients.values():
        client.sink = ticks.put_nowait
    data, risk, execution = kernel.data_engine, kernel.risk_engine, kernel.exec_engine
    while True:
        tick = await ticks.get()
        if isinstance(tick, QuoteTick | TradeTick):
            kind = type(tick)
            tick = kind.from_dict({**kind.to_dict(tick), "ts_init": tick.ts_event})
        data.process(tick)
        while (
            data.data_qsize()
            or risk.cmd_qsize()
            or risk.evt_qsize()
            or execution.cmd_qsize()
            or execution.evt_qsize()
        ):
            await asyncio.sleep(0)
        # The last of them may still be handled.
        await asyncio.sleep(0)
        # A venue behind a socket takes its time to answer.
        end = loop.time() + INFLIGHT_S
        while kernel.cache.orders_inflight() and loop.time() < end:
            await asyncio.sleep(LOOK_S)


def _has_seen(tick: QuoteTick | TradeTick | None, event: Event) -> bool:
    if tick is None:
        return False
    if isinstance(event, Trade):
        return bool(tick.trade_id.value == event.trade_id)
    # Bybit's times are whole milliseconds.
    return bool(tick.ts_event >= event.ts_ns // NS_PER_MS * NS_PER_MS)


def _is_subscribed(server: BybitLoopback) -> bool:
    symbol = server.venue.contract.symbol
    return all(
        server.connections.subscribers("public", topic)
        for topic in (f"publicTrade.{symbol}", f"orderbook.1.{symbol}")
    )


def _only_instrument(config: LiveConfig) -> str:
    if len(config.instrument_ids) != 1:
        raise UsageError(f"{config.system}: a replay plays one instrument, it has several")
    (instrument_id,) = config.instrument_ids
    if not instrument_id.endswith(f".{VENUE}"):
        raise UsageError(
            f"{instrument_id}: a replay speaks Bybit's protocol alone: use `auction backtest`"
        )
    return instrument_id


def _addresses(server: ServerThread, mode: str) -> list[str]:
    data = f"venues.{VENUE}.data.config"
    settings = [
        f"{data}.base_url_http={server.url}",
        f"{data}.base_url_ws_public={server.socket_url('public').replace('linear', '{product}')}",
        f"{data}.instrument_status_poll_secs=null",
        # The limits of a rate count by the clock, which a tape outruns.
        f"node.risk_engine.max_order_submit_rate={NO_LIMIT}",
        f"node.risk_engine.max_order_modify_rate={NO_LIMIT}",
    ]
    if mode == "live":
        execution = f"venues.{VENUE}.execution.config"
        settings += [
            f"{execution}.base_url_http={server.url}",
            f"{execution}.base_url_ws_private={server.socket_url('private')}",
            f"{execution}.base_url_ws_trade={server.socket_url('trade')}",
        ]
    return settings


def _contract(catalog: Path, instrument_id: str, on_ns: int) -> LinearContract:
    instrument = find_instrument(catalog, instrument_id, on_ns)
    tick, lot = instrument.price_increment.as_decimal(), instrument.size_increment.as_decimal()
    return LinearContract(
        symbol=instrument.raw_symbol.value,
        base=instrument.base_currency.code,
        quote=instrument.quote_currency.code,
        tick=tick,
        lot=lot,
        min_size=lot,
        max_size=LARGEST_SIZE,
        min_price=tick,
        max_price=LARGEST_PRICE,
    )
