"""Decide what a node does once a date, by the session hours of its calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from enum import StrEnum

from catalog.contracts import contract_month
from catalog.contracts import roll_day
from catalog.sessions import NANOS_PER_MINUTE
from live.operations.days import ONE_DAY
from live.operations.days import Days


class EventKind(StrEnum):
    """Represents an event of the schedule."""

    SESSION_STARTED = "SESSION_STARTED"
    FLATTEN = "FLATTEN"
    DIGEST = "DIGEST"
    NO_TRADING_TODAY = "NO_TRADING_TODAY"
    ROLL_DUE = "ROLL_DUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEvent:
    """
    Represents one event that is due.

    Attributes
    ----------
    kind : EventKind
        What it is.
    day : date
        The date it belongs to: that of the session, the first date of a stretch without trading, or
        the day on which a contract is no longer the front month.
    at : int
        Its time (ns UTC).
    instrument_id : str, default ''
        The contract, of a roll.

    """

    kind: EventKind
    day: date
    at: int
    instrument_id: str = ""

    @property
    def key(self) -> str:
        """Return the name under which the date of the last one is kept."""
        return f"{self.kind} {self.instrument_id}".rstrip()


class Schedule:
    """
    Decide which events are due: at or after their time, and once a date.

    An event that was missed, as while the process was down or blocked, is due late, until the date
    ends at midnight on the clock of the calendar.

    Parameters
    ----------
    days : Days
        The dates and sessions.
    instrument_ids : Iterable[str], default ()
        The instruments; of futures whose root is built in, the roll is announced.
    flatten_minutes : int or None, default None
        How long before the end of the session (minutes) the event FLATTEN is due; None for never.
    roll_notice_days : int, default 7
        How many days before its roll a contract is announced.

    """

    def __init__(
        self,
        days: Days,
        instrument_ids: Iterable[str] = (),
        *,
        flatten_minutes: int | None = None,
        roll_notice_days: int = 7,
    ) -> None:
        self.days = days
        self._instrument_ids = tuple(instrument_ids)
        self._flatten_minutes = flatten_minutes
        self._notice = timedelta(days=roll_notice_days)
        self.done: dict[str, date] = {}

    def due(self, now: int) -> list[ScheduledEvent]:
        """
        Return the events that are due at a time (ns UTC), by their times.

        They stay due until they are marked in `done`, by `mark`.
        """
        today = self.days.date_of(now)
        since = self.days.begins(today)
        # The session of a UTC date ends with the midnight that begins the next one.
        found = [*self._events(today - ONE_DAY), *self._events(today)]
        due = [e for e in found if since <= e.at <= now and not self._is_done(e)]
        return sorted(due, key=lambda event: event.at)

    def mark(self, event: ScheduledEvent) -> None:
        """Note an event as done."""
        self.done[event.key] = event.day

    def _is_done(self, event: ScheduledEvent) -> bool:
        last = self.done.get(event.key)
        return last is not None and last >= event.day

    def _events(self, day: date) -> list[ScheduledEvent]:
        hours = self.days.hours(day)
        if hours is None:
            at = self.days.opening(day)
            return [ScheduledEvent(kind=EventKind.NO_TRADING_TODAY, day=self._since(day), at=at)]
        start, end = hours
        times = {EventKind.SESSION_STARTED: start, EventKind.DIGEST: end}
        if self._flatten_minutes is not None:
            times[EventKind.FLATTEN] = end - self._flatten_minutes * NANOS_PER_MINUTE
        found = [ScheduledEvent(kind=kind, day=day, at=at) for kind, at in times.items()]
        return found + [
            ScheduledEvent(kind=EventKind.ROLL_DUE, day=rolls, at=start, instrument_id=name)
            for name in self._instrument_ids
            if (rolls := roll_of(name, day)) is not None and day >= rolls - self._notice
        ]

    def _since(self, day: date) -> date:
        while self.days.hours(day - ONE_DAY) is None:
            day -= ONE_DAY
        return day


def roll_of(instrument_id: str, on: date) -> date | None:
    """Return the first day on which a contract is not the front month; None for all else."""
    found = contract_month(instrument_id.rpartition(".")[0], on)
    return None if found is None else roll_day(*found)
