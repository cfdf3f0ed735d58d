from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

STATES: tuple[str, ...]
MOMENTUM_WORDS: tuple[str, ...]

class StateReading(NamedTuple):
    """The state of a market at a close."""

    state: str
    """One of `STATES`."""
    confidence: int
    """From 0 to 100, rounded down."""
    distance_pct: Fraction | None
    """The distance of the close from the point of control (percent of that)."""
    momentum_pct: Fraction | None
    """The change of the close (percent of the earlier one)."""
    momentum: str | None
    """One of `MOMENTUM_WORDS`: weak from half of `mom_min_pct` on, moderate from it on, strong from
    twice of it on."""

class AuctionState:
    """
    Balance or imbalance of a market, from its value area and its momentum.

    - BALANCE: the close is nearer to the point of control than `dist_max_pct` and within the value
      area, both ends included. Confidence 50 + 50 (1 - distance / `dist_max_pct`).
    - IMBALANCE_UP: momentum above `mom_min_pct` and the close above the value area;
      IMBALANCE_DOWN is its mirror image. Confidence 50 + min(25, 25 (momentum - `mom_min_pct`) /
      `mom_min_pct`) + min(25, 25 times the distance from the area in widths of the area), the last
      25 where the area has no width.
    - BALANCE with confidence 25, undecided, otherwise.
    - UNKNOWN with confidence 0 where a value is missing, or is a price of 0: no percentage of it
      is defined. The denominator of prices below 0 is their absolute value.

    Every comparison is of exact integers.

    Parameters
    ----------
    dist_max_pct : str, float, Decimal or Fraction, default '1'
        The distance from the point of control below which the market is balanced (percent).
    mom_min_pct : str, float, Decimal or Fraction, default '0.5'
        The momentum above which it is imbalanced (percent).

    Raises
    ------
    ParameterError
        If a parameter is not positive or has more than six decimals.

    """

    def __init__(
        self,
        dist_max_pct: str | float | Decimal | Fraction = "1",
        mom_min_pct: str | float | Decimal | Fraction = "0.5",
    ) -> None: ...
    def of(
        self,
        close: int,
        poc: int | None,
        val: int | None,
        vah: int | None,
        base: int | None,
    ) -> StateReading:
        """
        Return the state at a close.

        Parameters
        ----------
        close : int
            The close (ticks).
        poc, val, vah : int or None
            The point of control and the ends of the value area (ticks).
        base : int or None
            The close that momentum is measured from (ticks).

        Raises
        ------
        ValueError
            If the lower end lies above the upper one.

        """
