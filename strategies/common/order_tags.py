"""Parse the tags and the identifier of an order."""

from collections.abc import Sequence
from decimal import Decimal

from actors.order_marks import TRADE_TAG
from actors.order_marks import meaning
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.costs import PARTS
from strategies.common.intents import Intent


def tags_of(command: Submit, intent: Intent, tick: Decimal, trade_id: int | None) -> list[str]:
    """
    Return the tags of an order.

    They are purpose, setup and reason; an entry's also the prices it was decided on, as
    `plan=ENTRY/STOP/TP1/TP2/DISTANCE/COSTS/STOP_DISTANCE` with an empty part where there is none:
    the distances are those of a target and of a stop that hang on the fills, the costs are those
    expected of a trade that its stop ends, as a price difference.

    Parameters
    ----------
    command : Submit
        The order.
    intent : Intent
        What its trade was entered for.
    tick : Decimal
        The price increment.
    trade_id : int or None
        The trade, named as `trade=ID`; None where a strategy has one at a time.

    """
    tags = [str(command.purpose), intent.tag, str(command.reason)]
    if command.purpose is Purpose.ENTRY:
        tags.append(_plan(intent, tick))
    if trade_id is not None:
        tags.append(f"{TRADE_TAG}{trade_id}")
    return tags


def meaning_of(tags: Sequence[str] | None, client_order_id: str) -> tuple[Purpose, str] | None:
    """Return purpose and reason of an order of ours, by its tags or its identifier."""
    for tag in tags or ():
        if tag in Purpose:
            # Purpose, setup and reason, as `tags_of` has written them.
            return Purpose(tag), tags[2] if tags is not None and len(tags) > 2 else tag
    found = meaning(client_order_id)
    return None if found is None else (Purpose(found[0]), found[1])


def _plan(intent: Intent, tick: Decimal) -> str:
    prices: list[Decimal | None] = [
        intent.entry * tick,
        intent.stop * tick,
        None if intent.tp1_half is None else intent.tp1_half * tick / 2,
        None if intent.tp2 is None else intent.tp2 * tick,
    ]
    distance, costs, stop = intent.target_distance, intent.costs, intent.stop_distance
    if distance is not None or costs or stop is not None:
        prices.append(None if distance is None else distance * tick)
    if costs or stop is not None:
        prices.append(costs * tick / PARTS if costs else None)
    if stop is not None:
        prices.append(stop * tick)
    return "plan=" + "/".join("" if price is None else str(price) for price in prices)
