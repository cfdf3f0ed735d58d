"""A strategy of ours on a clock and a venue that move only when a test moves them."""

from decimal import Decimal
from itertools import count
from typing import Any

from nautilus_trader.accounting.accounts.margin import MarginAccount
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderCanceled
from nautilus_trader.model.events import OrderCancelRejected
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.objects import AccountBalance
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order
from nautilus_trader.portfolio.portfolio import Portfolio

from actors.messages import FundingPayment
from catalog.instruments import resolve_instrument
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.nautilus.attached_stop import ATTACHED_STOP
from strategies.common.nautilus.attached_stop import WantedStop
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.strategy import TradingStrategy
from tests.markets import BTC
from tests.seed_rules import SeedRulesConfig


START = 1_767_571_200_000_000_000
ACCOUNT = AccountId("BYBIT-001")
ENTRY = 500_000  # ticks
LONG = Intent(
    is_long=True,
    entry=ENTRY,
    stop=ENTRY - 1000,
    tag="x_long",
    tp1_half=2 * ENTRY + 2000,
    tp2=ENTRY + 2000,
)
SHORT = Intent(
    is_long=False,
    entry=ENTRY,
    stop=ENTRY + 1000,
    tag="x_short",
    tp1_half=2 * ENTRY - 2000,
    tp2=ENTRY - 2000,
)


class SilentVenue:
    """
    Holds a strategy whose orders get the answers that a test gives them, and no other.

    Parameters
    ----------
    holds_orders : bool or None, default False
        If its orders wait for the next quote; None lets the strategy decide.
    keeps_stops : bool, default False
        If the venue keeps stops of positions, as a live one does.
    **config
        Settings of the strategy.

    """

    strategy_class: type[TradingStrategy] = TradingStrategy
    config_class: type[LimitsConfig] = SeedRulesConfig

    def __init__(
        self,
        *,
        holds_orders: bool | None = False,
        keeps_stops: bool = False,
        **config: Any,
    ) -> None:
        self.clock = TestClock()
        self.clock.set_time(START)
        self.instrument = resolve_instrument(BTC)
        trader_id = TraderId("TEST-001")
        self.msgbus = MessageBus(trader_id, self.clock)
        self.cache = Cache()
        portfolio = Portfolio(self.msgbus, self.cache, self.clock)
        self.cache.add_instrument(self.instrument)
        self.cache.add_account(MarginAccount(_account_state()))
        self.sent: list[Order] = []
        self.cancels: list[Order] = []
        self.params: list[dict[str, str] | None] = []
        self.wanted_stops: list[WantedStop] = []
        self.msgbus.register("RiskEngine.execute", self._take)
        self.msgbus.register("ExecEngine.execute", self._take)
        if keeps_stops:
            self.msgbus.register(f"BYBIT.{ATTACHED_STOP}", self.wanted_stops.append)
        self.strategy = self.strategy_class(
            self.config_class(instrument_id=self.instrument.id, order_id_tag="001", **config)
        )
        self.strategy.holds_orders = holds_orders
        self.strategy.register(trader_id, portfolio, self.msgbus, self.cache, self.clock)
        self._numbers = count(1)
        self.before_start()
        self.strategy.start()

    def before_start(self) -> None:
        """Prepare what the strategy finds when it starts; nothing here."""

    @property
    def now(self) -> int:
        return int(self.clock.timestamp_ns())

    @property
    def alarm(self) -> int | None:
        """Return when the strategy is woken next; None if never."""
        name = f"{self.strategy.id}-WAKE"
        return int(self.clock.next_time_ns(name)) if name in self.clock.timer_names else None

    @property
    def working(self) -> list[Order]:
        """Return the orders that are not over, oldest first."""
        return [order for order in self.sent if not order.is_closed]

    def advance(self, ns: int) -> None:
        """Let time pass, with all alerts in it."""
        for handler in self.clock.advance_time(self.now + ns):
            handler.handle()

    def quote(self, bid: int, ask: int, ts: int | None = None) -> None:
        ts = self.now if ts is None else ts
        units, size = self.strategy.units, self.strategy.units.quantity(5000)
        tick = QuoteTick(self.instrument.id, units.price(bid), units.price(ask), size, size, ts, ts)
        self.cache.add_quote_tick(tick)
        self.msgbus.publish(f"data.quotes.BYBIT.{self.instrument.id.symbol}", tick)

    def print(self, price: int, ts: int | None = None) -> None:
        ts = self.now if ts is None else ts
        units = self.strategy.units
        tick = TradeTick(
            self.instrument.id,
            units.price(price),
            units.quantity(1),
            AggressorSide.BUYER,
            TradeId(str(next(self._numbers))),
            ts,
            ts,
        )
        self.cache.add_trade_tick(tick)
        self.msgbus.publish(f"data.trades.BYBIT.{self.instrument.id.symbol}", tick)

    def fund(
        self,
        paid: float,
        *,
        strategy_id: str | None = None,
        instrument_id: InstrumentId | None = None,
        ts: int | None = None,
    ) -> None:
        """Let funding be paid, by the strategy in its instrument and now where nothing is said."""
        ts = self.now if ts is None else ts
        payment = FundingPayment(
            instrument_id or self.instrument.id,
            ts,
            self.now,
            strategy_id=strategy_id or self.strategy.id.value,
            rate=0.0001,
            price=50_000.0,
            quantity=1.0,
            paid=paid,
        )
        self.msgbus.publish(FundingPayment.topic(), payment)

    def accept(self, order: Order) -> None:
        self._tell(order, OrderAccepted, venue_order_id=_venue_id(order))

    def reject(self, order: Order) -> None:
        self._tell(order, OrderRejected, reason="no")

    def cancel(self, order: Order) -> None:
        self._tell(order, OrderCanceled, venue_order_id=_venue_id(order))

    def reject_cancel(self, order: Order) -> None:
        self._tell(order, OrderCancelRejected, venue_order_id=_venue_id(order), reason="no")

    def fill(self, order: Order, price: int, lots: int | None = None) -> None:
        units = self.strategy.units
        left = units.lots(order.leaves_qty)
        self._tell(
            order,
            OrderFilled,
            venue_order_id=_venue_id(order),
            trade_id=TradeId(str(next(self._numbers))),
            position_id=PositionId("P-1"),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=units.quantity(left if lots is None else min(lots, left)),
            last_px=units.price(price),
            currency=USDT,
            commission=Money(Decimal("0.1"), USDT),
            liquidity_side=LiquiditySide.TAKER,
        )

    def fill_kept_stop(self, price: int, *sizes: int, is_long: bool = True) -> Order:
        """Let the stop that the venue keeps close the position, in parts of so many lots."""
        units = self.strategy.units
        order = self.strategy.order_factory.stop_market(
            instrument_id=self.instrument.id,
            order_side=OrderSide.SELL if is_long else OrderSide.BUY,
            quantity=units.quantity(sum(sizes)),
            trigger_price=units.price(price),
            reduce_only=True,
            client_order_id=ClientOrderId(f"O-ATTACHED-{UUID4()}-S"),
        )
        self.cache.add_order(order)
        for kind in (OrderSubmitted, OrderAccepted):
            values = {"venue_order_id": _venue_id(order)} if kind is OrderAccepted else {}
            self._tell(order, kind, **values)
        for size in sizes:
            self.fill(order, price, size)
        return order

    def open_trade(self, intent: Intent = LONG) -> Order:
        """
        Enter, fill the entry and accept the stop, which is returned.

        Raises
        ------
        ValueError
            If the entry is refused.

        """
        decision, _ = self.strategy.decide(self.now, intent.entry, intent, warm=True)
        if decision.action is Action.HOLD:
            raise ValueError(f"the entry was refused: {decision.reason}")
        entry = self.sent[-1]
        self.accept(entry)
        self.fill(entry, intent.entry)
        stop = self.sent[-1]
        self.accept(stop)
        return stop

    def _take(self, command: SubmitOrder | CancelOrder) -> None:
        if isinstance(command, SubmitOrder):
            self.sent.append(command.order)
            self.params.append(command.params)
            self._tell(command.order, OrderSubmitted)
        elif isinstance(command, CancelOrder):
            self.cancels.append(self.cache.order(command.client_order_id))

    def _tell(self, order: Order, kind: type[OrderEvent], **values: Any) -> None:
        event = kind(
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            account_id=ACCOUNT,
            event_id=UUID4(),
            ts_event=self.now,
            ts_init=self.now,
            **values,
        )
        order.apply(event)
        self.cache.update_order(order)
        self.strategy.handle_event(event)


def _venue_id(order: Order) -> VenueOrderId:
    return VenueOrderId(f"V-{order.client_order_id}")


def _account_state() -> AccountState:
    money = Money(10_000, USDT)
    return AccountState(
        account_id=ACCOUNT,
        account_type=AccountType.MARGIN,
        base_currency=None,
        reported=True,
        balances=[AccountBalance(money, Money(0, USDT), money)],
        margins=[],
        info={},
        event_id=UUID4(),
        ts_event=0,
        ts_init=0,
    )
