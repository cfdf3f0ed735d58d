"""What a run leaves behind, with a strategy whose orders are known beforehand."""

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from backtests.report.run_data import read_run
from backtests.runner import run_backtest
from catalog.errors import AuctionError
from catalog.errors import UsageError
from configs.loader import load_backtest
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog


GOLD, NASDAQ = "GCZ6.XCEC", "NQZ6.XCME"
START = vector_stream()[0]
END = START + 20 * MINUTE
SECOND = 1_000_000_000
ODD = 123_456_789


def early_rows():
    return [row for row in vector_rows() if row[1] < END]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return write_catalog(tmp_path_factory.mktemp("catalog"), early_rows())


UNCHARGED = (
    "venues.BYBIT.modules=[{actor_path: backtests.venue.fills:VenueFills, config_path: "
    "backtests.venue.fills:VenueFillsConfig, config: {}}]"
)


def load(folder, catalog, strategies, end=END, overrides=(), preset="default"):
    """Return the run of scripted strategies, given as instrument and settings."""
    system = folder / "scripted.yaml"
    actors = [
        {
            "actor_path": "actors.value_area:ValueAreaActor",
            "config_path": "actors.value_area:ValueAreaActorConfig",
            "config": {"component_id": f"VA-{instrument_id}", "instrument_id": instrument_id},
        }
        for instrument_id, _ in strategies
    ]
    entries = [
        {
            "strategy_path": "tests.backtests.scripted:ScriptedStrategy",
            "config_path": "tests.backtests.scripted:ScriptedConfig",
            "config": {"order_id_tag": f"{i:03}", "instrument_id": instrument_id, **settings},
        }
        for i, (instrument_id, settings) in enumerate(strategies)
    ]
    document = {"instrument_id": strategies[0][0], "actors": actors, "strategies": entries}
    system.write_text(yaml.safe_dump(document))
    overrides = [f"catalog={catalog}", f"start={iso(START)}", f"end={iso(end)}", *overrides]
    return load_backtest(str(system), overrides=overrides, preset=preset)


def ran(folder, catalog, settings, end=END, overrides=()):
    run = load(folder, catalog, [(BTC, settings)], end, overrides)
    return run_backtest(run, folder / "runs")


def order(minute, side, role, quantity="0.010"):
    return [START + int(minute * MINUTE) + ODD, side, quantity, role]


ROUND_TRIPS = [
    order(5, "BUY", "ENTRY"),
    order(8, "SELL", "EXIT"),
    order(10, "SELL", "ENTRY"),
    order(12, "BUY", "EXIT"),
    order(15, "BUY", "ENTRY"),
]


def test_fills_orders_and_positions_join_and_times_agree_exactly(tmp_path, catalog):
    summary, folder = ran(tmp_path, catalog, {"orders": ROUND_TRIPS, "enters": 3})
    fills, positions, orders = (
        pq.read_table(folder / f"{name}.parquet") for name in ("fills", "positions", "orders")
    )
    assert positions["ts_close"].null_count == 1
    opened = fills.filter(pc.equal(fills["role"], "ENTRY"))["ts"].cast("int64").to_pylist()
    closed = fills.filter(pc.equal(fills["role"], "EXIT"))["ts"].cast("int64").to_pylist()
    assert positions["ts_open"].cast("int64").to_pylist() == opened
    assert positions["ts_close"].cast("int64").to_pylist() == [*closed, None]
    names = positions["position_id"].to_pylist()
    assert len(set(names)) == 3
    expected = [names[0], names[0], names[1], names[1], names[2]]
    assert fills["position_id"].to_pylist() == expected
    assert orders["position_id"].to_pylist() == expected
    assert set(orders["setup"].to_pylist()) == {"breakin"}
    row = positions.to_pylist()[0]
    assert (row["stop"], row["target"]) == (49_000, 52_000)
    assert row["r_multiple"] == pytest.approx(row["net_pnl"] / (1_000 * 0.01))
    assert summary["entries"] == 3
    assert [p["side"] for p in summary["open_positions"]] == ["LONG"]
    assert read_run(folder).fills["position_id"].tolist() == expected


def test_equity_ends_with_the_fills_after_the_last_minute(tmp_path, catalog):
    orders = [order(5, "BUY", "ENTRY"), order(18.2, "SELL", "EXIT")]
    end = START + int(18.7 * MINUTE)
    summary, folder = ran(tmp_path, catalog, {"orders": orders, "enters": 1}, end)
    equity = pd.read_parquet(folder / "equity.parquet")
    assert len(equity) == summary["minutes_closed"] + 1 == 19
    last = equity.iloc[-1]
    assert last["ts"] == pd.Timestamp(summary["end"])
    assert last["balance"] == pytest.approx(summary["ending_balance"], abs=1e-8)
    assert last["equity"] == last["balance"]
    assert summary["max_drawdown"] == pytest.approx(-equity["drawdown"].min())


def test_equity_ends_with_the_last_minute_where_no_fill_came_later(tmp_path, catalog):
    orders = [order(5, "BUY", "ENTRY"), order(8, "SELL", "EXIT")]
    end = START + int(18.7 * MINUTE)
    summary, folder = ran(tmp_path, catalog, {"orders": orders}, end)
    equity = pq.read_table(folder / "equity.parquet")
    assert len(equity) == summary["minutes_closed"] == 18


def test_a_position_opened_after_the_last_minute_is_valued_at_the_last_quote(tmp_path, catalog):
    end = START + int(18.7 * MINUTE)
    orders = [order(18.2, "BUY", "ENTRY")]
    summary, folder = ran(tmp_path, catalog, {"orders": orders, "enters": 1}, end)
    quote = [row for row in vector_rows() if row[0] == 0 and row[1] < end][-1]
    middle = (quote[2] + quote[4]) / 2 * 0.1
    (still_open,) = summary["open_positions"]
    last = pd.read_parquet(folder / "equity.parquet").iloc[-1]
    gain = (middle - still_open["entry"]) * 0.01
    assert last["equity"] == pytest.approx(summary["ending_balance"] + gain, abs=1e-6)


def test_entries_without_a_fill_are_counted_with_their_reasons(tmp_path, catalog):
    too_fine = order(9, "BUY", "ENTRY", "0.01000001")
    orders = [order(5, "BUY", "ENTRY"), order(8, "SELL", "EXIT"), too_fine]
    summary, folder = ran(tmp_path, catalog, {"orders": orders, "enters": 4})
    assert summary["entries"] == summary["trades"] == 1
    assert summary["entries_unfilled"] == 3
    denied = pq.read_table(folder / "orders.parquet").to_pylist()[2]
    assert (denied["avg_px"], denied["position_id"]) == (None, None)
    (warning,) = [text for text in summary["warnings"] if "without a fill" in text]
    assert warning.startswith(
        "Entries without a fill: 3: 2 not sent, 1 DENIED (quantity 0.01000001"
    )


def test_notices_and_missing_funding_are_warnings(tmp_path, catalog):
    summary, _ = ran(tmp_path, catalog, {}, overrides=[UNCHARGED])
    assert {"once", "often (3 times)", "Funding is not charged."} <= set(summary["warnings"])
    assert summary["entries_unfilled"] == 0
    assert not any("without a fill" in text for text in summary["warnings"])
    assert summary["open_positions"] == []
    charged, _ = ran(tmp_path, catalog, {})
    assert "Funding is not charged." not in charged["warnings"]


def test_the_account_pays_the_funding_of_the_fixed_rate(tmp_path, catalog):
    hourly = ["venues.BYBIT.modules.0.config.interval_hours=1"]
    # One hour of the stream: the window starts before a full hour and ends after it.
    rows = [row for row in vector_rows() if row[1] < START + 65 * MINUTE]
    write_catalog(tmp_path / "catalog", rows)
    orders = [order(5, "BUY", "ENTRY"), order(62, "SELL", "EXIT")]
    end = START + 64 * MINUTE
    balances = {}
    for bps in (0, 2.5):
        rate = f"venues.BYBIT.modules.0.config.rate_bps={bps}"
        run = load(
            tmp_path, tmp_path / "catalog", [(BTC, {"orders": orders})], end, [*hourly, rate]
        )
        summary, _ = run_backtest(run, tmp_path / "runs")
        balances[bps] = summary["ending_balance"]
    hour = 3_600_000_000_000
    due = (START // hour + 1) * hour
    (quote,) = [row for row in rows if row[0] == 0 and row[1] < due][-1:]
    middle = (quote[2] + quote[4]) / 2 * 0.1
    assert balances[0] - balances[2.5] == pytest.approx(0.010 * middle * 0.00025, abs=1e-7)


def test_an_instrument_without_a_decision_is_no_success(tmp_path):
    late = [row for row in early_rows() if row[1] > END - 30 * SECOND]
    write_catalog(tmp_path / "catalog", early_rows(), GOLD)
    write_catalog(tmp_path / "catalog", late, NASDAQ)
    strategies = [(GOLD, {}), (NASDAQ, {})]
    run = load(tmp_path, tmp_path / "catalog", strategies, END - 10 * SECOND)
    with pytest.raises(AuctionError, match=f"on {NASDAQ} decided nothing: no minute of {NASDAQ}"):
        run_backtest(run, tmp_path / "runs")
    assert list((tmp_path / "runs").glob("*")) == []


def test_a_runs_folder_that_cannot_be_made_is_found_before_the_run(tmp_path, catalog, monkeypatch):
    def never(*_):
        raise AssertionError("the engine was built")

    monkeypatch.setattr("backtests.runner.BacktestNode", never)
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(UsageError, match="--runs .*runs: Not a directory"):
        run_backtest(load(tmp_path, catalog, [(BTC, {})]), tmp_path / "runs")
