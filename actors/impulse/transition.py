"""The states of the impulse's machine, and a change from one to another."""

from enum import StrEnum

from msgspec import Struct

from actors.impulse.leg import LowVolumeNode
from actors.impulse.leg import Marks
from actors.impulse.levels import Direction


class State(StrEnum):
    """Represents the state of the machine."""

    WAITING = "WAITING"
    PROFILING = "PROFILING"
    HUNTING = "HUNTING"
    RESET = "RESET"


class Event(StrEnum):
    """Represents why the machine changed its state."""

    BREAKOUT = "BREAKOUT"
    COMPLETE = "COMPLETE"
    INVALID_TIMEOUT = "INVALID_TIMEOUT"
    INVALID_RETRACE = "INVALID_RETRACE"
    HUNT_TIMEOUT = "HUNT_TIMEOUT"
    SWITCHED = "SWITCHED"
    RESET = "RESET"


class Transition(Struct, frozen=True, kw_only=True):
    """
    Represents one change of state.

    Parameters
    ----------
    event : Event
        What happened.
    state : State
        The state after it.
    ts : int
        The start of the second it happened in (UNIX nanoseconds).
    price : int
        The close of that second in ticks.
    impulse_id : int
        The impulse it happened to: the UNIX second of its breakout, the same after a restart.
    direction : Direction
        The direction of the impulse.
    level : str
        The level whose breakout started it.
    bars, volume : int
        Its bars and its volume so far.
    start : int
        The start of its first second.
    start_price, extreme : int
        Its first open and its highest high or lowest low in ticks.
    marks : Marks
        Its marks.
    nodes : tuple[LowVolumeNode, ...], default ()
        Its low volume nodes, where it is complete.

    """

    event: Event
    state: State
    ts: int
    price: int
    impulse_id: int
    direction: Direction
    level: str
    bars: int
    volume: int
    start: int
    start_price: int
    extreme: int
    marks: Marks
    nodes: tuple[LowVolumeNode, ...] = ()
