"""Limit entries at the simulated venue: at the price of their pattern, for some bars, then gone."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from backtests.runner import run_backtest
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.contract.case import table
from tests.markets import write_catalog
from tests.order_flow.market import BAR_SECONDS
from tests.order_flow.market import SETTINGS
from tests.order_flow.market import rows
from tests.order_flow.test_hours import WHOLE


ES = "ESH6.XCME"
TICK = 0.25
BARS = 3
EXPIRY = pd.Timedelta(seconds=BARS * BAR_SECONDS)
# Latency, and the next event at the venue.
SOON = pd.Timedelta(seconds=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limits")
    instrument = resolve_instrument(ES, date.fromisoformat(WHOLE))
    catalog = write_catalog(folder / "catalog", rows(), ES, instrument=instrument)
    settings = [
        f"catalog={catalog}",
        *SETTINGS,
        "strategies.0.config.use_limit_for_entry=true",
        f"strategies.0.config.rules.entry.limit_expiry_bars={BARS}",
    ]
    config = load_backtest("es_order_flow", overrides=settings)
    return run_backtest(config, folder / "runs", report=False)[1]


def entries(run: Path) -> pd.DataFrame:
    orders = table(run, "orders")
    found = orders[orders["role"] == "ENTRY"]
    assert set(found["type"]) == {"LIMIT"}
    return found


def prints(order: pd.Series) -> list[float]:
    """Return the prices of sellers (for a bid) or buyers (for an offer) while an order rests."""
    side = 2 if order["side"] == "BUY" else 1
    start, end = order["ts_init"].value, order["ts_last"].value
    return [r[2] * TICK for r in rows() if r[0] == 1 and r[4] == side and start < r[1] < end]


def test_an_entry_rests_at_the_price_of_its_pattern(run: Path) -> None:
    routed = table(run, "routed_patterns")
    chosen = routed[routed["is_chosen"]].set_index("ts_end")["price"]
    found = entries(run)
    assert len(found) >= 8
    prices = chosen.reindex(found["ts_init"]).to_numpy() * TICK
    assert prices.tolist() == found["price"].tolist()


def test_an_entry_that_the_market_does_not_reach_is_canceled_after_its_bars(run: Path) -> None:
    events = table(run, "trade_events")
    timeouts = events[(events["kind"] == "ENTRY_CANCELED") & (events["reason"] == "ENTRY_TIMEOUT")]
    found = entries(run)
    age = found["ts_last"] - found["ts_init"]
    old = found[(found["status"] == "CANCELED") & (age >= EXPIRY)]
    assert len(old) == len(timeouts) >= 3
    assert (old["filled_qty"] == 0).all()
    assert (age <= EXPIRY + SOON).all()
    for _, order in old.iterrows():
        side = 1 if order["side"] == "BUY" else -1
        # Nothing has traded through its price.
        assert all(side * (price - order["price"]) >= 0 for price in prints(order))


def test_an_entry_that_the_market_reaches_is_filled_at_its_price_as_maker(run: Path) -> None:
    filled = entries(run)
    filled = filled[filled["status"] == "FILLED"]
    assert len(filled) >= 2
    assert filled["avg_px"].tolist() == filled["price"].tolist()
    positions = table(run, "positions")
    assert set(positions["entry_kind"]) == {"MAKER"}
    side = positions["side"].map({"LONG": 1, "SHORT": -1})
    assert (positions["stop"] - positions["entry"]).tolist() == (-16 * TICK * side).tolist()
    assert (positions["tp2"] - positions["entry"]).tolist() == (24 * TICK * side).tolist()
