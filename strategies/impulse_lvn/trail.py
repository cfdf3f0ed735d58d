"""The trailing stop of a trade, moved once a bar."""

from fractions import Fraction

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second


class BarTrail:
    """
    Follows the best price since the entry and gives the stop for the next bar.

    The stop lies behind the best price, from the moment on at which that has gained as much on the
    average entry. In the bar of the entry only the prints after the first fill count.

    Parameters
    ----------
    is_long : bool
        The side of the trade.
    distance : int
        How far in ticks the stop follows.
    entered_at : int
        When the entry began to fill (UNIX nanoseconds).
    best : int or None, default None
        The best price so far in ticks, after a restart.

    Attributes
    ----------
    best : int or None
        The best price so far in ticks.

    """

    __slots__ = ("_distance", "_entered_at", "_side", "_starts_at", "best")

    def __init__(
        self,
        *,
        is_long: bool,
        distance: int,
        entered_at: int,
        best: int | None = None,
    ) -> None:
        self._side = 1 if is_long else -1
        self._distance = distance
        self._entered_at = entered_at
        # The first second that belongs to the trade as a whole.
        self._starts_at = -(-entered_at // NANOS_PER_SECOND) * NANOS_PER_SECOND
        self.best = best

    def on_print(self, ts: int, price: int) -> None:
        """Take a print: its time (UNIX nanoseconds) and price (ticks)."""
        if self._entered_at <= ts < self._starts_at:
            self._see(price)

    def on_bar(self, bar: Second, entry: Fraction) -> int | None:
        """
        Return the stop that the trade has earned at the close of a bar, in ticks.

        Parameters
        ----------
        bar : Second
            The bar.
        entry : Fraction
            The average entry price in ticks.

        """
        if bar.ts >= self._starts_at:
            self._see(bar.high if self._side > 0 else bar.low)
        if self.best is None or self._side * (self.best - entry) < self._distance:
            return None
        return self.best - self._side * self._distance

    def _see(self, price: int) -> None:
        if self.best is None or self._side * (price - self.best) > 0:
            self.best = price
