"""
Trading calendars: clock, trade dates, regular sessions and Globex hours.

Days and early closes come from `exchange_calendars`; what it has wrong about Globex is corrected in
one table, `catalog.sessions.corrections`. `catalog.market_hours` says from them when a venue is
closed.
"""

from catalog.sessions.clock import MINUTES_PER_DAY
from catalog.sessions.clock import NANOS_PER_HOUR
from catalog.sessions.clock import NANOS_PER_MINUTE
from catalog.sessions.clock import NANOS_PER_SECOND
from catalog.sessions.clock import NEW_YORK
from catalog.sessions.clock import at_minute
from catalog.sessions.clock import iso_time
from catalog.sessions.clock import new_york_date
from catalog.sessions.clock import new_york_time
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.sessions.globex import globex_hours
from catalog.sessions.regular import REGULAR_CLOSE
from catalog.sessions.regular import REGULAR_OPEN
from catalog.sessions.regular import RegularSessions
from catalog.sessions.regular import is_regular
from catalog.sessions.trade_date import NewYorkClock
from catalog.sessions.trade_date import trade_day


__all__ = [
    "GLOBEX_VENUES",
    "MINUTES_PER_DAY",
    "NANOS_PER_HOUR",
    "NANOS_PER_MINUTE",
    "NANOS_PER_SECOND",
    "NEW_YORK",
    "REGULAR_CLOSE",
    "REGULAR_OPEN",
    "NewYorkClock",
    "RegularSessions",
    "at_minute",
    "globex_hours",
    "is_regular",
    "iso_time",
    "new_york_date",
    "new_york_time",
    "trade_day",
]
