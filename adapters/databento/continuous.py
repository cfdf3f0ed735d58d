"""Parent and continuous symbols: their contract on a day, and the days of their rolls."""

import re
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from typing import Literal

from catalog.contracts import FUTURES
from catalog.contracts import MONTH_CODES
from catalog.contracts import FutureSpec
from catalog.contracts import contract_month
from catalog.contracts import future_spec
from catalog.contracts import last_trading_day
from catalog.contracts import roll_day
from errors import UsageError


type Rule = Literal["parent", "c", "n", "v"]

_CONTRACT = re.compile(rf"([A-Z0-9]+?)([{MONTH_CODES}])(\d{{1,2}})")
# Longer than any contract is the front month.
_LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class RollingSymbol:
    """
    Represents a symbol that rolls from contract to contract.

    Attributes
    ----------
    root : str
        The product code (`ES`).
    rule : Rule
        `parent` for `ES.FUT`; `c` (calendar), `n` (open interest) or `v` (volume) for `ES.v.0`.
    rank : int
        0 is the front month, 1 the contract after it.

    """

    root: str
    rule: Rule
    rank: int


def parse_rolling(symbol: str) -> RollingSymbol | None:
    """Return the parts of a parent or continuous symbol, None for any other symbol."""
    match = re.fullmatch(r"([A-Z0-9]+)\.(?:FUT|([cnv])\.(\d+))", symbol)
    if match is None:
        return None
    if match[2] is None:
        return RollingSymbol(match[1], "parent", 0)
    rule: Rule = "c" if match[2] == "c" else "n" if match[2] == "n" else "v"
    return RollingSymbol(match[1], rule, int(match[3]))


def contract_on(symbol: str, on: date) -> str:
    """
    Return the contract of a parent or continuous symbol on a day.

    The calendar rule takes the listed contract months in the order of their last trading day,
    through that day. Open interest and volume are not known in advance: both follow
    `catalog.contracts.roll_day`, the usual day on which the volume has moved on, and only months
    that become front month count. A parent is traded as its front month by that rule.

    Parameters
    ----------
    symbol : str
        `ES.FUT`, `ES.c.0`, `CL.v.1`.
    on : date
        The day (UTC).

    Returns
    -------
    str
        The raw symbol (`ESU4`).

    Raises
    ------
    UsageError
        If the symbol is neither or its root is unknown.

    """
    rolling = _parsed(symbol)
    spec = future_spec(rolling.root)
    codes = spec.months if rolling.rule == "c" else spec.front_months
    left = rolling.rank
    month = on.replace(day=1)
    while True:
        code = MONTH_CODES[month.month - 1]
        if code in codes and on < _end(spec, rolling, month):
            if left == 0:
                return f"{rolling.root}{code}{month.year % 10}"
            left -= 1
        month = (month + timedelta(days=31)).replace(day=1)


def next_roll(symbol: str, on: date) -> date:
    """
    Return the first day after `on` on which a symbol has another contract.

    Raises
    ------
    UsageError
        If the symbol is not a parent or continuous one, or its root is unknown.

    """
    now = contract_on(symbol, on)
    for days in range(1, _LONGEST_DAYS):
        day = on + timedelta(days=days)
        if contract_on(symbol, day) != now:
            return day
    raise UsageError(f"symbol {symbol!r} does not roll within {_LONGEST_DAYS} days after {on}")


def require_contract(instrument_id: str, on: date) -> None:
    """
    Refuse a parent or continuous symbol, with its contract of a day in the message.

    Raises
    ------
    UsageError
        If the id (`ES.v.0.XCME`) is one.

    """
    symbol, _, venue = instrument_id.rpartition(".")
    if parse_rolling(symbol) is not None:
        raise UsageError(
            f"{instrument_id}: data comes under the contract, never under this symbol: use "
            f"{contract_on(symbol, on)}.{venue} until {next_roll(symbol, on)}",
        )


def require_trading(instrument_id: str, on: date) -> None:
    """
    Refuse a contract that no longer trades on a day; one of an unknown root passes.

    A year written with one digit is the nearest such year.

    Raises
    ------
    UsageError
        If its last trading day lies before the day.

    """
    symbol, _, venue = instrument_id.rpartition(".")
    found = contract_month(symbol, on)
    if found is None:
        return
    last = last_trading_day(*found)
    if last < on:
        parent = f"{found[0].root}.FUT"
        raise UsageError(
            f"{instrument_id}: its last trading day was {last}: use {contract_on(parent, on)}."
            f"{venue} until {next_roll(parent, on)}"
        )


def other_front_month(raw_symbol: str, on: date) -> str | None:
    """
    Return the front month of a contract's root if it is another contract.

    Parameters
    ----------
    raw_symbol : str
        The contract (`NQZ5`).
    on : date
        The day (UTC).

    Returns
    -------
    str or None
        None also if the root is unknown.

    """
    match = _CONTRACT.fullmatch(raw_symbol)
    if match is None or match[1] not in FUTURES:
        return None
    front = contract_on(f"{match[1]}.FUT", on)
    # A year may be written with one digit or two.
    is_front = raw_symbol[: len(front) - 1] == front[:-1] and raw_symbol[-1] == front[-1]
    return None if is_front else front


def _parsed(symbol: str) -> RollingSymbol:
    rolling = parse_rolling(symbol)
    if rolling is None:
        raise UsageError(
            f"symbol {symbol!r} is no parent or continuous symbol: use ES.FUT, ES.c.0 or ES.v.0",
        )
    return rolling


def _end(spec: FutureSpec, rolling: RollingSymbol, month: date) -> date:
    if rolling.rule == "c":
        return last_trading_day(spec, month.year, month.month) + timedelta(days=1)
    return roll_day(spec, month.year, month.month)
