"""The result of one second, and the state of the last signal."""

from enum import StrEnum

from msgspec import Struct

from actors.impulse.leg import LowVolumeNode
from actors.impulse.transition import Transition
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.reasons import LeaveReason
from strategies.impulse_lvn.tracking import LevelVisit


class Phase(StrEnum):
    """Represents the state of the last signal."""

    FLAT = "FLAT"
    PENDING = "PENDING"
    OPEN = "OPEN"


class Step(Struct, frozen=True, kw_only=True):
    """
    Represents the result of one second.

    Parameters
    ----------
    ts : int
        The start of the second (UNIX nanoseconds).
    transitions : tuple[Transition, ...]
        The changes of the state machine.
    added, dropped : tuple[LowVolumeNode, ...]
        The nodes newly tracked, and those tracked no longer.
    moved : tuple[LevelVisit, ...]
        The nodes whose visits have moved on.
    plan : TradePlan or None
        The trade to enter at once.
    leave : LeaveReason or None
        The reason to close the open trade.

    """

    ts: int
    transitions: tuple[Transition, ...] = ()
    added: tuple[LowVolumeNode, ...] = ()
    moved: tuple[LevelVisit, ...] = ()
    dropped: tuple[LowVolumeNode, ...] = ()
    plan: TradePlan | None = None
    leave: LeaveReason | None = None

    @property
    def is_eventful(self) -> bool:
        """Return whether there is anything to report; most seconds bring nothing."""
        return bool(self.transitions or self.added or self.moved or self.dropped or self.plan)
