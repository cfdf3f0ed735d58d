"""Messages about the state machine and its nodes, for the actor and for strategies."""

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.leg import LowVolumeNode
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.transition import Transition
from catalog.protocols import InstrumentKey


MARKET = "MARKET"


def transition_message(
    instrument_id: InstrumentKey,
    source: str,
    transition: Transition,
    tick_size: float,
    ts_init: int,
) -> ImpulseTransition:
    """
    Return the message about a change of state.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    source : str
        Whose machine it is.
    transition : Transition
        The change.
    tick_size : float
        The price increment.
    ts_init : int
        The time of the message (UNIX nanoseconds).

    """
    marks = transition.marks
    return ImpulseTransition(
        instrument_id,
        min(transition.ts + NANOS_PER_SECOND - 1, ts_init),
        ts_init,
        source=source,
        event=str(transition.event),
        state=str(transition.state),
        ts_second=transition.ts,
        impulse_id=transition.impulse_id,
        direction=str(transition.direction),
        level=transition.level,
        start=transition.start,
        bars=transition.bars,
        volume=transition.volume,
        tick_size=tick_size,
        start_price=transition.start_price,
        extreme=transition.extreme,
        price=transition.price,
        score=marks.score,
        broke_swing=marks.broke_swing,
        fast=marks.fast,
        uniform=marks.uniform,
        volume_mark=marks.volume,
        size=marks.size,
        nodes=len(transition.nodes),
    )


def visit_message(
    instrument_id: InstrumentKey,
    source: str,
    event: str,
    node: LowVolumeNode,
    ts_second: int,
    tick_size: float,
    ts_init: int,
) -> LvnVisit:
    """
    Return the message about one step in the life of a node.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    source : str
        Who tracks the node.
    event : str
        FOUND, TOUCHED, ARMED, RETESTING, SIGNAL or DROPPED.
    node : LowVolumeNode
        The node.
    ts_second : int
        The start of the second it happened in (UNIX nanoseconds).
    tick_size : float
        The price increment.
    ts_init : int
        The time of the message (UNIX nanoseconds).

    """
    return LvnVisit(
        instrument_id,
        min(ts_second + NANOS_PER_SECOND - 1, ts_init),
        ts_init,
        source=source,
        event=event,
        ts_second=ts_second,
        impulse_id=node.impulse_id,
        direction=str(node.direction),
        tick_size=tick_size,
        price=node.price,
        volume=node.volume,
        ratio=node.ratio,
        start=node.start,
        end=node.end,
    )
