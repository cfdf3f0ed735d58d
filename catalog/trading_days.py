"""Days of trading: trade dates at Globex, New York dates of stocks, UTC days of others."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

from catalog.market_hours import STOCK_VENUES
from catalog.market_hours import closed_ns
from catalog.sessions.clock import NANOS_PER_SECOND
from catalog.sessions.clock import at_minute
from catalog.sessions.clock import new_york_date
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.sessions.globex import globex_hours
from catalog.sessions.trade_date import NewYorkClock
from catalog.sessions.trade_date import trade_day


def trading_day(venue: str, day: date) -> tuple[int, int]:
    """Return when a day of trading of a venue begins and ends (ns UTC, the end outside)."""
    if venue in GLOBEX_VENUES:
        return trade_day(day)
    following = day + timedelta(days=1)
    if venue in STOCK_VENUES:
        return at_minute(day, 0), at_minute(following, 0)
    return _midnight(day), _midnight(following)


def last_close(venue: str, day: date) -> int:
    """Return when trading ends on a day (ns UTC); the end of the day where it does not close."""
    hours = globex_hours(venue, day) if venue in GLOBEX_VENUES else []
    return hours[-1][1] if hours else trading_day(venue, day)[1]


def trading_day_of(venue: str, ts: int) -> date:
    """Return the day of trading of a venue to which a time (ns UTC) belongs."""
    if venue in GLOBEX_VENUES:
        return NewYorkClock().trade_date(ts)
    if venue in STOCK_VENUES:
        return new_york_date(ts)
    return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).date()


def is_closed_day(venue: str, day: date) -> bool:
    """Return True if a venue does not trade on a day by its calendar."""
    start, end = trading_day(venue, day)
    return closed_ns(venue, start, end) == end - start


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * NANOS_PER_SECOND
