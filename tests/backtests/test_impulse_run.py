"""What a run of the impulse system leaves in its folder, with quotes and without."""

import csv
import json
from decimal import Decimal
from typing import Any

import nbformat
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from actors.codes import meanings
from actors.impulse.actor import ImpulseActor
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import SecondBar
from backtests.preflight import preflight
from backtests.report.run_figure import run_figure
from backtests.results.message_tables import MessageTable
from backtests.results.message_tables import message_schema
from backtests.results.run_folder import read_summary
from backtests.results.summary_keys import OPTIONAL_KEYS
from backtests.results.summary_keys import SUMMARY_KEYS
from backtests.results.summary_keys import paths_of
from backtests.results.trade_log import HEADER
from backtests.runner import run_backtest
from errors import AuctionError
from errors import UsageError
from strategies.impulse_lvn.strategy import ImpulseLvnStrategy
from strategies.impulse_lvn.system import SYSTEM
from tests.backtests.impulse_runs import NQ
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import config_of
from tests.backtests.impulse_runs import prints
from tests.backtests.test_notebook import NOTEBOOK
from tests.engines import auction
from tests.seed_rules import NO_COST_RULES
from tests.strategies.test_impulse_lvn_strategy import LOOSE
from tests.strategies.test_impulse_lvn_strategy import PRINTS
from tests.strategies.test_impulse_lvn_strategy import end_of
from tests.strategies.test_impulse_lvn_strategy import loose
from tests.strategies.test_impulse_lvn_strategy import quoted
from tests.strategies.test_impulse_lvn_strategy import tape


pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")


def command(folder, rows, *settings):
    catalog = catalog_of(folder / "catalog", rows)
    parts = [
        f"instrument_id={NQ}",
        end_of(tape()),
        # The tape has hours without an event.
        "actors.0.config.gap_after_s=360000",
        *NO_COST_RULES,
        *(f"strategies.0.config.{key}={value}" for key, value in LOOSE.items()),
        *settings,
    ]
    done = auction(
        "backtest",
        "nq_impulse_lvn",
        "--catalog",
        catalog,
        "--runs",
        folder / "runs",
        "--single",
        *(text for part in parts for text in ("--set", part)),
    )
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "runs").iterdir()
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return command(tmp_path_factory.mktemp("run"), quoted(tape()))


def read(run, name):
    return pd.read_parquet(run / f"{name}.parquet")


def test_every_class_that_the_actor_publishes_has_its_table(run):
    for cls in (*ImpulseActor.PUBLISHES, *ImpulseLvnStrategy.PUBLISHES):
        if cls.TABLE is None or cls.TABLE.of_nodes:
            continue
        assert pq.read_schema(run / f"{cls.TABLE.name}.parquet").names == [
            "ts",
            "instrument_id",
            *cls.COLUMNS,
        ]
    for name in ("second_bars", "daily_levels", "impulses", "lvn_visits", "market_states"):
        table = read(run, name)
        assert len(table) > 0
        assert set(table["instrument_id"]) == {NQ}
        assert table["ts"].is_monotonic_increasing


def test_the_summary_counts_seconds_and_has_its_documented_keys(run):
    summary = read_summary(run)
    seconds = read(run, "second_bars")
    assert summary["seconds_closed"] == len(seconds)
    assert summary["minutes_closed"] == len(set(seconds["ts_second"].dt.floor("min")))
    assert paths_of(summary) <= set(SUMMARY_KEYS) | set(OPTIONAL_KEYS)
    signals = read(run, "signals")
    assert summary["signals"] == signals["setup"].notna().sum() > 5
    assert summary["reasons"]["RETEST"] == (signals["reason"] == "RETEST").sum()
    assert summary["trades"] > 5
    assert (run / "report.html").is_file()


def test_every_code_that_it_writes_is_explained(run):
    codes = SYSTEM.codes
    signals, orders = read(run, "signals"), read(run, "orders")
    events, levels = read(run, "trade_events"), read(run, "daily_levels")
    acts = (*codes.entries, *codes.exits)
    for found, kinds in (
        (signals["reason"], (*codes.decisions, *codes.exits)),
        (signals["why"].dropna(), (*codes.refusals, *codes.exits)),
        (orders["reason"], acts),
        (events["reason"].dropna(), acts),
        (levels["reason"].dropna(), codes.decisions),
    ):
        assert set(found) <= set(meanings(*kinds))
    assert len(signals) > 10
    summary = json.loads((run / "summary.json").read_text())
    assert set(summary["codes"]["reasons"]) == set(summary["reasons"])
    assert summary["no_trade"] == []


def test_the_equity_stands_at_the_ends_of_minutes_and_agrees_with_the_books(run):
    equity, summary = read(run, "equity"), read_summary(run)
    assert (equity["ts"].iloc[:-1].dt.second == 0).all()
    assert equity["balance"].iloc[-1] == pytest.approx(summary["ending_balance"], abs=0.01)
    assert equity["balance"].iloc[0] == summary["starting_balance"]


def test_the_notebook_draws_what_the_views_of_the_system_show(run, monkeypatch):
    monkeypatch.setenv("AUCTION_RUN", str(run))
    monkeypatch.delenv("AUCTION_CATALOG", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["reasons"].decisions.sum() == len(read(run, "signals"))
    shown = {trace.name for trace in names["figure"].data}
    assert {"Price", "Prior day", "LVN found", "Trade", "Signal"} <= shown
    assert any(name.startswith("Impulse: ") for name in shown)
    with pytest.raises(UsageError, match=f"no ESH5.XCME; the run has {NQ}"):
        run_figure(run, "ESH5.XCME")
    candles = next(t for t in names["figure"].data if t.type == "candlestick")
    assert max(candles.high) == read(run, "second_bars")["high"].max() * 0.25


def test_the_log_holds_entries_with_their_targets_and_exits_with_their_points(run):
    with (run / "trades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == HEADER
    entries = [row for row in rows if row["action"] == "ENTRY"]
    exits = [row for row in rows if row["action"] == "EXIT"]
    positions = read(run, "positions")
    assert len(entries) == len(positions)
    assert len(exits) == positions["ts_close"].notna().sum() > 5
    for row, position in zip(entries, positions.itertuples(), strict=True):
        sign = 1 if row["direction"] == "LONG" else -1
        assert Decimal(row["target"]) - Decimal(row["price"]) == sign * LOOSE["take_profit"]
        assert (float(row["price"]), float(row["stop"])) == (position.entry, position.stop)
        assert len(row["price"].partition(".")[2]) == 2
        assert pd.Timestamp(row["timestamp"]).nanosecond == 0
    points = [Decimal(row["pnl_points"]) for row in exits]
    assert float(sum(points)) * 20 == pytest.approx(positions["gross_pnl"].sum())
    assert {row["reason"] for row in exits} >= {"STOP", "TARGET"}


def test_a_run_without_quotes_says_what_its_fills_stand_on(tmp_path):
    run = command(tmp_path, prints(tape()), "data=[TradeTick]")
    summary = json.loads((run / "summary.json").read_text())
    assumptions = summary["assumptions"]
    assert assumptions["XCME quotes"].startswith("none in the data: the last print stands")
    assert assumptions["XCME market orders"].startswith("pay the last print, worse by 1 tick")
    assert assumptions["XCME entries"] == "sent on the first trade after the decision"
    resolved = yaml.safe_load((run / "config.yaml").read_text())
    assert resolved["venues"]["XCME"]["modules"][0]["config"]["touch"] == "print"
    traded = {tick * 0.25 for _, tick, _, _ in tape()}
    fills = read(run, "fills")
    assert len(fills) > 10
    for fill in fills.itertuples():
        sign = 1 if fill.side == "BUY" else -1
        assert fill.price - sign * 0.25 in traded
    assert read(run, "positions")["entry_cost"].isna().all()


def test_quotes_asked_for_and_not_read_are_refused(tmp_path):
    catalog = catalog_of(tmp_path, prints(tape()))
    run = config_of(catalog, *PRINTS, "venues.XCME.modules.0.config.touch=quote")
    with pytest.raises(UsageError, match="orders pay quotes; `touch: null`"):
        preflight(run)
    run = config_of(catalog, "data=[QuoteTick]")
    with pytest.raises(UsageError, match="lacks TradeTick"):
        preflight(run)


def test_a_window_that_closes_no_second_is_an_error(tmp_path):
    rows = tape()[:1]
    catalog = catalog_of(tmp_path / "catalog", prints(rows))
    with pytest.raises(AuctionError, match="1 events closed no bar"):
        run_backtest(config_of(catalog, *PRINTS), tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_without_a_decision_is_none_in_vain(tmp_path):
    rows = tape()
    catalog = catalog_of(tmp_path / "catalog", prints(rows))
    config = config_of(catalog, *PRINTS, *loose(breakout_threshold=1000), end_of(rows))
    summary, folder = run_backtest(config, tmp_path / "runs", report=False)
    assert (summary["signals"], summary["trades"]) == (0, 0)
    assert summary["seconds_closed"] > 100
    assert len(read(folder, "lvn_visits")) == 0


def test_a_table_is_written_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setattr("backtests.results.message_tables.ROWS", 3)
    bars = [
        SecondBar.from_dict(
            {
                **dict.fromkeys(SecondBar.COLUMNS, i),
                "tick_size": 0.25,
                "lot_size": 1.0,
                "ticks": [i],
                "volumes": [i],
                "instrument_id": NQ,
                "ts_event": i,
                "ts_init": i,
            }
        )
        for i in range(8)
    ]
    path = tmp_path / "second_bars.parquet"
    with MessageTable(SecondBar, path) as table:
        for bar in bars:
            table.add(bar)
    assert pq.ParquetFile(path).num_row_groups == 3
    assert pq.read_table(path)["volumes"].to_pylist() == [[i] for i in range(8)]


def test_times_of_a_message_are_times_in_its_table():
    schema = message_schema(DailyLevelsUpdate)
    assert str(schema.field("ends_at").type) == "timestamp[ns, tz=UTC]"
    assert str(schema.field("pdh").type) == "int64"
