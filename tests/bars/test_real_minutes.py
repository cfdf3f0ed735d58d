"""Real minutes of crude oil, ingested as bars, under the toy of bars: recounted by a few lines."""

import pandas as pd
import pytest

from adapters.files.ingest import ingest_csv
from backtests.runner import run_backtest
from configs.loader import load_backtest
from tests.bars.test_trading import SYSTEM


CLX4 = "CLX4.XNYM"
TICK = 0.01
RULE = "strategies.0.config.rule"
# Stops and targets that no minute of the day is far enough to reach: what leaves is the clock.
FAR = (
    f"{RULE}.stop=500",
    f"{RULE}.target=null",
    f"{RULE}.leave_after=600000000000",
    "strategies.0.config.risk_pct=0.1",
)


@pytest.fixture
def minutes(real_data):
    """Return a day; the file has the opening of each minute in the time of New York."""
    found = pd.read_parquet(real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet")
    found = found[found["ts"] < "2024-10-02"]
    opens = found["ts"].dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    return found.assign(ts=opens).reset_index(drop=True)


def test_a_run_over_them_enters_and_leaves_at_the_opens_after_its_decisions(minutes, tmp_path):
    path = tmp_path / "cl.csv"
    minutes.to_csv(path, index=False)
    ingest_csv(tmp_path / "catalog", CLX4, bars=[path])
    run = load_backtest(
        str(SYSTEM),
        overrides=[
            f"instrument_id={CLX4}",
            f"catalog={tmp_path / 'catalog'}",
            "actors.0.config.bars=30",
            *FAR,
        ],
    )
    summary, folder = run_backtest(run, tmp_path / "runs", report=False)
    closes = pd.read_parquet(folder / "given_minutes.parquet")["close"]
    assert closes.tolist() == (minutes["close"] / TICK).round().astype(int).tolist()
    fills = pd.read_parquet(folder / "fills.parquet")
    assert summary["trades"] == len(fills) // 2 > 20
    ends = minutes["ts"] + pd.Timedelta("1min")
    opens = {ts.value: first for ts, first in zip(ends, minutes["open"], strict=True)}
    for fill in fills.itertuples():
        sign = 1 if fill.side == "BUY" else -1
        # Filled in the bar that is known at its close, at its open and one tick of slippage.
        assert round(fill.price - sign * TICK, 2) == round(opens[fill.ts.value], 2)
