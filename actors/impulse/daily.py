"""Figures of the regular sessions, and the levels that they give for the next trading day."""

from datetime import date

from msgspec import Struct

from actors.impulse.bars import Second
from actors.impulse.levels import BreakoutLevels
from actors.impulse.levels import LevelReason
from catalog.sessions import REGULAR_CLOSE
from catalog.sessions import REGULAR_OPEN
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import at_minute
from catalog.sessions import trade_day
from indicators.core.bucket_profile import BucketProfile


class RegularSession(Struct, frozen=True, kw_only=True):
    """
    Represents the figures of one regular session, in ticks and lots.

    Parameters
    ----------
    day : date
        The day.
    open, high, low, close : int
        The prices of its trades.
    volume : int
        The volume.
    poc, vah, val : int
        Point of control and the ends of the value area.

    """

    day: date
    open: int
    high: int
    low: int
    close: int
    volume: int
    poc: int
    vah: int
    val: int


class DailyLevels(Struct, frozen=True, kw_only=True):
    """
    Represents the known levels of one trading day.

    Parameters
    ----------
    day : date
        The trade date.
    prior : RegularSession or None
        The regular session that the levels come from.
    onh, onl : int or None
        High and low of the night in ticks; None before the regular opening, without trades, or
        where its beginning was not seen.
    opens_at, closes_at : int
        The hours of the day's regular session (UNIX nanoseconds), equal on a day without one.
    reason : LevelReason or None
        Why there are no levels.

    """

    day: date
    prior: RegularSession | None
    onh: int | None
    onl: int | None
    opens_at: int
    closes_at: int
    reason: LevelReason | None

    def breakout_levels(self) -> BreakoutLevels | None:
        """Return the levels that can be broken; None where there is a reason against it."""
        if self.prior is None or self.reason is not None:
            return None
        return BreakoutLevels(
            pdh=self.prior.high,
            pdl=self.prior.low,
            vah=self.prior.vah,
            val=self.prior.val,
            onh=self.onh,
            onl=self.onl,
        )

    @property
    def ends_at(self) -> int | None:
        """Return when a shortened regular session ends; None on a day of full length."""
        is_short = self.closes_at < at_minute(self.day, REGULAR_CLOSE)
        return self.closes_at if is_short else None


class DailyBook:
    """
    Collects second bars into regular sessions and keeps the levels of the trading day.

    The levels of a day come from the last regular session before it in the calendar, never from
    an older one. A session counts where its opening was seen, a night where 18:00 was. The night's
    high and low are known from 09:30 on and not before.

    Parameters
    ----------
    sessions : RegularSessions
        The calendar.
    bucket_ticks : int, default 4
        The width of a bucket of the session's profile.
    fraction : str, default '0.7'
        The share of volume in the value area.

    Attributes
    ----------
    prior : RegularSession or None
        The last complete regular session.
    levels : DailyLevels or None
        The levels of the trading day; None before the first call.

    """

    def __init__(
        self,
        sessions: RegularSessions,
        bucket_ticks: int = 4,
        fraction: str = "0.7",
    ) -> None:
        self.prior: RegularSession | None = None
        self.levels: DailyLevels | None = None
        self._sessions = sessions
        self._clock = NewYorkClock()
        self._fraction = fraction
        self._profile = BucketProfile(bucket_ticks)
        self._since: int | None = None
        self._next = 0
        self._starts_at = self._night_ends = self._ends_at = 0
        self._opens_at = self._closes_at = 0
        self._day = date.min
        self._night: tuple[int, int] | None = None
        self._bar: tuple[int, int, int, int] | None = None

    @property
    def next_change(self) -> int:
        """Return the time (UNIX nanoseconds) before which `advance` changes nothing."""
        return self._next

    def begin(self, ts: int) -> None:
        """Set the time (UNIX nanoseconds) from which on trades are complete, ahead of the first."""
        if self._since is None:
            self._since = ts

    def begin_again(self, ts: int) -> None:
        """Record that trades before a time (UNIX nanoseconds) were missed."""
        self._since = ts

    def restore(self, session: RegularSession) -> None:
        """Use a session from elsewhere, such as a cache, unless a later one is known."""
        if self.prior is None or self.prior.day < session.day:
            self.prior = session
            if self.levels is not None:
                self._update_levels(self.levels.onh, self.levels.onl)

    def advance(self, ts: int) -> bool:
        """
        Move on to a time, before the bars from it on.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).

        Returns
        -------
        bool
            Whether session or levels have changed.

        """
        self.begin(ts)
        changed = False
        while ts >= self._next:
            self._pass(ts)
            changed = True
        return changed

    def add(self, bar: Second) -> None:
        """Add a bar of the time reached by `advance`."""
        if bar.ts < self._night_ends:
            low, high = self._night or (bar.low, bar.high)
            self._night = (min(low, bar.low), max(high, bar.high))
        elif self._opens_at <= bar.ts < self._closes_at:
            open_, high, low, _ = self._bar or (bar.open, bar.high, bar.low, bar.close)
            self._bar = (open_, max(high, bar.high), min(low, bar.low), bar.close)
            self._profile.add_prints(bar.ticks, bar.volumes)

    def _pass(self, ts: int) -> None:
        if self._day != self._clock.trade_date(ts):
            self._close_session()
            self._start_day(self._clock.trade_date(ts))
        elif ts >= self._closes_at:
            self._close_session()
        boundaries = (self._night_ends, self._closes_at, self._ends_at)
        self._next = min(boundary for boundary in boundaries if boundary > ts)
        low = high = None
        if self._saw(self._starts_at) and self._night is not None:
            low, high = self._night
        self._update_levels(high, low)

    def _start_day(self, day: date) -> None:
        self._day = day
        self._starts_at, self._ends_at = trade_day(day)
        self._night_ends = at_minute(day, REGULAR_OPEN)
        hours = self._sessions.hours(day)
        self._opens_at, self._closes_at = hours or (self._night_ends, self._night_ends)
        self._night = None

    def _saw(self, ts: int) -> bool:
        return self._since is not None and self._since <= ts

    def _close_session(self) -> None:
        area = self._profile.value_area(self._fraction)
        if self._bar is not None and area is not None and self._saw(self._opens_at):
            open_, high, low, close = self._bar
            self.prior = RegularSession(
                day=self._day,
                open=open_,
                high=high,
                low=low,
                close=close,
                volume=self._profile.total_volume,
                poc=area.poc,
                vah=area.vah,
                val=area.val,
            )
        self._bar = None
        self._profile.clear()

    def _update_levels(self, onh: int | None, onl: int | None) -> None:
        prior = self.prior
        reason: LevelReason | None = None
        if prior is not None and prior.day >= self._day:
            # After the close the day keeps the levels it had.
            prior = None if self.levels is None else self.levels.prior
        if prior is None:
            reason = LevelReason.NO_SESSION
        elif prior.day != self._sessions.before(self._day):
            reason = LevelReason.STALE
        self.levels = DailyLevels(
            day=self._day,
            prior=prior,
            onh=onh,
            onl=onl,
            opens_at=self._opens_at,
            closes_at=self._closes_at,
            reason=reason,
        )
