"""Specifications of the built-in futures: contract months, expiry, roll."""

import re
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Literal

from catalog.sessions.clock import NEW_YORK
from catalog.sessions.exchange_calendar import closes_of
from catalog.sessions.regular import STOCK_EXCHANGE
from errors import UsageError


MONTH_CODES = "FGHJKMNQUVXZ"
QUARTERLY = "HMUZ"

type Expiry = Literal[
    "third Friday",
    "25th of the month before",
    "business day before crude oil",
    "third last business day",
]


@dataclass(frozen=True, slots=True)
class FutureSpec:
    """
    Represents the common terms of all contracts of one futures root.

    Attributes
    ----------
    root : str
        The product code (``ES``).
    venue : str
        The market identifier code of the exchange (``XCME``), the venue of the instrument id.
    asset_class : str
        The name of Nautilus's asset class.
    tick : str
        The price increment; its decimals are the price precision.
    multiplier : int
        The value of one point (USD).
    months : str
        The month codes with a listed contract.
    front_months : str
        The month codes that become front month.
    expiry : str
        The rule of the last trading day, see `last_trading_day`.
    closes : time
        The end of trading on the last day (New York).
    listed_months : int
        The time from the listing of a contract to its expiry (months, approximately).
    margin_maint : str
        The maintenance margin as a share of the notional value, near the exchange's amount.

    """

    root: str
    venue: str
    asset_class: str
    tick: str
    multiplier: int
    months: str
    front_months: str
    expiry: Expiry
    closes: time
    listed_months: int
    margin_maint: str


def _index(root: str, multiplier: int, listed_months: int, margin_maint: str) -> FutureSpec:
    return FutureSpec(
        root=root,
        venue="XCME",
        asset_class="INDEX",
        tick="0.25",
        multiplier=multiplier,
        months=QUARTERLY,
        front_months=QUARTERLY,
        expiry="third Friday",
        closes=time(9, 30),
        listed_months=listed_months,
        margin_maint=margin_maint,
    )


def _crude_oil(root: str, multiplier: int, expiry: Expiry, listed_months: int) -> FutureSpec:
    return FutureSpec(
        root=root,
        venue="XNYM",
        asset_class="COMMODITY",
        tick="0.01",
        multiplier=multiplier,
        months=MONTH_CODES,
        front_months=MONTH_CODES,
        expiry=expiry,
        closes=time(14, 30),
        listed_months=listed_months,
        margin_maint="0.08",
    )


FUTURES = {
    spec.root: spec
    for spec in (
        _index("ES", 50, 27, "0.07"),
        _index("MES", 5, 15, "0.07"),
        _index("NQ", 20, 27, "0.07"),
        _index("MNQ", 2, 15, "0.07"),
        _crude_oil("CL", 1000, "25th of the month before", 132),
        _crude_oil("MCL", 100, "business day before crude oil", 12),
        FutureSpec(
            root="GC",
            venue="XCEC",
            asset_class="COMMODITY",
            tick="0.1",
            multiplier=100,
            months=MONTH_CODES,
            front_months="GJMQZ",
            expiry="third last business day",
            closes=time(13, 30),
            listed_months=72,
            margin_maint="0.06",
        ),
    )
}


def future_spec(root: str) -> FutureSpec:
    """
    Return the specification of a futures root.

    Raises
    ------
    UsageError
        If the root is unknown.

    """
    spec = FUTURES.get(root)
    if spec is None:
        raise UsageError(f"futures root {root!r} is unknown: use one of {', '.join(FUTURES)}")
    return spec


def root_of(symbol: str) -> str | None:
    """Return the root of a contract's symbol (`NQ` of `NQZ5`), None for a symbol of none."""
    match = re.fullmatch(rf"([A-Z0-9]+?)[{MONTH_CODES}]\d{{1,2}}", symbol)
    return match[1] if match else None


def contract_spec(symbol: str) -> FutureSpec | None:
    """Return the specification of a contract's root by its symbol (`NQZ5`), None if unknown."""
    root = root_of(symbol)
    return None if root is None else FUTURES.get(root)


def contract_month(symbol: str, on: date) -> tuple[FutureSpec, int, int] | None:
    """
    Return specification, year and month of a contract, None where the root is unknown.

    Parameters
    ----------
    symbol : str
        The contract (``NQZ5``, ``NQZ25``). A year written with fewer digits is the nearest one.
    on : date
        The day to which it is the nearest.

    """
    match = re.fullmatch(rf"([A-Z0-9]+?)([{MONTH_CODES}])(\d{{1,2}})", symbol)
    spec = None if match is None else FUTURES.get(match[1])
    if match is None or spec is None:
        return None
    digits = 10 ** len(match[3])
    year = on.year + (int(match[3]) - on.year + digits // 2 - 1) % digits - digits // 2 + 1
    return spec, year, MONTH_CODES.index(match[2]) + 1


def _is_business_day(day: date) -> bool:
    return day in closes_of(STOCK_EXCHANGE, day.year, day.year)


def _before(day: date, business_days: int) -> date:
    while business_days > 0:
        day -= timedelta(days=1)
        business_days -= _is_business_day(day)
    return day


def _next_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _third_friday(year: int, month: int) -> date:
    return date(year, month, 15 + (4 - date(year, month, 15).weekday()) % 7)


def last_trading_day(spec: FutureSpec, year: int, month: int) -> date:
    """
    Return the last trading day of a contract.

    Business days are the trading days of the New York Stock Exchange, which observes the holidays
    on which CME Group does not settle.

    Parameters
    ----------
    spec : FutureSpec
        The specification of the root. Its `expiry` names the rule:

        - third Friday: of the contract month, or the business day before where it is a holiday
          (equity index).
        - 25th of the month before: the third business day before the 25th calendar day of the month
          before the contract month; the fourth where the 25th is not a business day (crude oil).
        - business day before crude oil: one earlier, the contract is settled in cash (micro crude
          oil).
        - third last business day: of the contract month (gold).
    year, month : int
        The contract month.

    """
    if spec.expiry == "third Friday":
        return _before(_third_friday(year, month) + timedelta(days=1), 1)
    if spec.expiry == "25th of the month before":
        previous = date(year, month, 1) - timedelta(days=1)
        pivot = previous.replace(day=25)
        return _before(pivot, 3 if _is_business_day(pivot) else 4)
    if spec.expiry == "business day before crude oil":
        return _before(last_trading_day(FUTURES["CL"], year, month), 1)
    return _before(_next_month(year, month), 3)


def expiration(spec: FutureSpec, year: int, month: int) -> datetime:
    """
    Return the end of trading of a contract (UTC).

    Trading ends at 09:30 New York for the equity index contracts (13:30 UTC, in December 14:30),
    at 14:30 for crude oil and at 13:30 for gold.
    """
    day = last_trading_day(spec, year, month)
    return datetime.combine(day, spec.closes, NEW_YORK).astimezone(UTC)


def roll_day(spec: FutureSpec, year: int, month: int) -> date:
    """
    Return the first day on which a contract is no longer the front month.

    - Equity index: 8 calendar days before the third Friday, the Thursday of the week before (the
      volume follows within the next three business days).
    - Crude oil: 3 business days before the last trading day; the micro contract rolls with it.
    - Gold: 2 business days before the first notice day, which is the last business day of the
      month before the contract month.
    """
    if spec.expiry == "third Friday":
        return _third_friday(year, month) - timedelta(days=8)
    if spec.expiry == "25th of the month before":
        return _before(last_trading_day(spec, year, month), 3)
    if spec.expiry == "business day before crude oil":
        return roll_day(FUTURES["CL"], year, month)
    return _before(date(year, month, 1), 3)
