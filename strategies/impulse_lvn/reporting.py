"""Messages about one second, in their order, and about decisions and trades."""

from collections.abc import Iterator
from collections.abc import Sequence

from actors.impulse.leg import LowVolumeNode
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.reports import transition_message
from actors.impulse.reports import visit_message
from catalog.protocols import InstrumentKey
from strategies.impulse_lvn.step import Step


def step_messages(
    instrument_id: InstrumentKey,
    source: str,
    step: Step,
    tick_size: float,
    ts_init: int,
) -> Iterator[ImpulseTransition | LvnVisit]:
    """
    Yield the messages about one step: transitions, nodes found, visits, the signal, nodes dropped.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    source : str
        The strategy.
    step : Step
        The step.
    tick_size : float
        The price increment.
    ts_init : int
        The time of the messages (UNIX nanoseconds).

    """
    for transition in step.transitions:
        yield transition_message(instrument_id, source, transition, tick_size, ts_init)
    visits = [("FOUND", node) for node in step.added]
    visits += [(str(visit), node) for node, visit in step.moved]
    if step.plan is not None:
        visits.append(("SIGNAL", step.plan.signal.node))
    visits += [("DROPPED", node) for node in step.dropped]
    for event, node in visits:
        yield visit_message(instrument_id, source, event, node, step.ts, tick_size, ts_init)


def dropped_messages(
    instrument_id: InstrumentKey,
    source: str,
    nodes: Sequence[LowVolumeNode],
    ts_second: int,
    tick_size: float,
    ts_init: int,
) -> Iterator[LvnVisit]:
    """
    Yield the messages about nodes dropped between two bars.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    source : str
        The strategy.
    nodes : Sequence[LowVolumeNode]
        The return value of `on_closed` or `on_skipped`.
    ts_second : int
        The start of the second it happened in (UNIX nanoseconds).
    tick_size : float
        The price increment.
    ts_init : int
        The time of the messages (UNIX nanoseconds).

    """
    for node in nodes:
        yield visit_message(instrument_id, source, "DROPPED", node, ts_second, tick_size, ts_init)
