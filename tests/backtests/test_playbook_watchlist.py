"""A perpetual, a future and a stock in one run: a machine for each, limits for all together."""

from pathlib import Path

import pandas as pd

from backtests.runner import run_backtest
from catalog.sample import write_sample
from configs.loader import load_backtest
from tests.engines import REPOSITORY


WATCHLIST = REPOSITORY / "docs" / "systems" / "playbook_watchlist.yaml"
NAMES = ("AAPL.XNAS", "BTCUSDT-LINEAR.BYBIT", "NQH6.XCME")
LOOSE = (
    *(f"actors.{i}.config.profile_session=utc_day" for i in range(3)),
    *(f"actors.{i}.config.session_hours=1" for i in range(3)),
    *(f"actors.{i}.config.warmup_minutes=10" for i in range(3)),
    *(f"actors.{i}.config.state_lookback=20" for i in range(3)),
    *(f"actors.{i}.config.mom_lookback=10" for i in range(3)),
    *(f"actors.{i}.config.mom_min_pct=0.03" for i in range(3)),
    *(f"actors.{i}.config.dist_max_pct=0.05" for i in range(3)),
    *(f"actors.{i}.config.flow_scoring=tiered" for i in range(3)),
    *(f"strategies.{i}.config.signals.session_filter=false" for i in range(3)),
    *(f"strategies.{i}.config.signals.min_score=0" for i in range(3)),
    *(f"strategies.{i}.config.signals.min_leg_atr=1" for i in range(3)),
    *(f"strategies.{i}.config.signals.stall_minutes=1" for i in range(3)),
    *(f"strategies.{i}.config.max_trades_all=1" for i in range(3)),
    # Far stops, and the money for them: a trade lasts until its time is over.
    "venues.XCME.starting_balances=[10000000 USD]",
    "strategies.0.config.signals.stop_buffer_ticks=10000",
    "strategies.1.config.signals.stop_buffer_ticks=2000",
    *(f"strategies.{i}.config.signals.min_rr=0" for i in range(3)),
    *(f"strategies.{i}.config.signals.reversion_stop=attempt_extreme" for i in range(3)),
    *(f"strategies.{i}.config.max_hold_minutes=10" for i in range(3)),
    *(f"strategies.{i}.config.extend_if_profitable=false" for i in range(3)),
    *(f"strategies.{i}.config.min_stop_fee_ratio=null" for i in range(3)),
    *(f"strategies.{i}.config.min_reward_fee_ratio=null" for i in range(3)),
    *(f"strategies.{i}.config.min_stop_spreads=null" for i in range(3)),
)


def test_three_instruments_run_beside_each_other_within_one_limit(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    write_sample(catalog, days=1, instruments=["BTCUSDT", "NQ", "AAPL"])
    window = ("start=2026-01-05T12:00", "end=2026-01-05T15:20")
    run = load_backtest(str(WATCHLIST), overrides=[f"catalog={catalog}", *window, *LOOSE])
    summary, folder = run_backtest(run, tmp_path / "runs")
    minutes = pd.read_parquet(folder / "market_context.parquet")
    decisions = pd.read_parquet(folder / "signals.parquet")
    for name in NAMES:
        own = minutes[minutes.instrument_id == name]
        assert len(own) >= 50
        assert len(decisions[decisions.instrument_id == name]) == len(own)
    entered = set(decisions[decisions.action == "ENTER"].instrument_id)
    assert len(entered) > 1
    assert "ALL_TRADES" in set(decisions.why.dropna())
    positions = pd.read_parquet(folder / "positions.parquet").sort_values("ts_open")
    assert set(positions.instrument_id) == entered
    following = positions.ts_open.to_numpy()[1:]
    assert (positions.ts_close.to_numpy()[:-1] <= following).all()
    assert "Results in USD and USDT are added up one to one." in summary["warnings"]
