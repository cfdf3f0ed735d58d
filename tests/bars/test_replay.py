"""A market of minute bars in a backtest, and as candles of the venue through a node on paper."""

import json

import pytest

from backtests.results.parity import compare
from live.replay import run_replay
from tests.bars.test_trading import ENTRY
from tests.bars.test_trading import FLAT
from tests.bars.test_trading import LIMIT
from tests.bars.test_trading import SIGNAL
from tests.bars.test_trading import SYSTEM
from tests.bars.test_trading import Ran


# In by a limit and out by the stop within one bar; in again, time-out, target; a pause of the bars.
ROWS = [
    FLAT,
    SIGNAL,
    ENTRY,
    (12, 15, -20, 13),
    FLAT,
    FLAT,
    SIGNAL,
    (10, 14, 8, 12),
    (12, 15, 8, 13),
    (13, 60, 9, 55),
    (54, 56, 30, 40),
    (40, 44, 36, 38),
    (30, 35, 4, 33),
    (33, 36, 20, 24),
    FLAT,
]
MINUTES = (*range(1, 12), 14, 15, 16, 17)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    backtest = Ran(folder, ROWS, *LIMIT, minutes=MINUTES)
    overrides = [f"catalog={folder / 'catalog'}", *LIMIT]
    said = []
    played = run_replay(str(SYSTEM), "paper", overrides, folder / "paper", said.append, speed=None)
    return backtest, played, said[0]


def lines(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def test_the_backtest_has_the_trades_that_are_compared(both):
    backtest, _, _ = both
    reasons = [fill[4] for fill in backtest.fills]
    assert reasons[:2] == ["SIGNAL", "STOP"]
    assert {"TIMEOUT", "TP2"} <= set(reasons)


def test_a_node_on_bars_alone_decides_and_fills_as_the_backtest(both):
    backtest, played, text = both
    found = compare(backtest.folder, played)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["money"].count == len(lines(played, "trade_events"))
    assert text.startswith(f"{len(ROWS)} events, {len(ROWS)} minutes:")


def test_its_bars_are_those_of_the_catalog_each_once(both):
    _, played, _ = both
    rows = lines(played, "given_minutes")
    assert len(rows) == len(ROWS)
    assert [row["close"] for row in rows] == [500_000 + row[3] for row in ROWS]
