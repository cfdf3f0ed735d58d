"""The hours of Globex by product group, and what of the calendar CMES is corrected."""

import io
import zipfile
from datetime import date
from datetime import datetime

import pandas as pd
import pytest

from catalog.sessions import NEW_YORK
from catalog.sessions import globex_hours
from catalog.sessions.corrections import CORRECTIONS
from catalog.sessions.corrections import corrected_closes
from catalog.sessions.exchange_calendar import closes_of


SECOND = 1_000_000_000


def hours(venue, day):
    return [
        tuple(datetime.fromtimestamp(ts / SECOND, NEW_YORK).strftime("%H:%M") for ts in span)
        for span in globex_hours(venue, date.fromisoformat(day))
    ]


@pytest.mark.parametrize(
    ("day", "index", "energy"),
    [
        ("2026-01-06", "17:00", "17:00"),
        ("2026-01-19", "13:00", "14:30"),  # Martin Luther King
        ("2014-01-20", "11:30", "13:00"),
        ("2026-02-16", "13:00", "14:30"),  # Presidents' Day
        ("2024-03-29", None, None),  # Good Friday
        ("2026-04-03", "09:15", None),  # with an employment report
        ("2013-05-27", "11:30", "13:00"),  # Memorial Day
        ("2025-05-26", "13:00", "14:30"),
        ("2021-06-18", "17:00", "17:00"),  # Juneteenth, not yet a holiday
        ("2024-06-19", "13:00", "14:30"),
        ("2026-06-19", "13:00", "13:00"),  # on a Friday
        ("2013-07-03", "13:15", "17:15"),  # before Independence Day
        ("2013-07-04", "11:30", "13:00"),
        ("2025-07-03", "13:15", "17:00"),
        ("2025-07-04", "13:00", "13:00"),  # on a Friday
        ("2024-07-04", "13:00", "14:30"),
        ("2025-09-01", "13:00", "14:30"),  # Labor Day
        ("2012-10-29", "09:15", "17:15"),  # hurricane Sandy
        ("2025-11-27", "13:00", "14:30"),  # Thanksgiving
        ("2023-11-24", "13:15", "13:45"),
        ("2025-11-28", "13:15", "14:45"),
        ("2018-12-05", "09:30", "17:00"),  # days of mourning
        ("2025-01-09", "09:30", "17:00"),
        ("2025-12-24", "13:15", "13:45"),
        ("2025-12-25", None, None),
        ("2021-12-24", None, None),  # Christmas on a Saturday
        ("2026-01-01", None, None),
        ("2026-01-10", None, None),  # a Saturday
    ],
)
def test_each_product_group_closes_at_its_own_time(day, index, energy):
    for venue, close in (("XCME", index), ("XCBT", index), ("XNYM", energy), ("XCEC", energy)):
        spans = hours(venue, day)
        assert (spans[-1][1] if spans else None) == close, venue
        assert not spans or spans[0][0] == "18:00"


def test_the_daily_close_moved_in_2015_and_the_pause_of_index_futures_ended_in_2021():
    assert hours("XCEC", "2015-09-18") == [("18:00", "17:15")]
    assert hours("XCEC", "2015-09-21") == [("18:00", "17:00")]
    assert hours("XCME", "2015-09-18") == [("18:00", "16:15"), ("16:30", "17:15")]
    assert hours("XCME", "2021-06-25") == [("18:00", "16:15"), ("16:30", "17:00")]
    assert hours("XCME", "2021-06-28") == [("18:00", "17:00")]
    assert hours("XCME", "2060-11-24") == [("18:00", "17:00")]


def test_every_correction_changes_the_calendar_on_a_day_and_names_its_source():
    calendar = closes_of("CMES")
    for line in CORRECTIONS:
        changed = [
            day
            for day, close in corrected_closes(line.group).items()
            if close == line.close and min(calendar.get(day, 0), 17 * 60) != close
        ]
        assert changed, line
        assert len(line.source) > 20
        assert line.years[0] <= line.years[1]


@pytest.mark.parametrize(
    ("file", "contract", "venue", "closed"),
    [
        # Times of these files are UTC.
        ("gc_ticks/minute/20131008_trade", "201312", "XCEC", [(1275, 1320)]),
        ("es_minutes/20131008_trade", "201312", "XCME", [(1215, 1230), (1275, 1320)]),
        ("es_minutes/20200106_trade", "202003", "XCME", [(1275, 1290), (1320, 1380)]),
    ],
)
def test_recorded_trades_stop_when_the_hours_say(real_data, file, contract, venue, closed):
    path = real_data / f"{file}.zip"
    day = datetime.strptime(path.name[:8], "%Y%m%d").date()
    minutes = _traded_minutes(path, contract)
    open_minutes = {
        (opens + 60 * SECOND * at - _midnight(day)) // (60 * SECOND)
        for span_day in (day, date.fromordinal(day.toordinal() + 1))
        for opens, closes in globex_hours(venue, span_day)
        for at in range((closes - opens) // (60 * SECOND))
    }
    for first, last in closed:
        assert not minutes & set(range(first, last))
        assert {first - 1, last} <= minutes
    assert minutes <= open_minutes
    assert sorted(set(range(1440)) - open_minutes) == [
        minute for first, last in closed for minute in range(first, last)
    ]


def _midnight(day):
    return int(pd.Timestamp(day, tz="UTC").value)


def _traded_minutes(path, contract):
    with zipfile.ZipFile(path) as archive:
        (entry,) = (n for n in archive.namelist() if n.endswith(f"_{contract}.csv"))
        table = pd.read_csv(io.BytesIO(archive.read(entry)), header=None)
    return {int(ms) // 60_000 for ms in table[0]}
