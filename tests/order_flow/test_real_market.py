"""An hour of real ES by the whole system: the night is measured, and never traded."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from backtests.runner import run_backtest
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.contract.case import table
from tests.markets import write_catalog


pytestmark = pytest.mark.skipif(
    "AUCTION_REAL_DATA" not in os.environ, reason="AUCTION_REAL_DATA is not set"
)

ES = "ESH4.XCME"
TICK = 0.25
MINUTE = 60_000_000_000
NAMES = ("ts_event", "bid_px", "bid_sz", "ask_px", "ask_sz")
SIDES = {"N": 0, "B": 1, "A": 2}


@pytest.fixture(scope="module")
def trades() -> pd.DataFrame:
    folder = Path(os.environ["AUCTION_REAL_DATA"]) / "es_databento"
    return pd.read_parquet(folder / "ESH4_20231225_trades_with_bbo.parquet")


@pytest.fixture(scope="module")
def run(trades: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run bars of a minute, so that the hour outlasts the warm-up."""
    folder = tmp_path_factory.mktemp("hour")
    quotes = pd.read_parquet(
        Path(os.environ["AUCTION_REAL_DATA"]) / "es_databento" / "ESH4_20231225_bbo.parquet"
    )
    # Before the opening the book is crossed.
    is_open = quotes["ts_event"] >= trades["ts_event"].iloc[0]
    quotes = quotes[is_open & (quotes["bid_px"] < quotes["ask_px"])]
    rows: list[tuple[int, ...]] = [
        (0, ts, round(bid / TICK), bid_size, round(ask / TICK), ask_size)
        for ts, bid, bid_size, ask, ask_size in zip(*(quotes[name] for name in NAMES), strict=True)
    ]
    rows += [
        (1, ts, round(price / TICK), size, SIDES[side])
        for ts, price, size, side in zip(
            *(trades[name] for name in ("ts_event", "price", "size", "side")), strict=True
        )
    ]
    rows.sort(key=lambda row: row[1])
    instrument = resolve_instrument(ES, date(2023, 12, 25))
    catalog = write_catalog(folder / "catalog", rows, ES, instrument=instrument)
    overrides = [f"catalog={catalog}", f"instrument_id={ES}", "actors.0.config.bar_size=60"]
    config = load_backtest("es_order_flow", overrides=overrides)
    return run_backtest(config, folder / "runs", report=False)[1]


def test_each_trade_is_in_a_bar_of_its_side(run: Path, trades: pd.DataFrame) -> None:
    bars = table(run, "footprint_bars")
    # The data end within the last minute, which nothing closes.
    minutes = trades["ts_event"] // MINUTE
    closed = trades[minutes < minutes.iloc[-1]]
    assert len(bars) == minutes.nunique() - 1 > 50
    sides = closed.groupby("side")["size"].sum()
    assert (bars["buy"].sum(), bars["sell"].sum()) == (sides["B"], sides["A"])
    assert bars["volume"].sum() == closed["size"].sum()


def test_the_night_has_patterns_and_no_trade(run: Path) -> None:
    regimes = table(run, "regimes")
    assert set(regimes["regime"]) == {"NO_TRADE"}
    assert set(regimes["no_trade"][:20]) == {"WARM_UP"}
    assert set(regimes["no_trade"][20:]) == {"SESSION_CLOSE"}
    routed = table(run, "routed_patterns")
    assert len(routed) > 20
    assert set(routed["route"]) == {"NO_TRADE"}
    assert table(run, "fills").empty
