"""The position and orders at the venue itself, queried before anything is canceled."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from actors.requests import VENUE_ACCOUNT
from actors.requests import AccountRequest
from actors.requests import OpenOrder
from strategies.common.nautilus.host import StrategyHost


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccount:
    """
    Represents position and orders in an instrument, as the venue reports them.

    Parameters
    ----------
    lots : int
        The signed position.
    price : Fraction or None
        Its average price in ticks.
    orders : dict[str, OpenOrder]
        The open orders by their client order ids; those without one are left out.
    stop : int or None
        The trigger price in ticks of the stop that the venue keeps for the position.
    failure : str
        Why the venue could not be queried; empty if it was. Nothing else is known then.

    """

    lots: int = 0
    price: Fraction | None = None
    orders: dict[str, OpenOrder]
    stop: int | None = None
    failure: str = ""

    @property
    def is_known(self) -> bool:
        """Return True if the venue has answered."""
        return not self.failure


def query_venue(strategy: StrategyHost) -> VenueAccount | None:
    """
    Query the venue for position and orders in a strategy's instrument, and wait for the answer.

    Parameters
    ----------
    strategy : StrategyHost
        The strategy, on its start.

    Returns
    -------
    VenueAccount or None
        None if no client can query: at a simulated venue the cache is the account.

    """
    instrument_id = strategy.config.instrument_id
    endpoint = VENUE_ACCOUNT.format(instrument_id.venue)
    if endpoint not in strategy.msgbus.endpoints():
        return None
    question = AccountRequest(instrument_id)
    strategy.msgbus.send(endpoint, question)
    if question.position is None:
        return VenueAccount(orders={}, failure=question.failure or "no answer")
    tick, lot = strategy.units.tick, strategy.units.lot
    average = question.average
    return VenueAccount(
        lots=int(question.position / lot),
        price=None if average is None else Fraction(average) / Fraction(tick),
        # Nautilus's core ends the process at an identifier that is empty or not ASCII.
        orders={
            order.client_order_id: order
            for order in question.orders
            if order.client_order_id and order.client_order_id.isascii()
        },
        stop=_kept_stop(question, tick),
    )


def _kept_stop(question: AccountRequest, tick: Decimal) -> int | None:
    # The venue itself created it: it has no identifier of ours, and the size of the position.
    size = question.position or Decimal(0)
    triggers = [
        order.trigger
        for order in question.orders
        if not order.client_order_id
        and order.reduce_only
        and order.trigger is not None
        and order.is_buy is (size < 0)
        and order.quantity == abs(size)
    ]
    if not triggers:
        return None
    return round((max if size > 0 else min)(triggers) / tick)
