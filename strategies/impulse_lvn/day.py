"""The result of the trading day as it is kept over a restart."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from typing import Any

import msgspec
from msgspec import Meta
from msgspec import Struct

from errors import AuctionError
from strategies.common.daily_limits import DayResult
from strategies.common.daily_limits import DayStop
from strategies.common.records import TradeClosed
from strategies.common.sizing import CONTEXT
from strategies.common.step import MachineAlert


# No day has more points or fewer: beyond it arithmetic would raise.
MOST_DIGITS = 40


class DayState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Represents the result of a trading day between two trades."""

    day: date | None
    losses: Annotated[int, Meta(ge=0)]
    points: Decimal
    stop: DayStop | None

    def __post_init__(self) -> None:
        if not (self.points.is_finite() and abs(self.points.adjusted()) < MOST_DIGITS):
            raise ValueError(f"points {self.points}")


def read_day_state(plain: Any) -> DayState:
    """
    Return the state that a snapshot holds, checked as a whole.

    Raises
    ------
    AuctionError
        If it is not a snapshot of this version.

    """
    try:
        return msgspec.convert(plain, DayState)
    except msgspec.ValidationError as e:
        raise AuctionError(
            f"daily limits snapshot: {e}; it is of another version, start without it"
        ) from e


def day_snapshot(result: DayResult[date]) -> dict[str, Any]:
    """Return the state of a day as plain values, fit for JSON."""
    state = DayState(day=result.day, losses=result.losses, points=result.points, stop=result.stop)
    plain: dict[str, Any] = msgspec.to_builtins(state)
    return plain


def resume_day(result: DayResult[date], state: DayState) -> None:
    """Resume from the state of a day; the next trade date starts afresh."""
    result.day, result.losses, result.points = state.day, state.losses, state.points
    result.stop = state.stop


def net_points(closed: TradeClosed, tick: Decimal, tick_value: Decimal) -> Decimal:
    """Return the result of a trade in points for one contract, from its fills, before fees."""
    return CONTEXT.divide(closed.gross * tick, tick_value * closed.lots)


def stop_alert(result: DayResult[date], stopped: DayStop, ts: int) -> MachineAlert:
    """Return the alert that a trade has ended the day at a time (ns UTC)."""
    text = f"{stopped}: {result.losses} losing trades, {result.points} points: no more today"
    return MachineAlert(ts=ts, kind="DAY_STOP", text=text, value=float(result.points))
