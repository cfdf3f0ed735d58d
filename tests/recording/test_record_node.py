"""A recorder on the loopback venue: what it writes, also over a lost connection and a handover."""

import asyncio
import threading
import time
from decimal import Decimal

import pytest

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from catalog.gate import pass_gate
from catalog.recording.gaps import read_gaps
from catalog.recording.records import QUOTE
from catalog.recording.records import TRADE
from catalog.recording.records import Record
from catalog.recording.segments import recording_folder
from catalog.recording.status import read_status
from catalog.recording.store import prepare_catalog
from catalog.recording.tail import open_ticks
from configs.recorder import load_recorder
from errors import UsageError
from live.heartbeat import read_heartbeat
from live.record import RecorderNode
from live.record_duties import recorder_lock
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.markets import BTC
from tests.recording.market import opened
from tests.recording.market import recorded


LIMIT_S = 180.0
# The venue's recent trades are those of the last hour.
T0 = time.time_ns() // 1_000_000 - 300_000
MS = 1_000_000


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setenv("BYBIT_API_KEY", "loopback-key")
    monkeypatch.setenv("BYBIT_API_SECRET", "loopback-secret")
    with client_of(BybitLoopback(leverage=Decimal(25))) as found:
        yield found


def settings(client, catalog):
    url, socket = client.server.url, client.server.socket_url
    public = socket("public").replace("linear", "{product}")
    return [
        f"catalog={catalog}",
        f"venues.BYBIT.data.config.base_url_http={url}",
        f"venues.BYBIT.data.config.base_url_ws_public={public}",
        "node.timeout_connection=10.0",
        "node.timeout_post_stop=0.1",
    ]


class Market:
    """Feeds numbered quotes and trades, a quarter of a second apart."""

    def __init__(self, client):
        self.client = client
        self.number = 0

    def move(self, steps):
        for _ in range(steps):
            n = self.number = self.number + 1
            ts = (T0 + n * 250) * MS
            bid = 60_000 + n % 9
            self.client.feed(
                quote(ts, f"{bid}", f"{bid}.1", f"{1 + n}", "2"),
                trade(ts + MS, f"{bid}", "0.1", Side.BUY if n % 2 else Side.SELL, f"t{n}"),
            )


def ids(catalog):
    return [record.text for record in recorded(catalog) if record.text]


def numbers(*spans):
    return [f"t{n}" for start, end in spans for n in range(start, end + 1)]


def run(client, catalog, script, **options):
    """Run a recorder with a script that ends it; return what it said."""
    config = load_recorder("default", settings(client, catalog))
    prepare_catalog(config.live.catalog, config.live.instrument_ids)
    said = []
    node = RecorderNode(config, said.append, **options)

    async def bounded():
        try:
            async with asyncio.timeout(LIMIT_S):
                await script(node)
        finally:
            node.shutdown.set()

    task = node._loop.create_task(bounded())
    node.run()
    task.result()
    return said


async def until(condition):
    while not condition():
        await asyncio.sleep(0.02)


def is_listening(client):
    def check(server):
        return all(
            server.connections.subscribers("public", f"{topic}.BTCUSDT")
            for topic in ("publicTrade", "orderbook.1")
        )

    return client.server.call(check)


def last_id(catalog):
    found = [record.text for record in open_ticks(catalog, BTC) if record.text]
    return found[-1] if found else None


def test_a_recorder_writes_what_the_venue_sends(client, tmp_path):
    market = Market(client)

    async def script(node):
        await until(lambda: is_listening(client))
        await asyncio.to_thread(market.move, 500)
        await until(lambda: last_id(tmp_path) == "t500")
        # The segments of minutes that are over are folded while it runs.
        await until(lambda: ids(tmp_path))
        await until(lambda: read_status(recording_folder(tmp_path)) is not None)
        await until(lambda: (tmp_path / "beat").exists())

    said = run(client, tmp_path, script, heartbeat=tmp_path / "beat")
    assert said == [f"recording {BTC} into {tmp_path}"]
    assert ids(tmp_path) == numbers((1, 500))
    found = recorded(tmp_path)
    assert len(found) == 1000
    assert [record.ts_event for record in found] == [
        (T0 + n * 250 + more) * MS for n in range(1, 501) for more in (0, 1)
    ]
    assert found[0][3:7] == (600_010, 600_011, 2_000, 2_000)
    pass_gate(tmp_path, BTC)
    assert open_ticks(tmp_path, BTC) == []
    assert read_heartbeat(tmp_path / "beat").state == "RUNNING"
    status = read_status(recording_folder(tmp_path)).instruments[BTC]
    assert (status.records, status.lost, status.refused) == (1000, 0, 0)
    assert read_gaps(tmp_path, BTC) == []


def test_trades_of_a_lost_connection_are_closed_from_the_venue(client, tmp_path):
    market = Market(client)

    async def script(node):
        await until(lambda: is_listening(client))
        await asyncio.to_thread(market.move, 40)
        await until(lambda: last_id(tmp_path) == "t40")
        await asyncio.sleep(0.2)
        client.server.call(lambda server: server.faults.refuse_connections.add("public"))
        client.server.call(lambda server: server.drop("public"))
        await until(lambda: node.duties._down)
        await asyncio.to_thread(market.move, 20)
        client.server.call(lambda server: server.faults.refuse_connections.clear())
        await until(lambda: is_listening(client))
        await until(lambda: not node.duties._down)
        # Trades that come before the answer would be counted with those of the gap.
        await until(lambda: "of the gap" in node.said[-1])
        await asyncio.to_thread(market.move, 10)
        await until(lambda: last_id(tmp_path) == "t70")

    said = run_with_said(client, tmp_path, script)
    assert said[-1] == f"{BTC}: 20 trades of the gap requested from the venue"
    assert ids(tmp_path) == numbers((1, 70))
    (gap,) = read_gaps(tmp_path, BTC)
    assert gap.cause == "connection lost"
    assert (gap.trades, gap.are_trades_complete) == (20, True)
    assert gap.start_ns == (T0 + 40 * 250 + 1) * MS
    pass_gate(tmp_path, BTC)


def run_with_said(client, catalog, script):
    async def with_said(node):
        node.said = said = []
        show = node.duties._say
        node.duties._say = lambda text: (said.append(text), show(text))
        said.append("")
        await script(node)

    return run(client, catalog, with_said)


def test_a_second_recorder_waits_and_takes_over(client, tmp_path):
    market = Market(client)
    lock_is_free = threading.Event()

    async def script(node):
        await until(lambda: is_listening(client))
        await asyncio.to_thread(market.move, 30)
        await asyncio.sleep(0.5)
        # The first recorder has written a part of it, and dies.
        node.first.close()
        node.first_lock.release()
        lock_is_free.set()
        await until(lambda: last_id(tmp_path) == "t30")
        await asyncio.to_thread(market.move, 10)
        await until(lambda: last_id(tmp_path) == "t40")

    said = handed_over(client, tmp_path, script)
    assert said[0].startswith("standby: process ")
    assert ids(tmp_path) == ["t-1", *numbers((1, 40))]
    assert len(recorded(tmp_path)) == 82
    assert read_gaps(tmp_path, BTC) == []


def handed_over(client, catalog, script):
    store, recording = opened(catalog)
    for n in [-1, *range(1, 21)]:
        ts, bid = (T0 + n * 250) * MS, 600_000 + 10 * (n % 9)
        recording.add(Record(QUOTE, ts, ts, bid, bid + 1, 1000 * (1 + n) or 5, 2000))
        side = 1 if n % 2 else 2
        recording.add(Record(TRADE, ts + MS, ts, bid, 0, 100, 0, 0, side, f"t{n}"))
    lock = recorder_lock(catalog)
    assert lock.acquire() is None

    async def with_first(node):
        node.first, node.first_lock = store, lock
        await script(node)

    try:
        return run(client, catalog, with_first)
    finally:
        lock.release()


def test_a_configuration_that_cannot_record_is_refused():
    for setting, text in (
        ("instruments=[]", "name at least one"),
        ("instruments=[BTC]", "must be SYMBOL.VENUE"),
        ("instruments=3", "must be a list of texts"),
        ("bars=[1x]", "is not a step"),
        ("recorder.days=0", "recorder.days"),
        ("environment=paper", "must be record"),
        ("instruments=[X.KRAKEN]", "no venue `KRAKEN`"),
        ("nothing=1", "unknown key `nothing`"),
    ):
        with pytest.raises(UsageError, match=text):
            load_recorder("default", [setting])


def test_bars_of_the_venue_are_configured_by_their_step():
    config = load_recorder("default", ["bars=[1m, 4h]"])
    (actor,) = config.live.node.actors[1:]
    assert actor.config["bars"] == ["1-MINUTE-LAST-EXTERNAL", "4-HOUR-LAST-EXTERNAL"]
    assert config.live.node.exec_clients == {}
