"""Reads calendars of news: CSV files, and iCalendar files (ICS, RFC 5545)."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from catalog.news_calendar import NewsCalendar
from catalog.news_calendar import NewsEvent
from catalog.sessions import NANOS_PER_SECOND
from errors import AuctionError
from errors import shortened


COLUMNS = "start", "end", "name"
LARGEST_BYTES = 10_000_000
_KNOWN = re.compile(r"^\s*(?:#\s*known_until\s*[:=]|X-KNOWN-UNTIL:)\s*(\S+)", re.M | re.I)


def read_news(
    path: Path, known_until: date | None = None, buffer_minutes: int = 15
) -> NewsCalendar:
    """
    Return the calendar of a file.

    A CSV file has the columns `start`, `end` and `name`; times are ISO 8601 with an offset or `Z`,
    and an empty end is that of a release at one moment. An ICS file has events (`VEVENT`) at times
    in UTC or with a `TZID`; whole days and recurring events are refused. Both say until when all
    events are listed: `# known_until: 2026-12-31` in a line of a CSV file, `X-KNOWN-UNTIL:20261231`
    in an ICS file.

    Parameters
    ----------
    path : Path
        The file, `.csv` or `.ics`.
    known_until : date, optional
        The last day for which all events are listed, in place of that in the file.
    buffer_minutes : int, default 15
        The minutes before and after each event that belong to its window.

    Raises
    ------
    AuctionError
        If the file cannot be read, is damaged, has no event or does not say until when it is known.

    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".ics"):
        raise AuctionError(f"{path}: a calendar of news is a .csv or an .ics file")
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise AuctionError(f"{path}: too large for a calendar of news")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise AuctionError(f"{path}: not readable as a calendar of news: {shortened(e)}") from e
    events = _of_csv(path, text) if kind == ".csv" else _of_ics(path, text)
    until = known_until or _known_until(path, text)
    return NewsCalendar(tuple(events), until, buffer_minutes, str(path))


def _known_until(path: Path, text: str) -> date:
    found = _KNOWN.search(text)
    if found is None:
        raise AuctionError(
            f"{path}: does not say until when all news are listed; add the line "
            "'# known_until: 2026-12-31' (ICS: X-KNOWN-UNTIL:20261231)"
        )
    try:
        return date.fromisoformat(found[1])
    except ValueError as e:
        raise AuctionError(f"{path}: known_until {shortened(found[1])!r} is no date") from e


def _of_csv(path: Path, text: str) -> Iterator[NewsEvent]:
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [(at, line) for at, line in lines if not line.lstrip().startswith("#")]
    if not lines:
        return
    (first, header), *rows = lines
    names = [name.strip().lower() for name in next(csv.reader([header]))]
    if tuple(names) != COLUMNS:
        raise AuctionError(f"{path}: line {first}: the columns are {','.join(COLUMNS)}")
    for at, line in rows:
        values = [value.strip() for value in next(csv.reader([line]))]
        if len(values) != len(COLUMNS):
            raise AuctionError(f"{path}: line {at}: {len(values)} values, not {len(COLUMNS)}")
        where = f"{path}: line {at}"
        start = _iso_time(where, values[0])
        yield _event(where, start, _iso_time(where, values[1]) if values[1] else start, values[2])


def _iso_time(where: str, text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as e:
        raise AuctionError(f"{where}: {shortened(text)!r} is no time in ISO 8601") from e
    if found.tzinfo is None:
        raise AuctionError(f"{where}: {text!r} has no offset from UTC; add one such as -05:00 or Z")
    return _nanos(found)


def _of_ics(path: Path, text: str) -> Iterator[NewsEvent]:
    # A line that begins with a space continues the one before it.
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    event: dict[str, tuple[str, str]] | None = None
    for line in lines:
        head, colon, value = line.partition(":")
        name, _, options = head.partition(";")
        name = name.strip().upper()
        if (name, value.strip().upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name, value.strip().upper()) == ("END", "VEVENT"):
            if event is not None:
                yield _ics_event(path, event)
            event = None
        elif colon and event is not None:
            event.setdefault(name, (options, value.strip()))


def _ics_event(path: Path, event: dict[str, tuple[str, str]]) -> NewsEvent:
    _, name = event.get("SUMMARY", ("", ""))
    where = f"{path}: event {shortened(name)!r}"
    for unknown in ("RRULE", "RDATE", "DURATION"):
        if unknown in event:
            raise AuctionError(f"{where}: {unknown} is not supported; list each event with DTEND")
    if "DTSTART" not in event:
        raise AuctionError(f"{where}: it has no DTSTART")
    start = _ics_time(where, *event["DTSTART"])
    end = _ics_time(where, *event["DTEND"]) if "DTEND" in event else start
    return _event(where, start, end, name.replace("\\,", ",").replace("\\;", ";"))


def _ics_time(where: str, options: str, value: str) -> int:
    zone = re.search(r"TZID=\"?([^;\"]+)", options, re.I)
    try:
        if value.endswith("Z"):
            return _nanos(datetime.strptime(value, "%Y%m%dT%H%M%S%z"))
        if zone is None:
            raise AuctionError(f"{where}: {shortened(value)!r} is neither in UTC nor has a TZID")
        local = datetime.strptime(value, "%Y%m%dT%H%M%S")
        return _nanos(local.replace(tzinfo=ZoneInfo(zone[1])))
    except (ValueError, KeyError, OSError) as e:
        raise AuctionError(
            f"{where}: {shortened(value)!r} is no time such as 20260128T190000Z"
        ) from e


def _event(where: str, start: int, end: int, name: str) -> NewsEvent:
    if end < start:
        raise AuctionError(f"{where}: it ends before it begins")
    return NewsEvent(start, end, name)


def _nanos(found: datetime) -> int:
    return int(found.timestamp()) * NANOS_PER_SECOND
