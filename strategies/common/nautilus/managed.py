"""A Nautilus strategy that manages a trade: orders, fills, funding, records and kept state."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import ClassVar

from actors.instrument import required_instrument
from actors.messages import Alert as AlertMessage
from actors.messages import Decision
from actors.messages import Message
from actors.messages import StateSnapshot
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from strategies.common.commands import Command
from strategies.common.commands import Purpose
from strategies.common.costs import BASIS_POINTS
from strategies.common.events import Rejected
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.nautilus.attached_stop import AttachedStop
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.deferred_actions import running_loop
from strategies.common.nautilus.foreign_fills import ForeignFills
from strategies.common.nautilus.funding import FundingListener
from strategies.common.nautilus.order_events import is_submitted
from strategies.common.nautilus.order_execution import OrderExecution
from strategies.common.nautilus.order_execution import bar_type_of
from strategies.common.nautilus.parts import StrategyParts
from strategies.common.nautilus.several_trades import SeveralTrades
from strategies.common.nautilus.state_persistence import StatePersistence
from strategies.common.nautilus.units import Units
from strategies.common.order_tags import meaning_of
from strategies.common.records import Alert
from strategies.common.records import EntryFilled
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.run_report import notice_of
from strategies.common.sizing import PositionSize
from strategies.common.sizing_policy import Sizing
from strategies.common.trade_book import TradeBook
from strategies.common.trade_watch import TradeWatch


class ManagedStrategy(StrategyParts):
    """
    Owns a trade book, and connects it to the market, the clock and the venue's events.

    How orders are sent is documented at `OrderExecution`. On a live clock it starts inactive,
    adopts the position and orders at the venue, and messages go out once the orders have left; only
    the state for the journal comes before them.

    Parameters
    ----------
    config : LimitsConfig
        The configuration.

    Attributes
    ----------
    PUBLISHES : tuple[type[Message], ...]
        The messages that it publishes.
    notices : Counter[str]
        Notices for a reader of the result, and how often each occurred.
    is_live : bool
        If the clock is a live one; to be set before the start.
    observe_until : int
        Boundaries up to this time (ns UTC) are the past.
    holds_orders : bool or None
        If orders wait for the next quote, as at a simulated venue; None lets the clock decide.
    market_bars : BarType or None
        The bars of the market, in a run of bars alone; orders then go at the
        close of the bar that decides. To be set before the start.
    subscribes : bool
        If it subscribes to the market of its instrument, whose bars alone its actor takes: to
        quotes and trades, or to `market_bars`. To be set before the start.
    funded_until_ns : int
        The time (ns UTC) up to which funding is in the books.
    total_loss_day : int or None
        The last UTC day (since the epoch) on which the loss of all strategies of the node has
        reached its limit: nothing more is entered on it.

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
        self.market_bars: Any = None
        self.subscribes = False
        self.funded_until_ns = 0
        self.total_loss_day: int | None = None
        self._persistence: StatePersistence | None = None
        self._deferred = DeferredActions(self._fail, None)
        self._restored: Any = None
        self._loaded: bytes | None = None
        self._entered: Decimal | None = None

    def on_start(self) -> None:
        self.instrument = instrument = required_instrument(self.cache, self.config.instrument_id)
        self.units = Units(instrument)
        self.account = self.make_account()
        if self.holds_orders is None:
            self.holds_orders = not self.is_live and self.market_bars is None
        if self.is_live:
            self._deferred = DeferredActions(self._fail, running_loop())
            self._active = False
            self.observe_until = self._now()
        self._publisher = self.make_publisher(self._deferred)
        self.router = self.make_router()
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
            self.size_within_limits,
            Ledger(Decimal(0), self.config.max_daily_loss, self.config.daily_profit_target),
            self.take_record,
            self.account.equity,
        )
        self._watch = TradeWatch(self, self.manager.slots)
        several = SeveralTrades(self, self.router, self._execution.deferred)
        several.connect(self.account, is_live=self.is_live)
        self._funding = FundingListener(self)
        self._funding.start()
        self._recover()
        self._execution.listen()
        if self.subscribes:
            self._subscribe()
        self._watch.go_on(self.manager.trades)

    def set_market_bars(self, bar_type: str | None) -> None:
        """Set, before the start, the bars of a market of bars alone; None for ticks."""
        self.market_bars = None if bar_type is None else bar_type_of(bar_type)

    def on_stop(self) -> None:
        """Cancel entries; positions stay, with their stops at the venue."""
        self._deferred.close()
        self.keep_state("STOP")
        self._execution.deferred.clear()
        for order in self.cache.orders_open(strategy_id=self.id) + self.cache.orders_inflight(
            strategy_id=self.id
        ):
            found_as = meaning_of(order.tags, order.client_order_id.value)
            # Any other order may protect a position.
            if found_as is not None and found_as[0] is Purpose.ENTRY and not order.is_reduce_only:
                self.cancel_order(order)
        self._execution.stop()
        self._funding.stop()

    def on_save(self) -> dict[str, bytes]:
        kept = self._persistence
        return {} if kept is None else {"trading": kept.encoded()}

    def on_load(self, state: dict[str, bytes]) -> None:
        if "trading" in state:
            self._loaded = state["trading"]

    def size(self, intent: Intent) -> PositionSize:
        """Return the size of an entry by the present account, or the reason why there is none."""
        return self.sizing.size(intent, self.account, self.manager.params)

    def on_commands(self, commands: Sequence[Command], ts: int) -> None:
        """Handle the commands that the trade manager has sent at a time (ns UTC)."""

    def on_trade_opened(self, fill: EntryFilled, trade_id: int) -> None:
        """Handle the first fill of a trade."""

    def on_trade_closed(self, closed: TradeClosed, trade_id: int) -> None:
        """Handle the end of a trade that had fills."""

    def on_trade_dropped(self, ts: int, trade_id: int) -> None:
        """Handle the end (ns UTC) of a trade without a result: unfilled, or gone from the venue."""

    def on_print(self, ts: int, price: int) -> None:
        """Handle a print (ns UTC, ticks), before the trade manager does."""

    def signal_state(self) -> Any:
        """Return the state of the source of intents, fit for JSON; None without any."""
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
        """Record that commands, perhaps none, have been carried out."""
        self._watch.drop_missing(ts)
        if commands:
            self.on_commands(commands, ts)

    def on_order_event(self, event: Any) -> None:
        if is_submitted(event):
            self._deferred.catch_up()
        fill = self.router.foreign_fill(event)
        if fill is not None and not self._attached.take(fill) and self.is_live:
            self._foreign.take(fill)
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
        """Publish the reports of the trade book about a trade, and call its hooks."""
        if isinstance(record, EntrySubmitted):
            self._entered = record.lots * self.units.lot
        elif isinstance(record, Alert):
            self.notices[notice_of(record)] += 1
        trade = None if trade_id is None else self.manager.trades.get(trade_id)
        self._publisher.record(record, None if trade is None else trade.intent, trade_id)
        if trade_id is not None:
            self._watch.take(record, trade_id)

    def alert(self, ts: int, kind: str, text: str, value: float | None = None) -> None:
        """Publish an alert."""
        self._publisher.alert(ts, kind, text, value)

    def publish(self, message: Message) -> None:
        """Publish a message, on a live clock once the orders have left; the order stays."""
        self._publisher.publish(message)

    def defer(self, action: Callable[[], object]) -> None:
        """Run an action, on a live clock once the orders have left."""
        self._deferred.do(action)

    def keep_state(self, cause: str) -> None:
        if self._persistence is not None:
            self._persistence.publish(cause)

    def _subscribe(self) -> None:
        if self.market_bars is not None:
            self.subscribe_bars(self.market_bars)
            return
        # Quotes first: one Databento subscription then carries both.
        self.subscribe_quote_ticks(self.instrument.id)
        self.subscribe_trade_ticks(self.instrument.id)

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
            self.total_loss_day, self._restored = kept.total_loss_day or None, kept.signals
        persistence.start_timer()

    def _fail(self, error: Exception) -> None:
        self.log.exception("What was done after the orders has failed", error)
        self.shutdown_system(f"{self.id}: {type(error).__name__}: {error}")
