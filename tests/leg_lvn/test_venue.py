"""The bars of the vectors as a market of bars alone, traded through the simulated venue."""

import numpy as np
import pandas as pd
import pytest

from backtests.runner import run_backtest
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.writer import write_bars
from configs.loader import load_backtest
from strategies.leg_lvn.hours import TimeRules
from strategies.leg_lvn.params import LegLvnRules
from tests.indicators.leg_market import MINUTE
from tests.leg_lvn.reference import rows_of
from tests.leg_lvn.venue_reference import Trade
from tests.leg_lvn.venue_reference import venue_trades
from tests.vectors import load


RUNS = load("001", "trades_recommended.json.gz")["runs"]
SIDES = {"uptrend": 1, "downtrend": -1}
# A hundred barrels a contract, as in the vectors.
MCL = "MCLZ4.XNYM"
STRATEGY = "strategies.0.config"
VENUE = "venues.XNYM"
SETTINGS = (
    f"instrument_id={MCL}",
    "actors.0.config.legs.profile=bars",
    "actors.0.config.legs.warmup_bars=0",
    f"{STRATEGY}.position_mode=BY_TRADE",
    f"{STRATEGY}.max_trades=60",
    f"{STRATEGY}.max_leverage=1000000",
    f"{STRATEGY}.risk_includes_costs=false",
    f"{STRATEGY}.min_reward_fee_ratio=null",
    f"{STRATEGY}.min_stop_fee_ratio=null",
    f"{STRATEGY}.min_stop_spreads=null",
    f"{VENUE}.oms_type=HEDGING",
    f"{VENUE}.starting_balances=[10000 USD]",
    f"{VENUE}.default_leverage=100000",
    f"{VENUE}.fee_model.config.per_contract=null",
    f"{VENUE}.modules.0.config.queue=touch",
    f"{VENUE}.modules.0.config.slippage_ticks_entry=0",
    f"{VENUE}.modules.0.config.slippage_ticks_exit=0",
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    market = load("001", "bars.json.gz")
    ts = np.array([row.end for row in rows_of("head")], dtype=np.int64)
    names = ("open", "high", "low", "close", "volume")
    batch = BarBatch(ts, *(np.array(market[name], dtype=np.int64) for name in names))
    write_bars(
        folder, resolve_instrument(MCL), [batch], f"{MCL}-1-MINUTE-LAST-EXTERNAL", "synthetic"
    )
    return folder


def trades_of(run):
    """Return the trades of a run as those of the reference, by their ends."""
    bars = {row.ts_min: i for i, row in enumerate(rows_of("head"))}
    found = pd.read_parquet(run / "positions.parquet")
    return sorted(
        Trade(
            1 if row.side == "LONG" else -1,
            round(row.quantity),
            bars[row.ts_open.value - MINUTE],
            round(row.entry * 100),
            bars[row.ts_close.value - MINUTE],
            round(row.exit * 100),
            row.exit_reason,
        )
        for row in found.dropna(subset=["ts_close"]).itertuples()
    )


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_trades_are_those_of_the_vectors_but_for_the_rules_of_the_venue(catalog, tmp_path, number):
    vectors = RUNS[number]
    preset, one = vectors["preset"], vectors["one_at_a_time"]
    # All bars agree; fewer take less time. The later rule finds ten times as many nodes.
    count = {"head": 1_400, "legacy": 2_300}[preset]
    end = rows_of(preset)[count].ts_min
    overrides = [
        f"catalog={catalog}",
        f"end={pd.Timestamp(end + 1, tz='UTC').isoformat()}",
        f"actors.0.config.legs.preset={preset}",
        f"{STRATEGY}.rules.one_trade_at_a_time={one}",
        f"{STRATEGY}.rules.hours.enabled={vectors['time_rules']}",
        *SETTINGS,
    ]
    _, run = run_backtest(load_backtest("cl_leg_lvn", overrides=overrides), tmp_path, report=False)
    hours = TimeRules(enabled=vectors["time_rules"])
    rules = LegLvnRules(one_trade_at_a_time=one, hours=hours)
    found = trades_of(run)
    assert found == sorted(venue_trades(preset, rules, count))
    assert len(found) > 5
    if one:
        return
    # The rules of the venue move few entries to another bar; with one trade at a time a single
    # trade that ends a bar later lets others of the vectors pass.
    trades = vectors["trades"]
    known = {
        (SIDES[direction], at)
        for direction, at in zip(trades["direction"], trades["entry_idx"], strict=True)
    }
    assert sum((trade.side, trade.entry_bar) in known for trade in found) > 0.8 * len(found)
