"""Sessions, daily levels and their cache."""

from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from actors.impulse.cache import LevelCache
from actors.impulse.daily import DailyBook
from actors.impulse.daily import RegularSession
from catalog.sessions import NEW_YORK
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from errors import AuctionError
from tests.impulse_vectors import TICK
from tests.impulse_vectors import cases
from tests.impulse_vectors import seconds
from tests.impulse_vectors import ticks_of


SECOND = 1_000_000_000
FRIDAY, MONDAY, TUESDAY = date(2025, 3, 7), date(2025, 3, 10), date(2025, 3, 11)
SESSION = RegularSession(day=FRIDAY, open=4, high=9, low=1, close=5, volume=7, poc=4, vah=8, val=4)


@pytest.fixture(scope="module")
def sessions():
    return RegularSessions()


def feed(book, trades):
    for bar in seconds(trades):
        book.advance(bar.ts)
        book.add(bar)


@pytest.mark.parametrize("case", cases("daily", "sessions"), ids=lambda case: case["name"])
def test_levels_of_the_vectors(case, sessions):
    book = DailyBook(sessions)
    feed(book, [(ts, ticks_of(price), size, side) for ts, price, size, side in case["trades"]])
    book.advance(at_minute(date.fromisoformat(case["trade_date"]), 9 * 60 + 30))
    levels, expected = book.levels, case["recommended"]
    if expected is None:
        assert levels.reason == "NO_SESSION"
        assert levels.breakout_levels() is None
        return
    assert (str(levels.day), str(levels.prior.day)) == (expected["date"], expected["prior"])
    found = levels.breakout_levels()
    for name in ("pdh", "pdl", "onh", "onl", "vah", "val"):
        price = expected[name]
        assert getattr(found, name) == (None if price is None else ticks_of(price)), name
    assert levels.prior.poc * TICK == expected["poc"]


@pytest.mark.parametrize(
    "case", cases("daily", "prior_dates"), ids=lambda case: case["now_new_york"]
)
def test_trade_dates_and_prior_sessions(case, sessions):
    now = datetime.fromisoformat(case["now_new_york"]).replace(tzinfo=NEW_YORK)
    clock = NewYorkClock()
    day = clock.trade_date(int(now.timestamp()) * SECOND)
    assert str(day) == case["recommended_trade_date"]
    # The mourning day of 9 January 2025 was no session of the stock exchange.
    prior = case["recommended_prior_date_without_holidays"]
    expected = "2025-01-08" if prior == "2025-01-09" else prior
    assert str(sessions.before(day)) == expected


@pytest.mark.parametrize("day", [date(2025, 3, 8), date(2025, 3, 9), date(2025, 11, 2), MONDAY])
def test_the_clock_follows_daylight_saving(day):
    clock = NewYorkClock()
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    for ts in range(start, start + 30 * 3600, 613):
        local = datetime.fromtimestamp(ts, NEW_YORK)
        assert clock.minute_of_day(ts * SECOND) == 60 * local.hour + local.minute
        rolled = local.date().toordinal() + (local.hour >= 18)
        assert clock.trade_date(ts * SECOND).toordinal() == rolled


def test_holidays_and_shortened_days(sessions):
    def local(ts):
        return datetime.fromtimestamp(ts / SECOND, NEW_YORK).strftime("%H:%M")

    def hours(day):
        return [local(ts) for ts in sessions.hours(day)]

    assert sessions.hours(date(2025, 11, 27)) is None
    assert hours(date(2025, 11, 26)) == ["09:30", "16:00"]
    assert hours(date(2025, 11, 28)) == ["09:30", "13:00"]
    assert hours(date(2025, 7, 3)) == ["09:30", "13:00"]
    assert hours(date(2025, 7, 8)) == ["09:30", "16:00"]
    assert sessions.before(date(2025, 11, 28)) == date(2025, 11, 26)
    assert sessions.before(date(2025, 12, 1)) == date(2025, 11, 28)
    assert sessions.hours(date(2025, 11, 29)) is None
    with pytest.raises(AuctionError, match="1999-12-31 is not within 2000"):
        sessions.hours(date(1999, 12, 31))
    with pytest.raises(AuctionError, match="'NOWHERE' is unknown"):
        RegularSessions("NOWHERE")


def at(day, text, second=0):
    hour, minute = map(int, text.split(":"))
    return at_minute(day, 60 * hour + minute) + second * SECOND


def day_of_trades(day, base):
    """A night from 18:00 on and a session: prices around a base."""
    before = date.fromordinal(day.toordinal() - 1)
    return [
        (at(before, "18:00"), base, 1, 1),
        (at(day, "03:00"), base + 40, 1, 1),
        (at(day, "09:29", 59), base - 20, 1, -1),
        (at(day, "09:30"), base + 4, 5, 1),
        (at(day, "12:00"), base + 12, 9, -1),
        (at(day, "15:59", 59), base + 8, 5, 1),
        (at(day, "16:00"), base + 400, 5, 1),
        (at(day, "17:00"), base - 400, 5, 1),
    ]


def test_the_night_is_known_from_the_opening_on_and_the_session_from_its_close(sessions):
    book = DailyBook(sessions)
    feed(book, day_of_trades(MONDAY, 1000))
    assert book.levels.reason == "NO_SESSION"
    seen = []
    for bar in seconds(day_of_trades(TUESDAY, 2000)):
        book.advance(bar.ts)
        seen.append((book.levels.onh, book.levels.onl))
        assert book.levels.prior.day == MONDAY
        assert (book.levels.prior.high, book.levels.prior.low) == (1012, 1004)
        book.add(bar)
    assert seen == [(None, None)] * 3 + [(2040, 1980)] * 5
    assert book.prior.day == TUESDAY
    assert (book.prior.open, book.prior.close, book.prior.volume) == (2004, 2008, 19)
    book.advance(at(TUESDAY, "18:00"))
    assert book.levels.prior == book.prior
    assert (book.levels.onh, book.levels.reason) == (None, None)


def test_a_session_without_trades_makes_the_levels_stale(sessions):
    book = DailyBook(sessions)
    feed(book, day_of_trades(MONDAY, 1000))
    book.advance(at(date(2025, 3, 12), "08:00"))
    assert book.levels.reason == "STALE"
    assert book.levels.breakout_levels() is None


def test_a_session_whose_opening_was_not_seen_gives_no_levels(sessions):
    book = DailyBook(sessions)
    feed(book, day_of_trades(MONDAY, 1000)[4:])
    book.advance(at(MONDAY, "18:00"))
    assert book.levels.reason == "NO_SESSION"


def test_a_night_whose_beginning_was_not_seen_has_no_high_and_low(sessions):
    book = DailyBook(sessions)
    feed(book, day_of_trades(MONDAY, 1000)[1:4])
    assert (book.levels.onh, book.levels.onl) == (None, None)


def test_a_shortened_day_ends_early_and_a_holiday_has_no_session(sessions):
    book = DailyBook(sessions)
    wednesday, thursday, friday = (date(2025, 11, day) for day in (26, 27, 28))
    feed(book, day_of_trades(wednesday, 1000))
    assert book.levels.ends_at is None
    book.advance(at(thursday, "10:00"))
    assert book.levels.ends_at == at(thursday, "09:30")
    feed(book, [(at(thursday, "10:00"), 5000, 1, 1), (at(thursday, "18:00"), 1500, 1, 1)])
    assert (book.levels.day, book.levels.prior.day) == (friday, wednesday)
    assert book.levels.ends_at == at(friday, "13:00")
    feed(
        book,
        [
            (at(friday, "09:30"), 1100, 1, 1),
            (at(friday, "12:59", 59), 1200, 1, 1),
            (at(friday, "13:00"), 1300, 1, 1),
        ],
    )
    assert (book.prior.day, book.prior.high, book.prior.close) == (friday, 1200, 1200)
    assert book.levels.prior.day == wednesday


def test_saved_sessions_are_read_back(tmp_path):
    cache = LevelCache(tmp_path / "new", "NQZ5.XCME", Decimal("0.25"))
    path = cache.save(SESSION)
    assert path.name == "20250307.json"
    assert cache.load(FRIDAY) == SESSION
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    first = path.read_bytes()
    cache.save(SESSION)
    assert path.read_bytes() == first


def test_a_cache_without_the_session_is_refused_with_what_it_has(tmp_path):
    cache = LevelCache(tmp_path, "NQZ5.XCME", Decimal("0.25"))
    with pytest.raises(AuctionError, match="no session of 2025-03-07, it is empty"):
        cache.load(FRIDAY)
    cache.save(SESSION)
    with pytest.raises(AuctionError, match="no session of 2025-03-10, its newest .* 20250307"):
        cache.load(MONDAY)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda text: text.replace("NQZ5", "ESZ5"), "instrument_id is ESZ5.XCME"),
        (lambda text: text.replace('"0.25"', '"0.1"'), "tick_size is 0.1"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version is 2"),
        (lambda text: text.replace("2025-03-07", "2025-03-06"), "day is 2025-03-06"),
        (lambda text: text[:40], "cannot be read"),
        (lambda text: text.replace('"poc"', '"pok"'), "cannot be read"),
    ],
)
def test_a_foreign_or_damaged_file_is_refused(tmp_path, change, error):
    cache = LevelCache(tmp_path, "NQZ5.XCME", Decimal("0.25"))
    path = cache.save(SESSION)
    path.write_text(change(path.read_text()))
    with pytest.raises(AuctionError, match=error):
        cache.load(FRIDAY)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    cache = LevelCache(tmp_path, "NQZ5.XCME", Decimal("0.25"))
    path = cache.save(SESSION)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(AuctionError, match="No space left"):
        cache.save(RegularSession(**{**dict.fromkeys(SESSION.__struct_fields__, 1), "day": FRIDAY}))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]
