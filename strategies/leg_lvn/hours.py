"""When orders may rest and positions be held, by the clock of New York."""

from datetime import date
from datetime import timedelta
from typing import NamedTuple

from msgspec import Struct

from catalog.market_hours import FRIDAY
from catalog.market_hours import week_close
from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NewYorkClock
from catalog.sessions import at_minute
from catalog.sessions import new_york_date
from errors import ParameterError
from strategies.common.trading_hours import minute_of


ROLL = 18 * 60


class TimeRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the hours of entries, and the end of the week.

    Times are those of New York. A time of entry is the opening of a minute: with "16:00" that
    minute is the last in which an order rests. The times of a Friday are those of the last trading
    day of the week, a Thursday where Friday is a holiday. Where that day is shortened, positions
    are closed a minute before the exchange closes.

    Parameters
    ----------
    enabled : bool, default True
        If there are any; without them orders rest and positions stay over night and weekend.
    enter_from, enter_until : str, default "03:00" and "16:00"
        The first and the last minute in which an order rests.
    friday_until : str, default "16:50"
        The same for the last minute of a Friday, where that is earlier.
    friday_flatten : str, default "16:59"
        When all positions are closed at market on a Friday: a minute before the regular close.

    Raises
    ------
    ParameterError
        If a time is none, or the last minute comes before the first.

    """

    enabled: bool = True
    enter_from: str = "03:00"
    enter_until: str = "16:00"
    friday_until: str = "16:50"
    friday_flatten: str = "16:59"

    def __post_init__(self) -> None:
        first, last = self.minutes("enter_from"), self.minutes("enter_until")
        self.minutes("friday_until")
        if self.minutes("friday_flatten") >= ROLL:
            raise ParameterError("rules.hours.friday_flatten", "the week ends before 18:00")
        if last < first:
            raise ParameterError(
                "rules.hours.enter_until", f"{self.enter_until} is before {self.enter_from}"
            )

    def minutes(self, name: str) -> int:
        """Return one of the times as a minute of the day."""
        return minute_of(f"rules.hours.{name}", getattr(self, name))


class WeekEnd(NamedTuple):
    """
    Represents the end of a week.

    Parameters
    ----------
    entries : int
        The first time of its last day at which no order may rest (ns UTC).
    flat : int
        The time from which on nothing may be held, until Sunday 18:00 (ns UTC).

    """

    entries: int
    flat: int


class EntryHours:
    """
    Says when orders may rest, and when positions must be closed.

    Parameters
    ----------
    rules : TimeRules
        The times.
    venue : str, optional
        The exchange whose holidays and early closes end a week (`catalog.market_hours`); without
        one, and with one that never closes, every week ends on Friday.

    """

    def __init__(self, rules: TimeRules, venue: str | None = None) -> None:
        self._enabled = rules.enabled
        self._from = rules.minutes("enter_from")
        self._end = rules.minutes("enter_until") + 1
        self._friday_end = rules.minutes("friday_until") + 1
        self._flatten = rules.minutes("friday_flatten")
        self._venue = venue
        self._clock = NewYorkClock()
        self._week: tuple[date, WeekEnd] | None = None

    def may_enter(self, ts: int) -> bool:
        """Return True if an order may rest in the minute of a time (ns UTC)."""
        if not self._enabled:
            return True
        is_open = self._from <= self._clock.minute_of_day(ts) < self._end
        return is_open and ts < self._week_end(ts).entries

    def must_flatten(self, ts: int) -> bool:
        """Return True if nothing may be held at a time (ns UTC)."""
        return self._enabled and ts >= self._week_end(ts).flat

    def entries_end(self, ts: int) -> int | None:
        """Return when the orders of a time (ns UTC) are to be gone; None for never."""
        if not self._enabled:
            return None
        if not self.may_enter(ts):
            return ts
        left = self._end - self._clock.minute_of_day(ts)
        end = ts - ts % NANOS_PER_MINUTE + left * NANOS_PER_MINUTE
        return min(end, self._week_end(ts).entries)

    def flattens_at(self, ts: int) -> int | None:
        """Return the first time from one on (ns UTC) when nothing may be held; None for never."""
        return max(ts, self._week_end(ts).flat) if self._enabled else None

    def _week_end(self, ts: int) -> WeekEnd:
        # The trade date of a Sunday evening is Monday.
        day = self._clock.trade_date(ts)
        monday = day - timedelta(days=day.weekday())
        if self._week is None or self._week[0] != monday:
            self._week = monday, self._end_of(monday)
        return self._week[1]

    def _end_of(self, monday: date) -> WeekEnd:
        close = None if self._venue is None else week_close(self._venue, monday)
        last = monday + timedelta(days=FRIDAY) if close is None else new_york_date(close)
        flat = at_minute(last, self._flatten)
        if close is not None:
            flat = min(flat, close - NANOS_PER_MINUTE)
        return WeekEnd(min(flat, at_minute(last, self._friday_end)), flat)
