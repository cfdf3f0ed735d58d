"""Handle fills of orders that a strategy has not sent, and query the venue in doubt."""

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
    Attributes the venue's own closes to the trade, and requests position checks in doubt.

    - A liquidation, an auto-deleveraging or a delivery is a fill of the trade, identified by its
      client order id.
    - A fill of any other order that the strategy has not sent raises an alert, and the venue's
      position is queried. It belongs to no trade: if the account then holds another position than
      the strategies, the node halts.
    - An exit that is refused because there is nothing to reduce is not repeated: the venue is
      queried. A trade is dropped only once the venue has reported that it has no position of it. At
      a simulated venue without a node the cache is the venue.

    Parameters
    ----------
    strategy : PositionHost
        The strategy, on its start.
    router : OrderRouter
        Its orders.

    """

    def __init__(self, strategy: PositionHost, router: OrderRouter) -> None:
        self._strategy = strategy
        self._router = router

    def take(self, fill: ForeignFill) -> None:
        """Handle a fill of an unknown order, before it is translated."""
        strategy = self._strategy
        reason = forced_close(fill.client_order_id.value)
        if reason is not None:
            order_id = strategy.manager.allocation.adopt_forced(
                fill.lots, ExitReason(reason), is_buy=fill.is_buy
            )
            if order_id is not None:
                self._router.know(order_id, fill.client_order_id)
                return
        text = f"{fill.describe()}: the venue's position is queried"
        strategy.alert(fill.ts, "FOREIGN_FILL", text)
        self._request_check()

    def doubt(self, event: Rejected) -> None:
        """Query the venue if the refusal of an exit suggests that the position is gone."""
        strategy = self._strategy
        trade = strategy.manager.slots.trade_of(event.order_id)
        if trade is None or not casts_doubt(event, trade):
            return
        # A position taken over from the venue need not be in the cache.
        if self._request_check() or trade.intent.tag == ADOPTED:
            return
        instrument_id = strategy.config.instrument_id
        if not strategy.cache.positions_open(instrument_id=instrument_id):
            strategy.on_position_found(Decimal(0))

    def _request_check(self) -> bool:
        strategy = self._strategy
        if POSITION_CHECK not in strategy.msgbus.endpoints():
            return False
        strategy.msgbus.send(POSITION_CHECK, PositionCheckRequest(strategy.id.value))
        return True
