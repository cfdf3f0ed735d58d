"""Reads the reference sessions of the playbook system as rows of its machine."""

from collections import deque
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from strategies.common.trade_params import MINUTE_NS
from strategies.playbook.params import SignalParams
from strategies.playbook.rows import Balance
from strategies.playbook.rows import ContextRow
from strategies.playbook.rows import LargePrint
from tests.vectors import load


DAY_NS = 1_440 * MINUTE_NS
MEAN_MINUTES = 60
# The names of the reference, and those of the parameters.
NAMES = {
    "atr_period": "atr_minutes",
    "min_leg_atr": "min_leg_atr",
    "stall_bars": "stall_minutes",
    "origin_lookback": "origin_minutes",
    "reclaim_window": "reclaim_minutes",
    "leg_bin_ticks": "leg_bin_ticks",
    "lvn_frac": "lvn_ratio",
    "tol_ticks": "touch_ticks",
    "setup_expiry": "expiry_minutes",
    "min_score": "min_score",
    "big_print_mult": "big_print_ratio",
    "stop_buffer_ticks": "stop_buffer_ticks",
    "min_rr": "min_rr",
    "fallback_rr": "fallback_rr",
    "max_balances": "kept_balances",
}


def params_from(config: dict[str, Any]) -> SignalParams:
    """Return the parameters of a configuration of the reference."""
    values = {NAMES[name]: _number(value) for name, value in config.items() if name in NAMES}
    return SignalParams(**values, session_filter=False)


@cache
def rows(name: str, stream: str, first_day: int = 0) -> tuple[tuple[int, int, ContextRow], ...]:
    """Return day, minute and row of each minute of a reference run, counted from a day."""
    found = []
    days = load("003", stream)["days"]
    before: deque[tuple[int, int]] = deque(maxlen=MEAN_MINUTES)
    for case in load("003", name)["rows"]:
        day, i = case["day"], case["i"]
        prints = days[day][i]
        if day >= first_day:
            mean = (sum(lots for lots, _ in before), sum(count for _, count in before))
            row = _row(case, prints, mean, has_balance=day > first_day)
            found.append((day - first_day, i, row))
        before.append((sum(size for _, size, _ in prints), len(prints)))
    return tuple(found)


def _row(
    case: dict[str, Any], prints: list[list[int]], mean: tuple[int, int], *, has_balance: bool
) -> ContextRow:
    at: dict[int, int] = {}
    for price, size, _ in prints:
        at[price] = at.get(price, 0) + size
    score, direction, *_ = case["flow"]
    open_, high, low, close = case["bar"]
    balance = case["balance"] if has_balance else None
    session = case["day"] * DAY_NS
    return ContextRow(
        ts_min=session + case["i"] * MINUTE_NS,
        session=session,
        open=open_,
        high=high,
        low=low,
        close=close,
        ticks=tuple(sorted(at)),
        lots=tuple(at[price] for price in sorted(at)),
        buy=_largest(prints, 1),
        sell=_largest(prints, -1),
        mean_lots=mean[0],
        mean_prints=mean[1],
        state=case["state"],
        confidence=case["conf"],
        flow_side=(direction == "BUY") - (direction == "SELL"),
        flow_score=score,
        balance=None
        if balance is None
        else Balance(start=session - DAY_NS, val=balance[0], poc=balance[1], vah=balance[2]),
        market_session="NEW_YORK",
        minutes_in_session=case["i"] + 1,
        closes_at=None,
        warm=True,
    )


def _largest(prints: list[list[int]], side: int) -> LargePrint | None:
    own = [(size, price) for price, size, by in prints if by == side]
    if not own:
        return None
    lots = max(size for size, _ in own)
    prices = [price for size, price in own if size == lots]
    return LargePrint(lots=lots, price=min(prices) if side > 0 else max(prices))


def _number(value: Any) -> Any:
    if isinstance(value, list):
        fraction = Fraction(*value)
        return Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return value
