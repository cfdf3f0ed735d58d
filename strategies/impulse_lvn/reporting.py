"""Messages about what one second has brought, in their order, and about decisions and trades."""

from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal

from nautilus_trader.model.identifiers import InstrumentId

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.leg import LowVolumeNode
from actors.impulse.reports import transition_message
from actors.impulse.reports import visit_message
from actors.messages import Decision
from actors.messages import ImpulseTransition
from actors.messages import LvnVisit
from strategies.common.intents import Intent
from strategies.common.records import TradeClosed
from strategies.common.sizing import CONTEXT
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.step import Step


def step_messages(
    instrument_id: InstrumentId,
    source: str,
    step: Step,
    tick_size: float,
    ts_init: int,
) -> Iterator[ImpulseTransition | LvnVisit]:
    """
    Yield the messages about one step: transitions, nodes found, visits, the signal, nodes dropped.

    Parameters
    ----------
    instrument_id : InstrumentId
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
    instrument_id: InstrumentId,
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
    instrument_id : InstrumentId
        The instrument.
    source : str
        The strategy.
    nodes : Sequence[LowVolumeNode]
        What `on_closed` or `on_skipped` has returned.
    ts_second : int
        The start of the second it happened in (UNIX nanoseconds).
    tick_size : float
        The price increment.
    ts_init : int
        The time of the messages (UNIX nanoseconds).

    """
    for node in nodes:
        yield visit_message(instrument_id, source, "DROPPED", node, ts_second, tick_size, ts_init)


def decision_message(
    instrument_id: InstrumentId,
    source: str,
    ts: int,
    ts_init: int,
    *,
    action: str,
    reason: str,
    why: str | None,
    plan: TradePlan | None,
    intent: Intent | None,
    quantity: Decimal | None,
    tick: Decimal,
) -> Decision:
    """
    Return the message about a decision.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    source : str
        The strategy.
    ts : int
        The end of the second decided at (UNIX nanoseconds).
    ts_init : int
        The time of the message (UNIX nanoseconds).
    action : str
        ENTER, REFUSE, EXIT or HOLD.
    reason : str
        What has brought it about.
    why : str or None
        The code of a refusal or of an exit.
    plan : TradePlan or None
        The trade it is about.
    intent : Intent or None
        That trade at a price; None where its stop has been reached or it is open already.
    quantity : Decimal or None
        The size of an entry that is sent.
    tick : Decimal
        The price increment.

    """
    target = None if intent is None else intent.tp2
    return Decision(
        instrument_id,
        ts - 1,
        ts_init,
        strategy_id=source,
        ts_min=(ts - 1) // NANOS_PER_SECOND * NANOS_PER_SECOND,
        reason=str(reason),
        flags="",
        events="",
        setup=None if plan is None else plan.tag,
        side=None if plan is None else ("BUY" if plan.is_long else "SELL"),
        entry=None if intent is None else float(intent.entry * tick),
        stop=None if plan is None else float(plan.stop * tick),
        tp1=None,
        tp2=None if target is None else float(target * tick),
        quantity=None if quantity is None else float(quantity),
        action=str(action),
        why=None if why is None else str(why),
    )


def net_points(closed: TradeClosed, tick: Decimal, tick_value: Decimal) -> Decimal:
    """Return the result of a trade in points for one contract, from its fills, before fees."""
    return CONTEXT.divide(closed.gross * tick, tick_value * closed.lots)
