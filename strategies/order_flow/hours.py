"""When the order flow system enters, and when it closes everything, by the exchange's clock."""

from datetime import date

from msgspec import Struct

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from catalog.sessions import new_york_date
from errors import ParameterError
from strategies.common.trading_hours import minute_of


LUNCH = ("12:00-13:00",)


class HourRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the hours of entries, and the end of the day. Times are those of New York.

    Parameters
    ----------
    start, end : str, default "09:30" and "15:45"
        The first and the last moment of an entry, both included. On a shortened day the last one
        is as long before the close as on a whole one.
    pauses : list[str], optional
        Times without entries, both ends included; null for lunch, `["12:00-13:00"]`, and an empty
        list for none.
    flatten_minutes : int, default 5
        How long before the close of the day all positions are closed, after which there is no
        entry on that date.
    calendar : str, default "XNYS"
        The calendar of `exchange_calendars` that has the days and their early closes.

    Raises
    ------
    ParameterError
        If a time is none, or an end comes before its start.

    """

    start: str = "09:30"
    end: str = "15:45"
    pauses: tuple[str, ...] | None = None
    flatten_minutes: int = 5
    calendar: str = "XNYS"

    def __post_init__(self) -> None:
        self.window()
        self.breaks()
        if not 0 <= self.flatten_minutes <= 120:
            raise ParameterError(
                "rules.hours.flatten_minutes", f"{self.flatten_minutes} is not within 0 to 120"
            )

    def window(self) -> tuple[int, int]:
        """Return the first and the last minute of the day for entries."""
        first, last = (
            minute_of("rules.hours.start", self.start),
            minute_of("rules.hours.end", self.end),
        )
        if last < first:
            raise ParameterError("rules.hours.end", f"{self.end} is before {self.start}")
        return first, last

    def breaks(self) -> tuple[tuple[int, int], ...]:
        """Return the pauses as minutes of the day."""
        found = []
        for text in LUNCH if self.pauses is None else self.pauses:
            start, dash, end = text.partition("-")
            if not dash:
                raise ParameterError(
                    "rules.hours.pauses", f"{text!r} is no pause such as 12:00-13:00"
                )
            first, last = (
                minute_of("rules.hours.pauses", start),
                minute_of("rules.hours.pauses", end),
            )
            if last < first:
                raise ParameterError("rules.hours.pauses", f"{text!r} ends before it begins")
            found.append((first, last))
        return tuple(found)


class DayHours(Struct, frozen=True, kw_only=True):
    """
    Represents the hours of one day (ns UTC).

    Parameters
    ----------
    opens, flatten : int
        When positions may be held, the second one excluded.
    start, end : int
        When entries are allowed, both included.
    pauses : tuple[tuple[int, int], ...]
        When they are not, both ends included.

    """

    opens: int
    flatten: int
    start: int
    end: int
    pauses: tuple[tuple[int, int], ...]


class OrderFlowHours:
    """
    Says when there are entries, and when everything must be closed.

    Parameters
    ----------
    rules : HourRules
        The times.

    Raises
    ------
    AuctionError
        If the calendar is unknown.

    """

    def __init__(self, rules: HourRules) -> None:
        self._rules = rules
        self._sessions = RegularSessions(rules.calendar)
        self._day: date | None = None
        self._hours: DayHours | None = None

    def may_enter(self, ts: int) -> bool:
        """Return True if entries are allowed at a time (ns UTC)."""
        hours = self._of(ts)
        if hours is None or not hours.start <= ts <= hours.end or ts >= hours.flatten:
            return False
        return not any(first <= ts <= last for first, last in hours.pauses)

    def must_flatten(self, ts: int) -> bool:
        """Return True if nothing may be held at a time (ns UTC)."""
        hours = self._of(ts)
        return hours is None or not hours.opens <= ts < hours.flatten

    def is_over(self, ts: int) -> bool:
        """Return True if a day with a session has been flattened by a time (ns UTC)."""
        hours = self._of(ts)
        return hours is not None and ts >= hours.flatten

    def flattens_at(self, ts: int) -> int:
        """Return the first time from one on (ns UTC) when nothing may be held."""
        hours = self._of(ts)
        return ts if hours is None or self.must_flatten(ts) else hours.flatten

    def _of(self, ts: int) -> DayHours | None:
        day = new_york_date(ts)
        if day != self._day:
            self._day, self._hours = day, self._read(day)
        return self._hours

    def _read(self, day: date) -> DayHours | None:
        session = self._sessions.hours(day)
        if session is None:
            return None
        opens, closes = session
        rules = self._rules
        first, last = rules.window()
        whole = at_minute(day, 16 * 60)
        return DayHours(
            opens=opens,
            flatten=closes - rules.flatten_minutes * NANOS_PER_MINUTE,
            start=at_minute(day, first),
            end=at_minute(day, last) - (whole - closes),
            pauses=tuple((at_minute(day, a), at_minute(day, b)) for a, b in rules.breaks()),
        )
