"""The one message about a decision, made of a step and of what became of its entry."""

from decimal import Decimal

from actors.messages import Decision
from catalog.protocols import InstrumentKey
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.step import NO_CONTEXT
from strategies.common.step import Entry
from strategies.common.step import Step


ENTERED = (Action.ENTER_LONG, Action.ENTER_SHORT)


def published_action(
    decision: GateDecision, *, has_entry: bool, turns: bool
) -> tuple[str, str | None]:
    """
    Return action and cause as the message has them.

    Parameters
    ----------
    decision : GateDecision
        What is done.
    has_entry : bool
        If the machine wanted to enter.
    turns : bool
        If there were trades that an entry has to turn.

    Returns
    -------
    tuple[str, str or None]
        ENTER, FLIP, EXIT, REFUSE or HOLD, and the code of a refusal or of an exit.

    """
    why = None if decision.reason is None else str(decision.reason)
    if decision.action in ENTERED:
        return ("FLIP" if turns else "ENTER"), None
    if decision.action is Action.EXIT:
        return "EXIT", why
    return ("REFUSE" if has_entry and why is not None else "HOLD"), why


def decision_message(
    instrument_id: InstrumentKey,
    strategy_id: str,
    ts: int,
    ts_init: int,
    *,
    interval_ns: int,
    tick: Decimal,
    reason: str,
    action: str,
    why: str | None,
    step: Step | None = None,
    entry: Entry | None = None,
    quantity: Decimal | None = None,
) -> Decision:
    """
    Return the message about a decision.

    Parameters
    ----------
    instrument_id : InstrumentKey
        The instrument.
    strategy_id : str
        The strategy.
    ts : int
        The time decided at (ns UTC), the end of the interval.
    ts_init : int
        The time of the message (ns UTC).
    interval_ns : int
        The length of the interval (ns).
    tick : Decimal
        The price increment.
    reason : str
        What has brought it about.
    action : str
        ENTER, FLIP, EXIT, REFUSE or HOLD.
    why : str or None
        The code of a refusal or of an exit.
    step : Step, optional
        The step of the machine; None for a decision between two rows.
    entry : Entry, optional
        The trade it is about.
    quantity : Decimal, optional
        The size of an entry that is sent at once.

    """
    intent = None if entry is None else entry.intent
    first = None if intent is None else intent.tp1_half
    last = None if intent is None else intent.tp2
    context = NO_CONTEXT if entry is None else entry.context

    def price(ticks: int | None) -> float | None:
        return None if ticks is None else float(ticks * tick)

    return Decision(
        instrument_id,
        ts - 1,
        ts_init,
        strategy_id=strategy_id,
        ts_min=(ts - 1) // interval_ns * interval_ns,
        reason=str(reason),
        flags="" if step is None else ",".join(step.flags),
        events="" if step is None else ",".join(step.events),
        setup=None if entry is None else entry.tag,
        side=None if entry is None else ("BUY" if entry.is_long else "SELL"),
        entry=price(None if intent is None else intent.entry),
        stop=price(None if entry is None else entry.stop),
        tp1=None if first is None else float(first * tick / 2),
        tp2=price(last),
        quantity=None if quantity is None else float(quantity),
        action=action,
        why=why,
        targets=[float(ticks * tick) for ticks in context.targets] or None,
        regime=context.regime,
        pattern=context.pattern,
        node=price(context.node),
        print_price=price(context.print_price),
        score=context.score,
        confidence=context.confidence,
        tier=context.tier,
    )
