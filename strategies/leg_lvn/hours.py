"""When orders may rest and positions be held, by the clock of New York."""

from msgspec import Struct

from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import NewYorkClock
from errors import ParameterError
from strategies.common.trading_hours import MINUTES_PER_DAY
from strategies.common.trading_hours import minute_of


FRIDAY = 4
ROLL = 18 * 60


class TimeRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the hours of entries, and the end of the week.

    Times are those of New York. A time of entry is the opening of a minute: with "16:00" that
    minute is the last in which an order rests.

    Parameters
    ----------
    enabled : bool, default True
        If there are any; without them orders rest and positions stay over night and weekend.
    enter_from, enter_until : str, default "03:00" and "16:00"
        The first and the last minute in which an order rests.
    friday_until : str, default "16:50"
        The same for the last minute of a Friday, where that is earlier.
    friday_flatten : str, default "16:59"
        When all positions are closed at market on a Friday: a minute before the market closes.

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
            raise ParameterError("hours.friday_flatten", "the week ends before 18:00")
        if last < first:
            raise ParameterError(
                "hours.enter_until", f"{self.enter_until} is before {self.enter_from}"
            )

    def minutes(self, name: str) -> int:
        """Return one of the times as a minute of the day."""
        return minute_of(f"hours.{name}", getattr(self, name))


class EntryHours:
    """
    Says when orders may rest, and when positions must be closed.

    A holiday that ends the week on another day is not known to it.

    Parameters
    ----------
    rules : TimeRules
        The times.

    """

    def __init__(self, rules: TimeRules) -> None:
        self._enabled = rules.enabled
        self._from = rules.minutes("enter_from")
        self._end = rules.minutes("enter_until") + 1
        self._flatten = rules.minutes("friday_flatten")
        self._friday_end = min(self._end, rules.minutes("friday_until") + 1, self._flatten)
        self._clock = NewYorkClock()

    def may_enter(self, ts: int) -> bool:
        """Return True if an order may rest in the minute of a time (ns UTC)."""
        minute, day = self._read(ts)
        end = self._friday_end if day == FRIDAY else self._end
        return not self._enabled or self._from <= minute < end

    def must_flatten(self, ts: int) -> bool:
        """Return True if nothing may be held at a time (ns UTC)."""
        minute, day = self._read(ts)
        return self._enabled and day == FRIDAY and minute >= self._flatten

    def entries_end(self, ts: int) -> int | None:
        """Return when the orders of a time (ns UTC) are to be gone; None for never."""
        if not self._enabled:
            return None
        minute, day = self._read(ts)
        end = self._friday_end if day == FRIDAY else self._end
        return _at(ts, minute, end) if self._from <= minute < end else ts

    def flattens_at(self, ts: int) -> int | None:
        """Return the first time from one on (ns UTC) when nothing may be held; None for never."""
        if not self._enabled:
            return None
        if self.must_flatten(ts):
            return ts
        minute, day = self._read(ts)
        days = (FRIDAY - day) % 7
        return _at(ts, minute, days * MINUTES_PER_DAY + self._flatten)

    def _read(self, ts: int) -> tuple[int, int]:
        minute = self._clock.minute_of_day(ts)
        # A trade date begins in the evening before.
        return minute, (self._clock.trade_date(ts).weekday() - (minute >= ROLL)) % 7


def _at(ts: int, minute: int, wanted: int) -> int:
    return ts - ts % NANOS_PER_MINUTE + (wanted - minute) * NANOS_PER_MINUTE
