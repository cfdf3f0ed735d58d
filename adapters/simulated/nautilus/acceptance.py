"""Which orders a simulated venue can simulate."""

from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order


TYPES = {OrderType.MARKET: "market", OrderType.LIMIT: "limit", OrderType.STOP_MARKET: "stop-market"}
TRIGGERS = {TriggerType.DEFAULT, TriggerType.NO_TRIGGER, TriggerType.LAST_PRICE}


def refusal(order: Order, instrument: Instrument) -> str | None:
    """
    Return why the venue cannot simulate an order; None if it can.

    It takes market, limit and stop-market orders. Stops are set off by the last price; limit orders
    stay until they are filled, cancelled or expired; prices lie on ticks. Another order ends the
    run: a live venue rejects a price off the tick each time, and what it may take beyond that must
    not be filled here by accident.

    Parameters
    ----------
    order : Order
        The order.
    instrument : Instrument
        Its instrument.

    """
    if order.order_type not in TYPES:
        return f"the simulated venue takes {', '.join(TYPES.values())} orders only"
    if order.order_type == OrderType.STOP_MARKET and order.trigger_type not in TRIGGERS:
        return "the simulated venue sets stops off by the last price only"
    if order.order_type == OrderType.LIMIT and order.time_in_force in (
        TimeInForce.IOC,
        TimeInForce.FOK,
    ):
        return "the simulated venue takes limit orders that rest only, no IOC or FOK"
    return off_tick(order, instrument)


def off_tick(order: Order, instrument: Instrument) -> str | None:
    """Return which price of an order lies off the tick; None if all lie on it."""
    tick = instrument.price_increment
    prices = {
        "price": order.price if order.has_price else None,
        "trigger price": order.trigger_price if order.has_trigger_price else None,
    }
    for name, price in prices.items():
        if price is not None and price.raw % tick.raw:
            return f"{name} {price} lies off the tick of {tick}: round it before it is sent"
    return None
