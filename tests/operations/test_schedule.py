"""Schedules by the exchange's calendar: due at or after their time, once a date."""

from datetime import date
from datetime import datetime
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from catalog.contracts import contract_month
from catalog.sessions import NEW_YORK
from catalog.sessions import at_minute
from live.operations.days import ExchangeDays
from live.operations.days import UtcDays
from live.operations.days import days_of
from live.operations.days import digest_window
from live.operations.days import session_before
from live.operations.days import session_from
from live.operations.schedule import EventKind
from live.operations.schedule import Schedule
from tests.checks import some
from tests.vectors import load


VECTORS = load("002", "14_schedule.json")
NS = 1_000_000_000
HALF_DAY = date(2025, 11, 28)
WHOLE_DAY = date(2025, 11, 20)


def new_york(day: date, text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return at_minute(day, 60 * hour + minute)


def clock(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / NS, NEW_YORK):%H:%M}"


def poll(schedule: Schedule, start: int, end: int, step_s: int, blocked: tuple[int, int]):
    """Return each event with the time at which a loop that may be blocked meets it."""
    found = []
    for now in range(start, end, step_s * NS):
        if blocked[0] <= now < blocked[1]:
            continue
        for event in schedule.due(now):
            schedule.mark(event)
            found.append((event, now))
    return found


@pytest.mark.parametrize("case", VECTORS["fires"])
def test_flatten_and_digest_are_due_at_their_time_and_never_before(case):
    day = HALF_DAY if case["close"] == "13:00" else WHOLE_DAY
    schedule = Schedule(ExchangeDays(), flatten_minutes=case["flatten_minutes"])
    schedule.done[EventKind.SESSION_STARTED] = day
    blocked = (0, 0)
    if case["loop_blocked"]:
        blocked = tuple(new_york(day, text) for text in case["loop_blocked"])
    start = new_york(day, "09:00") + case["poll_offset_s"] * NS
    found = poll(schedule, start, new_york(day, "23:59"), case["poll_s"], blocked)
    fired = [[event.kind.lower(), clock(event.at)] for event, _ in found]
    assert fired == case["recommended"]
    for event, now in some(found):
        late_s = (now - max(event.at, blocked[1] if blocked[0] <= event.at else 0)) / NS
        assert 0 <= late_s <= case["poll_s"]


def test_sessions_are_those_of_the_calendar_of_the_stock_exchange():
    days, table = ExchangeDays(), VECTORS["calendar_nyse"]
    day, seen = date(2025, 1, 1), 0
    while day < date(2028, 1, 1):
        hours = days.hours(day)
        name = day.isoformat()
        assert (hours is None) == (day.weekday() > 4 or name in table["closed"]), name
        if hours is not None:
            assert clock(hours[0]) == "09:30"
            assert clock(hours[1]) == table["early_close_et"].get(name, "16:00")
            seen += 1
        day += timedelta(days=1)
    assert seen == 250 + 251 + 251


def test_a_restart_late_in_the_day_catches_up_what_it_missed_once():
    schedule = Schedule(ExchangeDays(), flatten_minutes=5)
    now = new_york(HALF_DAY, "20:00")
    kinds = [event.kind for event in schedule.due(now)]
    assert kinds == [EventKind.SESSION_STARTED, EventKind.FLATTEN, EventKind.DIGEST]
    for event in schedule.due(now):
        schedule.mark(event)
    assert schedule.due(now) == []
    # After midnight nothing of the day before is due any more.
    fresh = Schedule(ExchangeDays())
    assert fresh.due(new_york(HALF_DAY, "23:59"))
    assert fresh.due(new_york(HALF_DAY + timedelta(days=1), "00:00")) == []


def test_a_day_without_trading_is_announced_once_for_its_stretch():
    days = ExchangeDays()
    schedule = Schedule(days)
    saturday = date(2025, 8, 30)
    start, end = new_york(saturday, "00:00"), new_york(date(2025, 9, 3), "00:00")
    found = poll(schedule, start, end, 600, (0, 0))
    assert [(e.kind, e.day, clock(now)) for e, now in found] == [
        (EventKind.NO_TRADING_TODAY, saturday, "09:30"),
        (EventKind.SESSION_STARTED, date(2025, 9, 2), "09:30"),
        (EventKind.DIGEST, date(2025, 9, 2), "16:00"),
    ]
    assert session_before(days, date(2025, 9, 2)) == date(2025, 8, 29)
    assert session_from(days, saturday) == date(2025, 9, 2)


def test_a_roll_is_announced_once_from_seven_days_ahead():
    schedule = Schedule(ExchangeDays(), ["ESZ5.XCME", "MESZ25.XCME", "AAPL.XNAS"])
    start, end = new_york(date(2025, 12, 1), "00:00"), new_york(date(2025, 12, 20), "00:00")
    found = [e for e, _ in poll(schedule, start, end, 600, (0, 0)) if e.kind == "ROLL_DUE"]
    # The third Friday is the 19th, the roll the Thursday of the week before.
    roll = date(2025, 12, 11)
    assert [(e.instrument_id, e.day) for e in found] == [("ESZ5.XCME", roll), ("MESZ25.XCME", roll)]
    assert {days_ for e in found for days_ in [schedule.days.date_of(e.at)]} == {date(2025, 12, 4)}


def test_a_venue_that_never_closes_has_a_digest_after_each_utc_day():
    days = days_of(["BTCUSDT-LINEAR.BYBIT"])
    assert isinstance(days, UtcDays)
    schedule = Schedule(days)
    start = days.begins(date(2025, 3, 8))
    found = poll(schedule, start, start + 3 * 86_400 * NS, 600, (0, 0))
    digests = [(e.day, now) for e, now in found if e.kind == EventKind.DIGEST]
    assert digests[0] == (date(2025, 3, 7), start)
    assert [day for day, _ in digests] == [date(2025, 3, 7), date(2025, 3, 8), date(2025, 3, 9)]
    assert not [e for e, _ in found if e.kind == EventKind.NO_TRADING_TODAY]


def test_digests_cover_all_time_without_overlap():
    days = days_of(["BTCUSDT-LINEAR.BYBIT", "ESZ5.XCME"])
    assert isinstance(days, ExchangeDays)
    friday, monday = date(2025, 11, 28), date(2025, 12, 1)
    assert digest_window(days, monday)[0] == digest_window(days, friday)[1]
    assert clock(digest_window(days, friday)[1]) == "13:00"
    with pytest.raises(ValueError, match="2025-11-27 has no session"):
        digest_window(days, date(2025, 11, 27))


@pytest.mark.parametrize(
    ("symbol", "on", "expected"),
    [
        ("ESZ5", date(2025, 12, 1), ("ES", 2025, 12)),
        ("ESH6", date(2025, 12, 1), ("ES", 2026, 3)),
        ("CLF30", date(2025, 12, 1), ("CL", 2030, 1)),
        ("BTCUSDT-LINEAR", date(2025, 12, 1), None),
        ("XXZ5", date(2025, 12, 1), None),
    ],
)
def test_the_month_of_a_contract_is_the_nearest_one(symbol, on, expected):
    found = contract_month(symbol, on)
    assert (found and (found[0].root, *found[1:])) == expected


@settings(max_examples=25, deadline=None)
@given(
    pauses=st.lists(st.integers(1, 5 * 3_600), min_size=60, max_size=60),
    restarts=st.sets(st.integers(0, 59)),
)
def test_each_event_comes_once_a_date_whatever_the_pauses_and_restarts(pauses, restarts):
    days = ExchangeDays()
    first = new_york(date(2025, 11, 21), "00:00")
    now, schedule = first, Schedule(days, flatten_minutes=5)
    found = []
    for number, pause_s in enumerate(pauses):
        if number in restarts:
            done = schedule.done
            schedule = Schedule(days, flatten_minutes=5)
            schedule.done = dict(done)
        for event in schedule.due(now):
            schedule.mark(event)
            found.append((event.kind, event.day))
            assert event.at <= now
            assert days.date_of(event.at) == days.date_of(now)
        now += pause_s * NS
    assert len(found) == len(set(found))
    # No pause is longer than the rest of a date after its close.
    passed = first
    while days.begins(days.date_of(passed) + timedelta(days=1)) < now:
        day = days.date_of(passed)
        if days.hours(day) is not None:
            assert {kind for kind, d in found if d == day} == {
                "SESSION_STARTED",
                "FLATTEN",
                "DIGEST",
            }
        passed = days.begins(day + timedelta(days=1))
