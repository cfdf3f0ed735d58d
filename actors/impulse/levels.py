"""The daily levels that a close can break, and which of them it breaks."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from actors.codes import Code


class Direction(StrEnum):
    """Represents where an impulse goes."""

    UP = "Up"
    DOWN = "Down"

    @property
    def sign(self) -> int:
        """Return +1 for up, -1 for down."""
        return 1 if self is Direction.UP else -1


class LevelReason(Code):
    """Represents why a trading day has no levels."""

    NO_SESSION = (
        "NO_SESSION",
        "No whole regular session before the day: start before it opens, or ingest it.",
    )
    STALE = (
        "STALE",
        "The regular session before the day is missing, only an older one is known: ingest it.",
    )


class BreakoutLevels(Struct, frozen=True, kw_only=True):
    """
    Represents the levels in force, in ticks.

    Parameters
    ----------
    pdh, pdl : int
        High and low of the prior regular session.
    vah, val : int
        The ends of its value area.
    onh, onl : int, optional
        High and low of the night before the session; None while it lasts, or without trades.

    """

    pdh: int
    pdl: int
    vah: int
    val: int
    onh: int | None = None
    onl: int | None = None

    def bounds(self, threshold: int) -> tuple[int, int]:
        """Return the lowest and the highest close that lies beyond no level by more than that."""
        lows = (self.pdl, self.val, self.onl)
        highs = (self.pdh, self.vah, self.onh)
        return (
            max(price for price in lows if price is not None) - threshold,
            min(price for price in highs if price is not None) + threshold,
        )


class Breakout(NamedTuple):
    """A level that a close lies beyond."""

    level: str
    direction: Direction


def find_breakout(close: int, levels: BreakoutLevels, threshold: int) -> Breakout | None:
    """
    Return the first level that a close lies more than a threshold beyond.

    The order is PDH, PDL, ONH, ONL, VAH, VAL. The rule is about the position of the price, not
    about a cross: after an impulse has ended, a new one starts while the price stays beyond.

    Parameters
    ----------
    close : int
        The close of a bar in ticks.
    levels : BreakoutLevels
        The levels in force.
    threshold : int
        The distance in ticks that must be exceeded.

    """
    for level, price, direction in (
        ("PDH", levels.pdh, Direction.UP),
        ("PDL", levels.pdl, Direction.DOWN),
        ("ONH", levels.onh, Direction.UP),
        ("ONL", levels.onl, Direction.DOWN),
        ("VAH", levels.vah, Direction.UP),
        ("VAL", levels.val, Direction.DOWN),
    ):
        if price is not None and direction.sign * (close - price) > threshold:
            return Breakout(level, direction)
    return None
