"""The run of a node as the tables of a run."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actors.messages import Alert
from actors.messages import DataGap
from actors.messages import Decision
from actors.messages import TradeEvent
from actors.value_area.messages import ValueAreaMinute
from backtests.results.message_tables import message_schema
from backtests.results.node_runs import is_node_run
from backtests.results.node_runs import report_node_run
from backtests.results.node_runs import write_node_tables
from backtests.results.tables import POSITIONS
from errors import AuctionError
from tests.blank_messages import blank
from tests.engines import auction
from tests.markets import BTC


T0 = 1_767_600_000_000_000_000
MINUTE_NS = 60_000_000_000
STRATEGY = {"strategy_id": "S-001"}


def row(kind, number, /, **columns):
    ts = T0 + number * MINUTE_NS
    empty = blank(kind)
    if "ts_min" in empty:
        empty["ts_min"] = ts - MINUTE_NS + 1
    found = {"instrument_id": BTC, **empty, "ts_event": ts, "ts_init": ts + 5}
    return {"type": kind.__name__, **found, **columns}


def decision(number, action="HOLD", why=None):
    columns = {"reason": "NONE", "flags": "", "events": "", "action": action, "why": why}
    return row(Decision, number, **STRATEGY, **columns)


def step(number, kind, **columns):
    return row(TradeEvent, number, **STRATEGY, kind=kind, side="LONG", setup="breakin", **columns)


ROWS = {
    "features": [row(ValueAreaMinute, number, close=60_000.5) for number in range(3)],
    "signals": [decision(0), decision(1, "REFUSE", "COOLDOWN"), decision(2, "ENTER")],
    "trade_events": [
        # A trade of the run before: its entry is not here.
        step(0, "EXIT_FILLED", quantity=0.1, price=60_010.0, gross=1.0, fees=0.1, net=0.9),
        step(
            0,
            "TRADE_CLOSED",
            reason="STOP",
            quantity=0.3,
            price=60_000.0,
            gross=1.0,
            fees=0.3,
            funding=0.0,
            net=0.7,
        ),
        step(1, "ENTRY_SUBMITTED", quantity=0.3, price=60_000.0),
        step(1, "ENTRY_FILLED", quantity=0.1, price=60_000.0, fees=0.1, net=-0.1),
        step(2, "ENTRY_FILLED", quantity=0.2, price=60_003.0, fees=0.2, net=-0.2),
        step(2, "FUNDING_PAID", funding=0.5, net=-0.5),
        step(3, "EXIT_FILLED", quantity=0.1, price=60_100.0, gross=9.8, fees=0.1, net=9.7),
        step(4, "EXIT_FILLED", quantity=0.2, price=60_200.0, gross=39.6, fees=0.2, net=39.4),
        step(
            4,
            "TRADE_CLOSED",
            reason="TP2",
            quantity=0.3,
            price=60_002.0,
            gross=49.4,
            fees=0.6,
            funding=0.5,
            net=48.3,
        ),
        step(5, "ENTRY_FILLED", quantity=0.3, price=60_000.0, fees=0.3, net=-0.3),
    ],
    "alerts": [row(Alert, 1, **STRATEGY, kind="DATA_GAP", text="70 s without data", value=70.0)],
}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "20260105T080000000000-btc_value_area-live"
    path.mkdir()
    (path / "config.yaml").write_text("environment: live\n")
    for name, rows in ROWS.items():
        (path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def test_each_file_becomes_a_table_of_any_run(folder):
    assert is_node_run(folder)
    write_node_tables(folder)
    for name, schema in (
        ("features", message_schema(ValueAreaMinute)),
        ("signals", message_schema(Decision)),
        ("trade_events", message_schema(TradeEvent)),
        ("alerts", message_schema(Alert)),
        ("positions", POSITIONS),
    ):
        table = pq.read_table(folder / f"{name}.parquet")
        assert table.schema.equals(schema), name
        assert len(table) == (2 if name == "positions" else len(ROWS[name]))
    signals = pd.read_parquet(folder / "signals.parquet")
    assert list(signals["action"]) == ["HOLD", "REFUSE", "ENTER"]
    assert signals["ts"][0] == pd.Timestamp(T0 + 1, tz="UTC")


def test_positions_are_put_together_from_their_steps(folder):
    older, whole = write_node_tables(folder)["positions"].to_pylist()
    assert whole["exit"] == pytest.approx((60_100.0 + 2 * 60_200.0) / 3)
    assert (whole["entry"], whole["quantity"], whole["exit_reason"]) == (60_002.0, 0.3, "TP2")
    assert whole["ts_open"] == pd.Timestamp(T0 + MINUTE_NS, tz="UTC")
    assert whole["ts_close"] == pd.Timestamp(T0 + 4 * MINUTE_NS, tz="UTC")
    money = [whole[name] for name in ("gross_pnl", "fees", "funding", "net_pnl")]
    assert money == [49.4, 0.6, 0.5, 48.3]
    # What an earlier run did is not made up.
    assert older["ts_open"] is None
    assert older["exit"] is None
    assert older["net_pnl"] == 0.7


def test_half_a_line_of_a_killed_node_is_left_out(folder):
    with (folder / "signals.jsonl").open("a") as file:
        file.write('{"type": "Deci')
    assert len(write_node_tables(folder)["signals"]) == 3


def test_a_node_that_has_done_nothing_has_empty_tables(folder):
    for name in ROWS:
        (folder / f"{name}.jsonl").write_text("")
    tables = write_node_tables(folder)
    assert {name: len(table) for name, table in tables.items()} == dict.fromkeys(tables, 0)
    assert tables["positions"].schema.field("ts_open").type == pa.timestamp("ns", tz="UTC")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no JSON\n", "alerts.jsonl: not readable"),
        ('{"kind": "DATA_GAP"}\n', "alerts.jsonl: written by another version"),
        ('{"type": "Alert", "kind": "DATA_GAP"}\n', "alerts.jsonl: written by another version"),
        (None, "alerts.jsonl: is missing"),
    ],
)
def test_a_broken_file_is_told_by_name(folder, text, message):
    path = folder / "alerts.jsonl"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(AuctionError, match=message):
        write_node_tables(folder)


def test_the_report_of_a_node_is_printed(folder):
    done = auction("report", folder)
    assert done.returncode == 0, done.stderr
    for text in (
        f"btc_value_area  live  {BTC}",
        "not ended regularly",
        "COOLDOWN",
        "DATA_GAP",
        "Trades closed",
        "+49.00",
    ):
        assert text in done.stdout, text
    (folder / "end.json").write_text("{}")
    assert "not ended regularly" not in auction("report", folder).stdout
    # The tables it has written do not make it the run of a backtest.
    assert auction("report", folder).returncode == 0


def test_runs_of_nodes_are_not_compared_by_figures(folder):
    done = auction("report", folder, folder.with_name("another"))
    assert done.returncode == 2
    assert "`auction parity` compares two" in done.stderr


def test_refusals_of_a_node_after_a_gap_are_laid_on_the_gap(folder, capsys):
    (folder / "trade_events.jsonl").write_text("")
    refusals = [decision(1, "REFUSE", "WARMUP"), decision(2, "REFUSE", "WARMUP")]
    (folder / "signals.jsonl").write_text("".join(json.dumps(r) + "\n" for r in refusals))
    (folder / "end.json").write_text("{}")
    start, end = T0 + MINUTE_NS, T0 + 2 * MINUTE_NS
    gap = row(DataGap, 2, start=start, end=end, silent_s=60.0)
    (folder / "gaps.jsonl").write_text(json.dumps(gap) + "\n")
    report_node_run(folder)
    text = " ".join(capsys.readouterr().out.split())
    assert "WARMUP refused 2 of 2 candidates. 1 of these came after a gap" in text
    assert "1 gap in the data, 1 min 00 s, from 2026-01-05 08:01 to 2026-01-05 08:02 UTC" in text
    assert "an earlier start does not help. The 1 before: Too little history" in text
