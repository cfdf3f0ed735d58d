from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

SCORINGS: tuple[str, ...]
DIRECTIONS: dict[int, str]
AGGRESSIVE: int
"""The score from which on flow is aggressive."""
STRONG: int
"""The score from which on it is strong."""

class FlowReading(NamedTuple):
    """The aggressive flow at the close of a minute."""

    score: int
    """From 0 to 100."""
    direction: str
    """BUY or SELL by the sign of the change, NEUTRAL at 0."""
    volume_ratio: Fraction
    """The volume of the minute by the mean of the minutes before; 1 without a volume in them."""
    cvd_change: int
    """Buy minus sell volume of the last `lookback` minutes (lots)."""
    cvd_accelerates: bool
    """If its size exceeds that of the `lookback` minutes before them."""
    buy_pressure: Fraction
    """The buyers' share of the minute's volume with a side (percent); 50 without any."""

    @property
    def is_aggressive(self) -> bool:
        """If the score is `AGGRESSIVE` or more."""

    @property
    def label(self) -> str:
        """STRONG, MODERATE or WEAK."""

def score_label(score: int) -> str:
    """Return the label of a score: STRONG, MODERATE or WEAK."""

class AggressiveFlow:
    """
    How aggressive the last minutes were: volume, delta and pressure as one score.

    - Volume: that of the last minute by the mean of the `average` minutes before it.
    - Change: buy minus sell volume of the last `lookback` minutes; fewer at the beginning, and the
      divisor stays `lookback`.
    - Pressure: the share of the change's side in the last minute's volume with a side.

    `basic`, all strict: 30 for a volume above `volume_ratio_min`, 40 for a change above `cvd_min` a
    minute, 30 for a pressure above `pressure_min`. `tiered`: 30, 20 or 10 for a volume from 3, 2
    or 1.5 on; 40, 30, 20 or 10 for a change (of all the minutes) from 2, 1, 0.5 or 0.1 times
    `cvd_min` on; 30, 20 or 10 for a pressure from 80, 70 or 60 on. Without a change there is no
    side, and no pressure counts. Every comparison is of exact integers.

    Parameters
    ----------
    scoring : {'basic', 'tiered'}, default 'basic'
        The score.
    lookback : int, default 5
        The minutes in the change.
    average : int, default 60
        The minutes in the means, the last one left out.
    volume_ratio_min : str, float, Decimal or Fraction, default '2'
        The multiple of the mean volume.
    cvd_min : str, float, Decimal or Fraction, default '1000'
        The delta (lots).
    cvd_min_rel : str, float, Decimal or Fraction, optional
        Instead of `cvd_min`: a multiple of the mean absolute delta of the `average` minutes. No
        change counts while that is unknown or 0.
    pressure_min : str, float, Decimal or Fraction, default '70'
        The pressure (percent).

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    """

    scoring: str
    lookback: int
    average: int

    def __init__(
        self,
        scoring: str = "basic",
        lookback: int = 5,
        average: int = 60,
        volume_ratio_min: str | float | Decimal | Fraction = "2",
        cvd_min: str | float | Decimal | Fraction = "1000",
        cvd_min_rel: str | float | Decimal | Fraction | None = None,
        pressure_min: str | float | Decimal | Fraction = "70",
    ) -> None: ...
    def update(self, volume: int, buy: int, sell: int, trades: int = 0) -> FlowReading:
        """
        Take in a closed minute.

        Parameters
        ----------
        volume, buy, sell : int
            The volume, and that of each aggressor (lots).
        trades : int, default 0
            The number of prints.

        Raises
        ------
        ValueError
            If buy and sell are not parts of the volume.

        """

    def clear(self) -> None:
        """Forget all minutes."""
