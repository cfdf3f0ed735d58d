"""The markets of the sample beside the default ones, and samples of other lengths."""

import io
import zipfile
from dataclasses import asdict
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from nautilus_trader.model.instruments import Equity

from catalog.checks import check_catalog
from catalog.instruments import resolve_instrument
from catalog.market_hours import closed_ns
from catalog.sample import MARKETS
from catalog.sample import MAX_DAYS
from catalog.sample import STATED_MARKETS
from catalog.sample import make_market
from catalog.sample import measure
from catalog.sample import write_sample
from catalog.sample.market import make_paths
from catalog.sample.markets import find_markets
from catalog.sample.schedule import FIRST_DAY
from catalog.sample.schedule import blocks_of
from catalog.sessions import new_york_date
from catalog.sessions import new_york_time
from errors import AuctionError
from errors import UsageError
from tests.catalog.market import contents
from tests.checks import some


SECOND = 1_000_000_000
MINUTE = 60 * SECOND
OTHERS = ("ES", "MES", "CL", "GC", "AAPL")


@pytest.fixture(scope="module", params=OTHERS)
def made(request):
    market = MARKETS[request.param]
    return market, tuple(make_market(market, 7))


def stretches_of(name, days):
    return [s for block in blocks_of(MARKETS[name].schedule, days) for s in block]


def test_every_market_is_stated_with_the_source_of_its_figures():
    assert {market.instrument_id for market in MARKETS.values()} == STATED_MARKETS.keys()
    for stated in STATED_MARKETS.values():
        assert len(stated.source) > 40
        assert stated.hours
        for name, real in stated.real.items():
            low, high = stated.ranges[name]
            assert low <= high
            assert 0.6 * real < low
            assert high < 1.3 * real


def test_the_statistics_lie_where_they_are_stated(made):
    market, sessions = made
    stated = STATED_MARKETS[market.instrument_id]
    measured = asdict(measure(sessions))
    assert measured.keys() == stated.ranges.keys()
    outside = {
        name: value
        for name, value in measured.items()
        if not stated.ranges[name][0] <= value <= stated.ranges[name][1]
    }
    assert outside == {}
    far = {k: v for k, v in stated.real.items() if not 0.7 * v <= measured[k] <= 1.3 * v}
    assert far == {}


def test_trades_and_quotes_are_in_one_order_within_the_hours_of_the_venue(made):
    market, sessions = made
    venue = market.instrument_id.rpartition(".")[2]
    for session in some(sessions):
        trades, quotes = session.trades, session.quotes
        times = np.concatenate((trades.ts_event, quotes.ts_event))
        seq = np.concatenate((np.asarray(trades.seq), np.asarray(quotes.seq)))
        assert np.array_equal(np.sort(seq), np.arange(len(seq)))
        assert np.all(np.diff(times[np.argsort(seq)]) >= 0)
        first, last = int(times.min()), int(times.max())
        assert first >= session.path.start_ns
        assert last - first > 6 * 3600 * SECOND
        assert closed_ns(venue, first, last) == 0
        assert closed_ns(venue, first - 5 * MINUTE, first) > 0
        assert closed_ns(venue, last, last + 5 * MINUTE) > 0
        assert np.all(quotes.bid < quotes.ask)
        assert min(quotes.bid_size.min(), quotes.ask_size.min(), trades.size.min()) >= 1
        assert trades.price.min() > 0


@pytest.mark.parametrize("name", OTHERS)
def test_tick_and_lot_are_those_of_the_instrument(name):
    found = resolve_instrument(MARKETS[name].instrument_id, on=FIRST_DAY)
    tick = {"ES": "0.25", "MES": "0.25", "CL": "0.01", "GC": "0.1", "AAPL": "0.01"}[name]
    assert found.price_increment.as_decimal() == Decimal(tick)
    assert found.size_increment.as_decimal() == 1
    assert isinstance(found, Equity) == (name == "AAPL")


def test_both_sizes_of_the_index_future_have_one_price_and_other_trades():
    (big, _), (micro, _) = (next(make_paths(MARKETS[name], 7)) for name in ("ES", "MES"))
    assert all(np.array_equal(a.price, b.price) for a, b in zip(big, micro, strict=True))
    trades = [next(make_market(MARKETS[name], 7)).trades for name in ("ES", "MES")]
    assert len(trades[0]) != len(trades[1])


def test_futures_keep_the_daily_break_the_weekend_and_early_closes():
    stretches = stretches_of("CL", 12)
    ends = [s.start_ns + s.minutes * MINUTE for s in stretches]
    starts = [s.start_ns for s in stretches]
    breaks = [(b - e) // (60 * MINUTE) for e, b in zip(ends, starts[1:], strict=False)]
    # Two weeks, the second with a holiday on Monday that halts at 14:30.
    assert breaks == [1, 1, 1, 1, 49, 1, 1, 1, 1, 49, 3]
    assert new_york_time(ends[10]) == "2026-01-19 14:30:00 New York"
    assert new_york_time(stretches[0].start_ns) == "2026-01-04 18:00:00 New York"
    assert stretches[10].regular is None
    assert [s.minutes for s in stretches_of("ES", 12)][-2:] == [19 * 60, 23 * 60]


def test_a_stock_trades_in_regular_sessions_without_the_holiday():
    days = [new_york_date(s.start_ns) for s in stretches_of("AAPL", 11)]
    assert days[9:11] == [date(2026, 1, 16), date(2026, 1, 20)]
    assert {s.minutes for s in stretches_of("AAPL", 20)} == {390}


def test_every_contract_is_listed_on_all_days_that_can_be_requested():
    for market in MARKETS.values():
        last = stretches_of(market.name, MAX_DAYS)[-1]
        found = resolve_instrument(market.instrument_id, on=FIRST_DAY)
        if expiry := getattr(found, "expiration_ns", 0):
            assert last.start_ns + last.minutes * MINUTE < expiry


def test_a_longer_sample_begins_with_the_shorter_one():
    short, long = (list(make_market(MARKETS["AAPL"], 7, days)) for days in (1, 3))
    assert (len(short), len(long)) == (1, 3)
    assert np.array_equal(short[0].trades.price, long[0].trades.price)
    ids = [int(i) for session in long for i in session.trades.trade_id.to_pylist()]
    assert ids == list(range(1, len(ids) + 1))


def test_a_price_goes_on_where_it_was_before_a_halt():
    paths = [path for block, _ in make_paths(MARKETS["AAPL"], 7, 40) for path in block]
    gaps = [int(after.price[0] - before.price[-1]) / 1000 for before, after in pairwise(paths)]
    assert len(gaps) == 39
    assert np.std(gaps) == pytest.approx(150, rel=0.4)
    assert abs(np.mean(gaps)) < 3 * 150 / 39**0.5


def test_one_day_of_a_market_that_never_closes_is_the_first_of_two():
    (one,) = make_market(MARKETS["BTCUSDT"], 7, 1)
    assert len(one.path.sigma) == 86_400
    assert one.trades.ts_event[-1] < int(datetime(2026, 1, 6, tzinfo=UTC).timestamp()) * SECOND
    assert max(at for _, at in one.path.scenes) < 86_400


def test_a_catalog_is_extended_by_days(tmp_path, monkeypatch):
    stock = MARKETS["AAPL"]
    thin = replace(stock, activity=replace(stock.activity, usual=0.02))
    monkeypatch.setitem(MARKETS, "AAPL", thin)
    whole = tmp_path / "whole"
    write_sample(whole, days=4, instruments=["AAPL"])
    grown = tmp_path / "grown"
    first = write_sample(grown, days=3, instruments=["AAPL"])
    more = write_sample(grown, days=4, instruments=["AAPL", "AAPL"])
    assert contents(grown) == contents(whole)
    assert [len(report.markets) for report in (first, more)] == [1, 1]
    assert first.markets[0].written.files_written == 6
    assert more.markets[0].written.files_written == 2
    assert more.markets[0].written.files_unchanged == 6
    assert check_catalog(grown).ok
    with pytest.raises(AuctionError, match=r"AAPL\.XNAS"):
        write_sample(grown, seed=8, days=1, instruments=["AAPL"])


@pytest.mark.parametrize("days", [0, -3, MAX_DAYS + 1])
def test_days_out_of_range_are_refused(tmp_path, days):
    with pytest.raises(UsageError, match=f"days: {days} is not within 1 to 45"):
        write_sample(tmp_path, days=days)


def test_a_market_is_found_by_its_name_or_instrument():
    assert find_markets(["NQ", "CLJ6.XNYM", "CL"]) == (MARKETS["NQ"], MARKETS["CL"])


def test_an_unknown_instrument_is_answered_with_the_known_ones(tmp_path):
    known = "use one of BTCUSDT, NQ, ES, MES, CL, GC, AAPL"
    with pytest.raises(UsageError, match=f"the sample has no 'SI': {known}"):
        write_sample(tmp_path, instruments=["NQ", "SI"])
    assert list(tmp_path.iterdir()) == []


def minutes_of(folder, days, contract):
    trades, quotes = (
        pd.concat([_table(folder / f"{day}_{kind}.zip", contract) for day in days])
        for kind in ("trade", "quote")
    )
    return trades, quotes


def _table(path, contract):
    with zipfile.ZipFile(path) as archive:
        (entry,) = (n for n in archive.namelist() if n.endswith(f"_{contract}.csv"))
        return pd.read_csv(io.BytesIO(archive.read(entry)), header=None).assign(day=path.name[:8])


def figures_of(table, high, low, close):
    returns = np.log(table[close]).groupby(table["day"]).diff() * 10_000
    ranges = (table[high] - table[low]) / table[close] * 10_000
    return {"minute_sigma": returns.std(), "minute_range": ranges.median()}


def test_the_stated_figures_are_those_of_the_recorded_markets(real_data):
    data = real_data
    found, rows = {}, {}
    gold = ("20131007", "20131008", "20131010", "20131011")
    trades, quotes = minutes_of(data / "gc_ticks" / "minute", gold, "201312")
    sizes = pd.concat(
        [_table(data / f"gc_ticks/tick/{day}_trade.zip", "201312") for day in gold[:2]]
    )
    found["GC"] = figures_of(trades, 2, 3, 4)
    found["GC"]["mean_spread"] = ((quotes[9] - quotes[4]) / 0.1).mean()
    found["GC"]["median_size"] = sizes[2].median()
    rows["GC"] = (len(trades), len(sizes))
    index = {p.name[:8]: p for p in sorted((data / "es_minutes").glob("*_trade.zip"))}
    contracts = {day: _longest(path) for day, path in index.items()}
    parts = [minutes_of(data / "es_minutes", [day], c) for day, c in contracts.items()]
    trades, quotes = (pd.concat(tables) for tables in zip(*parts, strict=True))
    found["ES"] = figures_of(trades, 2, 3, 4)
    found["ES"]["mean_spread"] = ((quotes[9] - quotes[4]) / 0.25).mean()
    rows["ES"] = (len(index), len(trades))
    crude = pd.read_parquet(data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet").assign(day=0)
    found["CL"] = figures_of(crude, "high", "low", "close")
    rows["CL"] = len(crude)
    assert rows == {"GC": (5_338, 91_740), "ES": (16, 19_083), "CL": 31_491}
    for name, figures in found.items():
        rounded = {key: round(float(value), 1) for key, value in figures.items()}
        assert rounded == STATED_MARKETS[MARKETS[name].instrument_id].real, name


def _longest(path):
    with zipfile.ZipFile(path) as archive:
        return max(archive.infolist(), key=lambda entry: entry.file_size).filename[-10:-4]
