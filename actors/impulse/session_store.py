"""Load the last regular session from a folder of files, or from ticks of a catalog."""

from collections.abc import Callable
from collections.abc import Iterable
from datetime import date

from actors.history import TRADE
from actors.history import Tick
from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.cache import LevelCache
from actors.impulse.daily import DailyBook
from actors.impulse.daily import RegularSession
from catalog.sessions import RegularSessions
from errors import AuctionError
from indicators.core.trade_bars import TradeBars


SIGNS = {0: 0, 1: 1, 2: -1}


class SessionStore:
    """
    Keeps regular sessions in a level cache, where there is one.

    Parameters
    ----------
    cache : LevelCache or None
        The cache.
    note : Callable[[str], None]
        Receives each failure as a text.

    """

    def __init__(self, cache: LevelCache | None, note: Callable[[str], None]) -> None:
        self._cache = cache
        self._note = note

    def load(self, day: date) -> RegularSession | None:
        """Return the session of a day, None if it is not stored."""
        if self._cache is None:
            return None
        try:
            return self._cache.load(day)
        except AuctionError as e:
            self._note(str(e))
            return None

    def save(self, session: RegularSession) -> None:
        """Store a session."""
        if self._cache is None:
            return
        try:
            self._cache.save(session)
        except AuctionError as e:
            self._note(str(e))


def session_of(
    ticks: Iterable[Tick],
    day: date,
    sessions: RegularSessions,
    bucket_ticks: int,
    fraction: str,
) -> RegularSession | None:
    """
    Return the figures of a regular session from its ticks.

    Parameters
    ----------
    ticks : Iterable[Tick]
        Its ticks, complete and in their order; quotes are passed over.
    day : date
        Its day.
    sessions : RegularSessions
        The calendar.
    bucket_ticks : int
        The width of a bucket of its profile.
    fraction : str
        The share of volume in the value area.

    Returns
    -------
    RegularSession or None
        None on a day without a session, or without trades.

    """
    hours = sessions.hours(day)
    if hours is None:
        return None
    opens_at, closes_at = hours
    bars = TradeBars(NANOS_PER_SECOND)
    book = DailyBook(sessions, bucket_ticks, fraction)
    book.begin(opens_at)
    for tick in ticks:
        if tick.kind == TRADE and opens_at <= tick.ts < closes_at:
            bars.update(tick.ts, tick.a, tick.a_size, SIGNS[tick.side])
            _collect(bars, book)
    bars.close_until(closes_at + NANOS_PER_SECOND)
    _collect(bars, book)
    book.advance(closes_at)
    return book.prior


def _collect(bars: TradeBars, book: DailyBook) -> None:
    if bars.closed:
        for values, prints in bars.take():
            bar = Second.of_core(values, prints)
            book.advance(bar.ts)
            book.add(bar)
