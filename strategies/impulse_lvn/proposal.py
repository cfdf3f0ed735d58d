"""The proposal for a plan: an entry, or the reason why there is none."""

from strategies.common.intents import Intent
from strategies.common.step import Context
from strategies.common.step import Entry
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.reasons import SkipReason


def proposal(plan: TradePlan, price: int, *, is_open: bool) -> Entry:
    """
    Return the entry of a plan at the price that an order would meet.

    Parameters
    ----------
    plan : TradePlan
        The plan.
    price : int
        The price in ticks.
    is_open : bool
        If there is trading when the entry would be sent.

    """
    intent = plan.intent(price)
    refusal: str | None = None
    if not is_open:
        refusal = SkipReason.OUTSIDE_HOURS
    elif intent is None:
        refusal = SkipReason.BEYOND_STOP
    return described(plan, intent, refusal)


def described(plan: TradePlan, intent: Intent | None = None, refusal: str | None = None) -> Entry:
    """Return the entry of a plan, with the size sent or the reason of its refusal."""
    return Entry(
        tag=plan.tag,
        is_long=plan.is_long,
        stop=plan.stop,
        intent=intent,
        refusal=refusal,
        context=Context(node=plan.signal.node.price),
    )
