"""A live strategy on the loopback venue's matching engine, with all messages on their way."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderCanceled
from nautilus_trader.model.events import OrderCancelRejected
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.model.orders import MarketOrder
from nautilus_trader.model.orders import Order
from nautilus_trader.model.orders import StopMarketOrder

from adapters.bybit.attached_stops import ATTACHED_ID
from adapters.bybit.loopback import orders as bybit
from adapters.bybit.loopback.contract import BTCUSDT
from adapters.bybit.loopback.matching import MatchingEngine
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import VenueError
from tests.strategies.live_venue import Account
from tests.strategies.live_venue import LiveVenue
from tests.strategies.silent_venue import ACCOUNT
from tests.strategies.silent_venue import START


BALANCE = Decimal(1_000_000)
MS = 1_000_000
ENDED = (Status.CANCELLED, Status.DEACTIVATED)


@dataclass
class Market:
    """
    Holds the venue with its account, which outlives nodes, and judges it.

    Attributes
    ----------
    bare : list[str]
        Each moment at which a part of the position had no stop at the venue.
    sides : set[int]
        The sides on which the account has had a position.

    """

    seed: int
    engine: MatchingEngine = field(init=False)
    now: int = START
    price: Decimal = Decimal(50_000)
    bare: list[str] = field(default_factory=list)
    sides: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.engine = MatchingEngine(BTCUSDT, BALANCE, Decimal(10), self.seed)
        self.move(self.price)

    def move(self, price: Decimal, size: Decimal = Decimal("0.05")) -> None:
        """Let the market trade a size at a price, with so much quoted around it."""
        self.now += MS
        is_up = price > self.price
        self.price = price
        tick = BTCUSDT.tick
        self.engine.on_quote(self.now, price - tick, size, price + tick, size)
        self.engine.on_trade(self.now, price, size, Side.BUY if is_up else Side.SELL)
        self.look(f"a trade at {price}")

    def look(self, after: str) -> None:
        """Note what is not as it must be, by the venue's own records."""
        size = self.engine.account.size
        side = Side.SELL if size > 0 else Side.BUY
        kept = [
            order.leaves
            for order in self.engine.open_orders
            if order.is_position_stop and order.side is side
        ]
        if abs(size) > sum(kept):
            self.bare.append(f"{size} with {kept} after {after}")
        if size:
            self.sides.add(1 if size > 0 else -1)

    @property
    def result(self) -> Decimal:
        return self.engine.account.balance - BALANCE

    def account(self) -> Account:
        """Return what the venue tells of itself."""
        position = self.engine.position()
        rows = [
            {
                "client_order_id": order.request.link_id,
                "is_buy": order.side is Side.BUY,
                "reduce_only": order.reduce_only,
                "quantity": order.size,
                "filled": order.filled,
                "price": order.price,
                "trigger": order.trigger_price,
            }
            for order in self.engine.open_orders
        ]
        return Account(position.size, position.average or None, rows)

    def found(self, node: "MatchedVenue") -> list[Order]:
        """Return the venue's orders as a new node is told of them."""
        return [
            made
            for order in self.engine.orders.values()
            if (made := self._made(order, node)) is not None
        ]

    def _made(self, order: bybit.Order, node: "MatchedVenue") -> Order | None:
        fills = [e for e in self.engine.executions if e.order_id == order.order_id]
        if order.is_position_stop and not fills:
            return None
        made = found_order(order, node)
        node.apply_to(made, OrderSubmitted, order.created_ns)
        accepted = {"venue_order_id": VenueOrderId(order.order_id)}
        node.apply_to(made, OrderAccepted, order.created_ns, **accepted)
        for fill in fills:
            node.apply_to(made, OrderFilled, fill.ts_ns, **filled(fill, made, node))
        if order.status in ENDED and not made.is_closed:
            node.apply_to(made, OrderCanceled, order.updated_ns, **accepted)
        return made


class MatchedVenue(LiveVenue):
    """
    Holds a live strategy at a market; `live_clock` must be in use.

    Requests and messages wait on their way until `request` and `hear` let one arrive: each in its
    order, as on a socket.
    """

    def __init__(self, market: Market, **fields: Any) -> None:
        self.market = market
        self.requests: deque[Callable[[], None]] = deque()
        self.messages: deque[Callable[[], None]] = deque()
        self._told = {order.request.link_id for order in market.engine.orders.values()}
        super().__init__(now=market.now, keeps_stops=True, **fields)

    def request(self) -> None:
        """Let the oldest request arrive at the venue."""
        while self.wanted_stops:
            self.requests.append(self._setting(self.wanted_stops.pop(0)))
        if self.requests:
            self.requests.popleft()()
            self.market.look("a request")
            self.tell()

    def hear(self) -> None:
        """Let the oldest message arrive at the node."""
        if self.messages:
            self.messages.popleft()()

    def trade(self, price: Decimal, size: Decimal = Decimal("0.05")) -> None:
        """Let the market move, with the node looking on."""
        self.market.move(price, size)
        self.tell()
        ticks = int(price / BTCUSDT.tick)
        self.advance(self.market.now - self.now)
        self.quote(ticks - 1, ticks + 1)
        self.print(ticks)

    def tell(self) -> None:
        """Put what has changed at the venue on its way to the node."""
        for change in self.market.engine.changes():
            if isinstance(change, bybit.Order):
                self._tell_order(change)
            elif isinstance(change, Execution):
                self.messages.append(lambda fill=change: self._hear_fill(fill))

    def settle(self) -> None:
        """Let everything that is on its way arrive, and all that follows from it."""
        for _ in range(10_000):
            if not (self.requests or self.messages or self.wanted_stops):
                return
            self.request()
            self.hear()
        raise AssertionError("node and venue do not come to rest")

    def apply_to(self, order: Order, kind: Any, ts: int, **values: Any) -> Any:
        event = kind(
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            account_id=ACCOUNT,
            event_id=UUID4(),
            ts_event=ts,
            ts_init=ts,
            **values,
        )
        order.apply(event)
        return event

    def _take(self, command: SubmitOrder | CancelOrder) -> None:
        if isinstance(command, SubmitOrder):
            self.requests.append(self._submitting(command.order, command.params or {}))
            self._tell(command.order, OrderSubmitted)
        elif isinstance(command, CancelOrder):
            order = self.cache.order(command.client_order_id)
            self.requests.append(lambda: self._cancel_at_venue(order))

    def _submitting(self, order: Order, params: dict[str, str]) -> Callable[[], None]:
        def submit() -> None:
            try:
                self.market.engine.submit(asked(order, params), self.market.now)
            except VenueError as error:
                reason = error.message
                self.messages.append(lambda: self._tell(order, OrderRejected, reason=reason))

        return submit

    def _cancel_at_venue(self, order: Order) -> None:
        try:
            self.market.engine.cancel("", order.client_order_id.value, self.market.now)
        except VenueError as error:
            reason = error.message
            venue_order_id = order.venue_order_id

            def hear() -> None:
                if not order.is_closed:
                    self._tell(
                        order, OrderCancelRejected, reason=reason, venue_order_id=venue_order_id
                    )

            self.messages.append(hear)

    def _setting(self, wanted: Any) -> Callable[[], None]:
        def set_stop() -> None:
            account, price = self.market.engine.account, wanted.price.as_decimal()
            held = account.stop_loss
            if account.size == 0 or (account.size > 0) is not wanted.is_long:
                return
            sign = 1 if wanted.is_long else -1
            if held is None or sign * (price - held) > 0:
                try:
                    self.market.engine.set_stop_loss(price, self.market.now)
                except VenueError as error:
                    wanted.failed(error.message)

        return set_stop

    def _tell_order(self, change: bybit.Order) -> None:
        name = change.request.link_id
        if not name:
            return
        if change.status in ENDED:
            self.messages.append(lambda: self._hear_end(change))
        elif name not in self._told:
            self._told.add(name)
            self.messages.append(lambda: self._hear_acceptance(change))

    def _hear_acceptance(self, change: bybit.Order) -> None:
        order = self.cache.order(ClientOrderId(change.request.link_id))
        self._tell(order, OrderAccepted, venue_order_id=VenueOrderId(change.order_id))

    def _hear_end(self, change: bybit.Order) -> None:
        order = self.cache.order(ClientOrderId(change.request.link_id))
        if not order.is_closed:
            self._tell(order, OrderCanceled, venue_order_id=VenueOrderId(change.order_id))

    def _hear_fill(self, fill: Execution) -> None:
        name = ATTACHED_ID.format(fill.order_id) if fill.is_position_stop else fill.link_id
        order = self.cache.order(ClientOrderId(name))
        if order is None:
            order = found_order(self.market.engine.orders[fill.order_id], self)
            self.cache.add_order(order)
            self._tell(order, OrderSubmitted)
            self._tell(order, OrderAccepted, venue_order_id=VenueOrderId(fill.order_id))
        self._tell(order, OrderFilled, **filled(fill, order, self))


def asked(order: Order, params: dict[str, str]) -> NewOrder:
    """Return what the venue is asked for."""
    side = Side.BUY if order.side == OrderSide.BUY else Side.SELL
    stop = params.get("attached_stop")
    trigger = order.trigger_price.as_decimal() if order.has_trigger_price else None
    direction = 1 if side is Side.BUY else 2
    return NewOrder(
        side=side,
        type=bybit.OrderType.LIMIT if order.has_price else bybit.OrderType.MARKET,
        size=order.quantity.as_decimal(),
        price=order.price.as_decimal() if order.has_price else None,
        link_id=order.client_order_id.value,
        reduce_only=order.is_reduce_only,
        trigger_price=trigger,
        trigger_direction=0 if trigger is None else direction,
        stop_loss=None if stop is None else Decimal(stop),
    )


def found_order(order: bybit.Order, node: MatchedVenue) -> Order:
    """Return an order as Nautilus makes it of the venue's report: without tags."""
    request = order.request
    name = ATTACHED_ID.format(order.order_id) if order.is_position_stop else request.link_id
    terms = {
        "trader_id": node.strategy.trader_id,
        "strategy_id": node.strategy.id,
        "instrument_id": node.instrument.id,
        "client_order_id": ClientOrderId(name),
        "order_side": OrderSide.BUY if request.side is Side.BUY else OrderSide.SELL,
        "quantity": node.instrument.make_qty(max(order.size, order.filled)),
        "init_id": UUID4(),
        "ts_init": order.created_ns,
        "time_in_force": TimeInForce.GTC,
        "reduce_only": order.reduce_only,
    }
    if order.trigger_price is not None:
        trigger = node.instrument.make_price(order.trigger_price)
        return StopMarketOrder(trigger_price=trigger, trigger_type=TriggerType.LAST_PRICE, **terms)
    if request.price is not None:
        return LimitOrder(price=node.instrument.make_price(request.price), **terms)
    return MarketOrder(**terms)


def filled(fill: Execution, order: Order, node: MatchedVenue) -> dict[str, Any]:
    """Return what an event tells of a fill."""
    return {
        "venue_order_id": VenueOrderId(fill.order_id),
        "trade_id": TradeId(fill.exec_id),
        "position_id": PositionId("P-1"),
        "order_side": OrderSide.BUY if fill.side is Side.BUY else OrderSide.SELL,
        "order_type": order.order_type,
        "last_qty": node.instrument.make_qty(fill.size),
        "last_px": node.instrument.make_price(fill.price),
        "currency": USDT,
        "commission": Money(fill.fee, USDT),
        "liquidity_side": LiquiditySide.MAKER if fill.is_maker else LiquiditySide.TAKER,
    }
