"""The messages of the impulse system's actor and strategy."""

from actors.impulse.messages.impulses import ImpulseTransition
from actors.impulse.messages.impulses import LvnVisit
from actors.impulse.messages.seconds import MarketStateUpdate
from actors.impulse.messages.seconds import SecondBar
from actors.impulse.messages.sessions import DailyLevelsUpdate
from actors.impulse.messages.sessions import RegularSessionUpdate


__all__ = (
    "DailyLevelsUpdate",
    "ImpulseTransition",
    "LvnVisit",
    "MarketStateUpdate",
    "RegularSessionUpdate",
    "SecondBar",
)
