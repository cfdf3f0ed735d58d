"""The orders that a simulated venue can simulate."""

from collections.abc import Mapping


TYPES = {"MARKET": "market", "LIMIT": "limit", "STOP_MARKET": "stop-market"}
TRIGGERS = {"DEFAULT", "NO_TRIGGER", "LAST_PRICE"}
IMMEDIATE = {"IOC", "FOK"}


def unsupported(order_type: str, trigger_type: str | None, time_in_force: str) -> str | None:
    """
    Return the reason why the venue cannot simulate a kind of order, None if it can.

    It accepts market, limit and stop-market orders. Stops are triggered by the last price; limit
    orders stay until they are filled, cancelled or expired.

    Parameters
    ----------
    order_type, time_in_force : str
        Nautilus's names.
    trigger_type : str or None
        Nautilus's name, None if the order has none.

    """
    if order_type not in TYPES:
        return f"the simulated venue takes {', '.join(TYPES.values())} orders only"
    if order_type == "STOP_MARKET" and trigger_type not in TRIGGERS:
        return "the simulated venue triggers stops by the last price only"
    if order_type == "LIMIT" and time_in_force in IMMEDIATE:
        return "the simulated venue takes limit orders that rest only, no IOC or FOK"
    return None


def off_tick(prices: Mapping[str, int], tick: int) -> str | None:
    """Return the name of the first price off the tick, None if there is none."""
    return next((name for name, price in prices.items() if price % tick), None)
