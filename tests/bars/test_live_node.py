"""A system of bars on a live clock: history and candles of the venue, filled by bars on paper."""

import asyncio
import json
import time
from decimal import Decimal

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Kline
from configs.live import load_live
from live.client import send
from live.runner import prepare
from tests.adapters.bybit_server import client_of
from tests.bars.test_trading import SYSTEM
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import free_port


pytestmark = pytest.mark.node

MINUTE = 60_000_000_000
LIMIT_S = 30.0
PAST = 8
# Five closes and the bar after them.
KNOWN = 6


def kline(end, first, high, low, last):
    prices = (Decimal(60_000) + Decimal(price) / 10 for price in (first, high, low, last))
    return Kline(end, 1, *prices, Decimal(3))


def lines(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def test_it_warms_up_from_the_venue_and_trades_by_the_rules_of_a_backtest(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    # What is shown after the start ends later than what counts as the past.
    now = time.time_ns() // MINUTE * MINUTE
    port = free_port()

    async def until(condition):
        while not condition():
            await asyncio.sleep(0.02)

    with client_of(BybitLoopback(leverage=Decimal(25))) as client:
        for n in range(PAST - 1, -1, -1):
            client.feed(kline(now - n * MINUTE, 0, 5, -5, 0))
        url, socket = client.server.url, client.server.socket_url("public")
        data = "venues.BYBIT.data.config"
        overrides = [
            f"catalog={tmp_path / 'none'}",
            "data=[Bar]",
            "actors.0.config.bars=5",
            f"settings.control_port={port}",
            f"settings.control_token_variable={VARIABLE}",
            f"{data}.base_url_http={url}",
            f"{data}.base_url_ws_public={socket.replace('linear', '{product}')}",
            f"{data}.instrument_status_poll_secs=null",
        ]

        async def script(node):
            async with asyncio.timeout(LIMIT_S):
                await until(lambda: not node.watches.readiness.missing())
                await asyncio.to_thread(send, "activate", node.control_port, VARIABLE)
                (strategy,) = node.strategies
                await until(lambda: strategy.active and not strategy.stale)
                show = client.feed
                # The close of 10 decides; the next bar opens at 10, the one after it falls.
                await asyncio.to_thread(show, kline(now + MINUTE, 0, 12, -2, 10))
                await until(lambda: strategy.manager.trades)
                await asyncio.to_thread(show, kline(now + 2 * MINUTE, 10, 14, 8, 12))
                await until(lambda: strategy.position > 0)
                await asyncio.to_thread(show, kline(now + 3 * MINUTE, 12, 14, -30, -20))
                await until(lambda: strategy.position == 0)
                await until(lambda: strategy.closes_seen == KNOWN + 3)

        config = load_live(str(SYSTEM), "paper", overrides)
        run, folder = prepare(config, tmp_path / "runs", TOKEN)
        run.run(script)

    rows = lines(folder, "given_minutes")
    ends = [row["ts_min"] + MINUTE for row in rows]
    assert ends == [now + n * MINUTE for n in range(1 - KNOWN, 4)]
    fills = [row for row in lines(folder, "trade_events") if row["kind"].endswith("FILLED")]
    assert [(row["kind"], row["price"], row["ts_event"]) for row in fills] == [
        ("ENTRY_FILLED", 60_001.1, now + 2 * MINUTE),
        ("EXIT_FILLED", 59_998.9, now + 3 * MINUTE),
    ]
