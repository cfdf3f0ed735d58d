"""When the futures exchange is shut."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.node.market_hours import shut_s


HOUR = 3600.0


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).timestamp()


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
    ],
)
def test_it_shuts_for_an_hour_a_day_and_for_the_weekend(since, until, hours):
    assert shut_s("XCME", at(since), at(until)) == hours * HOUR


def test_other_venues_never_shut():
    assert shut_s("BYBIT", at("2026-11-20T16:00"), at("2026-11-24T19:00")) == 0.0
