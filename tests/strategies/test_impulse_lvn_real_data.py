"""A real half day of NQ futures through bars, levels and machine, with a recount by hand."""

import csv
import io
import os
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import zstandard

from actors.impulse.params import ImpulseParams
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules
from tests.impulse_vectors import TICK
from tests.impulse_vectors import seconds
from tests.strategies.impulse_lvn_desk import Desk


ACCOUNT = {
    "contracts": 1,
    "slippage": 0.25,
    "commission": 4.5,
    "point_value": 20.0,
    "starting_balance": 50_000.0,
}
SIDES = {"A": -1, "B": 1}


@cache
def trades_of(day):
    data = os.environ.get("AUCTION_REAL_DATA")
    if not data:
        pytest.skip("AUCTION_REAL_DATA is not set")
    path = Path(data) / "nq_trades" / f"glbx-mdp3-{day}.trades.csv.zst"
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file))
        rows = [row for row in csv.DictReader(text) if row["symbol"] == "NQZ5"]
    times = pd.to_datetime([row["ts_event"] for row in rows]).astype("int64")
    return [
        (int(ts), round(float(row["price"]) / TICK), int(row["size"]), SIDES.get(row["side"], 0))
        for ts, row in zip(times, rows, strict=True)
    ]


@pytest.fixture(scope="module")
def half_day():
    return trades_of("20251128")


@pytest.fixture(scope="module")
def levels():
    """The levels of an hour of the Sunday before: the half day lies above all of them."""
    ticks = [tick for _, tick, _, _ in trades_of("20251123")]
    high, low = max(ticks) * TICK, min(ticks) * TICK
    return {"pdh": high, "pdl": low, "vah": high - 10, "val": low + 10, "onh": 0, "onl": 0}


def run(trades, levels, engine):
    desk = Desk(engine, ACCOUNT)
    desk.run_day(0, seconds(trades), levels)
    return desk


def recount(trades, pdh):
    """Count breakouts above a level from the raw trades, with a size of 25 points."""
    bars: dict[int, list[float]] = {}
    for ts, tick, _, _ in trades:
        bars.setdefault(ts // 10**9, []).append(tick * TICK)
    prices = list(bars.values())
    found, i = 0, 0
    while i < len(prices):
        if prices[i][-1] <= pdh + 2:
            i += 1
            continue
        found += 1
        start, high, end = prices[i][0], max(prices[i]), None
        for j in range(i + 1, min(i + 302, len(prices))):
            high = max(high, *prices[j])
            extent = high - start
            if j - i > 300 or (extent >= 25 and prices[j][-1] < high - 0.7 * extent):
                end = j
                break
        if end is None:
            break
        i = end + 2
    return found


def test_bars_hold_every_trade(half_day):
    bars = seconds(half_day)
    assert sum(bar.trade_count for bar in bars) == len(half_day) == 90_562
    assert sum(bar.volume for bar in bars) == sum(size for _, _, size, _ in half_day)
    signed = sum(size * sign for _, _, size, sign in half_day)
    assert sum(bar.delta for bar in bars) == signed
    assert len(bars) == len({ts // 10**9 for ts, _, _, _ in half_day})


def test_breakouts_of_the_half_day(half_day, levels):
    desk = run(half_day, levels, ImpulseEngine(ImpulseParams(), SignalParams(), TradeRules()))
    events = [row[4] for row in desk.log]
    assert events.count("BREAKOUT") == recount(half_day, levels["pdh"]) == 53
    assert events.count("COMPLETE") == events.count("SIGNAL") == 0


def test_loose_parameters_trade_within_the_hours_of_the_shortened_day(half_day, levels):
    engine = ImpulseEngine(
        ImpulseParams(
            min_impulse_size=60, min_impulse_score=3, max_impulse_bars=200, max_hunting_bars=1800
        ),
        SignalParams(level_tolerance=12, min_delta=5, max_lvn_ratio=0.4),
        TradeRules(
            stop_buffer=6, take_profit=2000, max_daily_losses=0, daily_loss_limit=Decimal(1000)
        ),
    )
    desk = run(half_day, levels, engine)
    entries = [row for row in desk.log if row[4] == "ENTER"]
    assert len(desk.net) == len(entries) == 5
    opening = 1_764_340_200 * 10**9
    for row in entries:
        assert opening <= row[2] < opening + 13 * 1800 * 10**9
        sign = 1 if row[5] == "Long" else -1
        assert sign * (row[6] - row[7]) > 0
    assert sum(desk.net) == pytest.approx(desk.summary()["net_pnl"])
