"""Entry cost and excursions, read again from the catalog."""

from decimal import Decimal

import pytest

from backtests.results import excursions as replay
from backtests.results.excursions import replay_trades
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position
from tests.checks import some
from tests.markets import MS
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog
from tests.vectors import load


START = vector_stream()[0]
LAST_OF_MS = MS - 1


@pytest.fixture(scope="module")
def ticks(tmp_path_factory):
    return write_vector_catalog(tmp_path_factory.mktemp("ticks"))


def filled(run):
    """Return the positions of a vector's run, each with its one entry fill."""
    trades = []
    for row in run["log"]:
        if row["event"] != "ENTRY_FILL":
            continue
        closed = next(
            (p["ts_close"] for p in run["positions"] if p["ts_open"] == row["ts"]),
            None,
        )
        sides = ("BUY", "SELL") if row["long"] else ("SELL", "BUY")
        price, quantity = f"{row['ticks'] / 10:.1f}", f"{row['lots'] / 1000:.3f}"
        fills = [fill(sides[0], quantity, price, row["ts"] * MS + LAST_OF_MS)]
        if closed is not None:
            fills.append(fill(sides[1], quantity, price, closed * MS + LAST_OF_MS))
        trades.append(position(*fills, number=len(trades)))
    return trades


@pytest.mark.parametrize("name", ["run_default", "run_immediate_outer", "run_strict"])
def test_entry_costs_equal_the_vector(ticks, name):
    run = load("004", f"{name}.json.gz")
    trades = filled(run)
    replay_trades(ticks, trades, vector_stream()[1])
    assert [trade.entry_cost for trade in trades] == run["entry_cost_halfticks"]
    assert trades


def test_extremes_are_those_of_all_prints_between_first_and_last_fill(ticks, monkeypatch):
    original = replay.read_ticks
    # Many small parts: a position lives through several of them.
    monkeypatch.setattr(replay, "read_ticks", lambda *given: original(*given, batch_rows=997))
    trades = filled(load("004", "run_default.json.gz"))
    end = vector_stream()[1]
    replay_trades(ticks, trades, end)
    prints = [(row[1], row[2]) for row in vector_rows() if row[0] == 1]
    for trade in some(trades):
        last = end if trade.ts_close is None else trade.ts_close
        # A print of the entry's own millisecond comes before the fill at its end.
        seen = [tick for ts, tick in prints if trade.ts_open < ts <= last]
        assert (trade.lowest, trade.highest) == (
            Decimal(min(seen)) / 10,
            Decimal(max(seen)) / 10,
        )


def test_without_a_quote_or_a_print_there_is_no_figure(tmp_path):
    rows = [(1, START, 500_000, 5), (0, START + 10 * MS, 500_000, 5, 500_002, 5)]
    catalog = write_catalog(tmp_path, rows)
    early = position(
        fill("BUY", "1.000", "50000.0", START + MS),
        fill("SELL", "1.000", "50000.0", START + 2 * MS),
    )
    late = position(fill("SELL", "1.000", "50000.0", START + 20 * MS), number=2)
    replay_trades(catalog, [early, late], START + 100 * MS)
    assert (early.entry_cost, early.adverse, early.favourable) == (None, None, None)
    assert (late.entry_cost, late.adverse) == (2, None)


def test_the_cost_of_an_entry_in_parts_is_weighted_by_their_sizes(tmp_path):
    rows = [
        (0, START, 500_000, 5, 500_002, 5),
        (0, START + 10 * MS, 500_004, 5, 500_006, 5),
        (1, START + 20 * MS, 500_003, 5),
    ]
    catalog = write_catalog(tmp_path, rows)
    trade = position(
        fill("BUY", "1.000", "50000.2", START + 5 * MS),
        fill("BUY", "3.000", "50000.2", START + 15 * MS),
    )
    replay_trades(catalog, [trade], START + 100 * MS)
    assert trade.entry_cost == (1 * 2 + 3 * -6) / Decimal(4)
    assert trade.lowest == trade.highest == Decimal("50000.3")
