"""Hours and trading sessions of a time, for breakdowns."""

from datetime import UTC
from datetime import datetime

from catalog.instruments import has_hours
from catalog.protocols import Instrument
from catalog.sessions import NANOS_PER_SECOND
from catalog.sessions import is_regular


CRYPTO_SESSIONS = ((7, "Asia"), (13, "Europe"), (21, "US"), (24, "Late"))
SESSIONS = ("Asia", "Europe", "US", "Late", "RTH", "ETH")
CRYPTO_DAYS, EXCHANGE_DAYS = 365, 252


def days_per_year(instrument: Instrument) -> int:
    """Return the trading days of a year: 365 of a market that never closes, 252 of others."""
    return EXCHANGE_DAYS if has_hours(instrument) else CRYPTO_DAYS


def hour_of(ts: int) -> str:
    """Return the UTC hour of a time (ns UTC), as `00` to `23`."""
    return f"{_moment(ts).hour:02}"


def session_of(ts: int, instrument: Instrument) -> str:
    """
    Return the session of a time.

    For a market that never closes, by UTC hour: Asia from 00, Europe from 07, US from 13, Late from
    21. For futures and stocks: RTH (regular trading hours) on the days of the stock exchange from
    09:30 until before 16:00 in New York, or its early close, ETH otherwise; the same hours hold
    for all futures.

    Parameters
    ----------
    ts : int
        The time (ns UTC).
    instrument : Instrument
        The instrument.

    """
    if has_hours(instrument):
        return "RTH" if is_regular(ts) else "ETH"
    return next(name for end, name in CRYPTO_SESSIONS if _moment(ts).hour < end)


def _moment(ts: int) -> datetime:
    return datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC)
