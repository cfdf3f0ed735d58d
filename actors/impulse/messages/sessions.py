"""Messages about regular sessions, and about the levels they give for a trading day."""

from datetime import date

from actors.impulse.levels import BreakoutLevels
from actors.messages.base import Message
from actors.messages.base import register
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Text
from actors.messages.schema import Ticks
from actors.messages.schema import Time


@register
class RegularSessionUpdate(Message):
    """
    Represents the figures of a regular session that has closed, in ticks and lots.

    Attributes
    ----------
    day : str
        The date.
    tick_size, lot_size : float
        The units.
    open, high, low, close, volume : int
        The prices and the volume of its trades.
    poc, vah, val : int
        Point of control and the ends of the value area.

    """

    TABLE = Table("regular_sessions")

    day: Text
    tick_size: Price
    lot_size: Size
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    poc: Ticks
    vah: Ticks
    val: Ticks


@register
class DailyLevelsUpdate(Message):
    """
    Represents the levels in force from now on, in ticks.

    Published when a trading day starts, when its regular session opens and when that closes.

    Attributes
    ----------
    day : str
        The trade date; a day starts at 18:00 in New York of the day before.
    prior_day : str or None
        The date of the regular session the levels come from.
    reason : str or None
        Why nothing can be broken, a code of `LevelReason` (`actors/impulse/levels.py`).
    tick_size : float
        The unit.
    pdh, pdl, pdc, poc, vah, val : int or None
        High, low, close, point of control and value area of that session.
    onh, onl : int or None
        High and low of the night, known from the regular opening on.
    opens_at, closes_at : int
        The hours of the day's regular session (ns UTC), equal on a day without one.
    ends_at : int or None
        When the trading of a shortened day ends (ns UTC).

    """

    TABLE = Table("daily_levels")
    PARITY = (Parity("levels", "changes", ("ts", "day")),)

    day: Text
    prior_day: Text | None
    reason: Text | None
    tick_size: Price
    pdh: Ticks | None
    pdl: Ticks | None
    pdc: Ticks | None
    onh: Ticks | None
    onl: Ticks | None
    poc: Ticks | None
    vah: Ticks | None
    val: Ticks | None
    opens_at: Time
    closes_at: Time
    ends_at: Time | None

    @property
    def trade_date(self) -> date:
        return date.fromisoformat(self.day)

    def breakout_levels(self) -> BreakoutLevels | None:
        """Return the levels that can be broken; None where there is a reason against it."""
        pdh, pdl, vah, val = self.pdh, self.pdl, self.vah, self.val
        if self.reason is not None or pdh is None or pdl is None or vah is None or val is None:
            return None
        return BreakoutLevels(pdh=pdh, pdl=pdl, vah=vah, val=val, onh=self.onh, onl=self.onl)
