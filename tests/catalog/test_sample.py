import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from datetime import datetime
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from numpy.typing import NDArray

from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.checks import check_catalog
from catalog.instruments import resolve_instrument
from catalog.sample import DEFAULT_MARKETS
from catalog.sample import MARKETS
from catalog.sample import STATED_MARKETS
from catalog.sample import Session
from catalog.sample import make_market
from catalog.sample import measure
from catalog.sample import write_sample
from catalog.sample.market import make_paths
from catalog.sample.walk import PriceWalk
from errors import AuctionError
from errors import UsageError
from tests.checks import some


Sample = dict[str, tuple[Session, ...]]

BTC = MARKETS["BTCUSDT"].instrument_id
NQ = MARKETS["NQ"].instrument_id
# From 18:00 in New York: the regular session, and the end (seconds).
BELL, CLOSE, END = 15 * 3600 + 1800, 22 * 3600, 23 * 3600
# Of the arrays and ids of the default sample.
RECORDED = "250f931ec695f6a8b181d9cf62b6932695cb45007b41c0ba516b5ba96575923e"
SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
DAY_NS = 1440 * MINUTE_NS


def make_all(seed: int) -> Sample:
    markets = (MARKETS[name] for name in DEFAULT_MARKETS)
    return {market.instrument_id: tuple(make_market(market, seed)) for market in markets}


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_all(7)


@pytest.fixture(scope="module")
def other_sample() -> Sample:
    return make_all(8)


@pytest.fixture(params=[BTC, NQ])
def sessions(sample: Sample, request: pytest.FixtureRequest) -> tuple[Session, ...]:
    return sample[request.param]


def digest(sample: Sample) -> str:
    result = hashlib.sha256()
    for sessions in sample.values():
        for session in some(sessions):
            for batch in (session.trades, session.quotes):
                for name in batch.__slots__:
                    value = getattr(batch, name)
                    result.update(
                        value.tobytes()
                        if isinstance(value, np.ndarray)
                        else ",".join(value.to_pylist()).encode(),
                    )
    return result.hexdigest()


def test_same_seed_gives_same_bytes_and_another_seed_gives_others(
    sample: Sample, other_sample: Sample
) -> None:
    assert digest(make_all(7)) == digest(sample)
    assert digest(other_sample) != digest(sample)


def test_the_default_sample_is_the_one_that_results_are_recorded_on(sample: Sample) -> None:
    assert digest(sample) == RECORDED


@pytest.mark.parametrize("instrument_id", [BTC, NQ])
def test_statistics_lie_in_the_stated_ranges_for_any_seed(
    sample: Sample, other_sample: Sample, instrument_id: str
) -> None:
    for source in (sample, other_sample):
        measured = asdict(measure(source[instrument_id]))
        stated = STATED_MARKETS[instrument_id].ranges
        assert measured.keys() == stated.keys()
        outside = {
            name: value
            for name, value in measured.items()
            if not stated[name][0] <= value <= stated[name][1]
        }
        assert outside == {}


def test_bitcoin_moves_and_costs_in_the_proportion_of_the_real_market(
    sample: Sample, other_sample: Sample
) -> None:
    perpetual = resolve_instrument(BTC)
    assert str(perpetual.price_increment) == "0.10"
    round_trip = 2 * float(perpetual.taker_fee) * 10_000
    assert round_trip == pytest.approx(11.0)
    for source in (sample, other_sample):
        measured = measure(source[BTC])
        for name, real in some(STATED_MARKETS[BTC].real.items()):
            assert 0.75 * real <= getattr(measured, name) <= 1.1 * real, name
        real_share = round_trip / STATED_MARKETS[BTC].real["minute_range"]
        assert round_trip / measured.minute_range == pytest.approx(real_share, rel=0.2)


def test_the_stated_proportions_are_those_of_the_recorded_markets(real_data: Path) -> None:
    folder = real_data
    minutes = pd.read_csv(folder / "btc_perp_minutes" / "btc-perp-20211231-20220201_1m.csv.gz")
    quotes = pd.read_parquet(folder / "btcusdt_perp" / "BTCUSDT-PERP_quotes.parquet")
    assert (len(minutes), len(quotes)) == (45_031, 66_089)
    close = minutes["close"]
    figures = {
        "minute_sigma": np.log(close).diff().std() * 10_000,
        "minute_range": ((minutes["high"] - minutes["low"]) / close).median() * 10_000,
        "mean_spread": ((quotes["ask_px"] - quotes["bid_px"]) / 0.1).mean(),
    }
    assert {name: round(float(value), 1) for name, value in figures.items()} == (
        STATED_MARKETS[BTC].real
    )


def test_sizes_of_the_sample_are_small_enough_for_quick_runs(sample: Sample) -> None:
    rows = {
        key: (sum(len(s.trades) for s in sessions), sum(len(s.quotes) for s in sessions))
        for key, sessions in sample.items()
    }
    assert 250_000 <= rows[BTC][0] <= 400_000
    assert 200_000 <= rows[BTC][1] <= 400_000
    assert 150_000 <= rows[NQ][0] <= 250_000
    assert 200_000 <= rows[NQ][1] <= 400_000


def test_times_ascend_and_the_common_sequence_agrees_with_them(
    sessions: tuple[Session, ...],
) -> None:
    for session in some(sessions):
        trades, quotes = session.trades, session.quotes
        seq = np.concatenate((np.asarray(trades.seq), np.asarray(quotes.seq)))
        times = np.concatenate((trades.ts_event, quotes.ts_event))
        assert np.array_equal(np.sort(seq), np.arange(len(seq)))
        assert np.all(np.diff(times[np.argsort(seq)]) >= 0)
        for batch in (trades, quotes):
            assert np.all(np.diff(np.asarray(batch.seq)) > 0)


def test_trade_ids_are_unique(sessions: tuple[Session, ...]) -> None:
    ids = [trade_id for session in sessions for trade_id in session.trades.trade_id.to_pylist()]
    assert len(set(ids)) == len(ids)


def test_no_quote_is_crossed_or_locked_and_every_size_is_positive(
    sessions: tuple[Session, ...],
) -> None:
    for session in some(sessions):
        quotes = session.quotes
        assert np.all(quotes.bid < quotes.ask)
        assert min(quotes.bid_size.min(), quotes.ask_size.min(), session.trades.size.min()) >= 1
        assert min(quotes.bid.min(), session.trades.price.min()) > 0
        for column in (session.trades.price, session.trades.size, quotes.bid, quotes.ask):
            assert column.dtype == np.int64


def quote_in_force(session: Session) -> NDArray[np.int64]:
    quote = np.searchsorted(np.asarray(session.quotes.seq), np.asarray(session.trades.seq)) - 1
    return quote.astype(np.int64)


def test_buyers_trade_at_the_ask_or_inside_or_sweep_beyond(sessions: tuple[Session, ...]) -> None:
    for session in some(sessions):
        trades, quotes = session.trades, session.quotes
        assert set(np.unique(trades.side)) == {BUYER, SELLER}
        quote = quote_in_force(session)
        assert quote.min() >= 0
        sign = np.where(trades.side == BUYER, 1, -1)
        near = np.where(sign > 0, quotes.ask[quote], quotes.bid[quote])
        far = np.where(sign > 0, quotes.bid[quote], quotes.ask[quote])
        beyond = (trades.price - near) * sign
        assert np.all((trades.price - far) * sign > 0)
        # A print beyond the quote continues a sweep: same quote, time and side, no step back.
        swept = np.flatnonzero(beyond > 0)
        for column in (quote, trades.ts_event, sign):
            assert np.array_equal(column[swept], column[swept - 1])
        assert np.all(beyond[swept] >= beyond[swept - 1])
        assert np.count_nonzero(beyond == 0) > 0.6 * len(trades)
        assert np.any(beyond < 0)


def test_the_quote_follows_a_sweep(sessions: tuple[Session, ...]) -> None:
    for session in some(sessions):
        trades, quotes = session.trades, session.quotes
        quote = quote_in_force(session)
        last = np.flatnonzero(np.diff(quote, append=-1) != 0)
        last = last[quote[last] + 1 < len(quotes)]
        sign = np.where(trades.side[last] == BUYER, 1, -1)
        before, after = quote[last], quote[last] + 1
        swept_ask = (sign > 0) & (trades.price[last] > quotes.ask[before])
        swept_bid = (sign < 0) & (trades.price[last] < quotes.bid[before])
        assert np.all(quotes.ask[after[swept_ask]] >= trades.price[last][swept_ask])
        assert np.all(quotes.bid[after[swept_bid]] <= trades.price[last][swept_bid])
        assert swept_ask.sum() > 1000
        assert swept_bid.sum() > 1000


def test_bitcoin_covers_two_utc_days_in_whole_milliseconds(sample: Sample) -> None:
    (session,) = sample[BTC]
    start = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * SECOND_NS
    for batch in (session.trades, session.quotes):
        assert np.all(batch.ts_event % 1_000_000 == 0)
        assert 0 <= batch.ts_event[0] - start < MINUTE_NS
        assert 0 < start + 2 * DAY_NS - batch.ts_event[-1] < MINUTE_NS


def test_nasdaq_sessions_last_from_six_in_the_evening_to_five_in_new_york(sample: Sample) -> None:
    assert len(sample[NQ]) == 2
    for session in sample[NQ]:
        times = session.trades.ts_event
        start, end = (
            datetime.fromtimestamp(int(ns) // SECOND_NS, ZoneInfo("America/New_York"))
            for ns in (session.path.start_ns, times[-1])
        )
        assert start.time() == time(18)
        assert end.time() < time(17)
        assert (end.date() - start.date()).days == 1
        assert times[0] >= session.path.start_ns
        assert np.any(times % 1000 != 0)


def test_trades_and_quotes_share_time_stamps(sessions: tuple[Session, ...]) -> None:
    for session in some(sessions):
        shared = np.isin(session.trades.ts_event, session.quotes.ts_event)
        assert 0.3 < shared.mean() < 0.99


def test_bursts_walk_many_levels_in_one_millisecond(sample: Sample) -> None:
    trades = sample[BTC][0].trades
    first = np.flatnonzero(np.diff(trades.ts_event, prepend=-1) != 0)
    prints = np.diff(first, append=len(trades))
    reach = np.maximum.reduceat(trades.price, first) - np.minimum.reduceat(trades.price, first)
    assert np.count_nonzero((prints >= 20) & (reach >= 20)) >= 100


def test_volatility_changes(sample: Sample) -> None:
    moves = np.abs(np.diff(sample[BTC][0].path.price[::60])).reshape(-1, 30).mean(axis=1)
    assert moves.max() > 4 * moves.min()


def minute_bars(session: Session) -> Iterator[tuple[int, int, int, dict[int, int]] | None]:
    """Yield high, low, close and the volume by rows of 100 ticks of each minute."""
    minutes: dict[int, list[tuple[int, int]]] = {}
    trades = session.trades
    minute = (trades.ts_event - session.path.start_ns) // MINUTE_NS
    for at, price, size in zip(
        minute.tolist(), trades.price.tolist(), trades.size.tolist(), strict=True
    ):
        minutes.setdefault(at, []).append((price, size))
    for at in range(len(session.path.intensity) // 60):
        rows = minutes.get(at)
        if rows is None:
            yield None
            continue
        prices = [price for price, _ in rows]
        volume: Counter[int] = Counter()
        for price, size in rows:
            volume[price // 100] += size
        yield max(prices), min(prices), prices[-1], dict(volume)


def value_area(profile: Counter[int]) -> tuple[int, int]:
    most = max(profile.values())
    low = high = min(row for row, volume in profile.items() if volume == most)
    lowest, highest = min(profile), max(profile)
    held, total = most, sum(profile.values())
    while 10 * held < 7 * total:
        above = profile[high + 1] if high < highest else -1
        below = profile[low - 1] if low > lowest else -1
        if above > below:
            high += 1
        else:
            low -= 1
        held += max(above, below)
    return 100 * low, 100 * high


def count_breaks(session: Session) -> Counter[str]:
    """Count what price does at the edges of the value area of the last four hours."""
    counts: Counter[str] = Counter()
    window: list[dict[int, int]] = []
    profile: Counter[int] = Counter()
    outside: dict[int, tuple[int, int] | None] = {1: None, -1: None}
    for bar in minute_bars(session):
        window.append({} if bar is None else bar[3])
        profile.update(window[-1])
        if len(window) > 240:
            profile.subtract(window[-241])
            profile += Counter()
        if bar is None:
            counts["empty minutes"] += 1
        elif len(window) > 240:
            high, low, close, _ = bar
            counts["thin areas"] += len(profile) < 20
            val, vah = value_area(profile)
            for side, edge, far, near in ((1, vah, high, low), (-1, val, low, high)):
                attempt = outside[side]
                if attempt is not None:
                    edge, closes = attempt
                    if (close - edge) * side > 0:
                        outside[side] = (edge, closes + 1)
                        counts["accepted"] += closes + 1 == 3
                        counts["retests"] += closes >= 3 and (near - edge) * side <= 0
                        counts["held an hour"] += closes + 1 == 60
                    else:
                        outside[side] = None
                        counts["failed" if closes < 3 else "given back"] += 1
                elif (close - edge) * side > 0:
                    outside[side] = (edge, 1)
                    counts["closes outside"] += 1
                elif (far - edge) * side > 0 and val <= close <= vah:
                    counts["break-ins"] += 1
    return counts


def test_bitcoin_plays_every_scene_at_its_rolling_value_area(sample: Sample) -> None:
    counts = count_breaks(sample[BTC][0])
    assert counts["thin areas"] == 0
    assert counts["empty minutes"] >= 20
    assert counts["closes outside"] >= 40
    assert counts["break-ins"] >= 5
    assert counts["failed"] >= 10
    assert counts["accepted"] >= 15
    assert counts["given back"] >= 5
    assert counts["retests"] >= 5
    assert counts["held an hour"] >= 3
    played = Counter(name for name, _ in sample[BTC][0].path.scenes)
    assert played["retest"] >= 2
    assert min(played[name] for name in ("balance", "spike", "breakout", "quiet", "storm")) >= 5


def seconds(session: Session, start: int, stop: int) -> NDArray[np.int64]:
    """Return columns second, high, low, close, delta of the second bars between two seconds."""
    trades = session.trades
    second = (trades.ts_event - session.path.start_ns) // SECOND_NS
    chosen = slice(*np.searchsorted(second, (start, stop)).tolist())
    second, price = second[chosen], trades.price[chosen]
    signed = np.where(trades.side[chosen] == BUYER, 1, -1) * trades.size[chosen]
    first = np.flatnonzero(np.diff(second, prepend=-1) != 0)
    return np.column_stack(
        (
            second[first],
            np.maximum.reduceat(price, first),
            np.minimum.reduceat(price, first),
            price[np.append(first[1:], len(price)) - 1],
            np.add.reduceat(signed, first),
        ),
    )


def test_nasdaq_opens_with_a_drive(sample: Sample) -> None:
    for session in some(sample[NQ]):
        minute = (session.trades.ts_event - session.path.start_ns) // MINUTE_NS
        counts = np.bincount(minute, minlength=END // 60)
        bell = BELL // 60
        overnight, opening = counts[:bell], counts[bell : bell + 15]
        assert opening.mean() > 8 * overnight.mean()
        assert overnight.sum() > 5000


def test_second_day_breaks_levels_of_the_first_and_of_the_night(sample: Sample) -> None:
    first, second = sample[NQ]
    before = seconds(first, BELL, CLOSE)
    night = seconds(second, 0, BELL)
    day = seconds(second, BELL, CLOSE)
    highs = [before[:, 1].max(), night[:, 1].max()]
    lows = [before[:, 2].min(), night[:, 2].min()]
    broken = [day[:, 1].max() > high + 8 for high in highs]
    broken += [day[:, 2].min() < low - 8 for low in lows]
    assert sum(broken) >= 2


def find_impulses(bars: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return end index and middle price of moves of 25 points within 30 seconds."""
    impulses: list[tuple[int, int]] = []
    for at in range(1, len(bars)):
        begin = int(np.searchsorted(bars[:, 0], bars[at, 0] - 30))
        move = int(bars[at, 3] - bars[begin, 3])
        fresh = not impulses or bars[at, 0] - bars[impulses[-1][0], 0] > 120
        if abs(move) >= 100 and fresh:
            impulses.append((at, int(bars[begin, 3]) + move // 2))
    return impulses


def test_impulses_leave_thin_prices_which_are_later_retested_or_not(sample: Sample) -> None:
    day = seconds(sample[NQ][1], BELL, CLOSE)
    impulses = find_impulses(day)
    assert len(impulses) >= 5
    trades = sample[NQ][1].trades
    second = (trades.ts_event - sample[NQ][1].path.start_ns) // SECOND_NS
    retested = thin = 0
    for at, middle in impulses:
        later = day[(day[:, 0] > day[at, 0]) & (day[:, 0] <= day[at, 0] + 900)]
        retested += bool(np.any(np.abs(later[:, 3] - middle) <= 8))
        inside = slice(*np.searchsorted(second, (day[at, 0] - 30, day[at, 0] + 1)).tolist())
        rows = np.bincount(
            (trades.price[inside] - trades.price[inside].min()) // 2,
            weights=trades.size[inside],
        )
        thin += bool(np.any(rows[rows > 0] < 0.15 * rows[rows > 0].mean()))
    assert 0 < retested < len(impulses)
    assert thin >= 3


def test_large_orders_meet_at_retests_from_both_sides(sample: Sample) -> None:
    day = seconds(sample[NQ][1], BELL, CLOSE)
    narrow = day[day[:, 1] - day[:, 2] <= 6]
    assert np.count_nonzero(narrow[:, 4] >= 100) >= 2
    assert np.count_nonzero(narrow[:, 4] <= -100) >= 2


@pytest.fixture(scope="module")
def nasdaq_prices() -> list[NDArray[np.float64]]:
    """Return the mid prices (ticks) of the regular hours of many seeds, second by second."""
    return [
        path.price[BELL:CLOSE] / 1000
        for seed in range(25)
        for paths, _ in make_paths(MARKETS["NQ"], seed)
        for path in paths
    ]


@pytest.mark.parametrize("step", [300, 1800])
def test_nasdaq_has_no_drift_trend_or_reversion_over_whole_legs(
    nasdaq_prices: list[NDArray[np.float64]], step: int
) -> None:
    moves = [np.diff(path[::step]) for path in nasdaq_prices]
    product = sum(float(np.sum(m[1:] * m[:-1])) for m in moves)
    square = sum(float(np.sum(m**2)) for m in moves)
    total = sum(float(np.sum(m)) for m in moves)
    assert abs(product / square) < 0.1
    assert abs(total) < 3 * square**0.5


def test_impulses_give_back_what_they_run(
    nasdaq_prices: list[NDArray[np.float64]],
) -> None:
    later = []
    for path in nasdaq_prices:
        moves = path[30:-900] - path[:-930]
        at = 0
        while at < len(moves) and np.any(np.abs(moves[at:]) >= 100):
            at += int(np.argmax(np.abs(moves[at:]) >= 100))
            later.append(np.sign(moves[at]) * (path[at + 930] - path[at + 30]))
            at += 300
    assert len(later) > 200
    assert abs(np.mean(later)) < 25


def test_turns_are_fair_bets() -> None:
    ones = np.ones(10)
    walk = PriceWalk(np.random.Generator(np.random.PCG64(1)), 1000, ones, ones)
    assert abs(np.mean([10 if walk.turn(10, 30) > 0 else -30 for _ in range(4000)])) < 1
    assert abs(np.mean([5 if walk.outcome("a", 5, 1) > 0 else -1 for _ in range(1000)])) < 0.1
    assert {walk.outcome("b") for _ in range(4)} == {1, -1}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "catalog"
    write_sample(path)
    return path


def test_written_sample_reads_back_complete_and_is_labelled_synthetic(
    written: Path, sample: Sample
) -> None:
    check = check_catalog(written)
    assert check.ok
    assert {(t.identifier, t.data_type): t.rows for t in check.tallies} == {
        (key, name): sum(len(getattr(s, part)) for s in sessions)
        for key, sessions in sample.items()
        for name, part in (("trade_tick", "trades"), ("quote_tick", "quotes"))
    }
    assert all(tally.quality == {"synthetic"} for tally in check.tallies)
    instruments = ParquetDataCatalog(written).instruments()
    assert {str(instrument.id) for instrument in instruments} == {BTC, NQ}


def test_writing_the_same_sample_again_changes_nothing(written: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in written.rglob("*") if file.is_file()}
    report = write_sample(written)
    after = {file: file.stat().st_mtime_ns for file in written.rglob("*") if file.is_file()}
    assert after == before
    assert [market.written.files_written for market in report.markets] == [0, 0]
    assert report.seed == 7


def test_another_seed_is_refused_in_the_same_catalog(written: Path) -> None:
    with pytest.raises(AuctionError, match=BTC):
        write_sample(written, seed=8)


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seed -1 is negative"):
        write_sample(tmp_path, seed=-1)
