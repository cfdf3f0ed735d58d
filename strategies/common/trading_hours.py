"""The hours in which a system trades, by the clock of New York."""

from datetime import date

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NewYorkClock
from errors import ParameterError


MINUTES_PER_DAY = 24 * 60


class TradingHours:
    """
    Says when there is trading: entries are allowed, and everything is closed at its end.

    Parameters
    ----------
    start_minute, end_minute : int
        The minutes of the day in New York from which on there is trading, and no more.

    """

    def __init__(self, start_minute: int, end_minute: int) -> None:
        self._start = start_minute
        self._end = end_minute
        self._clock = NewYorkClock()
        self._early: dict[date, int] = {}

    def end_early(self, day: date, ends_at: int | None) -> None:
        """End the trading of a shortened trade date at a time (ns UTC); None for a whole one."""
        if ends_at is None:
            self._early.pop(day, None)
        else:
            self._early[day] = ends_at

    def forget_before(self, day: date) -> None:
        """Drop the shortened days before a trade date."""
        self._early = {key: value for key, value in self._early.items() if key >= day}

    def is_open(self, ts: int) -> bool:
        """Return True if there is trading at a time (ns UTC)."""
        ends_at = self._early.get(self._clock.trade_date(ts)) if self._early else None
        minute = self._clock.minute_of_day(ts)
        return self._start <= minute < self._end and (ends_at is None or ts < ends_at)

    def closes_at(self, ts: int) -> int:
        """Return when the trading at a time (ns UTC) ends; the time itself where there is none."""
        if not self.is_open(ts):
            return ts
        left = self._end - self._clock.minute_of_day(ts)
        end = ts - ts % NANOS_PER_MINUTE + left * NANOS_PER_MINUTE
        ends_at = self._early.get(self._clock.trade_date(ts))
        return end if ends_at is None else min(end, ends_at)


def minute_of(name: str, text: str) -> int:
    """
    Return a time of the day as its minute.

    Parameters
    ----------
    name : str
        The parameter's name, for the error.
    text : str
        The time, such as "09:30"; "24:00" is the end of the day.

    Raises
    ------
    ParameterError
        If it is no time.

    """
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and len(minutes) == 2 and minutes.isdecimal()):
        raise ParameterError(name, f'{text!r} is no time such as "09:30"')
    minute = 60 * int(hours) + int(minutes)
    if int(minutes) > 59 or minute > MINUTES_PER_DAY:
        raise ParameterError(name, f"{text!r} is not within 00:00 to 24:00")
    return minute


def clock_of(minute: int) -> str:
    """Return a minute of the day as the text that `minute_of` reads."""
    return f"{minute // 60:02}:{minute % 60:02}"
