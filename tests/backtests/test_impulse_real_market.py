"""A real half day of NQ futures: files in, catalog, system, and a recount from the raw file."""

import csv
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from tests.backtests.impulse_runs import SECOND
from tests.engines import auction
from tests.nq_half_day import LOOSE_SETTINGS
from tests.nq_half_day import write_catalog
from tests.nq_half_day import write_system
from tests.seed_rules import NO_COST_RULES
from tests.strategies.test_impulse_lvn_real_data import recount
from tests.strategies.test_impulse_lvn_real_data import trades_of


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    data = os.environ.get("AUCTION_REAL_DATA")
    if not data:
        pytest.skip("AUCTION_REAL_DATA is not set")
    folder = tmp_path_factory.mktemp("nq")
    write_catalog(folder, Path(data))
    return folder


def run(catalog, folder, *settings):
    """Run the half day."""
    system, options, high = write_system(folder)
    overrides = (part for setting in (*NO_COST_RULES, *settings) for part in ("--set", setting))
    done = auction(
        "backtest",
        system,
        "--catalog",
        catalog,
        "--runs",
        folder / "runs",
        "--single",
        *options,
        *overrides,
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
    folder, _ = run(catalog, tmp_path, *LOOSE_SETTINGS)
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
