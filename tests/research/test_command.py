"""The command `auction stress` over folders of runs."""

import json
from pathlib import Path

import pytest

from backtests.report import write_report
from errors import AuctionError
from errors import UsageError
from research.stress.command import stress_runs
from tests.backtests.made_rows import Market
from tests.backtests.run_folder import build_run_folder
from tests.engines import auction


def test_the_results_are_printed_and_written_beside_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = build_run_folder(tmp_path / "run")
    stress_runs([run], iterations=20)
    printed = capsys.readouterr().out
    assert "Worse fills" in printed
    assert str(run / "stress.html") in printed.replace("\n", "")
    result = json.loads((run / "stress.json").read_text())
    assert result["trades"] > 0
    assert (result["clock"], result["currency"]) == ("UTC", "USDT")
    # The tick of the perpetual is 0.1 USDT: two fills, a tick each, of every size.
    first = result["slippage"][0]
    assert first["slippage"] == pytest.approx(result["net"] - first["net"])
    page = (run / "stress.html").read_text(encoding="utf-8")
    assert "<h2>Chance</h2>" in page
    assert "http://" not in page.partition("<script>")[0]
    # The page of the run has them as well, also when it is written again.
    report = (run / "report.html").read_text(encoding="utf-8")
    assert "<h2>Stress tests</h2>" in report
    assert "<h3>Chance</h3>" in report
    write_report(run)
    assert (run / "report.html").read_text(encoding="utf-8") == report


def test_several_runs_are_one_list_and_json_is_printed_alone(tmp_path: Path) -> None:
    runs = [build_run_folder(tmp_path / name) for name in ("a", "b")]
    done = auction("stress", *runs, "--json", "--iterations", "10", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    both = json.loads(done.stdout)
    stress_runs(runs[:1], iterations=10)
    one = json.loads((runs[0] / "stress.json").read_text())
    assert both["trades"] == 2 * one["trades"]
    assert both["net"] == pytest.approx(2 * one["net"])
    assert (tmp_path / "stress.html").is_file()
    assert not (runs[1] / "stress.json").exists()
    assert not (runs[1] / "report.html").exists()


def test_runs_that_cannot_be_tested_are_refused(tmp_path: Path) -> None:
    run = build_run_folder(tmp_path / "run")
    with pytest.raises(UsageError, match="named twice"):
        stress_runs([run, tmp_path / "." / "run"])
    with pytest.raises(UsageError, match="not the folder of a run"):
        stress_runs([tmp_path])
    with pytest.raises(UsageError, match="no such folder"):
        stress_runs([run], tmp_path / "none")
    empty = build_run_folder(tmp_path / "empty", Market(trades=0))
    with pytest.raises(AuctionError, match="no closed trade"):
        stress_runs([empty])


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--ticks", "-1", "--ticks -1 is not within"),
        ("--iterations", "0", "--iterations 0 is not within"),
        ("--seed", "-1", "--seed -1 is negative"),
        ("--ruin", "0", "--ruin 0 is not positive"),
        ("--balance", "x", "--balance x: not a positive amount"),
        ("--balance", "0", "--balance 0: not a positive amount"),
    ],
)
def test_options_out_of_their_range_are_refused(option: str, value: str, message: str) -> None:
    done = auction("stress", "nowhere", option, value)
    assert done.returncode == 2
    assert message in done.stderr
