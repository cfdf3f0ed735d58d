"""Breakout attempts by the rules of the playbook in plain Python, but for their nodes."""

from collections.abc import Container
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


MINUTE = 60_000_000_000
RECLAIM_MINUTES, STALL_MINUTES, ORIGIN_MINUTES, EXPIRY_MINUTES, ATR_MINUTES = 15, 2, 30, 60, 14
ENDS = frozenset({"RETURN", "EXPIRED", "OUTSIDE_AGAIN", "POC_REACHED"})
Row = dict[str, Any]


@dataclass
class Attempt:
    """A running attempt; minutes are counted within the session."""

    started: int
    side: int
    edge: int
    poc: int
    start: int
    extreme: int
    at: int
    origin: int
    was_balance: bool
    latched: bool = False
    phase: str = "LEG"
    since: int = 0
    back: int = 0
    back_at: int = 0


def far(row: Row, side: int) -> int:
    return int(row["high"] if side > 0 else row["low"])


def latch(attempt: Attempt, row: Row) -> None:
    direction = {"IMBALANCE_UP": 1, "IMBALANCE_DOWN": -1}.get(row["state"], 0)
    if direction:
        attempt.latched = direction == attempt.side


def started(bars: list[Row], balance: tuple[int, int, int] | None) -> Attempt | None:
    """Return the attempt that begins with the last minute."""
    if balance is None or len(bars) < 2:
        return None
    (val, poc, vah), row, i = balance, bars[-1], len(bars) - 1
    side = (row["close"] > vah) - (row["close"] < val)
    edge = vah if side > 0 else val
    if not side or side * (bars[-2]["close"] - edge) > 0:
        return None
    first = max(0, i - ORIGIN_MINUTES)
    crossed = [k for k in range(first, i) if side * (bars[k]["close"] - poc) <= 0]
    leg = bars[max(crossed, default=first) : i + 1]
    origin = min(far(bar, -side) * side for bar in leg) * side
    is_balance = len(bars) > 1 and bars[-2]["state"] == "BALANCE"
    new = Attempt(row["ts_min"], side, edge, poc, i, far(row, side), i, origin, is_balance)
    latch(new, row)
    return new


def follow_leg(a: Attempt, row: Row, bars: list[Row], least_atr: int) -> Iterator[str]:
    """Yield the events of a minute of an attempt on its way out."""
    i = len(bars) - 1
    if a.side * (far(row, a.side) - a.extreme) > 0:
        a.extreme, a.at = far(row, a.side), i
        if a.phase == "READY":
            a.phase = "LEG"
            yield "LEG_EXTENDS"
    latch(a, row)
    if a.side * (row["close"] - a.edge) <= 0:
        if not (a.was_balance and i - a.start <= RECLAIM_MINUTES):
            yield "RETURN"
            return
        a.phase, a.since, a.back, a.back_at = "BACK", i, far(row, -a.side), i
        yield "RECLAIM"
    elif a.phase == "LEG":
        ranges = [
            max(bars[k]["high"], bars[k - 1]["close"]) - min(bars[k]["low"], bars[k - 1]["close"])
            for k in range(max(1, i + 1 - ATR_MINUTES), i + 1)
        ]
        is_long = abs(a.extreme - a.origin) >= least_atr * Fraction(sum(ranges), ATR_MINUTES)
        if i - a.at >= STALL_MINUTES and len(ranges) == ATR_MINUTES and is_long:
            a.phase, a.since = "READY", i
            yield "LEG_READY"
    elif i - a.since > EXPIRY_MINUTES:
        yield "EXPIRED"


def follow_back(a: Attempt, row: Row, i: int, *, has_no_node: bool) -> Iterator[str]:
    """Yield the events of a minute of a failed attempt."""
    if i - a.since > EXPIRY_MINUTES:
        yield "EXPIRED"
    elif a.side * (row["close"] - a.edge) > 0:
        yield "OUTSIDE_AGAIN"
    elif a.side * (far(row, -a.side) - a.poc) <= 0:
        yield "POC_REACHED"
    elif a.side * (far(row, -a.side) - a.back) < 0:
        a.back, a.back_at = far(row, -a.side), i
        if a.phase == "WAITING":
            a.phase = "BACK"
            yield "RLEG_EXTENDS"
    elif a.phase == "BACK" and i - a.back_at >= STALL_MINUTES and not has_no_node:
        a.phase = "WAITING"
        yield "RLEG_READY"


def attempts_of(
    rows: list[Row],
    balances: dict[int, tuple[int, int, int] | None],
    resets: list[int],
    signals: Container[int],
    without_node: Container[int],
    least_atr: int,
) -> Iterator[tuple[int, Attempt, str]]:
    """
    Yield minute, attempt and name of each event but those of nodes.

    Parameters
    ----------
    rows : list[Row]
        The closed minutes, prices in ticks.
    balances : dict[int, tuple[int, int, int] | None]
        VAL, POC and VAH that are in force in the session of a start (ns UTC).
    resets : list[int]
        The minutes (ns UTC) that follow a gap.
    signals, without_node : Container[int]
        The minutes (ns UTC) in which nodes end an attempt: by an entry, or as there are none.
    least_atr : int
        The least leg (average true ranges).

    """
    a: Attempt | None = None
    bars: list[Row] = []
    for row in rows:
        ts = row["ts_min"]
        last = bars[-1] if bars else None
        if (
            last is None
            or row["session_start"] != last["session_start"]
            or ts > last["ts_min"] + MINUTE
            or any(last["ts_min"] < reset <= ts for reset in resets)
        ):
            a, bars = None, []
        bars.append(row)
        if a is not None:
            if a.phase in ("BACK", "WAITING"):
                events = follow_back(a, row, len(bars) - 1, has_no_node=ts in without_node)
            else:
                events = follow_leg(a, row, bars, least_atr)
            running, found = a, list(events)
            yield from ((ts, running, event) for event in found)
            if ts in signals or ts in without_node or ENDS.intersection(found):
                a = None
        if a is None and ts not in signals:
            a = started(bars, balances[row["session_start"]])
            if a is not None:
                yield ts, a, "ATTEMPT_UP" if a.side > 0 else "ATTEMPT_DOWN"
