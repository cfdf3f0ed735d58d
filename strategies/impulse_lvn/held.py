"""The state of an open trade for a restart, beside that of the trade manager."""

from typing import Any

import msgspec
from msgspec import Struct

from errors import AuctionError
from strategies.impulse_lvn.day import DayState
from strategies.impulse_lvn.plan import TradePlan


class HeldTrade(Struct, frozen=True, kw_only=True):
    """
    Represents a trade that is open, or whose entry works.

    Parameters
    ----------
    plan : TradePlan
        Its plan.
    best : int or None
        The best price since the entry in ticks.
    bars : int or None
        The bars that it was held; None before its first fill.
    counted_until : int
        The end of the last bar that counts among them (UNIX nanoseconds).

    """

    plan: TradePlan
    best: int | None
    bars: int | None
    counted_until: int

    def snapshot(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class SignalState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the state of an open trade for a restart, beside that of the trade manager.

    Parameters
    ----------
    day : DayState
        The losses of the day.
    trade : HeldTrade or None
        The trade that is open, or whose entry works.

    """

    day: DayState
    trade: HeldTrade | None


def read_signal_state(plain: Any) -> SignalState:
    """
    Return the state that a snapshot holds, checked as a whole.

    Raises
    ------
    AuctionError
        If it is not a snapshot of this version.

    """
    try:
        return msgspec.convert(plain, SignalState)
    except msgspec.ValidationError as e:
        raise AuctionError(
            f"impulse snapshot: {e}; it is of another version, start without it"
        ) from e
