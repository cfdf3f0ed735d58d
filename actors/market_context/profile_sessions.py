"""The sessions that profiles, balances and true ranges belong to."""

from collections.abc import Iterator
from datetime import date
from datetime import timedelta

from catalog.market_hours import STOCK_VENUES
from catalog.sessions import GLOBEX_VENUES
from catalog.sessions import globex_hours
from catalog.sessions import new_york_date
from catalog.sessions import trade_day
from catalog.sessions.regular import stock_hours
from errors import AuctionError


KINDS = ("auto", "regular", "trading_day", "utc_day")
SATURDAY = 5
NANOS_PER_HOUR = 3_600_000_000_000
# Longer than any row of holidays.
SEARCH_DAYS = 40


class ProfileSessions:
    """
    The session that a time lies in.

    `regular`: 09:30 to 16:00 in New York on the days of the stock exchange, or to an early close.
    `trading_day`: from 18:00 in New York to the close of the next day, on Globex by its timetable,
    elsewhere to 18:00 from Monday to Friday. `utc_day`: from midnight to midnight UTC, or a part of
    that, whose end is no close.

    Parameters
    ----------
    kind : {'auto', 'regular', 'trading_day', 'utc_day'}
        The kind; `auto` for the one that suits the venue: `trading_day` on Globex, `regular` at a
        stock exchange, `utc_day` elsewhere.
    venue : str
        The venue.
    holidays : frozenset[date], default frozenset()
        Days without a session of the first two kinds.
    hours : int, default 24
        The length of a session of `utc_day`, which divides the day.

    """

    def __init__(
        self,
        kind: str,
        venue: str,
        holidays: frozenset[date] = frozenset(),
        hours: int = 24,
    ) -> None:
        if kind == "auto":
            kind = "trading_day" if venue in GLOBEX_VENUES else "utc_day"
            kind = "regular" if venue in STOCK_VENUES else kind
        self.kind = kind
        self._venue = venue
        self._holidays = holidays
        self._length = hours * NANOS_PER_HOUR

    @property
    def is_closing(self) -> bool:
        """Return True if the end of a session is a close of the market."""
        return self.kind != "utc_day"

    def __call__(self, ts: int) -> tuple[int, int]:
        """Return start and end (ns UTC) of the session of a time, or of the next one."""
        if self.kind == "utc_day":
            start = ts - ts % self._length
            return start, start + self._length
        # The trading day of an evening is the next one.
        for start, end in self._from(new_york_date(ts) - timedelta(days=1), 1):
            if end > ts:
                return start, end
        raise AuctionError(f"{self._venue}: no session within {SEARCH_DAYS} days of {ts}")

    def before(self, ts: int) -> tuple[int, int]:
        """Return the session before that of a time (ns UTC)."""
        start, _ = self(ts)
        if self.kind == "utc_day":
            return start - self._length, start
        for session in self._from(new_york_date(start) + timedelta(days=1), -1):
            if session[1] <= start:
                return session
        raise AuctionError(f"{self._venue}: no session within {SEARCH_DAYS} days before {ts}")

    def _from(self, day: date, step: int) -> Iterator[tuple[int, int]]:
        for days in range(SEARCH_DAYS):
            hours = self._hours(day + timedelta(days=step * days))
            if hours is not None:
                yield hours

    def _hours(self, day: date) -> tuple[int, int] | None:
        if day in self._holidays:
            return None
        if self.kind == "regular":
            return stock_hours(day)
        if self._venue not in GLOBEX_VENUES:
            return trade_day(day) if day.weekday() < SATURDAY else None
        parts = globex_hours(self._venue, day)
        return (parts[0][0], parts[-1][1]) if parts else None
