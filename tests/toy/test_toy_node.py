"""The channel system on a paper node against the loopback server, in minutes that really pass."""

import asyncio
import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from configs.live import load_live
from live.client import send
from live.runner import NodeRun
from live.runner import prepare
from tests.engines import REPOSITORY
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import free_port
from tests.live.live_node import market
from tests.markets import write_catalog


pytestmark = pytest.mark.node

TOY = REPOSITORY / "tests" / "toy" / "toy.yaml"
SECOND = 1_000_000_000
# Two minutes close at the latest, after some seconds of the start.
LIMIT_S = 150.0
# Ten units below the market of the server: the first live close is above the channel.
BELOW = 599_900


def write_history(folder: Path) -> Path:
    """Write the 40 minutes until now: a quote and a trade each five seconds."""
    now = time.time_ns()
    rows: list[tuple[int, ...]] = []
    for ts in range(now - 2_400 * SECOND, now, 5 * SECOND):
        rows.append((0, ts, BELOW, 5_000, BELOW + 1, 5_000))
        rows.append((1, ts + 1, BELOW, 100, 1))
    return write_catalog(folder, rows)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def test_it_warms_up_enters_on_the_first_breakout_and_leaves_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    catalog = write_history(tmp_path / "catalog")

    async def until(condition: Any) -> None:
        while not condition():
            await asyncio.sleep(0.02)

    async def script(node: NodeRun) -> None:
        async with asyncio.timeout(LIMIT_S):
            await until(lambda: not node.watches.readiness.missing())
            await asyncio.to_thread(send, "activate", node.control_port, VARIABLE)
            (strategy,) = node.strategies
            await until(lambda: strategy.position > 0)
            await asyncio.to_thread(send, "flatten", node.control_port, VARIABLE)
            assert strategy.position == 0

    with market(BybitLoopback(leverage=Decimal(25))) as moving:
        settings = (f"settings.control_port={free_port()}", f"catalog={catalog}")
        command = arguments(moving.client, TOY, "paper", tmp_path / "runs", *settings)
        overrides = command[command.index("--set") + 1 :: 2]
        run, folder = prepare(load_live(str(TOY), "paper", overrides), tmp_path / "runs", TOKEN)
        run.run(script)

    minutes = rows(folder, "channel")
    assert sum(row["warm"] for row in minutes) >= 1
    # Another minute may have closed before the end.
    reasons = [row["reason"] for row in rows(folder, "signals")]
    assert [reason for reason in reasons if reason.startswith("BREAKOUT")] == ["BREAKOUT_LONG"]
    events = rows(folder, "trade_events")
    assert events[0]["kind"] == "ENTRY_SUBMITTED"
    assert "ENTRY_FILLED" in [row["kind"] for row in events]
    assert (events[-1]["kind"], events[-1]["reason"]) == ("TRADE_CLOSED", "FLATTEN")
