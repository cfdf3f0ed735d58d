"""Calendars of news: windows, their end, and files that are refused."""

from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from catalog.news_file import read_news
from errors import AuctionError


CSV = """# known_until: 2026-12-31
start,end,name
2026-01-28T14:00-05:00,2026-01-28T14:30-05:00,FOMC
2026-01-13T13:30Z,,CPI

# A comment.
2026-02-11T13:30:00+00:00,,"CPI, revised"
"""
ICS = """BEGIN:VCALENDAR\r
X-KNOWN-UNTIL:20261231\r
BEGIN:VEVENT\r
DTSTART;TZID=America/New_York:20260128T140000\r
DTEND;TZID=America/New_York:20260128T143000\r
SUMMARY:FO\r
 MC\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20260113T133000Z\r
SUMMARY:CPI\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:CPI\\, revised\r
DTSTART:20260211T133000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def written(folder, name, text):
    path = folder / name
    path.write_text(text, newline="")
    return path


@pytest.mark.parametrize(("name", "text"), [("news.csv", CSV), ("news.ics", ICS)])
def test_windows_last_from_before_to_after_an_event(tmp_path, name, text):
    found = read_news(written(tmp_path, name, text))
    assert [event.name for event in found.events] == ["CPI", "FOMC", "CPI, revised"]
    assert found.known_until == date(2026, 12, 31)
    for time, is_news in (
        ("2026-01-13T13:14:59", False),
        ("2026-01-13T13:15", True),
        ("2026-01-13T13:45", True),
        ("2026-01-13T13:45:01", False),
        # 14:00 to 14:30 in New York.
        ("2026-01-28T18:44", False),
        ("2026-01-28T18:45", True),
        ("2026-01-28T19:45", True),
        ("2026-01-28T19:46", False),
    ):
        assert found.is_news(ns(time)) is is_news, time


def test_windows_that_overlap_are_one(tmp_path):
    text = "# known_until: 2026-12-31\nstart,end,name\n" + "".join(
        f"2026-01-13T13:{minute}Z,{end},{minute}\n"
        for minute, end in (("00", "2026-01-13T14:00Z"), ("10", ""), ("20", ""))
    )
    found = read_news(written(tmp_path, "news.csv", text), buffer_minutes=0)
    assert [found.is_news(ns(f"2026-01-13T13:{at}")) for at in ("15", "40")] == [True, True]
    assert not found.is_news(ns("2026-01-13T14:01"))


@pytest.mark.parametrize(
    ("now", "part"),
    [
        ("2026-12-17T04:59", None),
        ("2026-12-17T05:00", "14 days"),
        ("2027-01-01T04:59", "0 days"),
        ("2027-01-01T05:00", "ended on 2026-12-31"),
    ],
)
def test_the_end_of_a_calendar_is_announced(tmp_path, now, part):
    found = read_news(written(tmp_path, "news.csv", CSV))
    warning = found.warning(ns(now))
    assert (warning is None) if part is None else part in warning
    assert found.is_known(ns(now)) is (part is None or "ended" not in part)


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("news.txt", CSV, "a .csv or an .ics file"),
        ("news.csv", CSV.replace("known_until", "until"), "until when all news are listed"),
        ("news.csv", CSV.replace("2026-12-31", "2026-13-31"), "is no date"),
        ("news.csv", CSV.replace("2026-12-31", "2025-12-31"), "before its first event"),
        ("news.csv", "# known_until: 2026-12-31\nstart,end,name\n", "no event"),
        ("news.csv", "# known_until: 2026-12-31\n", "no event"),
        ("news.csv", CSV.replace("start,end", "begin,end"), "line 2: the columns are"),
        ("news.csv", CSV.replace("13:30Z", "13:30"), "line 4: '2026-01-13T13:30' has no offset"),
        ("news.csv", CSV.replace("13T13:30Z", "33T13:30Z"), "line 4: .* is no time"),
        ("news.csv", CSV.replace(",,CPI\n", ",CPI\n"), "line 4: 2 values"),
        ("news.csv", CSV.replace("T14:30", "T13:30"), "line 3: it ends before it begins"),
        ("news.ics", ICS.replace("DTSTART:2026", "RRULE:FREQ=DAILY\r\nDTSTART:2026"), "RRULE"),
        ("news.ics", ICS.replace("20260113T133000Z", "20260113"), "'CPI': .* nor has a TZID"),
        ("news.ics", ICS.replace("America/New_York", "Nowhere/At_All"), "'FOMC': .* is no time"),
        ("news.ics", ICS.replace("X-KNOWN-UNTIL", "X-UNTIL"), "until when all news are listed"),
    ],
)
def test_a_calendar_that_cannot_be_trusted_is_refused(tmp_path, name, text, part):
    with pytest.raises(AuctionError, match=part):
        read_news(written(tmp_path, name, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AuctionError, match=r"none\.csv"):
        read_news(tmp_path / "none.csv")


def test_an_end_of_the_calendar_may_be_given(tmp_path):
    text = CSV.replace("# known_until: 2026-12-31\n", "")
    found = read_news(written(tmp_path, "news.csv", text), date(2026, 3, 1))
    assert found.known_until == date(2026, 3, 1)
