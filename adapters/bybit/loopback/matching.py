"""The matching engine of the loopback server: no sockets, no clock, no NautilusTrader."""

from decimal import Decimal

from adapters.bybit.loopback.checks import DUPLICATE_LINK
from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.checks import LEVERAGE_UNCHANGED
from adapters.bybit.loopback.checks import NO_BALANCE
from adapters.bybit.loopback.checks import NOT_FOUND
from adapters.bybit.loopback.checks import NOT_MODIFIED
from adapters.bybit.loopback.checks import NOTHING_TO_REDUCE
from adapters.bybit.loopback.checks import check_order
from adapters.bybit.loopback.checks import check_price
from adapters.bybit.loopback.checks import check_size
from adapters.bybit.loopback.checks import check_stop_loss
from adapters.bybit.loopback.checks import check_trigger
from adapters.bybit.loopback.orders import ACTIVE
from adapters.bybit.loopback.orders import OPEN
from adapters.bybit.loopback.orders import ZERO
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.venue_closes import VenueCloses


class MatchingEngine(VenueCloses):
    """
    Matches the orders of one account against a tape of quotes and trades.

    Our orders do not move the tape. The rules of fills:

    - A taker takes the size of the current quote. The rest of a market order fills one tick worse;
      the rest of a limit order rests in the book.
    - A resting limit order fills as maker at its own price: when the opposite quote reaches it,
      for at most the size shown; or by trades of opposite aggressors, through its price for at
      most their size, at its price only after the queue before it has traded.
    - A conditional order is triggered by a trade at or beyond its trigger price and then acts at
      once; as a market order it fills at the current quote or at the trade's price, whichever is
      worse, since the quote may not have moved yet.
    - The stop of the position is an order that the venue creates, without a link id. It is set by
      `stopLoss` of an order that fills or by `set_stop_loss`, is always as large as the position,
      and ends with it. If one trade is through several stops, the nearest is triggered first.
    - Reduce-only orders never fill for more than the position. The rest of them is cancelled when
      the position is closed; conditional ones stay, and are cancelled when they are triggered.

    There is no automatic liquidation (see `close_position`), and no margin check of a conditional
    order when it is triggered.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance : Decimal
        The starting balance.
    leverage : Decimal
        The leverage.
    seed : int
        For the ids of orders and executions.

    """

    def on_quote(
        self,
        ts_ns: int,
        bid: Decimal,
        bid_size: Decimal,
        ask: Decimal,
        ask_size: Decimal,
    ) -> None:
        """Take a quote of the tape."""
        self.now_ns = ts_ns
        self.touch.quote(bid, bid_size, ask, ask_size)
        for side in Side:
            for order in self._resting(side):
                price = order.price or ZERO
                if self.touch.crosses(side, price):
                    level = self.touch.opposite(side)
                    size = self._fillable(order, level.left if level else ZERO)
                    if level and size:
                        level.left -= size
                        self._fill(order, size, price, is_maker=True)
                elif order.status in ACTIVE:
                    order.queue = self.touch.queue_at(side, price, order.queue)

    def on_trade(self, ts_ns: int, price: Decimal, size: Decimal, aggressor: Side | None) -> None:
        """Take a trade of the tape; without an aggressor it only fills orders it is through."""
        self.now_ns = ts_ns
        for side in Side:
            if aggressor is not side:
                self._trade_against(side, price, size, is_certain=aggressor is not None)
        self.touch.last = price
        self._trigger_stops(price)

    def submit(self, request: NewOrder, ts_ns: int) -> Order:
        """
        Submit an order.

        Returns
        -------
        Order
            The order; `changes` holds its events.

        Raises
        ------
        VenueError
            If the venue rejects it.

        """
        check_order(self.contract, request, self.touch.last)
        if request.link_id and request.link_id in self._links:
            raise VenueError(DUPLICATE_LINK, "OrderLinkedID is duplicate")
        is_conditional = request.trigger_price is not None
        reducible = self.account.reducible(request.side)
        if (request.reduce_only or request.close_on_trigger) and not is_conditional:
            if not reducible:
                raise VenueError(
                    NOTHING_TO_REDUCE,
                    "current position is zero, cannot fix reduce-only order qty",
                )
        elif not is_conditional:
            self._check_margin(request.side, request.price, max(ZERO, request.size - reducible))
        self.now_ns = max(ts_ns, self.now_ns)
        order = Order(
            order_id=self._new_id(),
            request=request,
            size=request.size,
            price=request.price,
            trigger_price=request.trigger_price,
            status=Status.UNTRIGGERED if is_conditional else Status.NEW,
            created_ns=self.now_ns,
            updated_ns=self.now_ns,
            last_price=self.touch.last,
        )
        self.orders[order.order_id] = self._open[order.order_id] = order
        if request.link_id:
            self._links[request.link_id] = order.order_id
        if is_conditional:
            self._changed(order)
        else:
            self._enter(order)
        return order

    def reach(self, order: Order) -> None:
        """Move the market to an order: a limit order fills at its price, a stop is triggered."""
        if order.status is Status.UNTRIGGERED:
            self._trigger(order, order.trigger_price or ZERO)
        elif order.status in ACTIVE:
            self._fill(
                order, self._fillable(order, order.leaves), order.price or ZERO, is_maker=True
            )

    def find(self, order_id: str, link_id: str = "") -> Order | None:
        """Return an order by either id."""
        return self.orders.get(order_id or self._links.get(link_id, ""))

    def amend(
        self,
        order_id: str,
        link_id: str,
        ts_ns: int,
        size: Decimal | None = None,
        price: Decimal | None = None,
        trigger_price: Decimal | None = None,
    ) -> Order:
        """
        Amend an open order; another price or a larger size goes to the end of the queue.

        Raises
        ------
        VenueError
            If there is no such open order, or the venue rejects the amendment.

        """
        order = self._open_order(order_id, link_id)
        new = (size or order.size, price or order.price, trigger_price or order.trigger_price)
        if new == (order.size, order.price, order.trigger_price):
            raise VenueError(
                INVALID,
                "The order remains unchanged as the parameters entered match the existing ones.",
            )
        check_size(self.contract, new[0])
        if new[0] <= order.filled:
            raise VenueError(INVALID, "Qty invalid")
        if price is not None:
            if order.price is None:
                raise VenueError(INVALID, "params error: price of a market order")
            check_price(self.contract, price)
        if trigger_price is not None:
            if order.status is not Status.UNTRIGGERED:
                raise VenueError(INVALID, "params error: triggerPrice of an active order")
            check_price(self.contract, trigger_price, "triggerPrice")
            check_trigger(trigger_price, order.request.trigger_direction, self.touch.last)
        if not order.reduce_only and order.status in ACTIVE:
            self._check_margin(order.side, new[1], max(ZERO, new[0] - order.size))
        moved = new[1] != order.price or new[0] > order.size
        self.now_ns = max(ts_ns, self.now_ns)
        order.size, order.price, order.trigger_price = new
        if order.is_position_stop:
            self.account.stop_loss = order.trigger_price
        order.updated_ns = self.now_ns
        if moved and order.status in ACTIVE:
            self._open[order.order_id] = self._open.pop(order.order_id)
            order.queue = None
            self._enter(order)
        else:
            self._changed(order)
        return order

    def cancel(self, order_id: str, link_id: str, ts_ns: int) -> Order:
        """
        Cancel the rest of an open order.

        Raises
        ------
        VenueError
            If there is no such open order.

        """
        order = self._open_order(order_id, link_id)
        self.now_ns = max(ts_ns, self.now_ns)
        if order.is_position_stop:
            self.account.stop_loss = None
        self._cancel(order, "CancelByUser")
        return order

    def set_stop_loss(self, price: Decimal, ts_ns: int) -> None:
        """
        Set, move or (with 0) remove the stop of the position.

        Raises
        ------
        VenueError
            If there is no position, the stop is unchanged, or the price is beyond it.

        """
        if not self.account.size:
            raise VenueError(INVALID, "can not set tp/sl/ts for zero position")
        if price == (self.account.stop_loss or ZERO):
            raise VenueError(NOT_MODIFIED, "not modified")
        if price:
            side = Side.BUY if self.account.size > 0 else Side.SELL
            check_stop_loss(self.contract, price, side, self.touch.last)
        self.now_ns = max(ts_ns, self.now_ns)
        self.account.stop_loss = price or None
        self._follow_position()
        self._changes.append(self.position())

    def replace_position(self, size: Decimal, price: Decimal, ts_ns: int) -> None:
        """Set another position without a booking, as if another client had traded."""
        self.account.replace_position(size, price, ts_ns)
        self._follow_position()

    def set_leverage(self, leverage: Decimal) -> None:
        """
        Set the leverage of the contract.

        Raises
        ------
        VenueError
            If it is out of bounds or unchanged.

        """
        if not 1 <= leverage <= self.contract.max_leverage:
            raise VenueError(INVALID, "leverage invalid")
        if leverage == self.account.leverage:
            raise VenueError(LEVERAGE_UNCHANGED, "leverage not modified")
        self.account.leverage = leverage

    def _check_margin(self, side: Side, limit: Decimal | None, opens: Decimal) -> None:
        level = self.touch.opposite(side)
        value = opens * (limit or (level.price if level else ZERO))
        needed = value / self.account.leverage + value * self.contract.taker_rate
        if needed > self.wallet().available:
            raise VenueError(NO_BALANCE, "ab not enough for new order")

    def _open_order(self, order_id: str, link_id: str) -> Order:
        order = self.find(order_id, link_id)
        if order is None or order.status not in OPEN:
            raise VenueError(NOT_FOUND, "order not exists or too late to cancel or replace")
        return order
