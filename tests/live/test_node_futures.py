"""`auction live nq_impulse_lvn --environment paper` on a loopback gateway of Databento."""

import time

import pytest

from catalog.market_hours import closed_ns
from errors import AuctionError
from tests.adapters.bybit_server import wait_until
from tests.adapters.databento_market import wrapper_library
from tests.engines import auction_process
from tests.live.futures_node import QUIET_S
from tests.live.futures_node import contract
from tests.live.futures_node import futures_gateway
from tests.live.futures_node import futures_node
from tests.live.futures_node import may_trade
from tests.live.futures_node import write_past
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE


pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(
        wrapper_library() is None,
        reason="libnss_wrapper is not installed: Nautilus's client can only be redirected by it",
    ),
]

START_S = 40.0
TRADE_S = 90.0


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)


def trade_events(node, kind):
    return [row for row in node.rows("trade_events") if row["kind"] == kind]


def test_a_node_warms_up_from_the_catalog_trades_on_paper_and_ends(tmp_path, port):
    if not may_trade(time.time_ns()):
        pytest.skip("the stock exchange is shut today, or the trading day ends: nothing is entered")
    catalog = write_past(tmp_path / "catalog", time.time_ns())
    with (
        futures_gateway(tmp_path) as served,
        futures_node(served, tmp_path, catalog, port) as node,
    ):
        node.wait_until_active(START_S)
        assert node.strategy()["warm"]
        wait_until(lambda: trade_events(node, "TRADE_CLOSED"), TRADE_S, node.said)
        node.tell("flatten")
        node.tell("shutdown")
        assert node.end() == 0, node.output()
    (levels,) = {row["prior_day"] for row in node.rows("daily_levels")}
    assert levels is not None
    (closed, *_) = trade_events(node, "TRADE_CLOSED")
    # Per contract and side, and no funding.
    assert closed["fees"] == 2 * 2.25
    assert closed["funding"] == 0
    entered = [row for row in node.rows("signals") if row["action"] == "ENTER"]
    assert entered[0]["reason"] == "RETEST"
    assert entered[0]["quantity"] == 1
    # Each second once, in order, from the past over the junction into the present.
    seconds = [row["ts_second"] for row in node.rows("second_bars")]
    assert seconds == sorted(set(seconds))
    assert len(seconds) > QUIET_S


def test_a_node_without_history_tells_what_is_missing_and_waits(tmp_path, port):
    with (
        futures_gateway(tmp_path) as served,
        futures_node(served, tmp_path, tmp_path / "nothing", port) as node,
    ):
        wait_until(
            lambda: any("no levels of" in text for text in node.tell("status")["missing"]),
            START_S,
            node.said,
        )
        with pytest.raises(AuctionError, match=r"not warm yet: no levels of .*: NO_SESSION"):
            node.tell("activate")
        wait_until(lambda: len(node.rows("second_bars")) > 3, START_S, node.said)
        node.tell("shutdown")
        assert node.end() == 0, node.output()
    assert node.rows("trade_events") == []


def test_data_that_stop_are_told_and_block_entries(tmp_path, port):
    now = time.time_ns()
    if closed_ns("XCME", now, now + 120 * 1_000_000_000):
        pytest.skip("Globex is closed now or within two minutes: silent data raise no alert then")
    limits = ("settings.stale_after_s=3.0", "actors.0.config.gap_after_s=6.0")
    with (
        futures_gateway(tmp_path) as served,
        futures_node(served, tmp_path, tmp_path / "nothing", port, *limits) as node,
    ):
        wait_until(
            lambda: any(x["quote_age_s"] is not None for x in node.tell("status")["strategies"]),
            START_S,
            node.said,
        )
        served.faults.freeze()
        wait_until(lambda: node.strategy()["stale"], 15.0, node.said)
        wait_until(lambda: "DATA_STALE" in node.alerts(), 5.0, node.said)
        wait_until(lambda: node.strategy()["quote_age_s"] > 8.0, 30.0, node.said)
        served.faults.unfreeze()
        wait_until(lambda: not node.strategy()["stale"], 15.0, node.said)
        wait_until(lambda: "DATA_GAP" in node.alerts(), 5.0, node.said)
        with pytest.raises(AuctionError, match="not warm yet"):
            node.tell("activate")


@pytest.mark.parametrize(
    ("instrument_id", "message"),
    [
        ("NQH6.XCME", "NQH6.XCME: its last trading day was 2026-03-20: use NQ"),
        ("NQ.v.0.XCME", f"use {contract()} until "),
    ],
)
def test_a_node_runs_on_a_contract_that_trades(tmp_path, instrument_id, message):
    done = auction_process(
        "live",
        "nq_impulse_lvn",
        "--environment",
        "paper",
        "--set",
        f"instrument_id={instrument_id}",
        "--runs",
        tmp_path,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []
