"""A simulated venue without Nautilus's engine, by the rules that the fill model of a run calls."""

from collections.abc import Callable
from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop
from heapq import heappush
from itertools import count
from typing import Any

from adapters.simulated.rules import touch as touches
from adapters.simulated.rules.latency import arrives_at
from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.stops import is_late
from adapters.simulated.rules.stops import is_triggered
from adapters.simulated.rules.taking import arriving_limit_fills
from adapters.simulated.rules.taking import market_fills
from adapters.simulated.rules.touch import Level
from adapters.simulated.rules.touch import Quote
from research.evaluator.market import MarketState
from research.evaluator.orders import VenueOrder
from research.evaluator.orders import WorkingOrders
from research.evaluator.rules import VenueRules
from research.evaluator.wallet import Wallet
from strategies.common.commands import OrderKind
from strategies.common.commands import Submit
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.nautilus.units import Units


ENDED = "closed at the venue"
TICK = 1


class InstrumentVenue:
    """
    Fills the orders of one instrument.

    Parameters
    ----------
    instrument : Any
        The instrument.
    units : Units
        Its ticks and lots.
    market : MarketState
        Its market.
    rules : VenueRules
        The assumptions about the venue.
    wallet : Wallet
        The account.
    now : Callable[[], int]
        Returns the present time (ns UTC).
    on_fill : Callable[[VenueOrder, int, int, bool, Decimal], None]
        Receives each fill: the order, its lots and ticks, if it rested, and the fee.

    """

    def __init__(
        self,
        instrument: Any,
        units: Units,
        market: MarketState,
        rules: VenueRules,
        wallet: Wallet,
        now: Callable[[], int],
        on_fill: Callable[[VenueOrder, int, int, bool, Decimal], None],
    ) -> None:
        self.instrument = instrument
        self.units = units
        self.market = market
        self.rules = rules
        self.wallet = wallet
        self._now = now
        self._on_fill = on_fill
        self.working = WorkingOrders()
        self._in_flight: list[tuple[int, int, VenueOrder, bool]] = []
        self._sent = count()
        self._fills = count(1)

    @property
    def next_arrival(self) -> int | None:
        """Return when the next command in flight arrives (ns UTC); None without one."""
        return self._in_flight[0][0] if self._in_flight else None

    def open_orders(self) -> Iterator[VenueOrder]:
        """Yield the orders in flight and working."""
        seen: set[int] = set()
        flying = (order for _, _, order, is_cancel in self._in_flight if not is_cancel)
        for order in (*self.working.limits, *self.working.stops, *flying):
            if not order.is_closed and id(order) not in seen:
                seen.add(id(order))
                yield order

    def position_of(self, owner: Any) -> int:
        """Return the signed lots that a strategy holds."""
        key = str(self.instrument.id), id(owner)
        return self.wallet.open_position(key, self.instrument, self.units).lots

    def submit(self, order: VenueOrder) -> None:
        """Send an order."""
        at = arrives_at(self._now(), self.rules.insert_latency_ns)
        heappush(self._in_flight, (at, next(self._sent), order, False))

    def cancel(self, order: VenueOrder) -> None:
        """Send the cancel of an order."""
        at = arrives_at(self._now(), self.rules.cancel_latency_ns)
        heappush(self._in_flight, (at, next(self._sent), order, True))

    def settle(self) -> None:
        """Carry out the commands that have arrived by now."""
        while self._in_flight and self._in_flight[0][0] <= self._now():
            _, _, order, is_cancel = heappop(self._in_flight)
            if is_cancel:
                self._take_cancel(order)
            else:
                self._arrive(order)

    def on_quote(self) -> None:
        """Fill resting orders by the quote in force."""
        market = self.market
        for _, resting in self.working.resting():
            side = market.own_side(is_buy=resting.is_buy)
            if side is not None:
                resting.see_own_side(*side)
        quote = market.quote
        if quote is None:
            return
        for order, resting in self.working.by_side():
            opposite = quote.ask if resting.is_buy else quote.bid
            reached = opposite <= resting.price if resting.is_buy else opposite >= resting.price
            if not reached or resting.judged == market.quotes_seen:
                continue
            resting.judged = market.quotes_seen
            best = market.touch(is_buy=resting.is_buy)
            filled = 0 if best is None else resting.fill_by_quote(order.leaves, *best)
            if filled:
                self._fill(order, resting.price, filled, is_maker=True)

    def on_print(self, price: int, size: int, aggressor: int) -> None:
        """Fill stops and resting orders by a print (ticks, lots)."""
        if not self.working.nearest.sell < price < self.working.nearest.buy:
            self._fire_stops(price)
        if not self.working.limits:
            return
        quote = self.market.quote
        for order, resting in self.working.resting():
            hits = touches.hits(aggressor, price, quote, is_buy=resting.is_buy)
            filled = resting.fill_by_print(order.leaves, price, size, hits=hits)
            if filled:
                self._fill(order, resting.price, filled, is_maker=True)

    def _fire_stops(self, price: int) -> None:
        for order in tuple(self.working.stops):
            trigger = order.command.price
            if order.is_closed or trigger is None:
                continue
            if is_triggered(trigger, price, is_buy=order.command.is_buy):
                self.working.remove(order)
                self._take(order)

    def _arrive(self, order: VenueOrder) -> None:
        command = order.command
        held = self.position_of(order.owner)
        if command.reduce_only and (held == 0 or (held > 0) is command.is_buy):
            text = f"REDUCE_ONLY {command.kind} order would have increased position"
            self._reject(order, text)
        elif command.kind is OrderKind.MARKET:
            if self.market.book() is None or self._best(command) is None:
                self._reject(order, "no market")
            else:
                self._take(order)
        elif command.kind is OrderKind.LIMIT:
            self._place_limit(order)
        else:
            self._place_stop(order)

    def _place_stop(self, order: VenueOrder) -> None:
        command, book = order.command, self.market.book()
        trigger = command.price
        if trigger is None:
            raise ValueError(f"order {command.order_id}: a stop needs a price")
        if book is not None and is_late(trigger, Quote(*book, 0, 0), is_buy=command.is_buy):
            self._reject(order, "the stop was in the market")
            return
        order.is_working = True
        self.working.add_stop(order)
        self._report(order, Accepted(order_id=command.order_id, ts=self._now()))

    def _place_limit(self, order: VenueOrder) -> None:
        command, market = order.command, self.market
        price = command.price
        if price is None:
            raise ValueError(f"order {command.order_id}: a limit order needs a price")
        order.is_working = True
        resting = order.resting = RestingLimit(
            is_buy=command.is_buy, price=price, rule=self.rules.queue, quantity=command.lots
        )
        side = market.own_side(is_buy=command.is_buy)
        if side is not None:
            resting.see_own_side(*side)
        self.working.add_limit(order)
        self._report(order, Accepted(order_id=command.order_id, ts=self._now()))
        quote = market.quote
        if order.is_closed or quote is None or resting.judged == market.quotes_seen:
            return
        if not (quote.ask <= price if command.is_buy else quote.bid >= price):
            return
        resting.judged = market.quotes_seen
        best = market.touch(is_buy=command.is_buy)
        fills = [] if best is None else arriving_limit_fills(resting, order.leaves, best, TICK)
        for at, lots in fills:
            if not order.is_closed:
                self._fill(order, at, lots, is_maker=False)

    def _take_cancel(self, order: VenueOrder) -> None:
        order_id, now = order.command.order_id, self._now()
        if order.is_closed or not order.is_working:
            self._report(order, CancelRejected(order_id=order_id, ts=now))
            return
        self._close(order)
        self._report(order, Canceled(order_id=order_id, ts=now, message="OrderCanceled"))

    def _best(self, command: Submit) -> Level | None:
        return self.market.touch(is_buy=command.is_buy)

    def _take(self, order: VenueOrder) -> None:
        command, best = order.command, self._best(order.command)
        if best is None:
            return
        worse = self.rules.slippage.distance(best[0], TICK, is_exit=command.reduce_only)
        for price, lots in market_fills(order.leaves, best, worse, TICK, is_buy=command.is_buy):
            if not order.is_closed:
                self._fill(order, price, lots, is_maker=False)

    def _fill(self, order: VenueOrder, price: int, lots: int, *, is_maker: bool) -> None:
        command = order.command
        held = abs(self.position_of(order.owner))
        if command.reduce_only and held == 0:
            return
        # The venue ends a reduce-only order with the position.
        is_cut = command.reduce_only and lots >= held
        lots = held if is_cut else lots
        order.leaves = 0 if is_cut else order.leaves - lots
        if order.leaves == 0:
            self._close(order)
        units = self.units
        charged = self.rules.fees.fee(
            units.quantity(lots), units.price(price), self.instrument, is_maker=is_maker
        )
        fee = Decimal(charged.as_decimal())
        signed = lots if command.is_buy else -lots
        self.wallet.fill((str(self.instrument.id), id(order.owner)), signed, price, fee)
        self._on_fill(order, lots, price, is_maker, fee)
        now = self._now()
        filled = Filled(
            order_id=command.order_id,
            ts=now,
            fill_id=str(next(self._fills)),
            lots=lots,
            price=price,
            is_maker=is_maker,
            fee=fee,
        )
        self._report(order, filled)

    def _reject(self, order: VenueOrder, text: str) -> None:
        self._close(order)
        event = Rejected(order_id=order.command.order_id, ts=self._now(), message=text)
        self._report(order, event)

    def _close(self, order: VenueOrder) -> None:
        order.is_closed = True
        order.is_working = False
        self.working.remove(order)

    def _report(self, order: VenueOrder, event: OrderEvent) -> None:
        order.owner.on_order_event((order, event))
