"""A small reference venue with the fill rules of the vectors, and a session that drives it."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.decisions import decide
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.events import OrderEvent
from strategies.common.events import Rejected
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.trade_manager import TradeManager


FUNDING_INTERVAL_NS = 8 * 3_600_000_000_000
BASIS_POINT = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class VenueRules:
    """Costs of the venue: slippage in ticks, rates in basis points."""

    tick_value: Decimal
    slip_entry: int = 1
    slip_exit: int = 1
    taker_bps: Decimal = Decimal(5)
    maker_bps: Decimal = Decimal(-1)
    funding_8h_bps: Decimal = Decimal(1)


@dataclass
class Resting:
    """An order at the venue; `active` from the moment its next quote may fill it."""

    order: Submit
    active: int | None
    seen_quote: bool = False


class ReferenceVenue:
    """
    Fills whole orders at quotes.

    A limit order is taker at the opposite quote if its first quote reaches it, and maker at its
    price if a later one does. A market order fills at the next quote plus slippage. A stop is
    triggered by a print and then fills like a market order. Orders fill in the order in which they
    became active; reduce-only ones never for more than the position.
    """

    def __init__(self, rules: VenueRules) -> None:
        self.rules = rules
        self.position = 0
        self.quote: tuple[int, int] | None = None
        self.orders: dict[int, Resting] = {}
        self._sequence = count()
        self._fills = count()

    def execute(self, command: Command, ts: int) -> Iterator[OrderEvent]:
        """Take an order or a cancel."""
        if isinstance(command, Cancel):
            if self.orders.pop(command.order_id, None) is not None:
                yield Canceled(order_id=command.order_id, ts=ts)
            return
        if command.reduce_only and self._reducible(command) <= 0:
            yield Rejected(order_id=command.order_id, ts=ts, message="nothing to reduce")
            return
        active = None if command.kind is OrderKind.STOP else next(self._sequence)
        self.orders[command.order_id] = Resting(command, active)
        yield Accepted(order_id=command.order_id, ts=ts)

    def on_trade(self, price: int) -> None:
        """Trigger the stops that a print reaches."""
        for resting in self.orders.values():
            order = resting.order
            if resting.active is not None or order.price is None:
                continue
            if (price >= order.price) if order.is_buy else (price <= order.price):
                resting.active = next(self._sequence)

    def on_quote(self, ts: int, bid: int, ask: int) -> Iterator[OrderEvent]:
        """Fill the orders that were there before the quote."""
        self.quote = bid, ask
        active = [resting for resting in self.orders.values() if resting.active is not None]
        for resting in sorted(active, key=lambda resting: resting.active or 0):
            order = resting.order
            if order.order_id not in self.orders:
                continue
            price, is_maker = self._price(resting, bid, ask)
            resting.seen_quote = True
            if price is None:
                continue
            del self.orders[order.order_id]
            lots = min(order.lots, self._reducible(order)) if order.reduce_only else order.lots
            if lots <= 0:
                yield Canceled(order_id=order.order_id, ts=ts)
                continue
            self.position += lots if order.is_buy else -lots
            rate = self.rules.maker_bps if is_maker else self.rules.taker_bps
            yield Filled(
                order_id=order.order_id,
                ts=ts,
                fill_id=str(next(self._fills)),
                lots=lots,
                price=price,
                is_maker=is_maker,
                fee=price * lots * self.rules.tick_value * rate * BASIS_POINT,
            )
            if lots < order.lots:
                yield Canceled(order_id=order.order_id, ts=ts)

    def funding(self, ts: int) -> Decimal | None:
        """Return what the position pays at a boundary."""
        if ts % FUNDING_INTERVAL_NS or not self.position or self.quote is None:
            return None
        value = sum(self.quote) * self.position * self.rules.tick_value / 2
        return value * self.rules.funding_8h_bps * BASIS_POINT

    def _reducible(self, order: Submit) -> int:
        return -self.position if order.is_buy else self.position

    def _price(self, resting: Resting, bid: int, ask: int) -> tuple[int | None, bool]:
        order = resting.order
        touch = ask if order.is_buy else bid
        sign = 1 if order.is_buy else -1
        if order.kind is OrderKind.LIMIT and order.price is not None:
            if sign * (touch - order.price) > 0:
                return None, True
            return (order.price, True) if resting.seen_quote else (touch, False)
        is_entry = order.purpose is Purpose.ENTRY
        slip = self.rules.slip_entry if is_entry else self.rules.slip_exit
        return touch + sign * slip, False


class Session:
    """Carries events and commands between a venue, the market and a manager, without delay."""

    def __init__(self, manager: TradeManager, venue: ReferenceVenue) -> None:
        self.manager = manager
        self.venue = venue

    def on_quote(self, ts: int, bid: int, ask: int) -> None:
        self._send(ts, self.manager.on_time(ts))
        for event in self.venue.on_quote(ts, bid, ask):
            self._deliver(event)
        self._send(ts, self.manager.on_quote(ts, bid, ask))

    def on_trade(self, ts: int, price: int) -> None:
        self._send(ts, self.manager.on_time(ts))
        self.venue.on_trade(price)
        self._send(ts, self.manager.on_trade(ts, price))

    def on_minute(
        self,
        ts: int,
        close: int | None,
        intent: Intent | None,
        *,
        warm: bool = True,
        active: bool = True,
        taken: Callable[[GateDecision], None] = lambda _: None,
    ) -> None:
        self._send(ts, self.manager.on_time(ts))
        paid = self.venue.funding(ts)
        if paid is not None:
            self._send(ts, self.manager.on_funding(ts, paid))
        decision, commands = decide(self.manager, ts, close, intent, warm=warm, active=active)
        taken(decision)
        self._send(ts, commands)

    def _deliver(self, event: OrderEvent) -> None:
        self._send(event.ts, self.manager.on_order_event(event))

    def _send(self, ts: int, commands: Sequence[Command]) -> None:
        for command in commands:
            for event in self.venue.execute(command, ts):
                self._deliver(event)
