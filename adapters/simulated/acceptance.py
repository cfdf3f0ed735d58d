"""Checks of Nautilus orders against the rules of the simulated venue."""

from typing import Any

from adapters.simulated.rules import acceptance
from catalog.protocols import Instrument


# An order of Nautilus, or another object with the same fields.
Order = Any


def refusal(order: Order, instrument: Instrument) -> str | None:
    """
    Return the reason why the venue cannot simulate an order, None if it can.

    A refused order ends the run: a live venue rejects every price off the tick, and orders that it
    may accept beyond `rules.acceptance` must not be filled here by accident.

    Parameters
    ----------
    order : Order
        The order.
    instrument : Instrument
        Its instrument.

    """
    trigger = order.trigger_type.name if order.has_trigger_price else None
    reason = acceptance.unsupported(order.order_type.name, trigger, order.time_in_force.name)
    return reason or off_tick(order, instrument)


def off_tick(order: Order, instrument: Instrument) -> str | None:
    """Return a message on a price of an order off the tick, None if all lie on it."""
    tick = instrument.price_increment
    prices = {
        "price": order.price if order.has_price else None,
        "trigger price": order.trigger_price if order.has_trigger_price else None,
    }
    found = {name: price for name, price in prices.items() if price is not None}
    name = acceptance.off_tick({key: price.raw for key, price in found.items()}, tick.raw)
    if name is None:
        return None
    return f"{name} {found[name]} lies off the tick of {tick}: round it before it is sent"
