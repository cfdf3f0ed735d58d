"""Trading days, early closes and holidays of `exchange_calendars`, in the time of New York."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache

from catalog.sessions.clock import NEW_YORK
from errors import AuctionError


FIRST_YEAR, LAST_YEAR = 2000, 2050


@cache
def closes_of(
    calendar: str,
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
) -> dict[date, int]:
    """
    Return the minute of the day in New York at which each session of a calendar closes.

    Parameters
    ----------
    calendar : str
        The name of the calendar in `exchange_calendars`.
    first_year, last_year : int, default 2000 and 2050
        The years; December before them is included.

    Raises
    ------
    AuctionError
        If there is no such calendar.

    """
    # Imported here: it takes a second, and most commands need no calendar.
    import exchange_calendars
    from exchange_calendars.errors import InvalidCalendarName

    try:
        with _quiet():
            table = exchange_calendars.get_calendar(
                calendar,
                start=f"{first_year - 1}-12-01",
                end=f"{last_year}-12-31",
            )
    except InvalidCalendarName as e:
        raise AuctionError(
            f"calendar: {calendar!r} is unknown to exchange_calendars; use XNYS for stock indices"
        ) from e
    closes = table.closes.dt.tz_convert(NEW_YORK)
    return {
        day.date(): 60 * close.hour + close.minute
        for day, close in zip(closes.index, closes, strict=True)
    }


@cache
def holiday_dates(rule: str) -> tuple[date, ...]:
    """
    Return the dates from 2000 to 2050 of a holiday.

    Parameters
    ----------
    rule : str
        The name of a rule in `exchange_calendars.us_holidays` or `pandas.tseries.holiday`.

    """
    from exchange_calendars import us_holidays
    from pandas.tseries import holiday

    found = getattr(us_holidays, rule, None) or getattr(holiday, rule)
    with _quiet():
        days = found.dates(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31")
    return tuple(day.date() for day in days)


@contextmanager
def _quiet() -> Iterator[None]:
    # It still uses what pandas 3 deprecates; nothing a user could mend.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
