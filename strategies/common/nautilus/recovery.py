"""Finds at the venue what a strategy must know after a restart, and lets it go on."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.orders import Order

from actors.forced_closes import forced_close
from actors.order_marks import marked_trade
from actors.order_marks import meaning
from strategies.common.attached_stop import is_attached
from strategies.common.book_position import VenuePosition
from strategies.common.book_recovery import recover_book
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.ledger import DAY_NS
from strategies.common.missed_fills import Recovery
from strategies.common.nautilus.order_events import fill_of
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.saved_state import StrategyState
from strategies.common.nautilus.units import Units
from strategies.common.nautilus.venue_account import VenueAccount
from strategies.common.order_tags import meaning_of
from strategies.common.recovery import emergency_distance
from strategies.common.trade_book import TradeBook
from strategies.common.venue_orders import VenueOrder


KINDS = {OrderType.LIMIT: OrderKind.LIMIT, OrderType.STOP_MARKET: OrderKind.STOP}
# The venue's clock may run behind, and has a resolution of milliseconds.
CLOCKS_NS = 10_000_000_000


class VenueState:
    """
    Reads the reconciled cache, and the answer of the venue itself, for one strategy.

    Parameters
    ----------
    cache : CacheFacade
        The cache, after reconciliation.
    instrument_id : InstrumentId
        The instrument.
    units : Units
        Its ticks and lots.
    router : OrderRouter
        Records the identity of each order.
    id_part : str
        The part of a client order id that names trader and strategy.
    account : VenueAccount, optional
        The answer of the venue itself; without it the cache is the account.

    """

    def __init__(
        self,
        cache: CacheFacade,
        instrument_id: InstrumentId,
        units: Units,
        router: OrderRouter,
        id_part: str,
        account: VenueAccount | None = None,
    ) -> None:
        self._cache = cache
        self._instrument_id = instrument_id
        self._units = units
        self._router = router
        self._id_part = id_part
        self.account = account
        self._open = {} if account is None else account.orders

    def position(self) -> tuple[int, Fraction | None]:
        """Return the signed lots of the account in the instrument and their average price."""
        if self.account is not None and self.account.is_known:
            return self.account.lots, self.account.price
        lots, cost = 0, Fraction(0)
        for position in self._cache.positions_open(instrument_id=self._instrument_id):
            size = self._units.lots(position.quantity)
            signed = size if position.is_long else -size
            lots += signed
            price = Decimal(str(position.avg_px_open)) / self._units.tick
            cost += Fraction(price) * signed
        return lots, None if lots == 0 else cost / lots

    def known_orders(self, client_ids: dict[int, str]) -> list[VenueOrder]:
        """Return the orders of a state, as manager's identifier and client order id, that exist."""
        found = []
        for order_id, client_id in client_ids.items():
            client_order_id = ClientOrderId(client_id)
            self._router.know(order_id, client_order_id)
            order = self._cache.order(client_order_id)
            found_as = None if order is None else self._meaning(order)
            if order is not None and found_as is not None:
                found.append(self._report(order_id, *found_as, order))
            elif client_id in self._open and self._id_part in client_id:
                found += self._uncached(order_id, client_id)
        return found

    def unknown_orders(self, manager: TradeBook, since: int) -> list[VenueOrder]:
        """Return our orders that are open, or were filled after a time (ns UTC), but not known."""
        found = []
        orders = self._cache.orders(instrument_id=self._instrument_id)
        for order in sorted(orders, key=_age):
            found_as = self._meaning(order)
            if found_as is None or self._router.order_id(order.client_order_id) is not None:
                continue
            is_open = not order.is_closed or order.client_order_id.value in self._open
            if not is_open and not (order.filled_qty > 0 and order.ts_last > since - CLOCKS_NS):
                continue
            if any(
                isinstance(event, OrderFilled)
                and manager.allocation.has_seen_id(event.trade_id.value)
                for event in order.events
            ):
                continue
            order_id = manager.slots.next_order_id()
            self._router.know(order_id, order.client_order_id)
            found.append(self._report(order_id, *found_as, order))
        for client_id in self._open:
            client_order_id = ClientOrderId(client_id)
            is_missing = self._cache.order(client_order_id) is None
            if (
                is_missing
                and self._id_part in client_id
                and self._router.order_id(client_order_id) is None
            ):
                order_id = manager.slots.next_order_id()
                self._router.know(order_id, client_order_id)
                found += self._uncached(order_id, client_id)
        return [self._with_trade(order, manager.slots.next_trade_id) for order in found]

    def unclaimed_orders(self, strategy_id: StrategyId) -> list[str]:
        """Return the client order ids of our open orders that Nautilus assigns to no strategy."""
        return [
            order.client_order_id.value
            for order in self._cache.orders_open(instrument_id=self._instrument_id)
            if self._meaning(order) is not None and order.strategy_id != strategy_id
        ]

    def foreign_orders(self) -> list[str]:
        """Return the client order ids of open orders in the instrument that are not ours."""
        return [
            order.client_order_id.value
            for order in self._cache.orders_open(instrument_id=self._instrument_id)
            if self._router.order_id(order.client_order_id) is None
        ]

    def _with_trade(self, order: VenueOrder, near: int) -> VenueOrder:
        name = self._router.client_id(order.command.order_id)
        trade_id = None if name is None else marked_trade(name, near)
        return replace(order, trade_id=trade_id)

    def _meaning(self, order: Order) -> tuple[Purpose, str] | None:
        name = order.client_order_id.value
        forced = forced_close(name)
        if forced is not None:
            return Purpose.EXIT, forced
        is_tagged = any(tag in Purpose for tag in order.tags or ())
        is_ours = is_tagged or self._id_part in name or is_attached(name)
        return meaning_of(order.tags, name) if is_ours else None

    def _report(self, order_id: int, purpose: Purpose, reason: str, order: Order) -> VenueOrder:
        kind = KINDS.get(order.order_type, OrderKind.MARKET)
        price = order.price if kind is OrderKind.LIMIT else None
        if kind is OrderKind.STOP:
            price = order.trigger_price
        filled = self._units.lots(order.filled_qty)
        average = None
        if filled and order.avg_px is not None:
            average = Fraction(Decimal(str(order.avg_px)) / self._units.tick)
        return VenueOrder(
            command=Submit(
                order_id=order_id,
                purpose=purpose,
                kind=kind,
                is_buy=order.side == OrderSide.BUY,
                lots=self._units.lots(order.quantity),
                price=None if price is None else self._units.ticks(price),
                reason=reason,
            ),
            is_open=not order.is_closed or order.client_order_id.value in self._open,
            fills=tuple(
                fill_of(order_id, event, self._units)
                for event in order.events
                if isinstance(event, OrderFilled)
            ),
            filled=filled,
            average=average,
        )

    def _uncached(self, order_id: int, client_id: str) -> list[VenueOrder]:
        # Nautilus does not have it yet, as where its cache is damaged; the venue does.
        row, found_as = self._open[client_id], meaning(client_id)
        if found_as is None:
            return []
        kind = OrderKind.MARKET
        price = row.trigger if row.trigger is not None else row.price
        if price is not None:
            kind = OrderKind.LIMIT if row.trigger is None else OrderKind.STOP
        lot, tick = self._units.lot, self._units.tick
        return [
            VenueOrder(
                command=Submit(
                    order_id=order_id,
                    purpose=Purpose(found_as[0]),
                    kind=kind,
                    is_buy=row.is_buy,
                    lots=int(row.quantity / lot),
                    price=None if price is None else int(price / tick),
                    reason=found_as[1],
                ),
                is_open=True,
                filled=int(row.filled / lot),
            )
        ]


def _age(order: Order) -> tuple[int, int, str]:
    # Within a millisecond the count at the end of the identifier decides.
    name = order.client_order_id.value
    return order.ts_accepted or order.ts_init, len(name), name


def recover_from(
    manager: TradeBook,
    venue: VenueState,
    state: StrategyState | None,
    ts: int,
    emergency_share: Decimal,
) -> Recovery:
    """
    Restore a trade book, and bring it and the venue together.

    Parameters
    ----------
    manager : TradeBook
        The new book.
    venue : VenueState
        What the venue has.
    state : StrategyState or None
        The last state, checked and of this instrument; without one the last day's orders count.
    ts : int
        The present time (ns UTC).
    emergency_share : Decimal
        The distance of a stop where none is known, not even one that the venue keeps for the
        position, as a share of the price.

    """
    # Without a state, only the range that reconciliation requests: a cache may hold years.
    known, since = [], ts - DAY_NS
    if state is not None:
        since = state.ts
        # Fills of yesterday are booked before the day ends.
        manager.restore_state(min(since, ts), state.book_state())
        known = venue.known_orders(state.orders)
    lots, price = venue.position()
    distance = 1 if price is None else emergency_distance(price, Fraction(emergency_share))
    unknown = venue.unknown_orders(manager, since)
    account = venue.account
    if account is not None and account.stop is not None and price is not None:
        # Its entry has brought it: that of the plan, but for the way that it lies beyond.
        distance = round(price) - account.stop if lots > 0 else account.stop - round(price)
    result = recover_book(
        manager,
        ts,
        known,
        unknown,
        [] if lots == 0 or price is None else [VenuePosition(lots=lots, price=price)],
        distance,
        is_queried=account is None or account.is_known,
        may_lag=account is not None,
    )
    if account is not None and not account.is_known:
        result.notes.append(f"the venue could not be queried for its positions: {account.failure}")
    manager.ledger.roll(ts)
    return result
