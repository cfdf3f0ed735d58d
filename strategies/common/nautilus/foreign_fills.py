"""Takes fills of orders that a strategy has not sent, and has the venue asked in doubt."""

from decimal import Decimal

from actors.forced_closes import forced_close
from actors.requests import POSITION_CHECK
from actors.requests import PositionCheckRequest
from strategies.common.events import Rejected
from strategies.common.foreign_fills import ForeignFill
from strategies.common.foreign_fills import casts_doubt
from strategies.common.nautilus.host import PositionHost
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.reasons import ExitReason
from strategies.common.recovery import ADOPTED


class ForeignFills:
    """
    Takes the venue's own closes for the trade's, and has the venue asked where its word is needed.

    - A liquidation, an auto-deleveraging or a delivery is a fill of the trade: its client order id
      says what it is.
    - A fill of any other order that the strategy has not sent is told, and the venue is asked what
      position there is. It is in no trade: where the account then holds another position than the
      strategies, the node halts.
    - An exit that is refused because there is nothing to reduce is no reason to send another: the
      venue is asked. A trade is forgotten only once the venue has said that it has no position of
      it. At a simulated venue without a node the cache is the venue.

    Parameters
    ----------
    strategy : PositionHost
        The strategy, on its start.
    desk : OrderRouter
        Its orders.

    """

    def __init__(self, strategy: PositionHost, desk: OrderRouter) -> None:
        self._strategy = strategy
        self._desk = desk

    def take(self, fill: ForeignFill) -> None:
        """Take a fill of an order that nobody knows, before it is translated."""
        strategy = self._strategy
        reason = forced_close(fill.client_order_id.value)
        if reason is not None:
            order_id = strategy.manager.allocation.adopt_forced(
                fill.lots, ExitReason(reason), is_buy=fill.is_buy
            )
            if order_id is not None:
                self._desk.know(order_id, fill.client_order_id)
                return
        text = f"{fill.describe()}: the venue's position is asked for"
        strategy.alert(fill.ts, "FOREIGN_FILL", text)
        self._ask()

    def doubt(self, event: Rejected) -> None:
        """Have the venue asked where the refusal of an exit says that the position may be gone."""
        strategy = self._strategy
        trade = strategy.manager.slots.trade_of(event.order_id)
        if trade is None or not casts_doubt(event, trade):
            return
        # A position taken over from the venue need not be in the cache.
        if self._ask() or trade.intent.tag == ADOPTED:
            return
        instrument_id = strategy.config.instrument_id
        if not strategy.cache.positions_open(instrument_id=instrument_id):
            strategy.on_position_found(Decimal(0))

    def _ask(self) -> bool:
        strategy = self._strategy
        if POSITION_CHECK not in strategy.msgbus.endpoints():
            return False
        strategy.msgbus.send(POSITION_CHECK, PositionCheckRequest(strategy.id.value))
        return True
