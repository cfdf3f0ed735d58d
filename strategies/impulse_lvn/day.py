"""Losing trades and points of the trading day, and what ends it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated
from typing import Any

import msgspec
from msgspec import Meta
from msgspec import Struct

from errors import AuctionError
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.reasons import DayStop


# No day has more points or fewer: beyond it arithmetic would raise.
MOST_DIGITS = 40


class DayLedger:
    """
    Counts the trades of one trading day.

    Points are those of one contract, whatever the size. The trade that reaches a limit ends the
    day itself; only the next trade date lifts it.

    Parameters
    ----------
    rules : TradeRules
        The limits.

    Attributes
    ----------
    day : date or None
        The trade date.
    losses : int
        The losing trades.
    points : Decimal
        The sum of all trades.
    stop : DayStop or None
        Why the day has ended.

    """

    def __init__(self, rules: TradeRules) -> None:
        self._rules = rules
        self.day: date | None = None
        self.losses = 0
        self.points = Decimal(0)
        self.stop: DayStop | None = None

    def start(self, day: date) -> None:
        """Start a trading day."""
        self.day = day
        self.losses = 0
        self.points = Decimal(0)
        self.stop = None

    def book(self, net_points: Decimal) -> DayStop | None:
        """
        Book a trade.

        Parameters
        ----------
        net_points : Decimal
            Its result in points for one contract.

        Returns
        -------
        DayStop or None
            Why the day ends with it.

        """
        rules = self._rules
        self.points += net_points
        if net_points < -rules.loss_band:
            self.losses += 1
        if self.stop is not None:
            return None
        if 0 < rules.max_daily_losses <= self.losses:
            self.stop = DayStop.MAX_LOSSES
        elif self.points <= -rules.daily_loss_limit:
            self.stop = DayStop.DAILY_LIMIT
        return self.stop

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values, fit for JSON."""
        state = DayState(day=self.day, losses=self.losses, points=self.points, stop=self.stop)
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return plain

    def restore(self, state: Mapping[str, Any]) -> None:
        """
        Continue from a snapshot; the next trade date starts afresh.

        Raises
        ------
        AuctionError
            If the state is not a snapshot of this version.

        """
        self.restore_state(read_day_state(state))

    def restore_state(self, state: "DayState") -> None:
        """Continue from a state that is checked."""
        self.day, self.losses, self.points = state.day, state.losses, state.points
        self.stop = state.stop


class DayState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Represents a `DayLedger` between two trades, field by field."""

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
