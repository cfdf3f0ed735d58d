"""When orders rest and positions end, by the calendar of the exchange."""

from datetime import date
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.market_hours import week_close
from strategies.leg_lvn.hours import EntryHours
from strategies.leg_lvn.hours import TimeRules


MINUTE = 60_000_000_000


def at(text):
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))
    return int(local.timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("venue", "monday", "close"),
    [
        ("XNYM", "2024-10-14", "2024-10-18T17:00"),
        ("XNYM", "2025-04-14", "2025-04-17T17:00"),  # Good Friday is closed
        ("XNYM", "2023-11-20", "2023-11-24T13:45"),  # the day after Thanksgiving
        ("XNYM", "2024-11-25", "2024-11-29T14:45"),
        ("XNYM", "2026-06-15", "2026-06-19T13:00"),  # Juneteenth on a Friday
        ("XNYM", "2020-12-21", "2020-12-24T13:45"),  # Christmas on a Friday, its eve shortened
        ("XCME", "2024-11-25", "2024-11-29T13:15"),
        ("XNAS", "2024-11-25", "2024-11-29T13:00"),
        ("XNYM", "2060-11-22", "2060-11-26T17:00"),  # beyond the calendar
    ],
)
def test_a_week_ends_at_the_close_of_its_last_trading_day(venue, monday, close):
    first = date.fromisoformat(monday)
    assert week_close(venue, first) == at(close)
    assert week_close(venue, date.fromordinal(first.toordinal() + 6)) == at(close)


def test_a_venue_that_never_closes_has_no_end_of_the_week():
    assert week_close("BYBIT", date(2024, 10, 14)) is None


@pytest.mark.parametrize(
    ("day", "entries", "flat"),
    [
        ("2024-10-18", "16:01", "16:59"),
        ("2024-10-17", "16:01", None),
        ("2025-04-17", "16:01", "16:59"),  # Thursday before Good Friday
        ("2023-11-24", "13:44", "13:44"),
        ("2024-11-29", "14:44", "14:44"),
        ("2024-11-28", "16:01", None),  # Thanksgiving itself: it reopens in the evening
        ("2020-12-24", "13:44", "13:44"),
    ],
)
def test_orders_end_with_their_hours_and_positions_before_the_close_of_the_week(day, entries, flat):
    hours = EntryHours(TimeRules(), "XNYM")
    morning = at(f"{day}T10:00")
    assert hours.may_enter(morning)
    assert not hours.must_flatten(morning)
    assert hours.entries_end(morning) == at(f"{day}T{entries}")
    assert not hours.may_enter(at(f"{day}T{entries}"))
    assert hours.may_enter(at(f"{day}T{entries}") - 1)
    evening = at(f"{day}T17:30")
    assert hours.must_flatten(evening) is (flat is not None)
    if flat is not None:
        assert hours.flattens_at(morning) == at(f"{day}T{flat}")
        assert hours.must_flatten(at(f"{day}T{flat}"))
        assert not hours.must_flatten(at(f"{day}T{flat}") - 1)
        assert hours.flattens_at(evening) == evening


def test_the_week_begins_on_sunday_evening_in_both_halves_of_the_year():
    hours = EntryHours(TimeRules(), "XNYM")
    for sunday in ("2025-04-20", "2025-11-30", "2026-03-08", "2026-11-01"):
        assert hours.must_flatten(at(f"{sunday}T17:59"))
        assert not hours.must_flatten(at(f"{sunday}T18:00"))
        assert not hours.may_enter(at(f"{sunday}T18:00"))
    # Of the week of the second Sunday: the clock is put on and back between.
    assert hours.flattens_at(at("2026-03-08T18:00")) == at("2026-03-13T16:59")
    assert hours.flattens_at(at("2026-11-01T18:00")) == at("2026-11-06T16:59")


def test_own_times_hold_where_the_exchange_closes_later():
    rules = TimeRules(friday_until="12:00", friday_flatten="15:00")
    hours = EntryHours(rules, "XNYM")
    assert hours.entries_end(at("2024-10-18T10:00")) == at("2024-10-18T12:01")
    assert hours.flattens_at(at("2024-10-18T10:00")) == at("2024-10-18T15:00")
    # The half day ends before them.
    assert hours.entries_end(at("2024-11-29T10:00")) == at("2024-11-29T12:01")
    assert hours.flattens_at(at("2024-11-29T10:00")) == at("2024-11-29T14:44")
    # Thursday takes the times of the Friday that is closed.
    assert hours.flattens_at(at("2025-04-17T10:00")) == at("2025-04-17T15:00")


def test_without_an_exchange_each_week_ends_on_friday():
    for hours in (EntryHours(TimeRules()), EntryHours(TimeRules(), "BYBIT")):
        assert hours.flattens_at(at("2025-04-17T10:00")) == at("2025-04-18T16:59")
        assert hours.may_enter(at("2025-04-18T10:00"))


def test_without_hours_nothing_ends():
    hours = EntryHours(TimeRules(enabled=False), "XNYM")
    late = at("2025-04-18T20:00")
    assert hours.may_enter(late)
    assert not hours.must_flatten(late)
    assert hours.entries_end(late) is None
    assert hours.flattens_at(late) is None
