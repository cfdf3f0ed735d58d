"""A real half day of NQ futures: files in, catalog, system, and a recount from the raw file."""

import csv
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from adapters.databento.ingest import ingest_databento
from tests.backtests.impulse_runs import SECOND
from tests.engines import auction
from tests.seed_rules import NO_COST_RULES
from tests.strategies.test_impulse_lvn_real_data import recount
from tests.strategies.test_impulse_lvn_real_data import trades_of


NQ = "NQZ5.XCME"
# The loose set that live programs of this system ran with.
LOOSE = {
    "min_impulse_size": 15,
    "min_impulse_score": 3,
    "max_impulse_bars": 200,
    "max_hunting_bars": 1800,
    "max_lvn_ratio": 0.4,
    "level_tolerance": 3,
    "min_delta": 5,
    "stop_buffer": 1.5,
    "take_profit": 500,
    "max_daily_losses": 0,
    "daily_loss_limit": 1000,
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    data = os.environ.get("AUCTION_REAL_DATA")
    if not data:
        pytest.skip("AUCTION_REAL_DATA is not set")
    folder = tmp_path_factory.mktemp("nq")
    path = Path(data) / "nq_trades" / "glbx-mdp3-20251128.trades.csv.zst"
    ingest_databento(folder, [path], ["NQZ5"])
    return folder


def run(catalog, folder, *settings):
    """
    Run the half day with the levels of an hour of the Sunday before.

    The data of the day before are not there, so the levels of that hour stand in for them: the half
    day lies above all of them.
    """
    ticks = [tick for _, tick, _, _ in trades_of("20251123")]
    high, low = max(ticks), min(ticks)
    levels = {"pdh": high, "pdl": low, "vah": high - 40, "val": low + 40, "onh": None, "onl": None}
    system = (Path(__file__).parents[2] / "configs/systems/nq_impulse_lvn.yaml").read_text()
    for name, written in (
        ("actors.impulse.actor:ImpulseActor", "WrittenLevels"),
        ("actors.impulse.config:ImpulseActorConfig", "WrittenLevelsConfig"),
    ):
        system = system.replace(name, f"tests.backtests.written_levels:{written}")
    path = folder / "half_day.yaml"
    path.write_text(system)
    done = auction(
        "backtest",
        path,
        "--catalog",
        catalog,
        "--runs",
        folder / "runs",
        "--single",
        "--set",
        f"instrument_id={NQ}",
        "--set",
        "data=[TradeTick]",
        "--end",
        "2025-11-29",
        "--set",
        f"actors.0.config.levels={json.dumps({'2025-11-28': levels})}",
        *(part for setting in (*NO_COST_RULES, *settings) for part in ("--set", setting)),
    )
    assert done.returncode == 0, done.stderr
    (result,) = (folder / "runs").iterdir()
    return result, high / 4


@pytest.fixture(scope="module")
def half_day(catalog, tmp_path_factory):
    return run(catalog, tmp_path_factory.mktemp("seed"))


def test_the_defaults_find_the_breakouts_of_a_recount_and_complete_none(half_day):
    folder, high = half_day
    events = pd.read_parquet(folder / "impulses.parquet")["event"].value_counts()
    assert events["BREAKOUT"] == recount(trades_of("20251128"), high) == 53
    assert "COMPLETE" not in events
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["trades"], summary["entries"], summary["signals"]) == (0, 0, 0)


def test_the_seconds_hold_every_trade(half_day):
    folder, _ = half_day
    bars, trades = pd.read_parquet(folder / "second_bars.parquet"), trades_of("20251128")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["events"] == bars["trade_count"].sum() == len(trades) == 90_562
    assert summary["seconds_closed"] == len(bars) == len({ts // SECOND for ts, *_ in trades})
    assert (bars["buy"] - bars["sell"]).sum() == sum(size * sign for _, _, size, sign in trades)
    volumes = bars["volumes"].map(sum)
    assert (volumes == bars["buy"] + bars["sell"] + bars["unsigned"]).all()


def test_loose_rules_trade_and_every_fill_is_a_print_with_its_slippage(catalog, tmp_path):
    folder, _ = run(
        catalog, tmp_path, *(f"strategies.0.config.{key}={value}" for key, value in LOOSE.items())
    )
    summary = json.loads((folder / "summary.json").read_text())
    fills, positions = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("fills", "positions")
    )
    assert summary["trades"] == len(positions) > 2
    by_price = {(ts, tick * 0.25) for ts, tick, _, _ in trades_of("20251128")}
    prices = {price for _, price in by_price}
    for fill in fills.itertuples():
        sign = 1 if fill.side == "BUY" else -1
        assert fill.price - sign * 0.25 in prices
    open_at = pd.Timestamp("2025-11-28 14:30", tz="UTC")
    assert (positions["ts_open"] >= open_at).all()
    # The session of the day after Thanksgiving ends at 13:00 in New York.
    assert (positions["ts_close"] <= pd.Timestamp("2025-11-28 18:00:05", tz="UTC")).all()
    with (folder / "trades.csv").open() as file:
        log = list(csv.DictReader(file))
    assert [row["action"] for row in log].count("EXIT") == len(positions)
    points = sum(float(row["pnl_points"]) for row in log if row["action"] == "EXIT")
    assert points == pytest.approx(summary["gross_pnl"] / 20)
    assert "last print" in " ".join(summary["assumptions"].values())
