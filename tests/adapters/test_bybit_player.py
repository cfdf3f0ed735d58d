"""A tape played by the loopback server."""

import asyncio
import json
import time
from collections.abc import Awaitable
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from adapters.bybit.loopback import player
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.player import play
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade
from adapters.bybit.loopback.tape import catalog_events
from errors import AuctionError
from errors import UsageError
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.markets import BTC
from tests.markets import write_catalog
from tests.virtual_time import run_virtually


MS = 1_000_000


def tape(count: int, step_ms: int) -> list[Event]:
    return [trade(T0 + n * step_ms * MS, "60000", "0.1", Side.BUY, str(n)) for n in range(count)]


def received(
    action: Callable[[BybitLoopback], Awaitable[Any]],
    topic: str,
    wanted: int,
    **options: Any,
) -> list[dict[str, Any]]:
    """Return the messages that a subscriber gets during an action."""

    async def run() -> list[dict[str, Any]]:
        async with (
            running(BybitLoopback(**options)) as server,
            aiohttp.ClientSession() as session,
            session.ws_connect(server.socket_url("public")) as socket,
        ):
            await socket.send_json({"op": "subscribe", "args": [topic]})
            await socket.receive_json(timeout=5)
            playing = asyncio.ensure_future(action(server))
            messages = [json.loads((await socket.receive(timeout=5)).data) for _ in range(wanted)]
            await playing
            return messages

    return asyncio.run(run())


def test_catalog_gives_quotes_and_trades_in_their_order(tmp_path: Path) -> None:
    write_catalog(
        tmp_path,
        [
            (0, T0, 600_000, 1_500, 600_005, 2_000),
            (1, T0 + MS, 600_005, 250),
            (0, T0 + 2 * MS, 600_001, 1, 600_006, 3),
        ],
        side=1,
    )

    assert list(catalog_events(tmp_path, BTC)) == [
        Quote(T0, D("60000.0"), D("1.5"), D("60000.5"), D(2)),
        Trade(T0 + MS, D("60000.5"), D("0.25"), Side.BUY, "1"),
        Quote(T0 + 2 * MS, D("60000.1"), D("0.001"), D("60000.6"), D("0.003")),
    ]


def test_trade_without_a_side_is_refused(tmp_path: Path) -> None:
    write_catalog(tmp_path, [(1, T0, 600_005, 250)])

    with pytest.raises(AuctionError, match="no side"):
        list(catalog_events(tmp_path, BTC))


def test_fast_play_loses_and_changes_nothing() -> None:
    events = tape(3_000, 100)

    messages = received(
        lambda server: play(server, events, None, shift_to_now=False),
        "publicTrade.BTCUSDT",
        len(events),
    )

    rows = [message["data"][0] for message in messages]
    assert [row["i"] for row in rows] == [str(n) for n in range(3_000)]
    assert [row["T"] for row in rows] == [event.ts_ns // MS for event in events]


def test_fast_play_waits_for_a_slow_client() -> None:
    long_id = "x" * 4_000
    events = [trade(T0 + n, "60000", "0.1", Side.BUY, f"{n}{long_id}") for n in range(8_000)]

    async def run() -> tuple[int, int]:
        async with (
            running(BybitLoopback()) as server,
            aiohttp.ClientSession() as session,
            session.ws_connect(server.socket_url("public")) as socket,
        ):
            await socket.send_json({"op": "subscribe", "args": ["publicTrade.BTCUSDT"]})
            await socket.receive_json(timeout=5)
            # A client that does not read: its side of the connection fills up.
            assert socket._response.connection is not None
            transport = socket._response.connection.transport
            assert transport is not None
            transport.pause_reading()
            playing = asyncio.ensure_future(play(server, events, None, shift_to_now=False))
            held = -1
            while held != server.venue.last_event_ns - T0 or held < 0:
                held = server.venue.last_event_ns - T0
                await asyncio.sleep(0.3)
            assert not playing.done()
            transport.resume_reading()
            for _ in events:
                await socket.receive(timeout=5)
            return held, await playing

    held, played = asyncio.run(run())
    assert held < len(events) - 1_000
    assert played == len(events)


def test_frozen_client_does_not_hold_up_the_tape() -> None:
    async def run() -> int:
        async with (
            running(BybitLoopback()) as server,
            aiohttp.ClientSession() as session,
            session.ws_connect(server.socket_url("public")) as socket,
        ):
            await socket.send_json({"op": "subscribe", "args": ["publicTrade.BTCUSDT"]})
            await socket.receive_json(timeout=5)
            server.freeze("public")
            return await asyncio.wait_for(play(server, tape(500, 1), None), 5.0)

    assert asyncio.run(run()) == 500


def test_speed_is_that_of_the_clock_times_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    async def played() -> float:
        loop = asyncio.get_running_loop()
        clock = SimpleNamespace(time_ns=lambda: T0 + round(loop.time() * 1e9))
        with monkeypatch.context() as patch:
            patch.setattr(player, "time", clock)
            assert await play(BybitLoopback(), tape(6, 100), 5.0) == 6
        return loop.time()

    assert run_virtually(played()) == pytest.approx(0.1)


def test_times_are_those_of_the_faster_clock() -> None:
    events = tape(6, 100)
    messages = received(lambda server: play(server, events, 5.0), "publicTrade.BTCUSDT", 6)
    times = [message["data"][0]["T"] for message in messages]
    assert times[-1] - times[0] == pytest.approx(100, abs=1)


def test_shifted_times_are_those_of_the_venue_s_clock() -> None:
    (message,) = received(
        lambda server: play(server, tape(1, 1)),
        "publicTrade.BTCUSDT",
        1,
        clock_offset_ms=60_000,
    )

    ahead_ms = message["data"][0]["T"] - time.time_ns() // MS
    assert 55_000 < ahead_ms <= 60_000


def test_same_tape_gives_the_same_messages() -> None:
    events: list[Event] = [quote(T0 + n * MS, f"6000{n}", "60010") for n in range(5)]

    runs = [
        received(
            lambda server: play(server, events, None, shift_to_now=False),
            "orderbook.50.BTCUSDT",
            5,
        )
        for _ in range(2)
    ]

    assert runs[0] == runs[1]


def test_funding_is_paid_when_its_time_passes_on_the_tape() -> None:
    hour_ns = 3_600_000 * MS

    async def run() -> BybitLoopback:
        server = BybitLoopback()
        events = [quote(T0 + n * hour_ns, "60000", "60000.5") for n in range(25)]
        await play(server, events, None, shift_to_now=False)
        return server

    paid = asyncio.run(run()).venue.market.paid_rates
    assert len(paid) == 3
    assert {ms % (8 * 3_600_000) for ms, _ in paid} == {0}


@pytest.mark.parametrize(
    ("events", "speed", "error"),
    [([], None, AuctionError), (tape(1, 1), 0.0, UsageError)],
)
def test_empty_tape_and_no_speed_are_refused(
    events: list[Event],
    speed: float | None,
    error: type[AuctionError],
) -> None:
    with pytest.raises(error):
        asyncio.run(play(BybitLoopback(), events, speed))


def test_tape_that_goes_back_is_refused() -> None:
    events = [*tape(2, 1), *tape(1, 1)]

    with pytest.raises(Exception, match="goes back"):
        asyncio.run(play(BybitLoopback(), events, None, shift_to_now=False))


def test_recorded_tape_keeps_the_order_of_arrival() -> None:
    events = [*tape(2, 1), *tape(1, 1)]
    server = BybitLoopback(as_recorded=True)
    asyncio.run(play(server, events, None, shift_to_now=False))
    assert server.venue.last_event_ns == max(event.ts_ns for event in events)
