"""One list of trades under the three presets, and runs side by side."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from backtests.report import write_report
from backtests.results.summary_table import print_summary
from backtests.runner import run_backtest
from backtests.scenarios import compared_with
from backtests.scenarios import run_compared
from backtests.scenarios import sign_warnings
from configs.loader import load_backtest
from tests.backtests.made_rows import Market
from tests.backtests.run_folder import build_run_folder
from tests.backtests.test_runner import BTC
from tests.backtests.test_runner import END
from tests.backtests.test_runner import ROUND_TRIPS
from tests.backtests.test_runner import early_rows
from tests.backtests.test_runner import load
from tests.backtests.test_runner import order
from tests.engines import auction
from tests.markets import iso
from tests.markets import write_catalog


PRESETS = ("optimistic", "default", "pessimistic")
PAIRS = [
    order(3 + i, side, role)
    for i, (side, role) in enumerate([("BUY", "ENTRY"), ("SELL", "EXIT")] * 3)
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return write_catalog(tmp_path_factory.mktemp("catalog"), early_rows())


def test_a_fixed_list_of_trades_earns_less_the_more_cautious_the_assumptions(tmp_path, catalog):
    nets = {}
    for preset in PRESETS:
        # The same market for each: a delay alone may turn out either way.
        late = "venues.BYBIT.latency_model.config.base_latency_nanos=0"
        run = load(tmp_path, catalog, [(BTC, {"orders": PAIRS})], END, late, preset=preset)
        summary, folder = run_backtest(run, tmp_path / preset)
        assert summary["preset"] == preset
        assert yaml.safe_load((folder / "config.yaml").read_text())["preset"] == preset
        nets[preset] = summary["net_pnl"]
        fills = pd.read_parquet(folder / "fills.parquet")
        assert len(fills) >= 6
    assert nets["optimistic"] > nets["default"] > nets["pessimistic"]
    # Ticks of ten cents on each of six fills of a hundredth, less their fee: one more, and for the
    # pessimist a quarter of a basis point of about 500,000 ticks as well.
    for better, worse, ticks in (("optimistic", "default", 1), ("default", "pessimistic", 14)):
        assert nets[better] - nets[worse] == pytest.approx(6 * ticks * 0.1 * 0.01, rel=0.01)


def test_a_run_is_compared_with_the_default_and_the_pessimistic_one():
    assert compared_with("default") == ("pessimistic",)
    assert compared_with("pessimistic") == ("default",)
    assert compared_with("optimistic") == ("default", "pessimistic")


def side_by_side(folder, catalog):
    settings = [(BTC, {"orders": ROUND_TRIPS, "enters": 3})]
    run, other = (load(folder, catalog, settings, preset=name) for name in PRESETS[::2])
    return run_compared(run, [other], folder / "runs")


def test_the_figures_beside_a_run_are_those_of_the_other_run(tmp_path, catalog, capsys):
    summary, folder = side_by_side(tmp_path, catalog)
    # The most cautious one last, but for what only hopes.
    assert list(summary["scenarios"]) == ["pessimistic", "optimistic"]
    assert json.loads((folder / "summary.json").read_text())["scenarios"] == summary["scenarios"]
    assert summary["scenarios"]["optimistic"]["net_pnl"] == summary["net_pnl"]
    other = "pessimistic"
    settings = [(BTC, {"orders": ROUND_TRIPS, "enters": 3})]
    alone, _ = run_backtest(load(tmp_path, catalog, settings, preset=other), tmp_path / "alone")
    assert summary["scenarios"][other]["net_pnl"] == alone["net_pnl"]
    assert summary["scenarios"][other]["fees"] == alone["fees"]
    # Nothing but the run's own folder is left.
    assert list((tmp_path / "runs").iterdir()) == [folder]
    print_summary(summary, folder)
    shown = capsys.readouterr().out
    assert f"{alone['net_pnl']:,.2f}" in shown
    assert "pessimistic" in shown
    page = (folder / "report.html").read_text()
    assert "Under other market assumptions" in page
    assert f"{abs(alone['net_pnl']):,.2f}" in page


def test_what_fails_under_other_assumptions_is_a_warning_of_the_run(tmp_path, catalog):
    run = load(tmp_path, catalog, [(BTC, {})])
    broken = load(tmp_path, catalog, [(BTC, {})], END, "catalog=nowhere", preset=PRESETS[2])
    summary, folder = run_compared(run, [broken], tmp_path / "runs")
    assert "under the pessimistic assumptions failed" in summary["warnings"][0]
    assert "nowhere" in summary["warnings"][0]
    assert list(summary["scenarios"]) == ["default"]
    assert list((tmp_path / "runs").iterdir()) == [folder]


def nets(**values):
    return {name: {"net_pnl": net} for name, net in values.items()}


def test_a_result_that_changes_its_sign_is_called_none():
    (warning,) = sign_warnings(nets(default=1234.5, pessimistic=-2.25), "USDT")
    assert "default +1,234.50 USDT, pessimistic -2.25 USDT: this is no result" in warning
    assert sign_warnings(nets(default=1.0, pessimistic=0.0), "USDT")
    assert sign_warnings(nets(default=-1.0, pessimistic=2.0), "USDT")


@pytest.mark.parametrize(
    "scenarios",
    [nets(default=3.0, pessimistic=1.0), nets(default=-1.0, pessimistic=0.0), nets(default=1.0)],
)
def test_a_result_that_keeps_its_sign_is_not_warned_of(scenarios):
    assert sign_warnings(scenarios, "USDT") == []


def test_a_single_run_shows_no_comparison(tmp_path, capsys):
    market = Market(summary={"scenarios": {"default": {"net_pnl": 1.0}}})
    build_run_folder(tmp_path, market)
    write_report(tmp_path)
    print_summary(json.loads((tmp_path / "summary.json").read_text()), tmp_path)
    assert "Market assumptions  Net" not in capsys.readouterr().out
    assert "Under other market assumptions" not in (tmp_path / "report.html").read_text()


def command(folder, catalog, *options):
    load(folder, catalog, [(BTC, {"orders": ROUND_TRIPS, "enters": 3})])
    return auction(
        "backtest",
        folder / "scripted.yaml",
        "--catalog",
        catalog,
        "--end",
        iso(END),
        "--runs",
        folder / "runs",
        *options,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["default", "pessimistic"]),
        (["--optimistic"], ["optimistic", "default", "pessimistic"]),
        (["--pessimistic", "--single"], ["pessimistic"]),
    ],
)
def test_the_command_line_chooses_the_presets(tmp_path, catalog, monkeypatch, options, expected):
    seen = []

    def compared(run, others, runs):
        seen.append([run.preset, *(other.preset for other in others)])
        return run_compared(run, [], runs)

    monkeypatch.setattr("backtests.scenarios.run_compared", compared)
    done = command(tmp_path, catalog, *options)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert seen == [expected]
    summary = json.loads((folder / "summary.json").read_text())
    assert list(summary["scenarios"]) == expected[:1]
    assert summary["preset"] == expected[0]


def test_the_default_run_of_the_command_line_shows_the_pessimistic_one(vector_run):
    summary = json.loads((vector_run.run / "summary.json").read_text())
    assert list(summary["scenarios"]) == ["default", "pessimistic"]
    assert "pessimistic" in vector_run.printed


def test_both_presets_at_once_are_wrong_usage(tmp_path, catalog):
    done = command(tmp_path, catalog, "--optimistic", "--pessimistic")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == (
        "error: --pessimistic and --optimistic exclude each other: choose one"
    )
    assert not (tmp_path / "runs").exists()


def test_a_setting_that_fits_no_preset_is_named(tmp_path, catalog):
    done = command(tmp_path, catalog, "--set", "venues.BYBIT.modules.1.config.queue=hope")
    assert done.returncode == 2
    assert "`venues.BYBIT.modules.1.config.queue`: Invalid enum value 'hope'" in done.stderr


def test_load_backtest_takes_the_default_preset_by_name():
    assert load_backtest("btc_value_area", preset="default") == load_backtest("btc_value_area")
