"""Route the trade manager's commands to the venue, and the venue's events back."""

from collections.abc import Callable
from functools import cached_property

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.events import OrderEvent as VenueEvent
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from actors.order_marks import marked
from strategies.common.commands import OrderKind
from strategies.common.commands import Submit
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.foreign_fills import ForeignFill
from strategies.common.intents import Intent
from strategies.common.nautilus.order_events import foreign_fill_of
from strategies.common.nautilus.order_events import translated
from strategies.common.nautilus.order_names import OrderNames
from strategies.common.nautilus.units import Units
from strategies.common.order_tags import tags_of
from strategies.common.orders import OrderState
from strategies.common.trade_book import TradeBook


ENDED = "closed at the venue"
UNCACHED = "not in the cache"


class OrderRouter:
    """
    Converts commands to Nautilus orders, and Nautilus events to events for the manager.

    Each order carries the tags of `tags_of`.

    Parameters
    ----------
    strategy : Strategy
        Sends the orders.
    instrument_id : InstrumentId
        The instrument.
    units : Units
        Its ticks and lots.
    marks_ids : bool, default False
        If the client order id encodes the purpose and the reason of an order, for a venue that
        drops tags.

    """

    def __init__(
        self,
        strategy: Strategy,
        instrument_id: InstrumentId,
        units: Units,
        *,
        marks_ids: bool = False,
    ) -> None:
        self._strategy = strategy
        self._instrument_id = instrument_id
        self._units = units
        self._marks_ids = marks_ids
        self._client_ids: dict[int, ClientOrderId] = {}
        self._order_ids: dict[ClientOrderId, int] = {}
        # The id of the trade that an order belongs to, if there may be several.
        self.trade_id_of: Callable[[int], int | None] = _no_trade
        # The position that an order reduces, where each trade has one of its own.
        self.position_id_of: Callable[[int], PositionId | None] = _no_position

    @cached_property
    def _names(self) -> OrderNames:
        strategy = self._strategy
        return OrderNames(
            strategy.clock.timestamp_ns,
            strategy.trader_id.get_tag(),
            strategy.id.get_tag(),
            strategy.order_factory.get_client_order_id_count(),
        )

    def make(self, command: Submit, intent: Intent) -> Order:
        """Return an order that is still to be sent; its events will be known."""
        order = self._make(command, intent)
        self.know(command.order_id, order.client_order_id)
        return order

    def submit(self, command: Submit, intent: Intent) -> None:
        """Send an order."""
        self.send(self.make(command, intent), command.order_id)

    def send(self, order: Order, order_id: int, params: dict[str, str] | None = None) -> None:
        """Send an order that was made, for the position of its trade."""
        self._strategy.submit_order(order, position_id=self.position_id_of(order_id), params=params)

    def know(self, order_id: int, client_order_id: ClientOrderId) -> None:
        """Record which of Nautilus's orders is one of the manager's."""
        self._client_ids[order_id] = client_order_id
        self._order_ids[client_order_id] = order_id

    def opened_position(self, order_id: int) -> PositionId | None:
        """Return the position that one of the manager's orders has opened."""
        client_order_id = self._client_ids.get(order_id)
        if client_order_id is None:
            return None
        return self._strategy.cache.position_id(client_order_id)

    def client_id(self, order_id: int) -> str | None:
        """Return the client order id of one of the manager's orders; None if it was never sent."""
        client_order_id = self._client_ids.get(order_id)
        return None if client_order_id is None else str(client_order_id.value)

    def order_id(self, client_order_id: ClientOrderId) -> int | None:
        """Return the manager's identifier of an order; None if it is not one of its own."""
        return self._order_ids.get(client_order_id)

    def live_orders(self, manager: TradeBook) -> set[ClientOrderId]:
        """Return the orders of the manager's trades that can still be filled."""
        found = set()
        for order_id, client_order_id in self._client_ids.items():
            order = manager.slots.order(order_id)
            if order is not None and order.state is not OrderState.DONE:
                found.add(client_order_id)
        return found

    def cancel(self, order_id: int, ts: int) -> OrderEvent | None:
        """
        Send the cancel of an order.

        Return an event for the manager if nothing is sent: the venue has already closed the order,
        or Nautilus does not have the order yet.
        """
        order = self._strategy.cache.order(self._client_ids[order_id])
        if order is None:
            return CancelRejected(order_id=order_id, ts=ts, message=UNCACHED)
        if order.is_closed:
            return Canceled(order_id=order_id, ts=ts, message=ENDED)
        self._strategy.cancel_order(order)
        return None

    def translate(self, event: VenueEvent) -> list[OrderEvent]:
        """
        Return an event translated for the manager; nothing for one of another order.

        A venue cuts a reduce-only order that is larger than the position, and reports no more of it
        once that is filled: the manager gets an event that ends the rest.
        """
        order_id = self._order_ids.get(event.client_order_id)
        if order_id is None:
            return []
        found = translated(order_id, event, self._units)
        if found is None:
            return []
        if isinstance(found, Filled):
            order = self._strategy.cache.order(event.client_order_id)
            if order is not None and order.is_closed:
                return [found, Canceled(order_id=order_id, ts=found.ts, message=ENDED)]
        return [found]

    def foreign_fill(self, event: VenueEvent) -> ForeignFill | None:
        """Return a fill of an order that is not one of the manager's; None for another event."""
        if event.client_order_id in self._order_ids:
            return None
        return foreign_fill_of(event, self._units)

    def _make(self, command: Submit, intent: Intent) -> Order:
        trade_id = self.trade_id_of(command.order_id)
        terms = {
            "instrument_id": self._instrument_id,
            "order_side": OrderSide.BUY if command.is_buy else OrderSide.SELL,
            "quantity": self._units.quantity(command.lots),
            "reduce_only": command.reduce_only,
            "tags": tags_of(command, intent, self._units.tick, trade_id),
        }
        factory = self._strategy.order_factory
        if self._marks_ids:
            terms["client_order_id"] = self._new_id(command)
        if command.kind is OrderKind.MARKET:
            return factory.market(**terms)
        if command.price is None:
            raise ValueError(f"order {command.order_id}: a {command.kind} order needs a price")
        price = self._units.price(command.price)
        if command.kind is OrderKind.LIMIT:
            return factory.limit(price=price, time_in_force=TimeInForce.GTC, **terms)
        return factory.stop_market(
            trigger_price=price,
            trigger_type=TriggerType.LAST_PRICE,
            **terms,
        )

    def _new_id(self, command: Submit) -> ClientOrderId:
        trade_id = self.trade_id_of(command.order_id)
        while True:
            name = self._names.new()
            client_order_id = ClientOrderId(marked(name, command.purpose, command.reason, trade_id))
            # They are made of the second and a count, which a restart within it begins anew.
            is_known = client_order_id in self._order_ids
            if not is_known and self._strategy.cache.order(client_order_id) is None:
                return client_order_id


def _no_trade(_: int) -> int | None:
    return None


def _no_position(_: int) -> PositionId | None:
    return None
