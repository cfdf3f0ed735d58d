"""The trades that are tested, and the clock of their exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime

from catalog.sessions.clock import NEW_YORK
from catalog.sessions.globex import GLOBEX_VENUES
from catalog.sessions.trade_date import NewYorkClock


NANOS_PER_HOUR = 3_600_000_000_000
NANOS_PER_SECOND = 1_000_000_000
# Those of crypto trade around the clock, by UTC.
UTC_VENUES = frozenset({"BYBIT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTrade:
    """
    Represents one closed trade.

    Attributes
    ----------
    ts_open : int
        Its first fill (ns UTC).
    day : date
        The day of trading at its exchange.
    hour : int
        The hour of its first fill by the clock of its exchange.
    root : str
        The root of its contract, or the symbol.
    net : float
        Its result after costs.
    tick_money : float
        What one tick of its whole size is worth.

    """

    ts_open: int
    day: date
    hour: int
    root: str
    net: float
    tick_money: float


class ExchangeClock:
    """Reads times on the clocks of exchanges: New York, and UTC for crypto."""

    def __init__(self) -> None:
        self._clock = NewYorkClock()

    def day_and_hour(self, ts: int, venue: str) -> tuple[date, int]:
        """
        Return the day of trading and the hour of a time (ns UTC).

        At Globex the day is the trade date, which begins at 18:00 in New York of the day before.
        """
        moment = datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC)
        if venue in UTC_VENUES:
            return moment.date(), moment.hour
        local = moment.astimezone(NEW_YORK)
        if venue in GLOBEX_VENUES:
            return self._clock.trade_date(ts), local.hour
        return local.date(), local.hour

    @staticmethod
    def name(venues: Sequence[str]) -> str:
        """Return the names of the clocks of some venues."""
        names = {"UTC" if venue in UTC_VENUES else "New York" for venue in venues}
        return " and ".join(sorted(names))
