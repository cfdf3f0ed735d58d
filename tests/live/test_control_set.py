"""Rules changed by the control channel while a node runs: checked, journaled and kept."""

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal
from functools import partial

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from errors import AuctionError
from live.client import send
from live.settings_command import settings_body
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import market
from tests.live.test_node_in_process import Session
from tests.markets import BTC


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    with market(BybitLoopback(leverage=Decimal(25))) as moving:
        yield lambda *args, **options: Session(moving, tmp_path, *args, **options)


def control_set(node, *changes, instrument=None):
    """Send what `auction control set` sends, and return the settings after it."""
    body = settings_body("set", changes, instrument)
    return send("set", node.run.control_port, VARIABLE, body)["strategies"][0]["settings"]


def test_rules_change_while_the_node_runs_are_journaled_and_outlive_it(session, tmp_path):
    async def script(s):
        await s.until(lambda: s.run.watches.readiness.is_running)
        change = partial(asyncio.to_thread, control_set, s)
        # Inactive and flat it takes any rule.
        assert (await change("min_score=75", "touch_ticks=3", instrument=BTC))["touch_ticks"] == 3
        s.strategy.active = True
        s.kept = await change("min_score=80", "setups=[TREND_MODEL]")
        assert (s.kept["min_score"], s.kept["setups"]) == (80, ["TREND_MODEL"])
        for changes, instrument, text in (
            (("min_score=70",), None, "min_score 80 -> 70 is not tighter: deactivate"),
            (("min_score=90", "touch_ticks=2"), None, "touch_ticks 3 -> 2 is not tighter"),
            (("mni_score=80",), None, "mni_score: no such setting"),
            (("min_score=90",), "ETHUSDT-LINEAR.BYBIT", "ETHUSDT-LINEAR.BYBIT: not traded here"),
        ):
            with pytest.raises(AuctionError, match=text):
                await change(*changes, instrument=instrument)
        assert await change("min_score=80") == s.kept

    first = session("paper", system="playbook")
    first.play(script)
    texts = [row["text"] for row in first.rows("alerts") if row["kind"] == "SETTINGS"]
    assert texts == [
        "touch_ticks 2 -> 3, min_score 70 -> 75",
        "setups [TREND_MODEL, MEAN_REVERSION] -> [TREND_MODEL], min_score 75 -> 80",
    ]
    with closing(sqlite3.connect(tmp_path / "journal" / "journal.sqlite")) as journal:
        rows = journal.execute("select text from alerts where kind = 'SETTINGS' order by rowid")
        assert [text for (text,) in rows] == texts

    async def again(s):
        await s.until(lambda: s.run.watches.readiness.is_running)
        assert (await s.tell("status"))["strategies"][0]["settings"] == first.kept

    session("paper", system="playbook").play(again)
