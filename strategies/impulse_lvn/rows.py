"""The inputs of the impulse machine, and its messages beside its decisions."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from actors.impulse.bars import Second
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import BreakoutLevels


class SecondRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed second.

    Parameters
    ----------
    bar : Second
        Its trades.
    imbalanced : bool
        If the market is imbalanced at its close.

    """

    bar: Second
    imbalanced: bool

    @property
    def end(self) -> int:
        """Return the first nanosecond after the second."""
        return self.bar.end


class LevelsRow(Struct, frozen=True, kw_only=True):
    """
    Represents the levels of a trading day.

    Parameters
    ----------
    end : int
        The time from which they hold (ns UTC).
    now : int
        The present time (ns UTC).
    day : date
        The trade date.
    levels : BreakoutLevels or None
        The levels; None for a day without breakouts.
    reason : str or None
        Why there are none.
    opens_at : int
        When the regular session opens (ns UTC).
    ends_at : int or None
        When the trading of a shortened day ends (ns UTC).

    """

    end: int
    now: int
    day: date
    levels: BreakoutLevels | None
    reason: str | None
    opens_at: int
    ends_at: int | None


type ImpulseRow = SecondRow | LevelsRow


class DroppedNodes(Struct, frozen=True, kw_only=True):
    """
    Represents nodes that are dropped between two bars.

    Parameters
    ----------
    nodes : Sequence[LowVolumeNode]
        The nodes.
    ts_second : int
        The start of the second it happened in (ns UTC).

    """

    nodes: Sequence[LowVolumeNode]
    ts_second: int
