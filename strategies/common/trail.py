"""The trailing stop: how far it follows, from which profit on, and with prints or with bars."""

from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from msgspec import Struct


class TrailBasis(StrEnum):
    """Represents the trigger that moves a trailing stop: each print, or the close of each bar."""

    PRINT = "PRINT"
    BAR = "BAR"


class Trail(Struct, frozen=True, kw_only=True):
    """
    Represents the rule of a trailing stop.

    Parameters
    ----------
    distance : int
        How far in ticks the stop follows the best price.
    activation : int, default 0
        The profit in ticks on the entry from which on it does.
    basis : TrailBasis, default PRINT
        What moves it. The trade manager follows prints; a decision machine moves a stop once a bar.

    Raises
    ------
    ValueError
        If the distance is not positive.

    """

    distance: int
    activation: int = 0
    basis: TrailBasis = TrailBasis.PRINT

    def __post_init__(self) -> None:
        if self.distance < 1:
            raise ValueError(f"trail_distance was not positive, was {self.distance}")

    def stop_behind(self, side: int, best: int) -> int:
        """Return the stop in ticks behind the best price of a trade of a side."""
        return best - side * self.distance

    def begins_at[T: (int, Fraction)](self, side: int, entry: T) -> T:
        """Return the price in ticks from which on the stop follows."""
        return entry + side * self.activation


class PricedBar(Protocol):
    """The inputs of a bar trail from a closed bar: its start (ns UTC) and its extremes in ticks."""

    @property
    def ts(self) -> int: ...

    @property
    def high(self) -> int: ...

    @property
    def low(self) -> int: ...


class BarTrail:
    """
    Follows the best price since the entry and gives the stop for the next bar.

    In the bar of the entry only the prints after the first fill count.

    Parameters
    ----------
    trail : Trail
        The rule.
    is_long : bool
        The side of the trade.
    entered_at : int
        When the entry began to fill (UNIX nanoseconds).
    interval_ns : int
        The length of a bar (nanoseconds).
    best : int or None, default None
        The best price so far in ticks, after a restart.

    Attributes
    ----------
    best : int or None
        The best price so far in ticks.

    """

    __slots__ = ("_entered_at", "_side", "_starts_at", "_trail", "best")

    def __init__(
        self,
        trail: Trail,
        *,
        is_long: bool,
        entered_at: int,
        interval_ns: int,
        best: int | None = None,
    ) -> None:
        self._trail = trail
        self._side = 1 if is_long else -1
        self._entered_at = entered_at
        # The first bar that belongs to the trade as a whole.
        self._starts_at = -(-entered_at // interval_ns) * interval_ns
        self.best = best

    def on_print(self, ts: int, price: int) -> None:
        """Handle a print: its time (UNIX nanoseconds) and price (ticks)."""
        if self._entered_at <= ts < self._starts_at:
            self._see(price)

    def on_bar(self, bar: PricedBar, entry: Fraction) -> int | None:
        """
        Return the stop that the trade has earned at the close of a bar, in ticks.

        Parameters
        ----------
        bar : PricedBar
            The bar.
        entry : Fraction
            The average entry price in ticks.

        """
        trail, side = self._trail, self._side
        if bar.ts >= self._starts_at:
            self._see(bar.high if side > 0 else bar.low)
        if self.best is None or side * (self.best - trail.begins_at(side, entry)) < 0:
            return None
        return trail.stop_behind(side, self.best)

    def _see(self, price: int) -> None:
        if self.best is None or self._side * (price - self.best) > 0:
            self.best = price
