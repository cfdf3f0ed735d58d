"""The source of a trading day's levels: the live trades, a cache, or a catalog."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from actors.history import Stored
from actors.impulse.cache import LevelCache
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyBook
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.levels import LevelReason
from actors.impulse.session_state import SessionState
from actors.impulse.session_store import SessionStore
from actors.impulse.session_store import session_of
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import iso_time
from catalog.sessions import new_york_time


DAYS_DESCRIBED = 3


class LevelSource:
    """
    Keeps sessions, levels and market state of the trading day, and finds a session not seen.

    Parameters
    ----------
    config : ImpulseActorConfig
        The configuration of the actor.
    tick : Decimal
        The price increment of the instrument.
    note : Callable[[str], None]
        Called with each failure of the level cache.

    Attributes
    ----------
    sessions : RegularSessions
        The calendar.
    book : DailyBook
        The sessions and levels.
    session_state : SessionState
        The book with the market state.

    """

    def __init__(
        self, config: ImpulseActorConfig, tick: Decimal, note: Callable[[str], None]
    ) -> None:
        self.sessions = RegularSessions(config.calendar)
        self._profile = config.session_bucket_ticks(tick), str(config.va_fraction)
        self.book = DailyBook(self.sessions, *self._profile)
        self.session_state = SessionState(self.book, config.market_state())
        cache = None
        if config.level_cache is not None:
            cache = LevelCache(Path(config.level_cache), config.instrument_id.value, tick)
        self._store = SessionStore(cache, note)
        # The trading days without levels, until they have some.
        self._bare: dict[date, LevelReason] = {}

    def save(self, session: RegularSession) -> None:
        """Store a closed session in the level cache."""
        self._store.save(session)

    def from_cache(self, levels: DailyLevels) -> DailyLevels:
        """Return the levels, with a session of the level cache if the book has none."""
        if levels.reason is None:
            return levels
        session = self._store.load(self.sessions.before(levels.day))
        if session is None:
            return levels
        self.session_state.restore(session)
        return self.book.levels or levels

    def on_levels(self, levels: DailyLevels) -> None:
        """Record the levels in force, or the reason why a day has none."""
        if levels.reason is None:
            self._bare.pop(levels.day, None)
        else:
            self._bare[levels.day] = levels.reason

    def missing_session(self, now: int) -> tuple[int, int] | None:
        """
        Return opening and close of the session that the levels at a time (ns UTC) come from.

        None where the level cache has it: then it is taken from there.
        """
        day = self.sessions.before(NewYorkClock().trade_date(now))
        session = self._store.load(day)
        if session is None:
            return self.sessions.hours(day)
        self.session_state.restore(session)
        return None

    def take_session(self, stored: Stored) -> None:
        """Compute the missing session from its ticks, complete."""
        day = NewYorkClock().trade_date(stored.last_ns)
        session = session_of(stored.ticks(), day, self.sessions, *self._profile)
        if session is not None:
            self._store.save(session)
            self.session_state.restore(session)

    def describe(self) -> list[str]:
        """Return, for a reader of a run, which days had no levels and what they needed."""
        lines = []
        for day, reason in list(self._bare.items())[:DAYS_DESCRIBED]:
            session = self.sessions.before(day)
            hours = self.sessions.hours(session)
            opens = "" if hours is None else f", from {iso_time(hours[0])} on"
            lines.append(
                f"No levels on {day} ({reason}): they come from the regular session of {session}, "
                f"which was not there as a whole. Ingest it and start the run before it opens"
                f"{opens}, or name a level_cache that has it."
            )
        if more := len(self._bare) - len(lines):
            lines.append(f"No levels on {more} more days, for the same reason.")
        return lines

    def known_since(self, ts: int | None) -> str:
        """Return what is known of the trading day from a time (ns UTC) on."""
        levels = self.book.levels
        if levels is None or ts is None:
            return "nothing of the trading day"
        since = new_york_time(ts)
        if levels.reason is None:
            return f"{levels.day} since {since}, with levels"
        day = self.sessions.before(levels.day)
        return (
            f"{levels.day} since {since}, without levels ({levels.reason}): neither the level "
            f"cache nor the catalog has all of the regular session of {day}; ingest it and restart"
        )
