"""Hours and trading sessions of a time, for breakdowns."""

from datetime import UTC
from datetime import datetime
from datetime import time
from zoneinfo import ZoneInfo

from nautilus_trader.model.instruments import FuturesContract
from nautilus_trader.model.instruments import Instrument


NEW_YORK = ZoneInfo("America/New_York")
RTH_OPEN, RTH_CLOSE = time(9, 30), time(16)
CRYPTO_SESSIONS = ((7, "Asia"), (13, "Europe"), (21, "US"), (24, "Late"))
SESSIONS = ("Asia", "Europe", "US", "Late", "RTH", "ETH")
CRYPTO_DAYS, FUTURES_DAYS = 365, 252
NANOS_PER_SECOND = 1_000_000_000


def has_hours(instrument: Instrument) -> bool:
    """Return whether an instrument trades in regular hours, as futures do."""
    return isinstance(instrument, FuturesContract)


def days_per_year(instrument: Instrument) -> int:
    """Return the trading days of a year: 365 of a market that never closes, 252 of futures."""
    return FUTURES_DAYS if has_hours(instrument) else CRYPTO_DAYS


def hour_of(ts: int) -> str:
    """Return the UTC hour of a time (ns UTC), as `00` to `23`."""
    return f"{_moment(ts).hour:02}"


def session_of(ts: int, instrument: Instrument) -> str:
    """
    Return the session of a time.

    For a market that never closes, by UTC hour: Asia from 00, Europe from 07, US from 13, Late from
    21. For futures, by New York clock: RTH (regular trading hours) from 09:30 until before 16:00
    from Monday to Friday, ETH otherwise; holidays are not told apart, and the same hours hold for
    all futures.

    Parameters
    ----------
    ts : int
        The time (ns UTC).
    instrument : Instrument
        The instrument.

    """
    moment = _moment(ts)
    if not has_hours(instrument):
        return next(name for end, name in CRYPTO_SESSIONS if moment.hour < end)
    local = moment.astimezone(NEW_YORK)
    regular = local.weekday() < 5 and RTH_OPEN <= local.time() < RTH_CLOSE
    return "RTH" if regular else "ETH"


def _moment(ts: int) -> datetime:
    return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC)
