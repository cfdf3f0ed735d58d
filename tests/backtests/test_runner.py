"""What a run leaves behind, with a strategy whose orders are known beforehand."""

import json

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from backtests.report.run_data import read_run
from backtests.results.summary_keys import OPTIONAL_KEYS
from backtests.results.summary_keys import SUMMARY_KEYS
from backtests.results.summary_keys import paths_of
from backtests.runner import run_backtest
from backtests.scenarios import figures_of
from configs.loader import load_backtest
from errors import AuctionError
from errors import UsageError
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
    "venues.BYBIT.modules=[{actor_path: adapters.simulated.nautilus.fills:VenueFills, config_path: "
    "adapters.simulated.nautilus.fills:VenueFillsConfig, config: {}}]"
)


def load(folder, catalog, strategies, end=END, *more, preset="default"):
    """Return the run of scripted strategies, given as instrument and settings."""
    system = folder / "scripted.yaml"
    actors = [
        {
            "actor_path": "actors.value_area.actor:ValueAreaActor",
            "config_path": "actors.value_area.config:ValueAreaActorConfig",
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
    document = {
        "system": "strategies.value_area.system:SYSTEM",
        "instrument_id": strategies[0][0],
        "actors": actors,
        "strategies": entries,
    }
    system.write_text(yaml.safe_dump(document))
    overrides = [f"catalog={catalog}", f"start={iso(START)}", f"end={iso(end)}", *more]
    return load_backtest(str(system), overrides=overrides, preset=preset)


def ran(folder, catalog, settings, end=END, *more):
    run = load(folder, catalog, [(BTC, settings)], end, *more)
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
    assert (row["stop"], row["tp1"], row["tp2"]) == (49_000, 51_000.05, 52_000)
    assert (row["entry_kind"], row["exits"], row["exit_reason"]) == ("TAKER", 1, "FLATTEN")
    assert orders["reason"].to_pylist() == ["SIGNAL", "FLATTEN", "SIGNAL", "FLATTEN", "SIGNAL"]
    assert fills["reason"].to_pylist() == orders["reason"].to_pylist()
    for table in (orders, fills, positions):
        assert set(table["strategy_id"].to_pylist()) == {"ScriptedStrategy-000"}
    assert row["r_price"] == pytest.approx(row["gross_pnl"] / (1_000 * 0.01))
    assert row["r_price"] - row["r_costs"] == pytest.approx(row["net_pnl"] / (1_000 * 0.01))
    assert summary["entries"] == 3
    assert [p["side"] for p in summary["open_positions"]] == ["LONG"]
    assert read_run(folder).fills["position_id"].tolist() == expected


def charged(*payments):
    """Return the settings of payments that the account is charged with, and the override."""
    charges = [[ts, f"{paid} USDT"] for ts, _, paid in payments]
    modules = [
        {
            "actor_path": "adapters.simulated.nautilus.fills:VenueFills",
            "config_path": "adapters.simulated.nautilus.fills:VenueFillsConfig",
            "config": {},
        },
        {
            "actor_path": "tests.backtests.scripted:Charge",
            "config_path": "tests.backtests.scripted:ChargeConfig",
            "config": {"amounts": charges},
        },
    ]
    return {"payments": payments}, f"venues.BYBIT.modules={json.dumps(modules)}"


FUNDED = (
    (START + 6 * MINUTE, 0.01, 0.5),
    (START + 7 * MINUTE, 0.01, -0.125),
    (START + 11 * MINUTE, -0.01, -0.25),
    (START + 16 * MINUTE, 0.01, 0.75),
)


def test_funding_is_booked_to_its_position_and_agrees_with_the_account(tmp_path, catalog):
    settings, modules = charged(*FUNDED)
    summary, folder = ran(tmp_path, catalog, {"orders": ROUND_TRIPS} | settings, END, modules)
    positions = pd.read_parquet(folder / "positions.parquet")
    assert positions["funding"].tolist() == [0.375, -0.25, 0.75]
    net = positions["gross_pnl"] - positions["fees"] - positions["funding"]
    assert positions["net_pnl"].tolist() == pytest.approx(net.tolist())
    assert (summary["funding"], summary["funding_payments"]) == (0.125, 3)
    costs = summary["fees"] + summary["funding"]
    assert summary["net_pnl"] == pytest.approx(summary["gross_pnl"] - costs)
    change = summary["ending_balance"] - summary["starting_balance"]
    assert change == pytest.approx(positions["net_pnl"].sum(), abs=1e-7)
    equity = pd.read_parquet(folder / "equity.parquet").set_index("ts")["balance"]
    at = {minute: equity[pd.Timestamp(START + minute * MINUTE, tz="UTC")] for minute in (5, 6, 7)}
    assert at[7] - at[6] == pytest.approx(0.125)
    assert equity.iloc[-1] == pytest.approx(summary["ending_balance"], abs=1e-7)


def test_funding_that_the_account_did_not_pay_is_no_result(tmp_path, catalog):
    with pytest.raises(RuntimeError, match="the account says"):
        ran(tmp_path, catalog, {"orders": ROUND_TRIPS, "payments": FUNDED[:1]})
    assert list((tmp_path / "runs").iterdir()) == []


def test_funding_without_a_position_is_no_result(tmp_path, catalog):
    early = ((START + 2 * MINUTE, 0.01, 0.5),)
    with pytest.raises(RuntimeError, match="no such position was open"):
        ran(tmp_path, catalog, {"orders": ROUND_TRIPS, "payments": early})


def test_parts_count_as_exits_and_the_last_gives_the_reason(tmp_path, catalog):
    orders = [
        order(5, "BUY", "ENTRY"),
        order(7, "SELL", "EXIT/TP1", "0.003"),
        order(9, "SELL", "EXIT/FLIP", "0.007"),
        order(9.1, "SELL", "ENTRY"),
        order(12, "BUY", "STOP/BREAKEVEN"),
    ]
    summary, folder = ran(tmp_path, catalog, {"orders": orders})
    positions = pd.read_parquet(folder / "positions.parquet")
    assert positions["exits"].tolist() == [2, 1]
    assert positions["exit_reason"].tolist() == ["FLIP", "BREAKEVEN"]
    assert positions["side"].tolist() == ["LONG", "SHORT"]
    assert [g["name"] for g in summary["breakdowns"]["exit_reason"]] == ["BREAKEVEN", "FLIP"]


def test_excursions_and_entry_cost_are_those_of_the_stream(tmp_path, catalog):
    summary, folder = ran(tmp_path, catalog, {"orders": ROUND_TRIPS})
    positions = pq.read_table(folder / "positions.parquet")
    times = zip(
        positions["ts_open"].cast("int64").to_pylist(),
        positions["ts_close"].cast("int64").to_pylist(),
        positions.to_pylist(),
        strict=True,
    )
    rows = early_rows()
    assert len(positions) == 3
    for opened, closed, row in times:
        last = pd.Timestamp(summary["end"]).value if closed is None else closed
        prints = [r[2] * 0.1 for r in rows if r[0] == 1 and opened <= r[1] <= last]
        sign = 1 if row["side"] == "LONG" else -1
        moves = [sign * (price - row["entry"]) for price in prints]
        assert row["mfe"] == pytest.approx(max(0, *moves), abs=1e-6)
        assert row["mae"] == pytest.approx(max(0, *(-move for move in moves)), abs=1e-6)
        assert row["mae_r"] == pytest.approx(row["mae"] / 1_000)
        assert row["mfe_money"] == row["mfe"]
        quote = [r for r in rows if r[0] == 0 and r[1] <= opened][-1]
        cost = sign * (2 * row["entry"] / 0.1 - quote[2] - quote[4])
        assert row["entry_cost"] == pytest.approx(cost, abs=1e-6)
        assert cost > 0


def test_every_key_of_the_summary_is_documented_and_none_is_missing(tmp_path, catalog):
    settings, modules = charged(*FUNDED)
    settings |= {"orders": ROUND_TRIPS, "enters": 3, "refuses": 2, "messages": 2}
    summary, folder = ran(tmp_path, catalog, settings, END, modules)
    # Its data have no gap that could be listed.
    expected = {key for key in SUMMARY_KEYS if not key.startswith("gaps.longest[].")}
    assert paths_of(json.loads((folder / "summary.json").read_text())) == expected
    scenarios = {"pessimistic": figures_of(summary)}
    assert paths_of(summary | {"scenarios": scenarios}) == expected | set(OPTIONAL_KEYS)
    assert paths_of(summary | {"other": 1}) - set(SUMMARY_KEYS) == {"other"}


def test_trade_events_and_alerts_have_their_tables(tmp_path, catalog):
    summary, folder = ran(tmp_path, catalog, {"messages": 2})
    events = pd.read_parquet(folder / "trade_events.parquet")
    alerts = pd.read_parquet(folder / "alerts.parquet")
    assert events["kind"].tolist() == ["ENTRY_SUBMITTED"] * 2
    assert alerts["value"].tolist() == [0.0, 1.0]
    assert set(alerts["strategy_id"]) == {"ScriptedStrategy-000"}
    assert summary["alerts"] == {"KILL_SWITCH": 2}


def test_breakdowns_add_up_to_the_run(tmp_path, catalog):
    settings, modules = charged(*FUNDED)
    summary, _ = ran(tmp_path, catalog, {"orders": ROUND_TRIPS} | settings, END, modules)
    assert set(summary["breakdowns"]) >= {"setup", "side", "exit_reason", "hour", "session"}
    for name, groups in summary["breakdowns"].items():
        for key in ("trades", "gross_pnl", "fees", "funding", "net_pnl"):
            assert sum(group[key] for group in groups) == pytest.approx(summary[key]), name


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


def test_a_limit_and_its_rest_at_market_are_one_entry(tmp_path, catalog):
    too_fine = order(5, "BUY", "ENTRY/SIGNAL", "0.01000001")
    again = order(6, "BUY", "ENTRY/TIMEOUT")
    orders = [too_fine, again, order(8, "SELL", "EXIT"), order(9, "BUY", "ENTRY", "0.01000001")]
    summary, _ = ran(tmp_path, catalog, {"orders": orders, "enters": 2})
    assert (summary["entries"], summary["entries_unfilled"], summary["trades"]) == (1, 1, 1)
    (warning,) = [text for text in summary["warnings"] if "without a fill" in text]
    assert warning.startswith("Entries without a fill: 1: 1 DENIED")


def test_notices_and_missing_funding_are_warnings(tmp_path, catalog):
    summary, _ = ran(tmp_path, catalog, {}, END, UNCHARGED)
    assert {"once", "often (3 times)", "Funding is not charged."} <= set(summary["warnings"])
    assert summary["entries_unfilled"] == 0
    assert not any("without a fill" in text for text in summary["warnings"])
    assert summary["open_positions"] == []
    charged, _ = ran(tmp_path, catalog, {})
    assert "Funding is not charged." not in charged["warnings"]


def test_the_account_pays_the_funding_of_the_fixed_rate(tmp_path, catalog):
    hourly = "venues.BYBIT.modules.0.config.interval_hours=1"
    # One hour of the stream: the window starts before a full hour and ends after it.
    rows = [row for row in vector_rows() if row[1] < START + 65 * MINUTE]
    write_catalog(tmp_path / "catalog", rows)
    orders = [order(5, "BUY", "ENTRY"), order(62, "SELL", "EXIT")]
    end = START + 64 * MINUTE
    balances = {}
    for bps in (0, 2.5):
        rate = f"venues.BYBIT.modules.0.config.rate_bps={bps}"
        run = load(tmp_path, tmp_path / "catalog", [(BTC, {"orders": orders})], end, hourly, rate)
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
