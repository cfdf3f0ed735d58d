import json
from pathlib import Path

import pytest

from backtests.results.summary_table import print_summary
from strategies.common.gate import Refusal
from tests.backtests.made_rows import Market
from tests.backtests.run_folder import build_run_folder


def printed(folder: Path, market: Market, capsys: pytest.CaptureFixture[str]) -> str:
    build_run_folder(folder, market)
    print_summary(json.loads((folder / "summary.json").read_text()), folder)
    return capsys.readouterr().out


def test_summary_shows_figures_refusals_and_where_the_report_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    market = Market(summary={"net_pnl": -1234.5, "refusals": {"SIZE": 3, "COOLDOWN": 9}})
    text = printed(tmp_path, market, capsys)
    assert "-1,234.50 USDT" in text
    assert text.index("COOLDOWN") < text.index("SIZE")
    assert "75.0 %" in text
    assert f"Report: {tmp_path / 'report.html'}\n" in text
    assert "No trades" not in text


def test_codes_are_explained_below_a_narrow_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = printed(tmp_path, Market(summary={"no_trade": []}), capsys)
    # The path of the report is the one line that is not wrapped.
    assert max(map(len, text.partition("Report:")[0].splitlines())) <= 80
    words = " ".join(text.split())
    for code in (Refusal.COOLDOWN, Refusal.SAME_SIDE, Refusal.SIZE):
        assert f"{code} {code.meaning}" in words


def test_a_run_without_a_trade_is_explained_in_lines_that_are_not_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = ["No trades: [b]why[/b].", "History: " + "word " * 40 + "end.", "SIZE refused 3 of 3."]
    text = printed(tmp_path, Market(trades=0, summary={"no_trade": lines}), capsys)
    assert max(map(len, text.partition("Report:")[0].splitlines())) <= 80
    words = " ".join(text.split())
    assert f"{lines[0]} - {lines[1]} - {lines[2]}" in words


def test_summary_of_synthetic_data_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "SYNTHETIC DATA" in printed(tmp_path / "a", Market(), capsys)
    real = Market(summary={"synthetic": False, "data_quality": ["venue side"]})
    assert "SYNTHETIC DATA" not in printed(tmp_path / "b", real, capsys)


def test_summary_without_trades_starts_with_what_held_candidates_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(tmp_path, Market(trades=0), capsys)
    order = ["No trades: in 600 closed minutes 9 candidates", "COOLDOWN", "WARMUP", "Net P&L"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_summary_without_candidates_shows_the_decisions_of_the_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(tmp_path, Market(minutes=200, trades=0), capsys)
    assert "No trades: none of 200 closed minutes" in text
    assert "Refused candidates" not in text
    assert "100.0 %" in text


def test_summary_prints_names_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    market = Market(summary={"system": "[red]x[/red]", "warnings": ["[bold]y"]})
    text = printed(tmp_path, market, capsys)
    assert "[red]x[/red]" in text
    assert "[bold]y" in text


@pytest.mark.parametrize("price", [None, 0.1])
def test_the_units_of_r_are_said_where_r_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], price: float | None
) -> None:
    text = printed(tmp_path, Market(summary={"mean_r_price": price}), capsys)
    told = "R of price and of costs: in distances to the stop." in " ".join(text.split())
    assert told is (price is not None)
