"""Fills by bars, for markets without quotes and prints."""

from collections.abc import Callable
from collections.abc import Hashable
from typing import Any
from typing import Protocol

from adapters.simulated.open_orders import OpenOrders
from adapters.simulated.open_orders import Order
from adapters.simulated.rules.bars import BarPrices
from adapters.simulated.rules.bars import arriving_limit_price
from adapters.simulated.rules.bars import fills_resting_limit
from adapters.simulated.rules.bars import stop_base
from adapters.simulated.rules.bars import worse
from adapters.simulated.rules.resting import RestingLimit
from adapters.simulated.rules.taking import Slippage
from adapters.simulated.rules.touch import Level
from catalog.protocols import Bar
from catalog.protocols import Instrument


class Market(Protocol):
    """Represents the market of one instrument at a price, by which its orders are handled."""

    tick: int

    def move_to(self, price: int, ts: int) -> None:
        """Move the market to a raw price, at a time (ns UTC)."""

    def answer(self, fills: list[Level], *, then_stop: bool) -> Any:
        """Return fills, as raw price and size, in the form of the matching engine."""


class BarFills[M: Market]:
    """
    Matches each bar against the orders of its instrument, by the rules of `rules.bars`.

    Nautilus's engine sees the price that the bar has reached as a quote of both sides, and handles
    new orders by it. Strategies react to a fill before the bar goes on.

    Parameters
    ----------
    orders : OpenOrders
        The orders of the venue.
    slippage : Slippage
        The slippage of a taker from the price of the bar.
    bar_spec : str
        The bars that fill, like ``1-MINUTE-LAST-EXTERNAL``.
    at_touch : bool
        If a bar that only reaches a limit fills it.
    fill_market : Callable[[Market, Order, int], None]
        Fills a market order or a stop at a raw price.
    fill_limit : Callable[[Market, Order, Level, bool], None]
        Fills a limit order at a price and a size, as maker where the flag is set.
    settle : Callable[[int], None]
        Makes the venue process the commands sent up to a time (ns UTC).

    """

    def __init__(
        self,
        orders: OpenOrders,
        slippage: Slippage,
        bar_spec: str,
        *,
        at_touch: bool,
        fill_market: Callable[[M, Order, int], None],
        fill_limit: Callable[[M, Order, Level, bool], None],
        settle: Callable[[int], None],
    ) -> None:
        self._orders = orders
        self._slippage = slippage
        self._bar_spec = bar_spec
        self._at_touch = at_touch
        self._fill_market = fill_market
        self._fill_limit = fill_limit
        self._settle = settle
        self._waiting: dict[Hashable, list[Order]] = {}
        self._last: dict[Hashable, int] = {}
        self._sent: dict[Hashable, int] = {}

    def clear(self) -> None:
        """Remove all orders."""
        self._waiting.clear()
        self._last.clear()
        self._sent.clear()

    def record_sent(self, order_id: Hashable, ts: int) -> None:
        """Record the time at which an order was sent, by the venue's time (ns UTC)."""
        self._sent[order_id] = ts

    def moves_market(self, bar: Bar) -> bool:
        """Return True if a bar fills orders: a run may read coarser ones as well."""
        return str(bar.bar_type) == f"{bar.bar_type.instrument_id}-{self._bar_spec}"

    def decide(self, market: M, instrument: Instrument, order: Order) -> Any:
        """
        Return the fills of an order on arrival: none.

        A market order waits for the open of the next bar. Only the position in an expired contract
        is closed at once, at the last price: no bar follows.
        """
        if order.order_type.name == "MARKET":
            last = self._last.get(instrument.id)
            if last is not None and _has_expired(instrument, order):
                fill = self._worse(market, order, last), order.leaves_qty.raw
                return market.answer([fill], then_stop=False)
            self._waiting.setdefault(order.instrument_id, []).append(order)
        return market.answer([], then_stop=True)

    def on_bar(self, market: M, bar: Bar) -> None:
        """Fill orders by a bar, and move the market to its close."""
        instrument_id = bar.bar_type.instrument_id
        begins = bar.ts_event - bar.bar_type.spec.get_interval_ns()
        prices = BarPrices(bar.open.raw, bar.high.raw, bar.low.raw, bar.close.raw)
        resting_before = list(self._orders.limits_of(instrument_id))
        limits = [entry for entry in resting_before if not self._is_late(entry[0], begins)]
        late = {o.client_order_id for o, _ in resting_before if self._is_late(o, begins)}
        waiting = self._waiting.pop(instrument_id, [])
        self._waiting[instrument_id] = [o for o in waiting if self._is_late(o, begins)]
        self._move_to(market, bar, prices.open)
        for order in waiting:
            if not self._is_late(order, begins) and not order.is_closed:
                self._fill_market(market, order, self._worse(market, order, prices.open))
        for order, resting in limits:
            if not order.is_closed and resting.judged < 0 and not order.is_post_only:
                self._arrive(market, prices, order, resting)
        self._settle(bar.ts_init)
        self._fire_stops(market, bar, prices, prices.open)
        for order, resting in sorted(limits, key=lambda entry: entry[0].is_reduce_only):
            if order.is_closed or not fills_resting_limit(
                prices, resting.price, is_buy=order.is_buy, at_touch=self._at_touch
            ):
                continue
            self._move_to(market, bar, resting.price)
            fill = resting.price, order.leaves_qty.raw
            self._fill_limit(market, order, fill, True)
            self._settle(bar.ts_init)
            if not order.is_reduce_only:
                self._fire_stops(market, bar, prices, resting.price)
        # Orders sent in reaction to a fill rest as well: only those sent while the bar formed, and
        # those decided at its close, are yet to arrive.
        for order, resting in self._orders.limits_of(instrument_id):
            if order.client_order_id not in late:
                resting.judged = 0
        self._move_to(market, bar, prices.close)

    def _arrive(
        self,
        market: M,
        prices: BarPrices,
        order: Order,
        resting: RestingLimit,
    ) -> None:
        slippage = self._distance(market, order, prices.open)
        price = arriving_limit_price(prices, resting.price, slippage, is_buy=order.is_buy)
        if price is not None:
            fill = price, order.leaves_qty.raw
            self._fill_limit(market, order, fill, False)

    def _fire_stops(self, market: M, bar: Bar, prices: BarPrices, begins_at: int) -> None:
        instrument_id = bar.bar_type.instrument_id
        old = {order.client_order_id for order in self._orders.stops_of(instrument_id)}
        answered = begins_at
        while True:
            found = None
            for order in self._orders.stops_of(instrument_id):
                is_old = order.client_order_id in old
                # One that opens a position again could trigger itself without end.
                if not is_old and not order.is_reduce_only:
                    continue
                base = stop_base(
                    prices,
                    begins_at if is_old else answered,
                    order.trigger_price.raw,
                    is_buy=order.is_buy,
                )
                if base is not None:
                    found = order, base
                    break
            if found is None:
                return
            order, answered = found
            self._orders.take_stop(order)
            self._move_to(market, bar, answered)
            self._fill_market(market, order, self._worse(market, order, answered))
            self._settle(bar.ts_init)

    def _is_late(self, order: Order, begins: int) -> bool:
        return self._sent.get(order.client_order_id, int(order.ts_init)) > begins

    def _worse(self, market: M, order: Order, price: int) -> int:
        return worse(price, self._distance(market, order, price), is_buy=order.is_buy)

    def _distance(self, market: M, order: Order, price: int) -> int:
        return self._slippage.distance(price, market.tick, is_exit=order.is_reduce_only)

    def _move_to(self, market: M, bar: Bar, raw: int) -> None:
        self._last[bar.bar_type.instrument_id] = raw
        market.move_to(raw, bar.ts_init)


def _has_expired(instrument: Instrument, order: Order) -> bool:
    expires_at = getattr(instrument, "expiration_ns", 0)
    return bool(expires_at and order.ts_init >= expires_at)
