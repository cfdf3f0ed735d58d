"""One recorded stretch in the backtest and through a node: pivots, nodes, decisions and fills."""

import json
from datetime import date

import pytest

from backtests.results.parity import compare
from backtests.runner import run_backtest
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from live.replay import run_replay
from tests.adapters.databento_market import wrapper_library
from tests.engines import auction_process
from tests.indicators.leg_market import bars
from tests.markets import BTC
from tests.markets import write_catalog
from tests.seed_rules import NO_COST_RULES


CL = "CLZ4.XNYM"
SECOND = 1_000_000_000
STRATEGY = "strategies.0.config"
# From 02:20 to 08:20 in New York: warm before the hours of entries begin.
FIRST, COUNT = 500, 360
RULES = [
    "actors.0.config.legs.preset=head",
    "actors.0.config.legs.warmup_bars=30",
    *NO_COST_RULES,
]
# The same market in ticks of 0.1: prices of the rules are ten times as large.
OF_BTC = [
    f"instrument_id={BTC}",
    f"{STRATEGY}.rules.baseline=0.2",
    f"{STRATEGY}.rules.min_stop=0.2",
    f"{STRATEGY}.rules.long_offset=2.5",
    f"{STRATEGY}.rules.short_offset=2.0",
    f"{STRATEGY}.risk_pct=0.0005",
    f"{STRATEGY}.fee_per_contract=null",
]


def ticks(first=FIRST, count=COUNT, lots=1):
    """Return quotes and prints of bars of the vectors: high, low and close, each quoted before."""
    rows = []
    columns = [column[first : first + count].tolist() for column in bars()]
    for ts, *prices, volume in zip(*columns, strict=True):
        for number, price in enumerate(prices, 1):
            at = ts + number * 15 * SECOND
            rows.append((0, at - SECOND, price, 500 * lots, price + 1, 500 * lots))
            rows.append((1, at, price, (volume // number + 1) * lots, 2))
    return rows


def lines(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A node of this process, which plays the venue of a perpetual, and the backtest."""
    folder = tmp_path_factory.mktemp("legs")
    catalog = write_catalog(folder / "catalog", ticks(lots=1_000))
    overrides = [f"catalog={catalog}", *RULES, *OF_BTC]
    config = load_backtest("cl_leg_lvn", overrides=overrides)
    backtest = run_backtest(config, folder / "runs", report=False)[1]
    replayed = run_replay("cl_leg_lvn", "paper", overrides, folder / "paper", [].append, speed=None)
    return backtest, replayed


def test_a_node_finds_decides_and_fills_what_the_backtest_does(both):
    found = compare(*both)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert {"leg minutes", "pivots", "legs", "nodes", "decisions", "sizes", "money"} <= set(found)
    assert found["nodes"].count > 20
    assert found["decisions"].count > COUNT / 2
    assert found["money"].count > 10


def test_the_stretch_holds_orders_taken_back_and_trades_that_end_either_way(both):
    rows = lines(both[1], "trade_events")
    assert {"ENTRY_SUBMITTED", "ENTRY_FILLED", "TRADE_CLOSED"} <= {row["kind"] for row in rows}
    actions = {row["action"] for row in lines(both[1], "signals")}
    assert {"ENTER", "HOLD"} <= actions


@pytest.mark.node
@pytest.mark.skipif(
    wrapper_library() is None,
    reason="libnss_wrapper is not installed: Nautilus's client can only be redirected by it",
)
def test_a_node_of_the_future_finds_decides_and_fills_what_the_backtest_does(tmp_path):
    instrument = resolve_instrument(CL, date(2024, 10, 28))
    catalog = write_catalog(tmp_path / "catalog", ticks(), CL, instrument=instrument)
    settings = [part for rule in (f"instrument_id={CL}", *RULES) for part in ("--set", rule)]
    for command, *more in (("backtest", "--single"), ("replay",)):
        done = auction_process(
            command,
            "cl_leg_lvn",
            "--catalog",
            catalog,
            "--runs",
            tmp_path / command,
            *settings,
            *more,
        )
        assert done.returncode == 0, done.stderr
    (backtest,), (replayed,) = ((tmp_path / name).iterdir() for name in ("backtest", "replay"))
    found = compare(backtest, replayed)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["nodes"].count > 20
    assert found["money"].count > 10
