"""Several runs side by side."""

import re
from pathlib import Path

import pytest

from backtests.report.comparison_page import render_comparison
from backtests.reporting import report_runs
from backtests.results.comparison import differing_keys
from backtests.results.comparison import figure_rows
from backtests.results.comparison import read_runs
from errors import AuctionError
from errors import UsageError
from tests.backtests.made_rows import Market
from tests.backtests.run_folder import build_run_folder
from tests.backtests.test_report import HOSTILE
from tests.backtests.test_report import body_of
from tests.backtests.test_report import charts_of


def two_runs(tmp_path: Path) -> list[Path]:
    first = build_run_folder(tmp_path / "a")
    other = Market(trades=3, open_position=True, summary={"currency": "USD"})
    second = build_run_folder(tmp_path / "b", other)
    (first / "config.yaml").write_text("a: 1\nlist: [1, 2]\nsame: {x: [{y: 1}]}\nonly: text\n")
    (second / "config.yaml").write_text("a: 2\nlist: [1, 3]\nsame: {x: [{y: 1}]}\n")
    return [first, second]


def test_only_differing_keys_are_named_with_the_value_of_each_run(tmp_path: Path) -> None:
    runs = read_runs(two_runs(tmp_path))
    assert differing_keys(runs) == {
        "a": ["1", "2"],
        "list": ["[1, 2]", "[1, 3]"],
        "only": ["text", "not set"],
    }


def test_figures_stand_side_by_side_also_where_one_run_lacks_them(tmp_path: Path) -> None:
    runs = read_runs(two_runs(tmp_path))
    rows = {label: [f.text for f in figures] for _, label, figures in figure_rows(runs)}
    assert rows["Trades"] == ["6", "2"]
    assert rows["Open position"][0] == "none"
    assert rows["Opened at"][0] == "–"
    units = {label: [f.unit for f in figures] for _, label, figures in figure_rows(runs)}
    assert units["Net P&L"] == ["USDT", "USD"]


def test_the_page_draws_the_equity_of_all_runs_from_their_start(tmp_path: Path) -> None:
    folders = two_runs(tmp_path)
    runs = read_runs(folders)
    page = render_comparison(runs)
    (chart,) = charts_of(page)
    assert [trace["name"][0] for trace in chart["data"]] == ["A", "B"]
    for trace, run in zip(chart["data"], runs, strict=True):
        last = 100.0 * (run.equity["equity"].iloc[-1] / 10_000.0 - 1.0)
        assert trace["y"][-1] == pytest.approx(last, abs=1e-3)
    looks = [trace["line"] for trace in chart["data"]]
    assert looks[0] != looks[1]
    assert "SYNTHETIC DATA" in body_of(page)
    assert page == render_comparison(read_runs(folders))
    assert not re.search(r"<(link|img|iframe|script)[^>]*(src|href)=", page)


def test_every_text_of_a_comparison_is_escaped(tmp_path: Path) -> None:
    names = ("system", "run_id", "currency")
    hostile = Market(summary=dict.fromkeys(names, HOSTILE) | {"instruments": [HOSTILE]})
    first = build_run_folder(tmp_path / "a", hostile)
    second = build_run_folder(tmp_path / "b")
    (first / "config.yaml").write_text("a: '<script>alert(1)</script>'\n")
    assert "<script>alert" not in render_comparison(read_runs([first, second]))


def test_runs_that_cannot_be_compared_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    first, second = two_runs(tmp_path)
    page = tmp_path / "page.html"
    with pytest.raises(UsageError, match="is given twice"):
        report_runs([first, second, tmp_path / "b" / ".." / "a"], page)
    with pytest.raises(UsageError, match="compare at most 26"):
        report_runs([tmp_path / str(i) for i in range(27)], page)
    with pytest.raises(UsageError, match="holds no summary.json"):
        report_runs([first, tmp_path], page)
    with pytest.raises(UsageError, match="name a file in a folder that exists"):
        report_runs([first, second], tmp_path)
    (second / "config.yaml").write_text("a: [\n")
    with pytest.raises(AuctionError, match="config.yaml: not readable as YAML") as damaged:
        report_runs([first, second], page)
    assert "\n" not in str(damaged.value)
    (second / "equity.parquet").unlink()
    (second / "config.yaml").unlink()
    with pytest.raises(AuctionError, match="config.yaml: file is missing"):
        report_runs([first, second], page)
    assert not list(tmp_path.glob("*.html*"))


def test_the_page_lies_beside_the_first_run_unless_told_otherwise(tmp_path: Path) -> None:
    folders = two_runs(tmp_path)
    report_runs(folders, None)
    assert (tmp_path / "comparison.html").is_file()
    assert [path.name for path in tmp_path.glob(".*")] == []
