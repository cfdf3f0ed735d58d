"""Parameters of the impulse detection, in ticks and bars."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from errors import ParameterError


DEFAULT_TICK = Decimal("0.25")


def in_ticks(name: str, points: Decimal, tick_size: Decimal) -> int:
    """
    Return a distance in points as whole ticks.

    Parameters
    ----------
    name : str
        The parameter's name, for the error.
    points : Decimal
        The distance.
    tick_size : Decimal
        The price increment of the instrument.

    Raises
    ------
    ParameterError
        If the distance is not a whole number of ticks.

    """
    ticks = points / tick_size if points.is_finite() else Decimal("0.5")
    if ticks != int(ticks):
        raise ParameterError(name, f"{points} is not a multiple of the tick {tick_size}")
    return int(ticks)


def in_points(ticks: int) -> Decimal:
    """Return a distance of a default in points: defaults are counted in the tick of NQ and ES."""
    points = (ticks * DEFAULT_TICK).normalize()
    return points if points % 1 else points.quantize(Decimal(1))


def as_decimal(ratio: Fraction) -> Decimal:
    """Return a ratio of a default as a decimal."""
    return Decimal(ratio.numerator) / ratio.denominator


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpulseParams:
    """
    Represents the rules by which an impulse is found, scored and profiled.

    Prices are in ticks: with the tick of 0.25 the defaults are 2, 25 and 0.5 points.

    Parameters
    ----------
    breakout_threshold : int, default 8
        How far a close must lie beyond a level.
    min_impulse_size : int, default 100
        The least extent of an impulse, for its completion and for the mark of its size.
    min_impulse_score : int, default 4
        The marks out of five that complete an impulse.
    max_impulse_bars : int, default 300
        The bars after the breakout after which an impulse is abandoned.
    max_hunting_bars : int, default 600
        The bars for which the nodes of an impulse are hunted.
    max_retrace_ratio : Fraction, default 7/10
        The share of the extent that a close may give back.
    fast_bars : int, default 5
        The bars within which an impulse counts as fast. On second bars few are.
    volume_lookback : int, default 60
        The bars before the breakout in the base of the volume.
    lvn_bucket : int, default 2
        The width of a bucket of the impulse's profile.
    lvn_ratio : Fraction, default 3/20
        The share of the average bucket below which a bucket is a low volume node.
    switching : bool, default False
        If a breakout elsewhere replaces an impulse that stays small, and any breakout one whose
        nodes are hunted.
    min_bars_before_switch : int, default 60
        The bars for which an impulse cannot be replaced.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    breakout_threshold: int = 8
    min_impulse_size: int = 100
    min_impulse_score: int = 4
    max_impulse_bars: int = 300
    max_hunting_bars: int = 600
    max_retrace_ratio: Fraction = Fraction(7, 10)
    fast_bars: int = 5
    volume_lookback: int = 60
    lvn_bucket: int = 2
    lvn_ratio: Fraction = Fraction(3, 20)
    switching: bool = False
    min_bars_before_switch: int = 60

    def __post_init__(self) -> None:
        for name, least in (
            ("breakout_threshold", 0),
            ("min_impulse_size", 1),
            ("min_impulse_score", 0),
            ("max_impulse_bars", 1),
            ("max_hunting_bars", 1),
            ("fast_bars", 1),
            ("volume_lookback", 1),
            ("lvn_bucket", 1),
            ("min_bars_before_switch", 1),
        ):
            if getattr(self, name) < least:
                raise ParameterError(name, f"{getattr(self, name)} is below {least}")
        if self.min_impulse_score > 5:
            raise ParameterError("min_impulse_score", f"{self.min_impulse_score} is above 5")
        if not 0 < self.max_retrace_ratio <= 1:
            raise ParameterError(
                "max_retrace_ratio", f"{self.max_retrace_ratio} is not above 0 and at most 1"
            )
        if not 0 < self.lvn_ratio <= 1 or self.lvn_ratio.denominator > 1_000_000:
            raise ParameterError(
                "lvn_ratio", f"{self.lvn_ratio} is not above 0 and at most 1, with six decimals"
            )


# The struct of the machine alone has the defaults; configurations show them in points.
IMPULSE = ImpulseParams()
