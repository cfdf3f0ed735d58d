"""Backtests and replays without a trade say why: the figures are those that were measured."""

import json

import pytest

from backtests.results.node_runs import report_node_run
from backtests.runner import run_backtest
from configs.loader import load_backtest
from live.replay import run_replay
from strategies.common.gate import Refusal
from tests.backtests.impulse_runs import catalog_of
from tests.backtests.impulse_runs import prints
from tests.backtests.test_gaps import HOUR
from tests.backtests.test_gaps import T0
from tests.backtests.test_gaps import market
from tests.backtests.test_impulse_run import tape
from tests.backtests.test_runner import load
from tests.backtests.test_runner import order
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_catalog


START = vector_stream()[0]
MINUTES = 60
# The first quote of the stream comes in its second minute: what has closed before is no history.
UNQUOTED = 1
IMPOSSIBLE = [
    f"strategies.0.config.{name}={value}"
    for name, value in {
        "qimb_entry_min": 1,
        "qimb_breakout_min": 1,
        "qimb_fail_min": -1,
        "of_entry_min": 1e9,
        "of_breakout_min": 1e9,
        "of_fail_min": -1e9,
        **dict.fromkeys(("of_entry_min_norm", "of_breakout_min_norm", "of_fail_min_norm"), "null"),
    }.items()
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return write_catalog(tmp_path_factory.mktemp("no_trade") / "catalog", sided_rows(MINUTES))


def ran(catalog, folder, *settings, system="btc_value_area"):
    run = load_backtest(system, overrides=[f"catalog={catalog}", *settings])
    summary, path = run_backtest(run, folder / "runs", report=False)
    assert summary["trades"] == 0
    assert json.loads((path / "summary.json").read_text())["no_trade"] == summary["no_trade"]
    return summary


def line(summary, start):
    (found,) = [text for text in summary["no_trade"] if text.startswith(start)]
    return found


def test_a_window_shorter_than_warm_up_names_the_minutes_that_lack(catalog, tmp_path):
    summary = ran(catalog, tmp_path)
    closed, refused = summary["minutes_closed"], summary["refusals"]["WARMUP"]
    had = closed - UNQUOTED
    assert summary["no_trade"] == [
        f"No trades: in {closed} closed minutes {refused} candidates were refused.",
        "History: warm-up needs 240 minutes of trades and quotes without a gap (warmup_minutes), "
        f"and there were {had}: give {240 - had} more, by an earlier --start or by "
        "ingesting what came before.",
        f"WARMUP refused {refused} of {refused} candidates. {Refusal.WARMUP.meaning}",
    ]


def test_history_that_the_catalog_has_is_pointed_at(catalog, tmp_path):
    since = START + 20 * MINUTE
    summary = ran(catalog, tmp_path, f"start={iso(since)}")
    assert line(summary, "The run begins at ").endswith("an earlier --start gives more history.")
    assert "give 2" in line(summary, "History: ")


def test_minutes_before_a_gap_are_no_history_of_those_after_it(tmp_path):
    rows = [*market(T0, 30), *market(T0 + 2 * HOUR, 45)]
    found = ran(write_catalog(tmp_path / "catalog", rows), tmp_path)
    had = int(line(found, "History: ").partition("there were ")[2].partition(":")[0])
    assert had in (44, 45)
    assert found["minutes_closed"] > 2 * had
    assert "an earlier --start" not in " ".join(found["no_trade"])
    refused = line(found, "WARMUP refused ")
    assert found["gaps"]["refused"] > 0
    assert f" {found['gaps']['refused']} of these came after a gap" in refused
    assert "from 2026-01-05 00:29 to 2026-01-05 02:00 UTC; after it the warm-up was not" in refused


def test_a_size_that_the_venue_does_not_take_is_named(catalog, tmp_path):
    settings = ["actors.0.config.warmup_minutes=1", "strategies.0.config.risk_pct=0.00000001"]
    costs = [f"strategies.0.config.min_{n}=null" for n in ("stop_fee_ratio", "reward_fee_ratio")]
    spreads = "strategies.0.config.min_stop_spreads=null"
    summary = ran(catalog, tmp_path, *settings, *costs, spreads)
    count = summary["refusals"]["SIZE"]
    assert line(summary, "SIZE refused ") == (
        f"SIZE refused {count} of {sum(summary['refusals'].values())} candidates. "
        f"{Refusal.SIZE.meaning}"
    )
    closed = summary["minutes_closed"]
    assert f"and {closed} closed: entries were possible in {closed} of" in line(summary, "History")


def test_without_a_candidate_the_rule_says_how_far_it_came(catalog, tmp_path):
    summary = ran(catalog, tmp_path, *IMPOSSIBLE)
    assert summary["signals"] == 0
    assert summary["no_trade"][0].startswith("No trades: none of ")
    count = summary["reasons"]["NO_SETUP"]
    text = line(summary, "NO_SETUP was ")
    assert text.startswith(f"NO_SETUP was {count} of {summary['minutes_closed']} decisions.")
    assert "(of_…) or imbalance (qimb_…)" in text
    assert line(summary, "Of ").startswith(f"Of {count} minutes with trades and a value area, ")


def test_entries_that_the_risk_engine_refuses_are_entries_without_a_fill(catalog, tmp_path):
    too_fine = order(9, "BUY", "ENTRY", "0.01000001")
    run = load(tmp_path, catalog, [(BTC, {"orders": [too_fine], "enters": 1})])
    summary, _ = run_backtest(run, tmp_path / "runs", report=False)
    assert summary["no_trade"][0].endswith("closed minutes one entry was not filled.")
    assert "One entry was decided on, and none was filled." in summary["no_trade"]


def test_a_day_without_levels_names_the_session_that_lacks(tmp_path):
    catalog = catalog_of(tmp_path / "catalog", prints(tape()))
    summary = ran(
        catalog, tmp_path, "data=[TradeTick]", "instrument_id=NQH5.XCME", system="nq_impulse_lvn"
    )
    (levels,) = [text for text in summary["no_trade"] if text.startswith("No levels on ")]
    assert "(NO_SESSION): they come from the regular session of 20" in levels
    assert "T14:30Z on, or name a level_cache that has it." in levels
    assert summary["no_trade"][-1] == (
        "The rule has seen 3 breakouts, 0 impulses completed: it waited for an impulse that is "
        "large and marked enough (min_impulse_size, min_impulse_score)."
    )
    assert not any("NO_SESSION was" in text for text in summary["no_trade"])


def test_a_replay_without_a_trade_points_at_its_report(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    catalog = write_catalog(tmp_path / "catalog", sided_rows(8))
    said = []
    settings = [f"catalog={catalog}"]
    folder = run_replay(
        "btc_value_area", "paper", settings, tmp_path / "runs", said.append, speed=None
    )
    assert said[1:] == [f"No trade was closed: `auction report {folder}` says why."]
    end = json.loads((folder / "end.json").read_text())
    (history,) = end["history"]
    assert f"there were {end['rows']['features'] - UNQUOTED}: give" in history
    capsys.readouterr()
    report_node_run(folder)
    shown = " ".join(capsys.readouterr().out.split())
    assert "No trades: none of" in shown
    assert history in shown
    assert end["progress"][-1] in shown
