"""A run over bars alone, through preflight and Nautilus's own node."""

from decimal import Decimal

import numpy as np
import pytest
from nautilus_trader.backtest.node import BacktestNode

from backtests.preflight import bars_of_market
from backtests.preflight import preflight
from backtests.results.assumptions import describe_assumptions
from backtests.results.excursions import replay_trades
from catalog.bars import read_bars
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.writer import write_bars
from configs.loader import load_backtest
from errors import AuctionError
from errors import UsageError
from tests.backtests.bar_system import BarToy
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position
from tests.markets import BTC
from tests.markets import MINUTE


AXIS = 500_000
T0 = 1_767_571_200_000_000_000  # 2026-01-05 00:00 UTC
SPEC = "1-MINUTE-LAST-EXTERNAL"
FLAT = (AXIS, AXIS + 5, AXIS - 5, AXIS)
SYSTEM = """
system: tests.backtests.bar_system:SYSTEM
instrument_id: BTCUSDT-LINEAR.BYBIT
actors:
  - actor_path: tests.backtests.bar_system:Silent
    config_path: tests.backtests.bar_system:SilentConfig
    config: {}
strategies:
  - strategy_path: tests.backtests.bar_system:BarToy
    config_path: tests.backtests.bar_system:BarToyConfig
    config: {enter_at: 2, side: BUY, stop: 20, target: 40}
"""


def bars_catalog(folder, rows):
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    ts = T0 + MINUTE * np.arange(1, len(rows) + 1, dtype=np.int64)
    batch = BarBatch(ts, *columns, np.full(len(rows), 9, dtype=np.int64))
    write_bars(folder, resolve_instrument(BTC), [batch], f"{BTC}-{SPEC}", "synthetic")
    return folder


def configured(tmp_path, rows, *overrides):
    catalog = bars_catalog(tmp_path / "catalog", rows)
    system = tmp_path / "bars.yaml"
    system.write_text(SYSTEM)
    return load_backtest(str(system), overrides=[f"catalog={catalog}", "data=[Bar]", *overrides])


def fills_of(run):
    node = BacktestNode([run.until(preflight(run).end_ns)])
    node.build()
    try:
        node.run()
        return list(BarToy.fills)
    finally:
        node.dispose()


def mirror(rows):
    axis = 2 * AXIS
    return [(axis - first, axis - low, axis - high, axis - last) for first, high, low, last in rows]


# The entry pays AXIS + 11; stop and target lie at AXIS - 9 and AXIS + 51.
ENTRY = (AXIS + 10, AXIS + 12, AXIS + 8, AXIS + 10)
CASES = {
    "target": ((AXIS + 10, AXIS + 60, AXIS + 5, AXIS + 50), 51),
    "stop": ((AXIS + 10, AXIS + 20, AXIS - 30, AXIS - 20), -10),
    "both": ((AXIS + 10, AXIS + 60, AXIS - 30, AXIS + 50), -10),
    "gap": ((AXIS - 15, AXIS - 10, AXIS - 30, AXIS - 20), -16),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_bars_fill_at_the_assumed_prices_on_both_sides(tmp_path, case, side):
    bar, exit_at = CASES[case]
    rows = [FLAT, FLAT, ENTRY, bar, FLAT]
    sign = 1 if side == "BUY" else -1
    run = configured(
        tmp_path,
        rows if side == "BUY" else mirror(rows),
        f"strategies.0.config.side={side}",
    )
    other = "SELL" if side == "BUY" else "BUY"
    assert fills_of(run) == [(side, AXIS + sign * 11), (other, AXIS + sign * exit_at)]


@pytest.mark.parametrize("chunk_size", [1, "null"])
def test_the_size_of_a_chunk_reaches_no_fill(tmp_path, chunk_size):
    rows = [FLAT, FLAT, ENTRY, CASES["both"][0], FLAT]
    run = configured(tmp_path, rows, f"chunk_size={chunk_size}")
    assert fills_of(run) == [("BUY", AXIS + 11), ("SELL", AXIS - 10)]


def test_the_latency_is_off_and_every_report_says_what_bars_assume(tmp_path):
    run = configured(tmp_path, [FLAT, FLAT])
    venue = run.document["venues"]["BYBIT"]
    assert venue["latency_model"] is None
    assert venue["modules"][1]["config"]["bar_spec"] == SPEC
    texts = describe_assumptions(run.document["venues"], preflight(run).instruments)
    assert "hidden by the bars" in texts["BYBIT latency"]
    assert texts["BYBIT entries"] == "sent at the close of the bar that decides"
    assert "open of the next bar, worse by 1 tick" in texts["BYBIT market orders"]
    assert "the stop before the target" in texts["BYBIT order within a bar"]
    assert f"{SPEC} bars alone fill" in texts["BYBIT quotes and trades"]


def test_of_several_bars_the_shortest_fill(tmp_path):
    run = configured(tmp_path, [FLAT], "data=[Bar 5m, Bar]")
    assert bars_of_market(run) == {BTC: f"{BTC}-{SPEC}"}
    with pytest.raises(AuctionError, match="no Bar 5m data of .*, only bars of 1m: ingest it"):
        preflight(run)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (("start=2035-01-01",), " from 2035-01-01: it"),
        (("end=2001-01-01",), " to 2001-01-01: it"),
        (("start=2035-01-01", "end=2035-01-02"), " from 2035-01-01 to 2035-01-02: it"),
    ],
)
def test_a_window_without_data_is_named_as_it_was_asked_for(tmp_path, window, words):
    with pytest.raises(AuctionError, match=words):
        preflight(configured(tmp_path, [FLAT, FLAT], *window))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[Bar, Bar 1m]", "Bar 1m is named twice"),
        ("[Bar 7x]", "'7x' is not a step: write `Bar 5m`"),
        ("[QuoteTick 5m]", "only bars have a step"),
        ("[Trades]", "unknown type Trades; there are Bar, QuoteTick, TradeTick"),
    ],
)
def test_data_that_cannot_be_read_is_refused(tmp_path, data, message):
    with pytest.raises(UsageError, match=message):
        configured(tmp_path, [FLAT], f"data={data}")


def test_bars_fill_nothing_where_there_are_ticks(tmp_path):
    touch = "venues.BYBIT.modules.1.config.touch=bar"
    run = configured(tmp_path, [FLAT], "data=[TradeTick, Bar]", touch)
    with pytest.raises(UsageError, match="`data` must hold bars alone: at BYBIT bars fill"):
        preflight(run)


def test_bars_come_back_as_they_were_written(tmp_path):
    rows = [FLAT, ENTRY]
    catalog = bars_catalog(tmp_path, rows)
    (bars,) = read_bars(catalog, f"{BTC}-{SPEC}")
    assert list(zip(*(column.tolist() for column in bars[1:]), strict=True)) == rows
    assert bars.ts_init.tolist() == [T0 + MINUTE, T0 + 2 * MINUTE]
    with pytest.raises(AuctionError, match="no bars .*-5-MINUTE"):
        read_bars(catalog, f"{BTC}-5-MINUTE-LAST-EXTERNAL")


def test_excursions_of_a_position_are_those_of_its_bars(tmp_path):
    catalog = bars_catalog(tmp_path, [FLAT, ENTRY, CASES["target"][0], FLAT])
    second, third = T0 + 2 * MINUTE, T0 + 3 * MINUTE
    trade = position(
        fill("BUY", "0.001", "50001.1", second), fill("SELL", "0.001", "50005.1", third)
    )
    replay_trades(catalog, [trade], third, {BTC: f"{BTC}-{SPEC}"})
    assert (trade.lowest, trade.highest) == (Decimal("50000.5"), Decimal("50006.0"))
    assert trade.entry_cost is None
