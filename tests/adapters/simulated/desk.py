"""A real backtest engine over a few hand-made ticks, and a strategy that acts at given times."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.config import FillModelConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from actors.messages import FundingPayment
from adapters.simulated.nautilus.fees import VenueFees
from adapters.simulated.nautilus.fees import VenueFeesConfig
from adapters.simulated.nautilus.fills import VenueFillModel
from adapters.simulated.nautilus.fills import VenueFills
from adapters.simulated.nautilus.fills import VenueFillsConfig
from adapters.simulated.nautilus.funding import VenueFunding
from catalog.instruments import resolve_instrument
from tests.markets import BTC


MS = 1_000_000
T0 = 1_767_571_200_000_000_000  # 2026-01-05 00:00 UTC
HOUR = 3_600_000_000_000
MINUTE = 60_000_000_000
BAR_SPEC = "1-MINUTE-LAST-EXTERNAL"
SIDES = {"B": AggressorSide.BUYER, "S": AggressorSide.SELLER, "N": AggressorSide.NO_AGGRESSOR}


@dataclass
class Maker:
    """Makes ticks of an instrument: times in ms from T0, prices in ticks, sizes in lots."""

    instrument_id: str = BTC

    def __post_init__(self):
        self.instrument = resolve_instrument(self.instrument_id)
        self.count = 0

    def price(self, ticks):
        tick = self.instrument.price_increment
        return Price(tick.as_decimal() * ticks, tick.precision)

    def size(self, lots):
        step = self.instrument.size_increment
        return Quantity(step.as_decimal() * lots, step.precision)

    def quote(self, ms, bid, ask, bid_size=10, ask_size=10):
        ts = T0 + int(ms * MS)
        prices = self.price(bid), self.price(ask)
        sizes = self.size(bid_size), self.size(ask_size)
        return QuoteTick(self.instrument.id, *prices, *sizes, ts, ts)

    def trade(self, ms, price, size, side):
        ts = T0 + int(ms * MS)
        self.count += 1
        return TradeTick(
            self.instrument.id,
            self.price(price),
            self.size(size),
            SIDES[side],
            TradeId(str(self.count)),
            ts,
            ts,
        )

    def bar(self, minute, *prices):
        """Make the bar of a minute: open, high, low, close in ticks."""
        ts = T0 + (minute + 1) * MINUTE
        bar_type = BarType.from_str(f"{self.instrument_id}-{BAR_SPEC}")
        return Bar(bar_type, *map(self.price, prices), self.size(10), ts, ts)


class Actions(Strategy):
    """Does each action at its time, and remembers every event of an order."""

    def __init__(self, maker, actions, protect=None):
        super().__init__(StrategyConfig(strategy_id="TEST-001"))
        self.protect_entry = protect
        self.maker = maker
        self.actions = actions
        self.events = []
        self.payments = []

    def on_start(self):
        self.msgbus.subscribe(topic=FundingPayment.topic(), handler=self.payments.append)
        for number, (ms, action) in enumerate(self.actions):
            self.clock.set_time_alert_ns(
                str(number), T0 + int(ms * MS), lambda _, action=action: action(self)
            )

    def on_order_event(self, event):
        self.events.append(event)

    def on_order_filled(self, event):
        is_entry = not self.cache.order(event.client_order_id).is_reduce_only
        if self.protect_entry is not None and is_entry:
            self.protect_entry(self)

    def market(self, side, lots, **options):
        order = self.order_factory.market(
            self.maker.instrument.id, OrderSide[side], self.maker.size(lots), **options
        )
        self.submit_order(order)
        return order

    def limit(self, side, lots, ticks, **options):
        order = self.order_factory.limit(
            self.maker.instrument.id,
            OrderSide[side],
            self.maker.size(lots),
            self.maker.price(ticks),
            **options,
        )
        self.submit_order(order)
        return order

    def protect(self, side, lots, ticks, **options):
        order = self.order_factory.stop_market(
            self.maker.instrument.id,
            OrderSide[side],
            self.maker.size(lots),
            self.maker.price(ticks),
            reduce_only=True,
            **options,
        )
        self.submit_order(order)
        return order


@dataclass
class Played:
    engine: BacktestEngine
    strategy: Actions
    maker: Maker

    @property
    def fills(self):
        """Return each fill as time in ms, side, lots, price in ticks and M(aker) or T(aker)."""
        tick = self.maker.instrument.price_increment.as_decimal()
        step = self.maker.instrument.size_increment.as_decimal()
        return [
            (
                (event.ts_event - T0) / MS,
                event.order_side.name,
                int(event.last_qty.as_decimal() / step),
                event.last_px.as_decimal() / tick,
                event.liquidity_side.name[0],
            )
            for event in self.strategy.events
            if isinstance(event, OrderFilled)
        ]

    @property
    def kinds(self):
        return [type(event).__name__ for event in self.strategy.events]

    @property
    def fees(self):
        return [
            event.commission.as_decimal()
            for event in self.strategy.events
            if isinstance(event, OrderFilled)
        ]

    @property
    def account(self):
        return self.engine.cache.account_for_venue(self.maker.instrument.id.venue)

    @property
    def balance(self):
        currency = self.maker.instrument.get_settlement_currency()
        return self.account.balance_total(currency).as_decimal()


def build(
    maker,
    actions,
    *,
    fills=None,
    fees=None,
    funding=None,
    latency_ms=0,
    start=10_000,
    protect=None,
):
    instrument = maker.instrument
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="OFF")))
    engine.add_venue(
        venue=instrument.id.venue,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        starting_balances=[Money(start, instrument.get_settlement_currency())],
        default_leverage=Decimal(10),
        fill_model=VenueFillModel(config=FillModelConfig(random_seed=7)),
        fee_model=VenueFees(fees or VenueFeesConfig()),
        latency_model=LatencyModel(int(latency_ms * MS)) if latency_ms else None,
        modules=[
            *([VenueFunding(funding)] if funding else []),
            VenueFills(fills or VenueFillsConfig()),
        ],
        trade_execution=False,
        bar_execution=False,
    )
    engine.add_instrument(instrument)
    strategy = Actions(maker, actions, protect)
    engine.add_strategy(strategy)
    return engine, strategy


def play(
    maker: Maker,
    ticks: list,
    actions: list[tuple[float, Callable[[Actions], object]]],
    end_ms: float | None = None,
    **options,
) -> Played:
    """Run the ticks and actions and return what happened."""
    engine, strategy = build(maker, actions, **options)
    engine.add_data(ticks)
    run(engine, end_ms=end_ms)
    return Played(engine, strategy, maker)


def run(engine, *, end_ms=None, chunks=None):
    end = None if end_ms is None else T0 + int(end_ms * MS)
    with warnings.catch_warnings():
        # Nautilus calls what pandas deprecates, and its compiled frames name the caller.
        warnings.simplefilter("ignore", DeprecationWarning)
        if chunks is None:
            engine.run(end=end)
            return
        for chunk in chunks:
            engine.add_data(chunk)
            engine.run(end=end, streaming=True)
            engine.clear_data()
        engine.end()
