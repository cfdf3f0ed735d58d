"""When the futures exchange is closed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.market_hours import closed_ns
from catalog.market_hours import closed_time


HOUR = 3_600_000_000_000


def at(text):
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))
    return int(local.timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-24T10:00", "2026-11-24T16:59", 0),
        ("2026-11-24T16:30", "2026-11-24T17:30", 0.5),
        ("2026-11-24T16:59", "2026-11-24T18:01", 1),
        ("2026-11-24T17:15", "2026-11-24T17:45", 0.5),
        ("2026-11-24T18:00", "2026-11-25T16:00", 0),
        ("2026-11-20T16:00", "2026-11-22T18:30", 49),  # a weekend
        ("2026-11-21T12:00", "2026-11-21T13:00", 1),
        ("2026-11-22T17:00", "2026-11-22T19:00", 1),
        ("2026-10-30T17:00", "2026-11-01T18:00", 50),  # the clock is put back
        ("2026-11-20T16:00", "2026-11-24T19:00", 51),
        ("2025-04-17T16:00", "2025-04-20T19:00", 73),  # Good Friday: 17:00 to 18:00 on Sunday
        ("2026-04-02T16:00", "2026-04-05T19:00", 57.75),  # with an employment report: to 09:15
        ("2025-11-27T12:00", "2025-11-27T19:00", 5),  # Thanksgiving: 13:00 to 18:00
        ("2025-11-28T12:00", "2025-11-28T16:00", 2.75),  # the day after it: 13:15
        ("2025-12-24T12:00", "2025-12-25T19:00", 28.75),  # Christmas: 13:15 to 18:00
        ("2021-06-25T16:00", "2021-06-25T16:45", 0.25),  # the last pause of index futures
        ("2021-06-28T16:00", "2021-06-28T16:45", 0),
        ("2060-11-24T16:59", "2060-11-24T18:01", 1),  # beyond the calendar
        ("2026-11-24T18:00", "2026-11-24T17:00", 0),
    ],
)
def test_it_closes_for_an_hour_a_day_over_weekends_and_on_holidays(since, until, hours):
    assert closed_ns("XCME", at(since), at(until)) == hours * HOUR


def test_only_index_futures_paused():
    assert closed_ns("XCEC", at("2013-10-08T16:00"), at("2013-10-08T16:45")) == 0


def test_a_closed_time_of_many_months_is_that_of_its_days():
    closed = closed_ns("XCME", at("2024-01-02T12:00"), at("2025-06-03T12:00"))
    days = (at("2025-06-03T12:00") - at("2024-01-02T12:00")) / HOUR / 24
    assert 0.3 < closed / HOUR / 24 / days < 0.36


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-01-09T15:00", "2026-01-12T10:00", 65.5),  # Friday's close to Monday's opening
        ("2026-01-19T10:00", "2026-01-19T12:00", 2),  # a holiday
        ("2025-11-28T12:30", "2025-11-28T14:00", 1),  # an early close
        ("2060-11-24T08:30", "2060-11-24T17:00", 2),
    ],
)
def test_stock_exchanges_keep_their_regular_session(since, until, hours):
    assert closed_ns("XNAS", at(since), at(until)) == hours * HOUR


def test_other_venues_never_close():
    assert closed_ns("BYBIT", at("2026-11-20T16:00"), at("2026-11-24T19:00")) == 0
    assert closed_time("BYBIT") is None
    assert closed_time("XNYM")(at("2026-11-24T16:59"), at("2026-11-24T18:01")) == HOUR
