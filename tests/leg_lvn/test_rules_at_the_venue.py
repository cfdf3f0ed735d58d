"""Each choice of stop, target and life of a node on a small market, traded through the venue."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from backtests.runner import run_backtest
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.writer import write_bars
from configs.loader import load_backtest
from tests.indicators.leg_market import MINUTE


STRATEGY = "strategies.0.config"
VENUE = "venues.XNYM"
# A contract of 100 barrels: a tick is a dollar. No fees, no slippage, 10,000 dollars.
SETTINGS = (
    "actors.0.config.legs.profile=bars",
    "actors.0.config.legs.preset=clean",
    "actors.0.config.legs.reversal_pct=0.21",
    "actors.0.config.legs.min_bars=5",
    "actors.0.config.legs.smooth=1",
    "actors.0.config.legs.warmup_bars=0",
    f"{STRATEGY}.risk_includes_costs=false",
    f"{STRATEGY}.min_reward_fee_ratio=null",
    f"{STRATEGY}.min_stop_fee_ratio=null",
    f"{STRATEGY}.min_stop_spreads=null",
    f"{VENUE}.starting_balances=[10000 USD]",
    f"{VENUE}.default_leverage=100000",
    f"{STRATEGY}.max_leverage=1000000",
    f"{VENUE}.fee_model.config.per_contract=null",
    f"{VENUE}.modules.0.config.slippage_ticks_entry=0",
    f"{VENUE}.modules.0.config.slippage_ticks_exit=0",
)
# Open, high, low, close (ticks), volume. Fifteen ticks are a reversal, and no bar is as long. The
# low 69.60 is a pivot, then the high 70.00 and the low 69.85, where a leg begins; it ends at 70.60.
# Its volume is ten lots a tick, but one between 70.14 and 70.25, whose middle is the node: 70.195,
# bid two ticks lower at 70.17.
LEG = [
    (6_960, 6_970, 6_960, 6_970, 100),
    (6_970, 6_980, 6_970, 6_980, 100),
    (6_980, 6_990, 6_980, 6_990, 100),
    (6_990, 7_000, 6_990, 7_000, 100),
    (6_999, 6_999, 6_985, 6_990, 140),
    (6_999, 7_009, 6_999, 7_009, 100),
    (7_009, 7_014, 7_009, 7_014, 50),
    (7_014, 7_025, 7_014, 7_025, 11),
    (7_025, 7_035, 7_025, 7_035, 100),
    (7_035, 7_045, 7_035, 7_045, 100),
    (7_045, 7_055, 7_045, 7_055, 200),
    (7_055, 7_060, 7_055, 7_060, 50),
    (7_059, 7_059, 7_045, 7_046, 50),  # it confirms the leg
]
ENTRY = 7_017
FILL = [(7_028, 7_029, 7_015, 7_020, 50)]
# Through the high before the leg, above its start; then beyond its end, and to a higher high.
SWING = [
    (7_004, 7_004, 6_990, 6_995, 50),
    (6_999, 7_012, 6_999, 7_012, 50),
    (7_020, 7_033, 7_020, 7_033, 50),
    (7_045, 7_058, 7_045, 7_058, 50),
    (7_058, 7_065, 7_058, 7_065, 50),
    (7_066, 7_070, 7_063, 7_068, 50),
    (7_068, 7_068, 7_055, 7_056, 50),  # it confirms the higher high
    (7_057, 7_060, 7_052, 7_055, 50),
    (7_055, 7_060, 7_052, 7_055, 50),
]
QUIET = (7_048, 7_050, 7_046, 7_048, 50)
LAST = [(7_050, 7_062, 7_050, 7_061, 50), (7_061, 7_063, 7_058, 7_060, 50), QUIET]


def at(text):
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))
    return int(local.timestamp()) * 1_000_000_000


def run(folder, bars, *settings, start="2024-10-28T04:00", symbol="MCLZ4.XNYM"):
    """Run bars of consecutive minutes, and return the run's folder."""
    instrument = resolve_instrument(symbol, datetime.fromisoformat(start).date())
    ends = at(start) + MINUTE * np.arange(1, len(bars) + 1, dtype=np.int64)
    columns = (np.array(column, dtype=np.int64) for column in zip(*bars, strict=True))
    catalog = folder / "catalog"
    write_bars(
        catalog,
        instrument,
        [BarBatch(ends, *columns)],
        f"{symbol}-1-MINUTE-LAST-EXTERNAL",
        "synthetic",
    )
    overrides = [f"catalog={catalog}", f"instrument_id={symbol}", *SETTINGS]
    config = load_backtest("cl_leg_lvn", overrides=[*overrides, *settings])
    return run_backtest(config, folder / "runs", report=False)[1]


def trades(run, start="2024-10-28T04:00"):
    """Return contracts, stop, bar and price of the entry and of the exit, and its reason."""
    # A fill of bars has the time of the bar's end.
    first = at(start) + MINUTE
    found = pd.read_parquet(run / "positions.parquet").dropna(subset=["ts_close"])
    return [
        (
            round(row.quantity),
            round(row.stop * 100),
            (row.ts_open.value - first) // MINUTE,
            round(row.entry * 100),
            (row.ts_close.value - first) // MINUTE,
            round(row.exit * 100),
            row.exit_reason,
        )
        for row in found.itertuples()
    ]


@pytest.mark.parametrize(
    ("settings", "trade"),
    [
        # 32 ticks to the stop: three contracts for 100 dollars. Known at the close, paid next.
        (["stop=leg_start"], (3, 6_985, 13, ENTRY, 19, 7_066, "TP2")),
        # The high before the leg is 17 ticks away.
        (["stop=nearest_pivot"], (5, 7_000, 13, ENTRY, 14, 7_000, "STOP")),
        # The low before the leg is 57 ticks away.
        (["stop=pivot_before_leg"], (1, 6_960, 13, ENTRY, 19, 7_066, "TP2")),
        # The higher high is known at the close of the bar after it.
        (["target=next_structure"], (3, 6_985, 13, ENTRY, 21, 7_057, "TARGET")),
        # 25 ticks beyond the entry.
        (["target=offset"], (3, 6_985, 13, ENTRY, 18, 7_058, "TP2")),
    ],
)
def test_stop_and_target_are_those_of_the_rule(tmp_path, settings, trade):
    rules = [f"{STRATEGY}.rules.{text}" for text in settings]
    assert trades(run(tmp_path, LEG + FILL + SWING, *rules)) == [trade]


@pytest.mark.parametrize(("age", "count"), [("null", 1), (4, 1), (3, 0)])
def test_a_node_is_forgotten_at_its_age(tmp_path, age, count):
    bars = LEG + 4 * [QUIET] + FILL + SWING
    found = trades(run(tmp_path, bars, f"{STRATEGY}.rules.max_age_bars={age}"))
    assert [trade[2:4] for trade in found] == [(17, ENTRY)] * count


@pytest.mark.parametrize(("invalidates", "count"), [(False, 1), (True, 0)])
def test_a_node_ends_where_the_market_trades_through_the_start_of_its_leg(
    tmp_path, invalidates, count
):
    # Before the hours of entries; the order of 04:30 would fill two minutes later.
    broken = [(7_040, 7_045, 6_984, 7_040, 50)]
    bars = LEG + broken + 18 * [QUIET] + FILL + LAST
    settings = (
        f"{STRATEGY}.rules.hours.enter_from='04:30'",
        f"{STRATEGY}.rules.invalidate_on_break={str(invalidates).lower()}",
    )
    found = trades(run(tmp_path, bars, *settings))
    assert [trade[2:] for trade in found] == [(32, ENTRY, 34, 7_061, "TP2")] * count


def test_a_position_is_closed_before_the_early_close_after_thanksgiving(tmp_path):
    start = "2024-11-29T14:20"
    bars = LEG + FILL + 10 * [QUIET] + [(7_044, 7_046, 7_042, 7_045, 50)]
    found = trades(run(tmp_path, bars, start=start, symbol="MCLF5.XNYM"), start)
    # The exchange closes at 14:45: the last bar opens at 14:44.
    assert found == [(3, 6_985, 13, ENTRY, 24, 7_044, "SESSION_END")]


def test_a_refused_order_counts_once_however_often_it_is_proposed(tmp_path):
    # The way to the target is 43 dollars a contract, the fees of a round trip are 4.50.
    folder = run(tmp_path, LEG + 13 * [QUIET], f"{STRATEGY}.min_reward_fee_ratio=100")
    signals = pd.read_parquet(folder / "signals.parquet")
    refused = signals[signals["why"] == "LOW_REWARD"]
    # At the close that confirms the leg, and five and ten minutes later.
    minutes = [(ts.value - at("2024-10-28T04:00")) // MINUTE for ts in refused["ts_min"]]
    assert minutes == [12, 17, 22]
    assert refused["action"].tolist() == ["REFUSE", "HOLD", "HOLD"]
    assert refused["setup"].notna().tolist() == [True, False, False]
