"""A Nautilus strategy that manages a trade: orders, fills, funding, records and kept state."""

import asyncio
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import ClassVar

from nautilus_trader.model.data import BarType
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import PositionId

from actors.instrument import required_instrument
from actors.messages import Alert as AlertMessage
from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import StateSnapshot
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from errors import UsageError
from strategies.common.book_params import PositionMode
from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.events import Rejected
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.attached_stop import AttachedStop
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.controls import TradeControls
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.foreign_fills import ForeignFills
from strategies.common.nautilus.order_execution import OrderExecution
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.order_router import meaning_of
from strategies.common.nautilus.publisher import Publisher
from strategies.common.nautilus.state_persistence import StatePersistence
from strategies.common.nautilus.units import Units
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntryFilled
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.sizing_policy import Sizing
from strategies.common.trade_book import TradeBook


BASIS_POINTS = Decimal(10_000)
CAPPED = "LEVERAGE_CAP: the size by risk was cut to what leverage and margin allow"


class ManagedStrategy(TradeControls):
    """
    Owns a trade book, and connects it to the market, the clock and the venue's events.

    How orders are sent is documented at `OrderExecution`. On a live clock it starts inactive, takes
    over what the venue has, and messages go out once the orders have left; only the state for the
    journal comes before them.

    Parameters
    ----------
    config : LimitsConfig
        The configuration.

    Attributes
    ----------
    PUBLISHES : tuple[type[Message], ...]
        The messages that it publishes.
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.
    is_live : bool
        If the clock is a live one; to be set before the start.
    observe_until : int
        Boundaries up to this time (ns UTC) are the past.
    holds_orders : bool or None
        If orders wait for the next quote, as at a simulated venue; None lets the clock decide.
    market_bars : BarType or None
        The bars that are all there is of the market, in a backtest of bars alone; orders then go at
        the close of the bar that decides. To be set before the start.
    funded_until_ns : int
        The time (ns UTC) up to which funding is in the books.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        Decision,
        TradeEvent,
        AlertMessage,
        TradingStatus,
        StateSnapshot,
    )

    def __init__(self, config: LimitsConfig) -> None:
        super().__init__(config)
        self.notices: Counter[str] = Counter()
        self.is_live = False
        self.observe_until = 0
        self.holds_orders: bool | None = None
        self.market_bars: BarType | None = None
        self.funded_until_ns = 0
        self._persistence: StatePersistence | None = None
        self._deferred = DeferredActions(self._fail, None)
        self._restored: Any = None
        self._loaded: bytes | None = None
        self._entered: Decimal | None = None
        # The trades that have had no fill yet, and those whose end was not told of.
        self._awaits_fill: set[int] = set()
        self._awaits_end: set[int] = set()

    def on_start(self) -> None:
        self.instrument = instrument = required_instrument(self.cache, self.config.instrument_id)
        self.units = Units(instrument)
        self.account = Account(self.portfolio, self.cache, instrument, self.units, self.config)
        if self.holds_orders is None:
            self.holds_orders = not self.is_live and self.market_bars is None
        if self.is_live:
            self._deferred = DeferredActions(self._fail, _running_loop())
            self._active = False
            self.observe_until = self._now()
        self._publisher = Publisher(self, self.account, self._deferred)
        self.router = OrderRouter(self, instrument.id, self.units, marks_ids=self.is_live)
        self._foreign = ForeignFills(self, self.router)
        self._attached = AttachedStop(self, self.router, self.config.attached_stop_bps)
        self._execution = OrderExecution(
            self,
            self.router,
            self._attached,
            is_live=self.is_live,
            holds_orders=self.holds_orders,
            market_bars=self.market_bars,
        )
        self.sizing: Sizing = self.config.sizing()
        fee = instrument.taker_fee * BASIS_POINTS
        self.manager = TradeBook(
            self.config.trade_params(self.units.tick_value, fee),
            self.config.book_params(),
            self.size,
            Ledger(Decimal(0), self.config.max_daily_loss, self.config.daily_profit_target),
            self.take_record,
            self.account.equity,
        )
        self._tell_trades_apart()
        self.msgbus.subscribe(topic=FundingPayment.topic(), handler=self._on_funding)
        self._recover()
        self._execution.listen()
        trades = self.manager.trades
        self._awaits_fill = {key for key, trade in trades.items() if trade.ts_open is None}
        self._awaits_end = set(trades)

    def on_stop(self) -> None:
        """
        Take back entries, which nobody would protect any more; a stop at the venue stays there.

        A position is not closed: whoever stops a system decides about that first.
        """
        self._deferred.close()
        self.keep_state("STOP")
        self.router.held.clear()
        for order in self.cache.orders_open(strategy_id=self.id) + self.cache.orders_inflight(
            strategy_id=self.id
        ):
            found_as = meaning_of(order)
            # Whatever else is there may protect a position.
            if found_as is not None and found_as[0] is Purpose.ENTRY and not order.is_reduce_only:
                self.cancel_order(order)
        self._execution.stop()
        self.msgbus.unsubscribe(topic=FundingPayment.topic(), handler=self._on_funding)

    def on_save(self) -> dict[str, bytes]:
        if self._persistence is None:
            return {}
        return {"trading": self._persistence.encoded()}

    def on_load(self, state: dict[str, bytes]) -> None:
        if "trading" in state:
            self._loaded = state["trading"]

    def size(self, intent: Intent) -> PositionSize:
        """Return the size of an entry with the money there is now, or why there is none."""
        return self.sizing.size(intent, self.account, self.manager.params)

    def on_commands(self, commands: Sequence[Command], ts: int) -> None:
        """Take what the trade manager has sent at a time (ns UTC)."""

    def on_trade_opened(self, fill: EntryFilled, trade_id: int) -> None:
        """Take the first fill of a trade."""

    def on_trade_closed(self, closed: TradeClosed, trade_id: int) -> None:
        """Take the end of a trade that had fills."""

    def on_trade_dropped(self, ts: int, trade_id: int) -> None:
        """Take the end (ns UTC) of a trade without a result: unfilled, or gone from the venue."""

    def on_print(self, ts: int, price: int) -> None:
        """Take a print (ns UTC, ticks), before the trade manager does."""

    def signal_state(self) -> Any:
        """Return the state of what makes the intents, fit for JSON; None where it has none."""
        return None

    def check_signal_state(self, state: Any) -> None:
        """
        Refuse a `signal_state` that this strategy cannot go on from; nothing is changed.

        Raises
        ------
        AuctionError
            If it is damaged or of another version.

        """

    def execute(self, commands: Sequence[Command], ts: int) -> None:
        self._execution.execute(commands, ts)

    def after_commands(self, commands: Sequence[Command], ts: int) -> None:
        """Take note that commands, perhaps none, have been carried out."""
        if self._awaits_end:
            for trade_id in sorted(self._awaits_end.difference(self.manager.trades)):
                self._awaits_fill.discard(trade_id)
                self._awaits_end.discard(trade_id)
                self.on_trade_dropped(ts, trade_id)
        if commands:
            self.on_commands(commands, ts)

    def on_order_event(self, event: OrderEvent) -> None:
        if isinstance(event, OrderSubmitted):
            self._deferred.catch_up()
        self._attached.take(event)
        if self.is_live:
            self._foreign.take(event)
        for translated in self.router.translate(event):
            if not (self.is_live or self.holds_orders):
                # In a replay a venue behind a socket has a clock of its own.
                translated = replace(translated, ts=self._now())
            # The quote that has filled an order does not fill its successor as well.
            commands = self.manager.on_order_event(translated)
            self.execute(commands, translated.ts + 1)
            if isinstance(translated, Rejected):
                self._foreign.doubt(translated)
            if not commands:
                self.keep_state("ORDER")
        # The next entry finds the figures of the account ready.
        self.defer(self.account.refresh)

    def take_record(self, record: Record, trade_id: int | None) -> None:
        """Publish what the trade book reports of a trade, and call the hooks of a trade."""
        if isinstance(record, EntrySubmitted):
            self._entered = record.lots * self.units.lot
        elif isinstance(record, Alert) and record.kind is AlertKind.LEVERAGE_CAP:
            self.notices[CAPPED] += 1
        elif isinstance(record, Alert):
            self.notices[f"{record.kind}: {record.message}".removesuffix(": ")] += 1
        trade = None if trade_id is None else self.manager.trades.get(trade_id)
        self._publisher.record(record, None if trade is None else trade.intent, trade_id)
        if trade_id is None:
            return
        if isinstance(record, EntrySubmitted):
            self._awaits_fill.add(trade_id)
            self._awaits_end.add(trade_id)
        elif isinstance(record, EntryFilled) and trade_id in self._awaits_fill:
            self._awaits_fill.discard(trade_id)
            self.on_trade_opened(record, trade_id)
        elif isinstance(record, TradeClosed):
            self._awaits_fill.discard(trade_id)
            self._awaits_end.discard(trade_id)
            self.on_trade_closed(record, trade_id)

    def alert(self, ts: int, kind: str, text: str, value: float | None = None) -> None:
        """Publish an alert."""
        self._publisher.alert(ts, kind, text, value)

    def publish(self, message: Message) -> None:
        """Publish a message, on a live clock once the orders have left; the order stays."""
        self._publisher.publish(message)

    def defer(self, action: Callable[[], object]) -> None:
        """Do something, on a live clock once the orders have left."""
        self._deferred.do(action)

    def keep_state(self, cause: str) -> None:
        if self._persistence is not None:
            self._persistence.publish(cause)

    def _tell_trades_apart(self) -> None:
        params = self.manager.book_params
        if params.max_trades > 1:
            self.router.trade_id_of = self.manager.slots.trade_id_of
            self.account.deferred_notionals = self._deferred_notionals
        if params.positions is not PositionMode.NETTING:
            if self.is_live:
                raise UsageError(f"{self.id}: a live node holds one position per instrument only")
            self.router.position_id_of = self._position_of

    def _position_of(self, order_id: int) -> PositionId | None:
        """Return the position that the entry of an order's trade has opened."""
        trade = self.manager.slots.trade_of(order_id)
        for order in () if trade is None else trade.orders.all():
            name = self.router.client_id(order.command.order_id)
            if order.command.purpose is Purpose.ENTRY and name is not None:
                found = self.cache.position_id(ClientOrderId(name))
                if found is not None:
                    return found
        return None

    def _deferred_notionals(self) -> list[Decimal]:
        entries = (h.command for h in self.router.held if h.command.purpose is Purpose.ENTRY)
        prices = [(c, self.manager.slots.trade_of(c.order_id)) for c in entries]
        tick_value = self.units.tick_value
        return [abs(t.intent.entry) * c.lots * tick_value for c, t in prices if t is not None]

    def _recover(self) -> None:
        self._persistence = persistence = StatePersistence(
            self, self.router, self._loaded, self.check_signal_state
        )
        if self.is_live:
            state, result = persistence.recover()
            self._restored = None if state is None else state.signals
            self.execute(result.commands, self._now())
            self.keep_state("RECOVERED")
        elif (kept := persistence.load()) is not None:
            self.manager.restore_state(self._now(), kept.book_state())
        persistence.start_timer()

    def _on_funding(self, payment: FundingPayment) -> None:
        if payment.strategy_id != self.id.value:
            return
        if payment.instrument_id != self.config.instrument_id:
            return
        ts = payment.ts_event
        self.funded_until_ns = max(self.funded_until_ns, ts)
        commands = self.manager.on_funding(ts, Decimal(str(payment.paid)))
        self.execute(commands, ts)
        if not commands:
            self.keep_state("FUNDING")

    def _fail(self, error: Exception) -> None:
        self.log.exception("What was done after the orders has failed", error)
        self.shutdown_system(f"{self.id}: {type(error).__name__}: {error}")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        # A live clock without a node's loop: everything is done at once.
        return None
