"""Losing trades and points of the trading day, and what ends it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.errors import AuctionError
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.reasons import DayStop


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
        return {
            "day": None if self.day is None else self.day.isoformat(),
            "losses": self.losses,
            "points": str(self.points),
            "stop": self.stop,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """
        Continue from a snapshot; the next trade date starts afresh.

        Raises
        ------
        AuctionError
            If the state is not a snapshot of this version.

        """
        try:
            day = None if state["day"] is None else date.fromisoformat(state["day"])
            losses, points = int(state["losses"]), Decimal(state["points"])
            stop = None if state["stop"] is None else DayStop(state["stop"])
        except (KeyError, TypeError, ValueError, ArithmeticError) as e:
            raise AuctionError(
                f"daily limits snapshot: {e}; it is of another version, start without it"
            ) from e
        self.day, self.losses, self.points, self.stop = day, losses, points, stop
