"""A hole in a recording breaks the warm-up in every command alike, and the result says so."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import pandas as pd
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import DataGap
from actors.value_area.config import ValueAreaActorConfig
from actors.value_area.messages import ValueAreaMinute
from backtests.features import catalog_features
from backtests.results.gaps import ColdRefusals
from backtests.results.gaps import cold_refusals
from backtests.results.gaps import duration
from backtests.results.gaps import gap_figures
from backtests.results.gaps import gap_warnings
from backtests.results.gaps import gaps_text
from backtests.results.gaps import is_across
from backtests.results.gaps import note_warm
from backtests.results.parity import compare
from backtests.results.summary_keys import paths_of
from backtests.results.tables import position_table
from backtests.runner import run_backtest
from backtests.system_features import write_system_features
from catalog.increments import read_increments
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from errors import AuctionError
from indicators.core.minute import MinuteFeatures
from live.replay import run_replay
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position
from tests.backtests.test_runner import START
from tests.backtests.test_runner import early_rows
from tests.backtests.test_runner import order
from tests.backtests.test_runner import ran
from tests.blank_messages import blank
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import NO_GAP
from tests.markets import iso
from tests.markets import write_catalog
from tests.seed_rules import SEED_RULES


S = 1_000_000_000
HOUR = 60 * MINUTE
T0 = pd.Timestamp("2026-01-05 00:00", tz="UTC").value
FRIDAY = pd.Timestamp("2013-10-11 16:00", tz="America/New_York").value
GC = "GCZ3.XCEC"
SETTINGS = [
    "actors.0.config.rolling_window_minutes=20",
    "actors.0.config.warmup_minutes=20",
    "actors.0.config.min_va_bins=2",
    NO_GAP,
    *SEED_RULES,
]


def market(since, minutes):
    """Quotes and sided prints every ten seconds, of a price that goes up and down."""
    rows = []
    for number in range(6 * minutes):
        ts = since + number * 10 * S + 5 * S
        wave = abs(number % 240 - 120) + number * 7 % 13
        price, side = 600_000 + 5 * wave, 1 + (number % 240 < 120)
        rows.append((0, ts, price, 1_000 + 900 * (side == 1), price + 1, 1_000 + 900 * (side == 2)))
        rows.append((1, ts + S, price + (side == 1), 50 + number % 7, side))
    return rows


def config_of(catalog, *settings):
    return load_backtest("btc_value_area", overrides=[f"catalog={catalog}", *SETTINGS, *settings])


def run_of(catalog, folder, *settings):
    return run_backtest(config_of(catalog, *settings), folder, report=False)


def features_of(catalog, config):
    (actor,) = config.node.engine.actors
    parsed = ValueAreaActorConfig.parse(json.dumps(actor.config))
    increments = read_increments(catalog, BTC)
    core = MinuteFeatures(increments.tick_size, increments.lot_size, **parsed.feature_parameters())
    return catalog_features(catalog, BTC, core, ValueAreaMinute, None, None)


@cache
def with_a_hole():
    """Three hours of the vector stream; after fifty minutes eight hours are missing."""
    hole = T0 + 50 * MINUTE
    return [
        row if row[1] < hole else (row[0], row[1] + 8 * HOUR, *row[2:]) for row in sided_rows(180)
    ]


@cache
def ends_of_the_hole():
    quotes = [row[1] for row in with_a_hole() if row[0] == 0]
    return max(pairwise(quotes), key=lambda pair: pair[1] - pair[0])


@pytest.fixture(scope="module")
def holed(tmp_path_factory):
    return write_catalog(tmp_path_factory.mktemp("holed"), with_a_hole())


@pytest.fixture(scope="module")
def backtest(holed, tmp_path_factory):
    return run_of(holed, tmp_path_factory.mktemp("runs"))


def warm_minutes(folder):
    table = pq.read_table(folder / "features.parquet").to_pandas()
    return table.loc[table["warm"], "ts_min"]


def test_nothing_is_entered_until_the_window_is_full_again(backtest):
    summary, folder = backtest
    warm = warm_minutes(folder)
    end = pd.Timestamp(T0 + 50 * MINUTE + 8 * HOUR, tz="UTC")
    after = warm[warm >= end]
    # Twenty minutes have closed at the end of the first warm one, and none is warm in the hole.
    assert after.min() == end + pd.Timedelta(minutes=19)
    assert warm[warm < end].max() < pd.Timestamp(T0 + 54 * MINUTE, tz="UTC")
    signals = pq.read_table(folder / "signals.parquet").to_pandas()
    entered = signals.loc[signals["action"].isin(["ENTER", "FLIP"]), "ts"]
    assert len(entered[entered >= end])
    assert entered[entered >= end].min() >= after.min()
    held = signals[(signals["ts"] >= end) & (signals["why"] == "WARMUP")]
    assert len(held) == summary["gaps"]["refused"] > 0


def test_the_summary_lists_the_gap_and_what_it_cost(backtest):
    summary, folder = backtest
    gaps = summary["gaps"]
    assert {path for path in paths_of(summary) if path.startswith("gaps")} == {
        "gaps",
        *(f"gaps.{key}" for key in gaps),
        *(f"gaps.longest[].{key}" for key in gaps["longest"][0]),
    }
    start, end = ends_of_the_hole()
    (listed,) = gaps["longest"]
    assert [pd.Timestamp(listed[key]).value for key in ("start", "end")] == [start, end]
    assert listed["silent_seconds"] == gaps["silent_seconds"] == (end - start) / S
    assert (gaps["count"], gaps["closes_cold"]) == (1, 19)
    (warning,) = [text for text in summary["warnings"] if "gap in the data" in text]
    assert warning == (
        f"1 gap in the data, {duration((end - start) / S)}, "
        "the longest from 2026-01-05 00:49 to 2026-01-05 08:50 UTC: "
        "the warm-up began anew, 19 closed minutes after it without entries, "
        f"{gaps['refused']} candidate{'s' * (gaps['refused'] != 1)} refused"
    )
    (row,) = pq.read_table(folder / "gaps.parquet").to_pylist()
    assert row["start"].value == start
    assert row["ts"].value == row["end"].value == end


@pytest.mark.parametrize("chunk", ["null", "2", "97"])
def test_features_and_backtest_agree_in_any_chunks(holed, backtest, tmp_path, chunk):
    found = pq.read_table(backtest[1] / "features.parquet")
    assert found.equals(features_of(holed, config_of(holed)))
    summary, folder = run_of(holed, tmp_path, f"chunk_size={chunk}")
    assert pq.read_table(folder / "features.parquet").equals(found)
    assert summary["gaps"] == backtest[0]["gaps"]
    assert all(difference.first is None for difference in compare(backtest[1], folder).values())


def test_a_replay_breaks_off_where_the_backtest_does(holed, backtest, tmp_path):
    settings = [f"catalog={holed}", *SETTINGS]
    # Past the hole until all is warm again: a node takes ten times as long as a backtest.
    end = iso(T0 + 75 * MINUTE + 8 * HOUR)
    folder = run_replay(
        "btc_value_area", "paper", settings, tmp_path, [].append, speed=None, end=end
    )
    found = compare(backtest[1], folder)
    assert found["features"].count > 70
    assert found["gaps"].count == 1
    assert {name: found[name].first for name in ("features", "decisions", "gaps")} == {
        "features": None,
        "decisions": None,
        "gaps": None,
    }


def test_parity_names_a_gap_of_one_run_alone(holed, backtest, tmp_path):
    _, folder = run_of(holed, tmp_path, "actors.0.config.gap_after_s=40000")
    gaps = compare(backtest[1], folder)["gaps"]
    assert gaps.differing == 1
    assert gaps.first.startswith("2026-01-05 08:50:0")
    assert gaps.first.endswith(" in the first run alone")


@cache
def weekend():
    sunday = FRIDAY + 50 * HOUR
    return [*market(FRIDAY, 75), *market(sunday, 30)]


def test_a_weekend_is_no_gap(tmp_path):
    gold = resolve_instrument(GC, date(2013, 10, 11))
    catalog = write_catalog(tmp_path / "catalog", weekend(), instrument=gold)
    summary, folder = run_of(catalog, tmp_path, f"instrument_id={GC}")
    assert summary["gaps"]["count"] == 0
    assert not [text for text in summary["warnings"] if "gap" in text]
    warm = warm_minutes(folder)
    assert warm.max() == pd.Timestamp(FRIDAY + 50 * HOUR + 28 * MINUTE, tz="UTC")


def test_the_same_hours_of_a_market_that_never_closes_are_one(tmp_path):
    catalog = write_catalog(tmp_path / "catalog", weekend())
    summary, _ = run_of(catalog, tmp_path)
    assert summary["gaps"]["count"] == 1


def test_a_hole_of_seventeen_months_costs_its_warm_up_and_no_time(tmp_path):
    rows = [*market(T0 - 517 * 24 * HOUR, 30), *market(T0, 30)]
    catalog = write_catalog(tmp_path, rows)
    table = features_of(catalog, config_of(catalog, "actors.0.config.gap_after_s=60"))
    # Of the hole as many minutes as the window has.
    assert table.num_rows == 30 + 20 + 30 - 1
    assert table["warm"].to_pylist() == 19 * [False] + 11 * [True] + 39 * [False] + 10 * [True]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(61.5, "1 min 02 s"), (0.25, "0.25 s"), (28_806, "8 h 00 min"), (90_000, "1 d 01 h")],
)
def test_a_length_of_time_has_two_units(seconds, text):
    assert duration(seconds) == text


def gap(start, end, instrument_id=BTC):
    name = InstrumentId.from_str(instrument_id)
    return DataGap(name, end, end, start=start, end=end, silent_s=(end - start) / S)


def trade(opened, closed, net_before_fees="1.0"):
    entry = fill("BUY", "1.000", "100.0", opened, "0.25")
    if closed is None:
        return position(entry)
    price = str(100 + Decimal(net_before_fees))
    return position(entry, fill("SELL", "1.000", price, closed, "0.25"))


GAPS = [gap(100, 200), gap(300, 400)]


@pytest.mark.parametrize(
    ("opened", "closed", "is_open"),
    [
        (90, 100, False),
        (200, 300, False),
        (400, None, False),
        (90, 210, True),
        (100, 200, True),
        (150, 250, True),
        (90, 150, True),
        (90, 500, True),
        (90, None, True),
        (399, 401, True),
    ],
)
def test_a_trade_is_across_a_gap_where_it_was_open_during_it(opened, closed, is_open):
    one = trade(opened, closed)
    assert is_across(one, GAPS) is is_open
    assert position_table([one], GAPS)["across_gap"].to_pylist() == [is_open]
    assert not is_across(one, [gap(100, 400, GC)])


def test_trades_across_gaps_are_counted_with_their_result():
    trades = [trade(90, 210, "455.0"), trade(310, None), trade(220, 280, "7.0")]
    figures = gap_figures(GAPS, [], 0, trades)
    # 455 less two fees of 0.25, and what an open one has paid.
    assert (figures["trades_across"], figures["net_across"]) == (2, 454.25)
    assert gap_warnings(figures, "USDT", bars={"minutes": 9})[1] == (
        "2 trades were open across a gap (net +454.25 USDT): what the market did meanwhile is not "
        "known"
    )
    one = gap_figures(GAPS, [], 0, trades[:1])
    assert (
        "1 trade was open across a gap (net +454.50 USDT)"
        in (gap_warnings(one, "USDT", bars={"minutes": 9})[1])
    )
    none = gap_figures(GAPS, [], 0, trades[2:])
    assert len(gap_warnings(none, "USDT", bars={"minutes": 9})) == 1


def test_a_run_marks_the_position_that_was_open_in_its_hole(tmp_path):
    hole = START + 7 * MINUTE
    rows = [row if row[1] < hole else (row[0], row[1] + 2 * HOUR, *row[2:]) for row in early_rows()]
    catalog = write_catalog(tmp_path / "catalog", rows)
    orders = [order(2, "BUY", "ENTRY"), order(4, "SELL", "EXIT")]
    orders += [order(5, "BUY", "ENTRY"), order(130, "SELL", "EXIT")]
    summary, folder = ran(tmp_path, catalog, {"orders": orders, "enters": 2}, START + 3 * HOUR)
    positions = pq.read_table(folder / "positions.parquet")
    assert positions["across_gap"].to_pylist() == [False, True]
    assert summary["gaps"]["trades_across"] == 1
    assert summary["gaps"]["net_across"] == pytest.approx(positions["net_pnl"][1].as_py())
    assert any("1 trade was open across a gap" in text for text in summary["warnings"])
    assert "(across a gap)" in (folder / "report.html").read_text()


def warm_closes(*minutes):
    """Return the closes of the warm ones of minutes, given by number and warmth."""
    found = {}
    for number, warm in minutes:
        columns = blank(ValueAreaMinute, warm=warm)
        close = T0 + (number + 1) * MINUTE
        name = InstrumentId.from_str(BTC)
        note_warm(found, ValueAreaMinute(name, close - 1, close - 1, **columns))
    return found


def refused(ts, why="WARMUP"):
    name = InstrumentId.from_str(BTC)
    return SimpleNamespace(instrument_id=name, action="REFUSE", why=why, ts_event=ts)


def test_refusals_of_a_gap_name_it_and_when_it_was_over():
    hole = gap(T0 + 50 * MINUTE, T0 + 80 * MINUTE)
    decisions = [refused(hole.start), refused(hole.end), refused(hole.end + 1, "SIZE")]
    minutes = warm_closes((49, True), (80, False), (99, True))
    found = cold_refusals([hole], decisions, minutes)
    assert found.count == 1
    assert found.cause == (
        "1 gap in the data, 30 min 00 s, from 2026-01-05 00:50 to 2026-01-05 01:20 UTC; after it "
        "the warm-up was complete again at 2026-01-05 01:40 UTC"
    )
    later = gap(T0 + 200 * MINUTE, T0 + 210 * MINUTE)
    assert cold_refusals([hole, later], decisions, minutes).cause == (
        "2 gaps in the data, 40 min 00 s in all, the longest from 2026-01-05 00:50 to "
        "2026-01-05 01:20 UTC; after the last the warm-up was not complete again"
    )
    assert cold_refusals([hole], decisions, {}).cause.endswith("01:20 UTC")
    assert cold_refusals([], decisions, minutes) == ColdRefusals(count=0, cause="")


def test_gaps_are_counted_in_words():
    assert gaps_text(1, 61.0) == "1 gap in the data, 1 min 01 s"
    assert gaps_text(2, 122.0) == "2 gaps in the data, 2 min 02 s in all"


def without_quotes(rows, since, until):
    return [row for row in rows if row[0] == 1 or not since <= row[1] < until]


def test_minutes_before_the_first_quote_are_no_warm_up(tmp_path):
    first = T0 + 30 * MINUTE
    rows = without_quotes(market(T0, 90), 0, first)
    catalog = write_catalog(tmp_path / "late", rows)
    limit = f"{NO_GAP.partition('=')[0]}=60"
    summary, folder = run_of(catalog, tmp_path / "runs", limit)
    # Twenty minutes with quotes have closed at the end of the first warm one.
    assert warm_minutes(folder).min() == pd.Timestamp(first + 19 * MINUTE, tz="UTC")
    text = "30 minutes before the first quote: no part of the warm-up"
    assert text in summary["warnings"]
    out = tmp_path / "features.parquet"
    settings = [*(setting for setting in SETTINGS if setting.startswith("actors")), limit]
    _, notes = write_system_features("btc_value_area", catalog, out, overrides=settings)
    assert notes == [text]
    assert pq.read_table(out).equals(pq.read_table(folder / "features.parquet"))


def test_quotes_that_end_before_the_prints_are_a_gap_to_the_end(tmp_path):
    last = T0 + 60 * MINUTE
    rows = without_quotes(market(T0, 120), last, 2**63)
    catalog = write_catalog(tmp_path / "early", rows)
    summary, folder = run_of(catalog, tmp_path / "runs", f"{NO_GAP.partition('=')[0]}=60")
    gaps = pq.read_table(folder / "gaps.parquet").to_pandas()
    assert [gap.value for gap in gaps["start"]] == [last - 5 * S]
    assert [gap.value for gap in gaps["end"]] == [rows[-1][1]]
    assert summary["gaps"]["count"] == 1
    features = pq.read_table(folder / "features.parquet").to_pandas()
    after = features[features["ts_min"] > pd.Timestamp(last + MINUTE, tz="UTC")]
    assert len(after) == 57
    assert set(after["va_reason"]) == {"SILENT"}
    assert not after["va_valid"].any()
    assert not after["warm"].any()


def test_a_system_of_seconds_lists_quotes_that_end_as_well(tmp_path):
    begin = pd.Timestamp("2025-02-11 15:00", tz="UTC").value
    last = begin + 10 * MINUTE
    rows = without_quotes(market(begin, 20), last, 2**63)
    future = resolve_instrument("NQH5.XCME", date(2025, 2, 11))
    catalog = write_catalog(tmp_path / "nq", rows, instrument=future)
    overrides = [f"catalog={catalog}", "instrument_id=NQH5.XCME"]
    run = load_backtest("nq_impulse_lvn", overrides=overrides)
    summary, folder = run_backtest(run, tmp_path / "runs", report=False)
    gaps = pq.read_table(folder / "gaps.parquet").to_pandas()
    assert [gap.value for gap in gaps["start"]] == [last - 5 * S]
    assert [gap.value for gap in gaps["end"]] == [rows[-1][1]]
    assert summary["gaps"]["count"] == 1


def test_features_without_a_quote_are_refused(tmp_path):
    catalog = write_catalog(tmp_path / "prints", without_quotes(market(T0, 30), 0, 2**63))
    with pytest.raises(AuctionError, match=f"no quotes of {BTC} in the window"):
        write_system_features("btc_value_area", catalog, tmp_path / "features.parquet")
    assert not (tmp_path / "features.parquet").exists()
