"""The trading day, and the levels in force on it."""

from datetime import date

from actors.impulse.levels import BreakoutLevels
from catalog.sessions import NewYorkClock
from catalog.sessions import trade_day


class TradingDays:
    """
    Follows the trade dates, and keeps the levels of the running day and of those to come.

    Attributes
    ----------
    day : date or None
        The running trade date; None before the first bar.

    """

    def __init__(self) -> None:
        self.day: date | None = None
        self._clock = NewYorkClock()
        self._levels: dict[date, BreakoutLevels | None] = {}
        self._rolls_at = 0

    @property
    def levels(self) -> BreakoutLevels | None:
        """Return the levels of the running day."""
        return None if self.day is None else self._levels.get(self.day)

    def keep(self, day: date, levels: BreakoutLevels | None) -> None:
        """Keep the levels of a trade date; None for a day without breakouts."""
        self._levels[day] = levels

    def roll(self, ts: int) -> bool:
        """Handle a time (UNIX nanoseconds); return True if it begins a new trade date."""
        if ts < self._rolls_at:
            return False
        day = self._clock.trade_date(ts)
        self._rolls_at = trade_day(day)[1]
        if self.day is not None and day <= self.day:
            return False
        self.day = day
        self._levels = {key: value for key, value in self._levels.items() if key >= day}
        return True
