"""The command line: results, exit codes and one clear line for a user's mistake."""

import json
import sys
from shutil import copytree

import pandas as pd
import pyarrow.parquet as pq
import pytest

from actors.codes import meanings
from backtests.results.codes import code_groups
from cli.main import main
from strategies.value_area.system import SYSTEM
from tests.checks import some
from tests.engines import auction
from tests.engines import auction_process
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.vector_run import RULES


@pytest.fixture
def call(monkeypatch, capsys):
    """Call the command line inside this process: for commands that run no engine."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["auction", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


def test_a_system_of_the_working_directory_is_found(call, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system_of_mine.py").write_text("SYSTEM = 1\n")
    (tmp_path / "mine.yaml").write_text("system: system_of_mine:SYSTEM\n")
    code, _, told = call("backtest", "mine.yaml")
    assert code == 2
    assert told.startswith("error: mine.yaml: `system`: system_of_mine:SYSTEM is no System")
    (tmp_path / "other.yaml").write_text("system: system_of_others:SYSTEM\n")
    code, _, told = call("backtest", "other.yaml")
    assert code == 2
    assert told.count("system_of_others") == 2


@pytest.fixture(scope="module")
def ticks(vector_run):
    return vector_run.catalog


@pytest.fixture(scope="module")
def run(vector_run):
    return vector_run.run, vector_run.printed


def test_a_backtest_writes_the_whole_run_folder(run):
    folder, _ = run
    assert {path.name for path in folder.iterdir()} == {
        "config.yaml",
        "summary.json",
        "features.parquet",
        "footprints.parquet",
        "gaps.parquet",
        "signals.parquet",
        "orders.parquet",
        "fills.parquet",
        "positions.parquet",
        "equity.parquet",
        "days.parquet",
        "trades.csv",
        "trade_events.parquet",
        "alerts.parquet",
        "report.html",
    }


def test_the_printed_result_names_the_report_and_says_synthetic(run):
    _, text = run
    assert "report.html" in text
    assert "SYNTHETIC" in text.upper()


def test_help_explains_every_code_within_eighty_columns(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, shown, _ = call("backtest", "--help")
    assert code == 0
    assert max(map(len, shown.splitlines())) <= 80
    words = " ".join(shown.split())
    for title, codes in code_groups():
        assert f"{title}:" in shown
        for name, meaning in codes.items():
            assert f"{name} {meaning}" in words
    for command in ("live", "replay", "report", "features"):
        assert "`auction backtest --help` explains" in call(command, "--help")[1]


def test_every_code_in_the_tables_is_explained(run):
    folder, _ = run
    codes = SYSTEM.codes
    signals = pd.read_parquet(folder / "signals.parquet")
    events = pd.read_parquet(folder / "trade_events.parquet")
    refused = signals[signals["action"] == "REFUSE"]
    exits = signals[signals["action"] == "EXIT"]
    for found, kinds in (
        (signals["reason"], codes.decisions),
        (refused["why"], codes.refusals),
        (exits["why"], codes.exits),
        (pd.read_parquet(folder / "features.parquet")["va_reason"].dropna(), codes.features),
        (pd.read_parquet(folder / "orders.parquet")["reason"], (*codes.entries, *codes.exits)),
        (events["reason"].dropna(), (*codes.entries, *codes.exits)),
    ):
        assert set(some(found)) <= set(meanings(*kinds))
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary["codes"]["refusals"]) == set(summary["refusals"])
    assert set(summary["codes"]["reasons"]) == set(summary["reasons"])


def test_the_summary_agrees_with_the_tables(run):
    folder, _ = run
    summary = json.loads((folder / "summary.json").read_text())
    signals = pd.read_parquet(folder / "signals.parquet")
    positions = pd.read_parquet(folder / "positions.parquet")
    fills = pd.read_parquet(folder / "fills.parquet")
    equity = pd.read_parquet(folder / "equity.parquet")
    closed = positions[positions["ts_close"].notna()]

    assert summary["minutes_closed"] == len(signals) == len(equity) == 720
    decided = signals["action"].isin(["ENTER", "FLIP"]).sum()
    assert summary["entries"] + summary["entries_unfilled"] == decided
    assert summary["entries"] == len(positions)
    assert summary["trades"] == len(closed) > 10
    assert summary["net_pnl"] == pytest.approx(closed["net_pnl"].sum())
    refused = signals[signals["action"] == "REFUSE"]
    assert summary["refusals"] == refused["why"].value_counts().to_dict()
    assert summary["reasons"] == signals["reason"].value_counts().to_dict()
    spent = (fills["quantity"] * fills["price"]).where(fills["side"] == "BUY", 0).sum()
    earned = (fills["quantity"] * fills["price"]).where(fills["side"] == "SELL", 0).sum()
    held = fills["quantity"].where(fills["side"] == "BUY", -fills["quantity"]).sum()
    last = pd.read_parquet(folder / "features.parquet")["mid_close"].iloc[-1]
    by_cash = 10_000 + earned - spent + held * last - fills["commission"].sum()
    by_cash -= positions["funding"].sum()
    assert equity["equity"].iloc[-1] == pytest.approx(by_cash, abs=1e-6)
    assert equity["balance"].iloc[-1] == pytest.approx(summary["ending_balance"], abs=1e-6)


def test_features_are_the_bytes_the_backtest_wrote(run, ticks, tmp_path):
    folder, _ = run
    out = tmp_path / "features.parquet"
    end = iso(vector_stream()[1])
    done = auction("features", "btc_value_area", "--catalog", ticks, "--end", end, "--out", out)
    assert done.returncode == 0, done.stderr
    assert pq.read_table(out).equals(pq.read_table(folder / "features.parquet"))


def test_an_end_far_past_the_data_changes_neither_run_nor_features(run, ticks, tmp_path):
    folder, _ = run
    options = ["--catalog", ticks, "--end", "2099-01-01"]
    done = auction("backtest", "btc_value_area", *options, "--runs", tmp_path / "runs", "--single")
    assert done.returncode == 0, done.stderr
    (other,) = (tmp_path / "runs").iterdir()
    expected = (folder / "features.parquet").read_bytes()
    assert (other / "features.parquet").read_bytes() == expected
    out = tmp_path / "features.parquet"
    done = auction("features", "btc_value_area", *options, "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == expected


def test_two_processes_give_the_same_run(run, ticks, tmp_path):
    folder, _ = run
    end = iso(vector_stream()[1])
    options = ["--catalog", ticks, "--end", end, "--runs", tmp_path, "--single", *RULES]
    done = auction_process("backtest", "btc_value_area", *options)
    assert done.returncode == 0
    (other,) = tmp_path.iterdir()
    files = sorted(path.name for path in folder.glob("*.parquet"))
    assert len(files) == 11
    for file in files:
        assert (other / file).read_bytes() == (folder / file).read_bytes(), file


def test_a_report_can_be_written_anew(run, tmp_path):
    before = (run[0] / "report.html").read_bytes()
    folder = tmp_path / run[0].name
    copytree(run[0], folder)
    (folder / "report.html").unlink()
    done = auction("report", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "report.html").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["backtest"], 2, "Missing argument"),
        (["backtest", "nope"], 2, "no such system"),
        (["backtest", "btc_value_area", "--sat", "x=1"], 2, "No such option"),
        (["backtest", "btc_value_area", "--set", "foo=1"], 2, "unknown key `foo`"),
        (["backtest", "btc_value_area", "--start", "soon"], 2, "start: 'soon'"),
        (["backtest", "btc_value_area", "--catalog", "nowhere"], 1, "no such catalog"),
        (["backtest", "btc_value_area", "--catalog", "2026"], 1, "2026: no such catalog"),
        (["backtest", "btc_value_area", "--catalog", "a: [b"], 1, "a: [b: no such catalog"),
        (["backtest", "btc_value_area", "--end", "9999-12-31"], 2, "end: 9999-12-31"),
        (["backtest", "btc_value_area", "--set", "engine.trader_id=foo"], 2, "NAME-TAG"),
        (
            ["backtest", "btc_value_area", "--set", "catalog=other", "--catalog", "nowhere"],
            1,
            "nowhere: no such catalog",
        ),
        (
            ["backtest", "btc_value_area", "--set", "data=[TradeTick]"],
            2,
            "`data` lacks QuoteTick, which ValueAreaActor needs",
        ),
        (["features", "btc_value_area", "--out", "."], 2, "is a folder"),
        (["features", "btc_value_area"], 2, "Missing option"),
        (["features", "btc_value_area", "--out", "no/such/f.parquet"], 2, "does not exist"),
        (["report", "nowhere"], 2, "not the folder of a run"),
        (["report", "nowhere", "there"], 2, "nowhere: not the folder of a run"),
        (["report", "a", "b", "a"], 2, "RUN: a is given twice"),
        (["report", "a", "--out", "c.html"], 2, "--out is for the comparison"),
        (["report", "a", "b", "--out", "no/such/c.html"], 2, "--out no/such/c.html: name a file"),
        (["catalog", "list", "--catalog", "nowhere"], 1, "nowhere"),
        (["catalog", "check", "--catalog", "nowhere"], 1, "nowhere"),
        (["catalog", "ingest", "csv", "--instrument", BTC], 2, "trades"),
        (
            ["catalog", "ingest", "csv", "--instrument", BTC, "--trades", "no.csv"],
            2,
            "no.csv",
        ),
        (
            ["catalog", "download", "bybit", "--instrument", BTC, "--start", "x", "--end", "y"],
            2,
            "start: 'x' is not",
        ),
        (["catalog", "ingest", "databento", "no.dbn.zst"], 2, "no.dbn.zst"),
        (["catalog", "ingest", "bybit", "no.csv.gz"], 2, "no.csv.gz"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    arguments, code, message, tmp_path, call, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    returned, _, errors = call(*arguments)
    assert returned == code, errors
    assert message in errors
    if errors.startswith("error: "):
        assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_instrument_the_catalog_lacks_is_refused(ticks, tmp_path, call):
    code, _, errors = call(
        "backtest",
        "btc_value_area",
        "--catalog",
        ticks,
        "--set",
        "instrument_id=NQH6.XCME",
        "--runs",
        tmp_path,
    )
    assert code == 1
    assert "NQH6.XCME" in errors
    assert list(tmp_path.iterdir()) == []


def test_a_balance_without_the_settlement_currency_is_refused_before_the_run(ticks, tmp_path, call):
    code, _, errors = call(
        "backtest",
        "btc_value_area",
        "--catalog",
        ticks,
        "--set",
        "venues.BYBIT.starting_balances=[10000 USD]",
        "--runs",
        tmp_path,
    )
    assert code == 2
    assert f"`venues.BYBIT.starting_balances` holds no USDT, in which {BTC} settles" in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "deeper"])
def test_runs_that_is_a_file_is_refused_before_the_run(below, ticks, tmp_path, call):
    path = tmp_path / "file"
    path.write_text("mine")
    code, _, errors = call("backtest", "btc_value_area", "--catalog", ticks, "--runs", path / below)
    assert code == 2
    assert f"{path} is not a folder" in errors
    assert path.read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"schema": 1}', "\x00"])
def test_a_report_on_a_broken_summary_is_one_line(text, run, tmp_path, call):
    folder = tmp_path / "run"
    copytree(run[0], folder)
    (folder / "summary.json").write_text(text)
    code, _, errors = call("report", folder)
    assert code == 1
    assert errors.startswith(f"error: {folder}/summary.json: ")
    assert errors.count("\n") == 1


def test_several_runs_are_compared_in_the_terminal_and_on_a_page(run, tmp_path, call):
    other = tmp_path / "other"
    copytree(run[0], other)
    config = (other / "config.yaml").read_text()
    (other / "config.yaml").write_text(config.replace("accept_outside_k: 3", "accept_outside_k: 4"))
    page = tmp_path / "page.html"
    code, text, errors = call("report", run[0], other, "--out", page)
    assert code == 0, errors
    assert "accept_outside_k  3  4" in text
    assert f"Comparison: {page}" in text
    assert text.count("SYNTHETIC DATA") == 2
    assert "accept_outside_k" in page.read_text()
    summary = json.loads((other / "summary.json").read_text())
    (other / "summary.json").write_text(json.dumps(summary | {"schema": 1}))
    page.unlink()
    code, _, errors = call("report", run[0], other, "--out", page)
    assert code == 1
    assert "key schema is 1, that of an older version" in errors
    assert errors.count("\n") == 1
    assert not page.exists()


def test_a_window_without_data_is_refused_with_the_range_there_is(ticks, tmp_path, call):
    code, _, errors = call(
        "backtest",
        "btc_value_area",
        "--catalog",
        ticks,
        "--start",
        "2027-01-01",
        "--runs",
        tmp_path,
    )
    assert code == 1
    assert "2026-01-05 00:0" in errors


def test_trades_without_quotes_are_refused(tmp_path, call):
    rows = [(1, vector_stream()[0] + i * MINUTE, 500_000 + i, 5) for i in range(10)]
    catalog = write_catalog(tmp_path / "catalog", rows)
    code, _, errors = call(
        "backtest", "btc_value_area", "--catalog", catalog, "--runs", tmp_path / "runs"
    )
    assert code == 1
    assert "no QuoteTick data" in errors


def test_a_window_inside_one_minute_is_an_error_and_not_an_empty_run(ticks, tmp_path):
    done = auction(
        "backtest",
        "btc_value_area",
        "--catalog",
        ticks,
        "--start",
        "2026-01-05T01:10:05",
        "--end",
        "2026-01-05T01:10:50",
        "--runs",
        tmp_path,
    )
    assert done.returncode == 1
    assert "closed no bar" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["backtest"],
        ["features"],
        ["report"],
        ["catalog"],
        ["catalog", "sample"],
        ["catalog", "list"],
        ["catalog", "check"],
        ["catalog", "split-months"],
        ["catalog", "ingest"],
        ["catalog", "ingest", "csv"],
        ["catalog", "ingest", "databento"],
        ["catalog", "ingest", "bybit"],
        ["catalog", "download", "bybit"],
        ["catalog", "download", "databento"],
    ],
)
def test_every_command_explains_itself(command, call):
    code, text, _ = call(*command, "--help")
    assert code == 0
    assert "Usage: " in text


def test_a_mistake_shows_no_traceback_in_a_process_of_its_own(tmp_path):
    done = auction_process("backtest", "btc_value_area", "--catalog", "nowhere", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: nowhere: no such catalog")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "setting",
    [
        "engine.risk_engine={max_order_submit_rate: often}",
    ],
)
def test_what_only_the_engine_can_judge_is_refused_in_one_line(ticks, tmp_path, call, setting):
    code, _, errors = call(
        "backtest",
        "btc_value_area",
        "--catalog",
        ticks,
        "--runs",
        tmp_path,
        "--set",
        setting,
    )
    assert code == 2
    assert errors.startswith("error: btc_value_area: no engine can be built")
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["backtest", "x" * 5_000], 2),
        (["backtest", "btc_value_area", "--set", "start=" + "y\n" * 5_000], 2),
        (["catalog", "sample", "--seed", "z" * 5_000], 2),
        (["catalog", "sample", "--days", "0"], 2),
        (["catalog", "sample", "--instrument", "y" * 5_000], 2),
        (["catalog", "list", "--catalog", "c" * 200 + "/" + "d" * 200], 1),
        (["x" * 5_000], 2),
    ],
)
def test_error_is_one_line_of_at_most_300_characters(arguments, code, call):
    exit_code, out, err = call(*arguments)

    assert (exit_code, out) == (code, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert len(err) <= 301
