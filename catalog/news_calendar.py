"""The calendar of news: dated windows, and until when they are known."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta

from msgspec import Struct

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NANOS_PER_SECOND
from catalog.sessions import NEW_YORK
from errors import AuctionError


WARN_DAYS = 14


class NewsEvent(Struct, frozen=True, order=True):
    """
    Represents a scheduled release.

    Parameters
    ----------
    start, end : int
        When it begins and ends (ns UTC); the same for a release at one moment.
    name : str
        What it is, such as `FOMC`.

    """

    start: int
    end: int
    name: str


class NewsCalendar:
    """
    Says which times lie in a news window.

    A window lasts from `buffer_minutes` before the begin of an event until as long after its end;
    both ends are part of it.

    Parameters
    ----------
    events : Sequence[NewsEvent]
        The events; at least one, in any order.
    known_until : date
        The last day (New York) for which all events are listed.
    buffer_minutes : int, default 15
        The minutes before and after an event.
    source : str, default 'news calendar'
        Where it is from, for messages.

    Raises
    ------
    AuctionError
        If there is no event, or none that ends by `known_until`.

    """

    def __init__(
        self,
        events: Sequence[NewsEvent],
        known_until: date,
        buffer_minutes: int = 15,
        source: str = "news calendar",
    ) -> None:
        self.known_until = known_until
        self.source = source
        self._ends_at = _end_of(known_until)
        self.events = tuple(sorted(events))
        if not self.events:
            raise AuctionError(f"{source}: no event; leave the file out to trade through news")
        if self.events[0].start >= self._ends_at:
            raise AuctionError(
                f"{source}: known_until {known_until} is before its first event; correct it"
            )
        room = buffer_minutes * NANOS_PER_MINUTE
        self._starts: list[int] = []
        self._ends: list[int] = []
        for event in self.events:
            start, end = event.start - room, event.end + room
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def is_news(self, ts: int) -> bool:
        """Return True if a time (ns UTC) lies in a news window."""
        at = bisect_right(self._starts, ts)
        return at > 0 and ts <= self._ends[at - 1]

    def is_known(self, ts: int) -> bool:
        """Return True if the calendar covers a time (ns UTC); later news are not in it."""
        return ts < self._ends_at

    def warning(self, ts: int) -> str | None:
        """
        Return what an operator must know about the end of the calendar; None before that.

        It is due from 14 days before the end on.

        Parameters
        ----------
        ts : int
            The present time (ns UTC).

        """
        today = datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).astimezone(NEW_YORK).date()
        left = (self.known_until - today).days
        if left > WARN_DAYS:
            return None
        if left < 0:
            return (
                f"{self.source} ended on {self.known_until}: no news window is known any more; "
                "extend the file and its known_until"
            )
        return (
            f"{self.source} is known until {self.known_until} only, {left} days from now: extend "
            "the file and its known_until"
        )


def _end_of(day: date) -> int:
    after = datetime.combine(day + timedelta(days=1), time(), NEW_YORK)
    return int(after.timestamp()) * NANOS_PER_SECOND
