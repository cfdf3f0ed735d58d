"""The dates of a node and their sessions: those of an exchange, or UTC days of a venue."""

from collections.abc import Iterable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Protocol

from catalog.market_hours import CLOSING
from catalog.sessions import NANOS_PER_SECOND
from catalog.sessions import NEW_YORK
from catalog.sessions import REGULAR_OPEN
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from catalog.sessions import new_york_date


SECONDS_PER_DAY = 86_400
ONE_DAY = timedelta(days=1)


class Days(Protocol):
    """Represents the dates by which a node keeps its schedule; times are UNIX nanoseconds."""

    zone: str
    """The name of the clock that texts show."""

    def date_of(self, ts: int) -> date:
        """Return the date of a time."""

    def begins(self, day: date) -> int:
        """Return the midnight at which a date begins."""

    def hours(self, day: date) -> tuple[int, int] | None:
        """Return start and end of the session of a date, None on a day without one."""

    def opening(self, day: date) -> int:
        """Return the time at which a session would start, also on a day without one."""

    def clock(self, ts: int) -> datetime:
        """Return a time on the clock."""


class ExchangeDays:
    """
    The dates in New York with the regular sessions of the stock exchange.

    Half days end at their early close. On a holiday of the stock exchange there is no session, also
    where futures trade for some hours.
    """

    zone = "New York"

    def __init__(self) -> None:
        self._sessions = RegularSessions()

    def date_of(self, ts: int) -> date:
        return new_york_date(ts)

    def begins(self, day: date) -> int:
        return at_minute(day, 0)

    def hours(self, day: date) -> tuple[int, int] | None:
        return self._sessions.hours(day)

    def opening(self, day: date) -> int:
        return at_minute(day, REGULAR_OPEN)

    def clock(self, ts: int) -> datetime:
        return datetime.fromtimestamp(ts // NANOS_PER_SECOND, NEW_YORK)


class UtcDays:
    """The UTC dates of a venue that never closes: each is one session from midnight to midnight."""

    zone = "UTC"

    def date_of(self, ts: int) -> date:
        return self.clock(ts).date()

    def begins(self, day: date) -> int:
        return (day - date(1970, 1, 1)).days * SECONDS_PER_DAY * NANOS_PER_SECOND

    def hours(self, day: date) -> tuple[int, int] | None:
        return self.begins(day), self.begins(day + ONE_DAY)

    def opening(self, day: date) -> int:
        return self.begins(day)

    def clock(self, ts: int) -> datetime:
        return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC)


def days_of(instrument_ids: Iterable[str]) -> Days:
    """Return the dates of a node: those of the exchange if one of its venues closes."""
    venues = {name.rpartition(".")[2] for name in instrument_ids}
    return ExchangeDays() if venues & CLOSING else UtcDays()


def session_before(days: Days, day: date) -> date:
    """Return the last date with a session before a date."""
    day -= ONE_DAY
    while days.hours(day) is None:
        day -= ONE_DAY
    return day


def session_from(days: Days, day: date) -> date:
    """Return the first date with a session on or after a date."""
    while days.hours(day) is None:
        day += ONE_DAY
    return day


def digest_window(days: Days, day: date) -> tuple[int, int]:
    """
    Return the time that the digest of a date covers (UNIX nanoseconds, the end excluded).

    It begins where that of the session before ends, so that digests neither overlap nor leave out
    an evening or a weekend.

    Raises
    ------
    ValueError
        If the date has no session.

    """
    hours, before = days.hours(day), days.hours(session_before(days, day))
    if hours is None or before is None:
        raise ValueError(f"{day} has no session")
    return before[1], hours[1]


def last_digest_day(days: Days, now: int) -> date:
    """Return the last date whose session is over at a time (ns UTC)."""
    today = days.date_of(now)
    hours = days.hours(today)
    if hours is not None and hours[1] <= now:
        return today
    return session_before(days, today)
