"""Carries out the trade manager's commands, at once or on the next quote, and wakes it in time."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from nautilus_trader.common.component import TimeEvent
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.orders import Order

from strategies.common.bar_prices import BarPrices
from strategies.common.bar_prices import alarm_lead
from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.deferred_orders import DeferredOrder
from strategies.common.deferred_orders import DeferredOrders
from strategies.common.deferred_orders import is_beyond_stop
from strategies.common.events import OrderEvent
from strategies.common.nautilus.attached_stop import AttachedStop
from strategies.common.nautilus.attached_stop import Terms
from strategies.common.nautilus.host import OrderHost
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.reasons import DropReason
from strategies.common.trade_params import SECOND_NS


# The priority of market bars among their subscribers.
BEFORE_ACTORS = 10


def bar_type_of(text: str) -> BarType:
    """Return the bar type that a text names."""
    return BarType.from_str(text)


class OrderExecution:
    """
    Sends the orders of one strategy, and subscribes to the market data they need.

    At a simulated venue every order but a protective stop is sent on the first quote after its
    cause (the first trade where the run has no quotes): the quote before it may be older than the
    print that has moved the market, and a market which has stopped fills nothing. To a real venue
    orders go at once, it is the judge there. An entry that no quote has released within its
    time-out is dropped, and so is a market order which has been canceled since or whose stop that
    quote has reached.

    Prints are subscribed to while there is a trade, on a live clock always; quotes while an order
    waits. In a market of bars alone each close is handled after the venue has filled by the bar and
    before any decision on it: an order decided on then goes out at once, and meets the next bar.

    Parameters
    ----------
    host : OrderHost
        The strategy, on its start.
    router : OrderRouter
        Creates its orders.
    attached : AttachedStop
        The stop that a venue keeps for the position.
    is_live : bool
        If the clock is a live one.
    holds_orders : bool
        If orders wait for the next quote.
    market_bars : BarType, optional
        The bars of a market that has bars alone.

    Attributes
    ----------
    deferred : DeferredOrders
        The orders that wait for a quote.
    takes_trades : bool
        If prints are subscribed to.

    """

    def __init__(
        self,
        host: OrderHost,
        router: OrderRouter,
        attached: AttachedStop,
        *,
        is_live: bool,
        holds_orders: bool,
        market_bars: BarType | None = None,
    ) -> None:
        self._host = host
        self._router = router
        self._attached = attached
        self.deferred = DeferredOrders()
        self._is_live = is_live
        self._holds_orders = holds_orders
        self._raw_tick = host.cache.instrument(host.config.instrument_id).price_increment.raw
        self._wake: int | None = None
        self._market_bars = market_bars
        # What is due at the end of a bar is due after the venue has filled by it.
        self._alarm_lead = alarm_lead(has_bars_alone=market_bars is not None, is_live=is_live)
        self._takes_bars = False
        self.takes_trades = False
        self._takes_quotes = False
        instrument_id = host.config.instrument_id
        self._quotes = f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}"
        self._trades = f"data.trades.{instrument_id.venue}.{instrument_id.symbol}"

    def execute(self, commands: Sequence[Command], ts: int) -> None:
        """Send commands, or defer them, as of a time (ns UTC)."""
        if commands or self.deferred:
            self._send(commands, ts)
        self.listen()
        self._host.after_commands(commands, ts)

    def listen(self) -> None:
        """Subscribe to what the trade needs now, and set the alarm of the manager."""
        manager = self._host.manager
        if self._market_bars is not None and not self._takes_bars:
            topic = f"data.bars.{self._market_bars}"
            self._host.msgbus.subscribe(topic=topic, handler=self._on_bar, priority=BEFORE_ACTORS)
            self._takes_bars = True
        wanted = self._market_bars is None and (self._is_live or not manager.is_flat)
        if wanted is not self.takes_trades:
            self._subscribe(self._trades, self._on_trade, wanted)
            self.takes_trades = wanted
        wanted = bool(self.deferred)
        if wanted is not self._takes_quotes:
            self._subscribe(self._quotes, self._on_quote, wanted)
            self._takes_quotes = wanted
        if manager.wake_ns != self._wake:
            self._host.defer(self._set_alarm)
        if self._attached.is_offered:
            self._attached.follow(manager.trades)

    def drop_late_entries(self, ts: int) -> None:
        """Drop deferred entries that no quote has released within their time-out."""
        if not self.deferred:
            return
        manager = self._host.manager
        for event in self.deferred.drop_late_entries(ts, manager.params.entry_timeout_ns):
            self._stop_entries(ts, DropReason.NO_QUOTE, event.order_id)
            self._take_canceled([event], ts)
            self._host.notices["entry dropped: no quote came within its time-out"] += 1

    def stop(self) -> None:
        """Drop deferred orders, and unsubscribe."""
        self.deferred.clear()
        if self.takes_trades:
            self._subscribe(self._trades, self._on_trade, False)
        if self._takes_quotes:
            self._subscribe(self._quotes, self._on_quote, False)
        if self._takes_bars:
            self._subscribe(f"data.bars.{self._market_bars}", self._on_bar, False)
        self.takes_trades = self._takes_quotes = self._takes_bars = False
        name = f"{self._host.id}-WAKE"
        if name in self._host.clock.timer_names:
            self._host.clock.cancel_timer(name)
        self._wake = None

    def _send(self, commands: Sequence[Command], ts: int) -> None:
        host, router = self._host, self._router
        ready: list[tuple[int, Order, Terms | None] | int] = []
        for command in commands:
            if isinstance(command, Cancel):
                ready.append(command.order_id)
                continue
            trade = host.manager.slots.trade_of(command.order_id)
            if trade is None:
                raise RuntimeError(f"order {command.order_id} belongs to no trade")
            if not self._holds_orders or command.kind is OrderKind.STOP:
                order = router.make(command, trade.intent)
                terms = self._attached.terms(command, trade, host.manager.trades)
                ready.append((command.order_id, order, terms))
            else:
                self.deferred.waiting.append(DeferredOrder(command, trade.intent, ts))
        if commands:
            # The state comes before the orders: after a crash the journal knows them.
            host.keep_state("COMMANDS")
        for item in ready:
            if not isinstance(item, int):
                order_id, order, terms = item
                router.send(order, order_id, terms)
                continue
            ended = router.cancel(item, ts)
            if ended is not None:
                self.execute(host.manager.on_order_event(ended), ts)
        if self.deferred:
            self._take_canceled(self.deferred.drop_market_entries(ts, self._is_given_up), ts)

    def _set_alarm(self) -> None:
        clock, name = self._host.clock, f"{self._host.id}-WAKE"
        if name in clock.timer_names:
            clock.cancel_timer(name)
        manager = self._host.manager
        self._wake = wake = manager.wake_ns
        if wake is not None:
            now = clock.timestamp_ns()
            ahead = manager.slots.time_ns - now
            # The manager's time never goes back: with a clock that has, pauses are as long as ever.
            late = wake - ahead if ahead > SECOND_NS else wake
            # An alert at the time itself would come after data stamped with it.
            clock.set_time_alert_ns(name, max(late - self._alarm_lead, now), self._on_wake)

    def _subscribe(self, topic: str, handler: Any, wanted: bool) -> None:
        if wanted:
            self._host.msgbus.subscribe(topic=topic, handler=handler)
        else:
            self._host.msgbus.unsubscribe(topic=topic, handler=handler)

    def _on_trade(self, tick: TradeTick) -> None:
        self.take_print(tick.ts_event, tick.price.raw // self._raw_tick)

    def take_print(self, ts: int, price: int) -> None:
        """Handle a print (ns UTC, ticks)."""
        host = self._host
        host.on_print(ts, price)
        if self.deferred and host.cache.quote_tick_count(host.config.instrument_id) == 0:
            self.take_quote(ts, price, price)
        commands = host.manager.on_trade(ts, price)
        # A print through the stop may start no more than the wait for the venue to fill it.
        if commands or host.manager.wake_ns != self._wake:
            self.execute(commands, ts)

    def _on_bar(self, bar: Bar) -> None:
        host, units, ends = self._host, self._host.units, bar.ts_event
        closed = BarPrices(
            begins=ends - bar.bar_type.spec.get_interval_ns(),
            ends=ends,
            low=units.ticks(bar.low),
            high=units.ticks(bar.high),
            close=units.ticks(bar.close),
        )
        host.on_print(ends, closed.close)
        commands = host.manager.on_bar(closed)
        if commands or host.manager.wake_ns != self._wake:
            self.execute(commands, ends)

    def _on_quote(self, tick: QuoteTick) -> None:
        units = self._host.units
        self.take_quote(tick.ts_event, units.ticks(tick.bid_price), units.ticks(tick.ask_price))

    def take_quote(self, ts: int, bid: int, ask: int) -> None:
        """Release the orders that wait for a quote (ns UTC, ticks)."""
        self.drop_late_entries(ts)
        beyond = self.deferred.drop_market_entries(ts, partial(is_beyond_stop, bid, ask))
        for event in beyond:
            self._stop_entries(ts, DropReason.STOP_TOUCHED, event.order_id)
        self._take_canceled(beyond, ts)
        for due in self.deferred.take_due(ts):
            self._router.submit(due.command, due.intent)
        self.listen()

    def _stop_entries(self, ts: int, reason: DropReason, order_id: int) -> None:
        manager = self._host.manager
        self.execute(manager.stop_entries(ts, reason, manager.slots.trade_id_of(order_id)), ts)

    def _is_given_up(self, deferred: DeferredOrder) -> bool:
        trade = self._host.manager.slots.trade_of(deferred.command.order_id)
        return trade is not None and bool(trade.drop_reason or trade.close_reason)

    def _take_canceled(self, events: Sequence[OrderEvent], ts: int) -> None:
        for event in events:
            self.execute(self._host.manager.on_order_event(event), ts)

    def _on_wake(self, event: TimeEvent) -> None:
        wake, self._wake = self._wake, None
        ts = event.ts_event + self._alarm_lead
        ts = ts if wake is None else max(ts, wake)
        self.drop_late_entries(ts)
        self.execute(self._host.manager.on_time(ts), ts)
