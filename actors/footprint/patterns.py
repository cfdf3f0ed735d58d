"""The patterns of order flow that a closed footprint bar can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Represents the side on which a pattern would trade."""

    LONG = "LONG"
    SHORT = "SHORT"


class Pattern(StrEnum):
    """Represents a pattern, in the order of the specification."""

    BUY_IMBALANCE = "BUY_IMBALANCE"
    SELL_IMBALANCE = "SELL_IMBALANCE"
    STACKED_BUY_IMBALANCE = "STACKED_BUY_IMBALANCE"
    STACKED_SELL_IMBALANCE = "STACKED_SELL_IMBALANCE"
    BUYING_EXHAUSTION = "BUYING_EXHAUSTION"
    SELLING_EXHAUSTION = "SELLING_EXHAUSTION"
    BUYING_ABSORPTION = "BUYING_ABSORPTION"
    SELLING_ABSORPTION = "SELLING_ABSORPTION"
    BULLISH_DELTA_DIVERGENCE = "BULLISH_DELTA_DIVERGENCE"
    BEARISH_DELTA_DIVERGENCE = "BEARISH_DELTA_DIVERGENCE"
    UNFINISHED_HIGH = "UNFINISHED_HIGH"
    UNFINISHED_LOW = "UNFINISHED_LOW"
    UNFINISHED_REVISITED = "UNFINISHED_REVISITED"


# The direction of each; that of a revisited level is the direction of the level.
DIRECTIONS: Mapping[Pattern, Direction] = {
    Pattern.BUY_IMBALANCE: Direction.LONG,
    Pattern.SELL_IMBALANCE: Direction.SHORT,
    Pattern.STACKED_BUY_IMBALANCE: Direction.LONG,
    Pattern.STACKED_SELL_IMBALANCE: Direction.SHORT,
    Pattern.BUYING_EXHAUSTION: Direction.SHORT,
    Pattern.SELLING_EXHAUSTION: Direction.LONG,
    Pattern.BUYING_ABSORPTION: Direction.LONG,
    Pattern.SELLING_ABSORPTION: Direction.SHORT,
    Pattern.BULLISH_DELTA_DIVERGENCE: Direction.LONG,
    Pattern.BEARISH_DELTA_DIVERGENCE: Direction.SHORT,
    Pattern.UNFINISHED_HIGH: Direction.LONG,
    Pattern.UNFINISHED_LOW: Direction.SHORT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternSignal:
    """
    Represents one pattern in one closed bar, with every value that its detector has compared.

    Values that a detector does not have are None, lists empty.

    Attributes
    ----------
    pattern : Pattern
        What was found.
    direction : Direction
        The side on which it would trade.
    strength : float
        Between 0 and 1, by the formula of its detector.
    price : int
        Its price (ticks).
    low, high : int
        The lowest and the highest tick of its zone.
    levels : int or None
        Levels of a stack or of a declining run.
    volume : int or None
        The volume of the pattern's aggressor (lots): at the level of an imbalance, over the levels
        of an absorption, at the extreme of an unfinished bar.
    opposing : int or None
        The volume of the other aggressor that it is compared with (lots).
    ratio : float or None
        Of an imbalance: `volume` by `opposing`.
    neighbour : int or None
        Of an imbalance: the price of the opposing volume (ticks).
    total : int or None
        Of an absorption: the whole volume of its levels (lots).
    share : float or None
        Of an absorption: `volume` by `total`.
    close_position : float or None
        Of an absorption: where the bar has closed between its low (0) and its high (1).
    decline : float or None
        Of an exhaustion: the decline over its run as a share of the first volume.
    delta : int or None
        Of a divergence: the delta of the bar (lots).
    extreme : int or None
        Of a divergence: the new high or low (ticks).
    since : int or None
        Of a revisited level: the start of the bar that left it (ns UTC).
    prices : tuple[int, ...]
        The prices of a stack, rising; of a divergence the highs or the lows of its bars (ticks).
    volumes : tuple[int, ...]
        Of an exhaustion: the volumes of its run, towards the extreme (lots).
    deltas : tuple[int, ...]
        Of a divergence: the deltas of its bars (lots).

    """

    pattern: Pattern
    direction: Direction
    strength: float
    price: int
    low: int
    high: int
    levels: int | None = None
    volume: int | None = None
    opposing: int | None = None
    ratio: float | None = None
    neighbour: int | None = None
    total: int | None = None
    share: float | None = None
    close_position: float | None = None
    decline: float | None = None
    delta: int | None = None
    extreme: int | None = None
    since: int | None = None
    prices: tuple[int, ...] = ()
    volumes: tuple[int, ...] = ()
    deltas: tuple[int, ...] = ()
