"""
Fills of a simulated venue in Nautilus.

Nautilus's level 1 book takes every print for a quote, and its queue model fills from such a book.
`VenueFills` follows quotes and prints itself and decides every fill; Nautilus handles order states,
positions and the account.

"""

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from nautilus_trader.backtest.config import SimulationModuleConfig
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.common.component import Logger
from nautilus_trader.core.data import Data
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderPendingUpdate
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.events import OrderUpdated
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order

from adapters.simulated.acceptance import off_tick
from adapters.simulated.acceptance import refusal
from adapters.simulated.bar_fills import BarFills
from adapters.simulated.nautilus.market import Market
from adapters.simulated.open_orders import OpenOrders
from adapters.simulated.rules.resting import QueueRule
from adapters.simulated.rules.stops import is_triggered
from adapters.simulated.rules.taking import Slippage
from adapters.simulated.rules.touch import Level
from errors import AuctionError
from indicators.constraints import NonNegativeFloat
from indicators.constraints import NonNegativeInt


TouchRule = Literal["quote", "print", "bar"]


class VenueFillModel(FillModel):  # type: ignore[misc]
    """Delegates every fill to the `VenueFills` of the venue."""

    decide: Callable[[Instrument, Order], OrderBook] | None = None

    def get_orderbook_for_fill_simulation(
        self,
        instrument: Instrument,
        order: Order,
        best_bid: Price,
        best_ask: Price,
    ) -> OrderBook:
        if self.decide is None:
            raise RuntimeError(
                "VenueFillModel needs adapters.simulated.nautilus.fills:VenueFills as a module"
            )
        return self.decide(instrument, order)


class VenueFillsConfig(SimulationModuleConfig, frozen=True):  # type: ignore[misc, call-arg]
    """
    Configures `VenueFills`.

    Parameters
    ----------
    slippage_ticks_entry, slippage_ticks_exit : NonNegativeInt, default 1
        The slippage of a market order from the best price (ticks); reduce-only orders and triggered
        stops are exits.
    slippage_bps : NonNegativeFloat, default 0
        Additional slippage of either, in basis points of the price, rounded up to a tick: where a
        tick is a hundredth of a basis point, ticks alone are no slippage.
    queue : QueueRule, default 'displayed'
        The rule for fills of a limit order at its price, see `RestingLimit`.
    touch : TouchRule, optional
        The price that a taker meets before slippage: the current `quote`; in data without quotes
        the last `print` at its price and up to its size; in data of only bars the open of the next
        `bar`, see `rules.bars`. Null selects the one that the data of the run allow.
    bar_spec : str, optional
        The bars that fill, like ``1-MINUTE-LAST-EXTERNAL``, where `touch` is `bar`; a run sets it.

    """

    slippage_ticks_entry: NonNegativeInt = 1
    slippage_ticks_exit: NonNegativeInt = 1
    slippage_bps: NonNegativeFloat = 0.0
    queue: QueueRule = "displayed"
    touch: TouchRule | None = None
    bar_spec: str | None = None


class VenueFills(SimulationModule):  # type: ignore[misc]
    """
    Decides the fills of a venue; its rules are those of the package's docstring.

    Parameters
    ----------
    config : VenueFillsConfig
        The configuration.

    Attributes
    ----------
    settle : Callable[[int], None]
        Makes the venue process, during a bar, the commands sent up to a time (ns UTC); set by a
        venue with its own queue of commands.

    """

    def __init__(self, config: VenueFillsConfig) -> None:
        super().__init__(config)
        self._slippage = Slippage(
            config.slippage_ticks_entry,
            config.slippage_ticks_exit,
            Fraction(str(config.slippage_bps)) / 10_000,
        )
        self._prints_only = config.touch == "print"
        self._markets: dict[InstrumentId, Market] = {}
        self._orders = OpenOrders(config.queue)
        self._firing: ClientOrderId | None = None
        self._firing_price = 0
        self._bars: BarFills[Market] | None = None
        self.settle: Callable[[int], None] = lambda ts: self.exchange.process(ts)
        if config.touch == "bar":
            if config.bar_spec is None:
                raise ValueError("`bar_spec` must name the bars that fill where `touch` is bar")
            self._bars = BarFills(
                self._orders,
                self._slippage,
                config.bar_spec,
                at_touch=config.queue == "touch",
                fill_market=self._fill_market,
                fill_limit=self._fill_limit,
                settle=lambda ts: self.settle(ts),
            )

    def register_venue(self, exchange: object) -> None:
        super().register_venue(exchange)
        venue = self.exchange
        if not isinstance(venue.fill_model, VenueFillModel):
            raise TypeError(f"{venue.id}: VenueFills needs VenueFillModel as the fill model")
        if venue.trade_execution or not venue.reject_stop_orders:
            raise ValueError(
                f"{venue.id}: VenueFills needs trade_execution false and reject_stop_orders true"
            )
        venue.fill_model.decide = self.decide
        # Before the strategies: they must see the venue in the state after the event.
        self.msgbus.subscribe(f"data.trades.{venue.id}.*", self._after_print, priority=20)
        self.msgbus.subscribe("events.order.*", self._on_order_event, priority=20)

    def pre_process(self, data: Data) -> None:
        """Process an event before Nautilus's engine does."""
        if isinstance(data, QuoteTick):
            market = self._market(data.instrument_id)
            market.see_quote(data)
            if self._orders.limits:
                self._see_own_sides(market, data.instrument_id)
        elif self._bars is not None:
            if isinstance(data, Bar) and self._bars.moves_market(data):
                self._bars.on_bar(self._market(data.bar_type.instrument_id), data)
        elif isinstance(data, TradeTick):
            market = self._market(data.instrument_id)
            price = data.price.raw
            market.see_print(data, price)
            if not market.stops.sell < price < market.stops.buy:
                self._fire_stops(market, data.instrument_id, price)
            if self._orders.limits:
                self._fill_limits(market, data)
            market.print_shaped = True

    def process(self, ts_now: int) -> None:
        """Do nothing: fills follow only from events."""

    def log_diagnostics(self, logger: Logger) -> None:
        """Report nothing."""

    def reset(self) -> None:
        """Remove markets and orders."""
        self._markets.clear()
        self._orders.clear()
        if self._bars is not None:
            self._bars.clear()

    def decide(self, instrument: Instrument, order: Order) -> OrderBook:
        """Return the fills of an order that Nautilus's engine takes for marketable."""
        market = self._market(instrument.id)
        fires = order.client_order_id == self._firing
        if self._bars is not None:
            if fires:
                fill = self._firing_price, order.leaves_qty.raw
                return market.answer([fill], then_stop=False)
            return self._bars.decide(market, instrument, order)
        if order.order_type == OrderType.LIMIT:
            found = self._orders.limits.get(order.client_order_id)
            fills = [] if found is None else market.limit_fills(*found)
            return market.answer(fills, then_stop=True)
        if order.order_type == OrderType.STOP_MARKET and not fires:
            return market.answer([], then_stop=True)
        fills = market.taking_fills(order, self._slippage)
        return market.answer(fills or [(0, 0)], then_stop=False)

    def _market(self, instrument_id: InstrumentId) -> Market:
        market = self._markets.get(instrument_id)
        if market is None:
            instrument = self.exchange.instruments[instrument_id]
            engine = self.exchange.get_matching_engine(instrument_id)
            market = Market(instrument, engine, prints_only=self._prints_only)
            self._markets[instrument_id] = market
        return market

    def _see_own_sides(self, market: Market, instrument_id: InstrumentId) -> None:
        for _, resting in self._orders.limits_of(instrument_id):
            side = market.own_side(resting.is_buy)
            if side is not None:
                resting.see_own_side(*side)

    def _fill_limits(self, market: Market, trade: TradeTick) -> None:
        price, size = trade.price.raw, trade.size.raw
        for order, resting in self._orders.limits_of(trade.instrument_id):
            hits = market.hits(trade, resting.is_buy)
            filled = resting.fill_by_print(order.leaves_qty.raw, price, size, hits=hits)
            if filled:
                fill = resting.price, filled
                self._fill_limit(market, order, fill, True)

    def _fill_limit(self, market: Market, order: Order, fill: Level, is_maker: bool) -> None:
        side = LiquiditySide.MAKER if is_maker else LiquiditySide.TAKER
        own = None
        if self.exchange.oms_type == OmsType.NETTING:
            position_id = PositionId(f"{order.instrument_id}-{order.strategy_id}")
        else:
            # The position of its trade; None for a first fill, which opens one.
            own = position_id = self.cache.position_id(order.client_order_id)
        fills = market.fills([fill], then_stop=True)
        position = None if position_id is None else self.cache.position(position_id)
        market.engine.apply_fills(order, fills, side, own, position)

    def _fire_stops(self, market: Market, instrument_id: InstrumentId, price: int) -> None:
        for order in self._orders.stops_of(instrument_id):
            if is_triggered(order.trigger_price.raw, price, is_buy=order.is_buy):
                self._orders.take_stop(order)
                self._fill_market(market, order)
        market.stops.place(*self._orders.triggers_of(instrument_id))

    def _fill_market(self, market: Market, order: Order, price: int = 0) -> None:
        self._firing, self._firing_price = order.client_order_id, price
        try:
            market.engine.fill_market_order(order)
        finally:
            self._firing = None

    def _after_print(self, trade: TradeTick) -> None:
        # The engine matches an order on arrival; resting orders are matched here.
        if self._orders.on_the_way:
            self._market(trade.instrument_id).restore()

    def _on_order_event(self, event: OrderEvent) -> None:
        if event.instrument_id.venue != self.exchange.id:
            return
        order = self.cache.order(event.client_order_id)
        if order is None:
            return
        if order.is_closed or isinstance(event, OrderAccepted | OrderUpdated):
            self._orders.on_the_way.discard(event.client_order_id)
        elif isinstance(event, OrderPendingUpdate):
            self._orders.on_the_way.add(event.client_order_id)
        if not isinstance(event, OrderSubmitted | OrderAccepted | OrderUpdated):
            return
        if isinstance(event, OrderSubmitted):
            if self._bars is not None:
                self._bars.record_sent(event.client_order_id, event.ts_event)
            self._orders.on_the_way.add(event.client_order_id)
            self._market(event.instrument_id).restore()
            self._check(order, refusal(order, self._instrument(order)))
        elif order.order_type == OrderType.STOP_MARKET:
            self._place_stop(order)
        elif order.order_type == OrderType.LIMIT:
            self._place_limit(order)

    def _instrument(self, order: Order) -> Instrument:
        return self.exchange.instruments[order.instrument_id]

    def _check(self, order: Order, reason: str | None) -> None:
        if reason:
            raise AuctionError(f"{order.strategy_id}: order {order.client_order_id}: {reason}")

    def _place_stop(self, order: Order) -> None:
        self._check(order, off_tick(order, self._instrument(order)))
        self._orders.place_stop(order)
        market = self._market(order.instrument_id)
        market.stops.place(*self._orders.triggers_of(order.instrument_id))

    def _place_limit(self, order: Order) -> None:
        self._check(order, off_tick(order, self._instrument(order)))
        resting = self._orders.place_limit(order)
        side = self._market(order.instrument_id).own_side(order.is_buy)
        if resting is not None and side is not None:
            resting.see_own_side(*side)
