"""The Nautilus strategy under every system: intents in, protected trades out."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from actors.instrument import required_instrument
from actors.messages import DataGap
from actors.messages import DataSilence
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import TradingStatus
from actors.order_marks import meaning
from strategies.common.commands import Cancel
from strategies.common.commands import Command
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.decisions import decide
from strategies.common.events import OrderEvent as TradeOrderEvent
from strategies.common.events import Rejected
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import Decision
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.ledger import heat
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.attached_stop import AttachedStop
from strategies.common.nautilus.attached_stop import Terms
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.foreign_fills import ForeignFills
from strategies.common.nautilus.order_router import DeferredOrder
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.order_router import meaning_of
from strategies.common.nautilus.record_mapper import Journal
from strategies.common.nautilus.state_persistence import StatePersistence
from strategies.common.nautilus.units import Units
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import Alert
from strategies.common.records import AlertKind
from strategies.common.records import EntrySubmitted
from strategies.common.records import Record
from strategies.common.recovery import emergency_distance
from strategies.common.recovery import hold
from strategies.common.sizing import PositionSize
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import SECOND_NS


BASIS_POINTS = Decimal(10_000)
# The priority of a strategy among those that receive its actor's messages.
FIRST = 10
CAPPED = "LEVERAGE_CAP: the size by risk was cut to what leverage and margin allow"


class TradingStrategy(Strategy):  # type: ignore[misc]
    """
    Drives one trade manager with the market, the clock and the venue's events.

    A system derives from it, turns its actor's messages into intents and hands each to `decide`.
    At a simulated venue every order but a protective stop is sent on the first quote after what set
    it off (the first trade where the run has no quotes): the quote before it may be older than the
    print that has moved the market, and a market which has stopped fills nothing. To a real venue
    orders go at once, it is the judge there. An entry that no quote has released within its
    time-out is dropped, and so is one at market which has been given up since or whose stop that
    quote has reached.

    On a live clock it starts in observation: it decides and enters nothing until it is activated.
    Boundaries from before its start, which a warm-up replays, only feed the decision machine.

    A backtest listens to prints only while there is a trade. An actor must have subscribed to the
    trades and quotes of the instrument. On a live clock messages go out once the orders have left;
    only the state for the journal comes before them.

    Parameters
    ----------
    config : LimitsConfig
        The configuration.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.
    active : bool
        If it may enter; an open trade is managed in any case.
    closes_seen : int
        The closed minutes or seconds that have reached it.
    gaps_seen : int
        The gaps in its data that have ended.
    closes_cold : int
        The closed minutes or seconds since the end of the first gap at which it was not warm.
    stale : bool
        If the market has not been heard of for too long to enter.
    warm : bool
        If its indicators had seen enough data at the last boundary.
    observe_until : int
        Boundaries up to this time (ns UTC) are the past: they feed the decision machine alone.
    holds_orders : bool or None
        If orders wait for the next quote, as at a simulated venue; None lets the clock decide.
    funded_until_ns : int
        The time (ns UTC) up to which funding is in the books.
    restored_signals : dict[str, Any] or None
        What `signal_state` has returned before a restart; there after `on_start` of this class.

    """

    def __init__(self, config: LimitsConfig) -> None:
        super().__init__(config)
        self.notices: Counter[str] = Counter()
        self.closes_seen = 0
        self.gaps_seen = 0
        self.closes_cold = 0
        self.stale = False
        self.warm = False
        self.observe_until = 0
        self.holds_orders: bool | None = None
        self.funded_until_ns = 0
        self._continuity: StatePersistence | None = None
        self._active = True
        self._afterwards = DeferredActions(self._fail, None)
        self.manager: TradeManager
        self.restored_signals: dict[str, Any] | None = None
        self._loaded: bytes | None = None
        self._wake: int | None = None
        self._hears_trades = False
        self._hears_quotes = False
        instrument_id = config.instrument_id
        self._quotes = f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}"
        self._trades = f"data.trades.{instrument_id.venue}.{instrument_id.symbol}"

    @property
    def active(self) -> bool:
        """Return True if it may enter; an open trade is managed in any case."""
        return self._active

    @active.setter
    def active(self, value: bool) -> None:
        changed, self._active = value != self._active, value
        if changed:
            self._keep_state("STATE")

    def on_start(self) -> None:
        instrument = required_instrument(self.cache, self.config.instrument_id)
        self.instrument = instrument
        self.units = Units(instrument)
        self._raw_tick = instrument.price_increment.raw
        self.account = Account(self.portfolio, self.cache, instrument, self.units, self.config)
        self._journal = Journal(instrument.id, self.id, self.units)
        self._is_live = isinstance(self.clock, LiveClock)
        if self.holds_orders is None:
            self.holds_orders = not isinstance(self.clock, LiveClock)
        self._desk = OrderRouter(self, instrument.id, self.units, marks_ids=self._is_live)
        self._foreign = ForeignFills(self, self._desk)
        self._attached = AttachedStop(self, self._desk, self.config.attached_stop_bps)
        if self._is_live:
            self._afterwards = DeferredActions(self._fail, _running_loop())
            self._active = False
            self.observe_until = self.clock.timestamp_ns()
        self.manager = TradeManager(
            self.config.trade_params(
                self.units.tick_value,
                instrument.taker_fee * BASIS_POINTS,
            ),
            self._size,
            Ledger(Decimal(0), self.config.max_daily_loss),
            self._record,
        )
        self.msgbus.subscribe(topic=FundingPayment.topic(), handler=self._on_funding)
        self.msgbus.subscribe(topic=DataGap.topic(), handler=self._on_gap, priority=FIRST)
        self.msgbus.subscribe(topic=DataSilence.topic(), handler=self._on_silence, priority=FIRST)
        self._continuity = StatePersistence(self, self._desk, self._loaded, self.check_signal_state)
        if self._is_live:
            state, result = self._continuity.recover()
            self.restored_signals = None if state is None else state.signals
            self._execute(result.commands, self.clock.timestamp_ns())
            self._keep_state("RECOVERED")
        elif (kept := self._continuity.load()) is not None:
            self.manager.restore_state(self.clock.timestamp_ns(), kept.manager)
        self._continuity.start_timer()
        self._listen()

    def on_stop(self) -> None:
        """
        Take back entries, which nobody would protect any more; a stop at the venue stays there.

        A position is not closed: whoever stops a system decides about that first.
        """
        self._afterwards.close()
        self._keep_state("STOP")
        self._desk.held.clear()
        for order in self.cache.orders_open(strategy_id=self.id) + self.cache.orders_inflight(
            strategy_id=self.id
        ):
            found_as = meaning_of(order)
            # Whatever else is there may protect a position.
            if found_as is not None and found_as[0] is Purpose.ENTRY and not order.is_reduce_only:
                self.cancel_order(order)
        for topic, handler, hears in (
            (self._trades, self._on_trade, self._hears_trades),
            (self._quotes, self._on_quote, self._hears_quotes),
            (FundingPayment.topic(), self._on_funding, True),
            (DataGap.topic(), self._on_gap, True),
            (DataSilence.topic(), self._on_silence, True),
        ):
            if hears:
                self.msgbus.unsubscribe(topic=topic, handler=handler)
        self._hears_trades = self._hears_quotes = False
        name = f"{self.id}-WAKE"
        if name in self.clock.timer_names:
            self.clock.cancel_timer(name)
        self._wake = None

    def on_save(self) -> dict[str, bytes]:
        if self._continuity is None:
            return {}
        return {"trading": self._continuity.encoded()}

    def on_load(self, state: dict[str, bytes]) -> None:
        if "trading" in state:
            self._loaded = state["trading"]

    def signal_state(self) -> dict[str, Any] | None:
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

    def decide(
        self,
        ts: int,
        close_price: int | None,
        intent: Intent | None,
        *,
        warm: bool,
    ) -> tuple[Decision, Decimal | None]:
        """
        Take a boundary: refuse, enter, turn or leave, and publish the state after it.

        Parameters
        ----------
        ts : int
            The boundary (ns UTC).
        close_price : int or None
            The close in ticks; None without trades.
        intent : Intent or None
            What the system wants.
        warm : bool
            If its indicators have seen enough data.

        Returns
        -------
        tuple[Decision, Decimal or None]
            What is done and why, and the size of an entry that is sent now.

        """
        self.warm = warm
        self._entered: Decimal | None = None
        if ts <= self.observe_until:
            return Decision(Action.HOLD, None if intent is None else Refusal.OBSERVATION), None
        quote = self.cache.quote_tick(self.config.instrument_id)
        if quote is not None:
            bid, ask = self.units.ticks(quote.bid_price), self.units.ticks(quote.ask_price)
            self._execute(self.manager.on_quote(ts, bid, ask), ts)
        if self._desk.held:
            self._drop_held_entries(ts)
        too_costly: Refusal | None = None
        if intent is not None:
            intent, too_costly = self.account.reckoned(intent)
        decision, commands = decide(
            self.manager,
            ts,
            close_price,
            intent,
            warm=warm,
            active=self.active,
            stale=self.stale,
            too_costly=too_costly,
        )
        self._execute(commands, ts)
        self._afterwards.do(partial(self._publish_status, ts))
        return decision, self._entered

    def flatten(
        self,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
        ts: int | None = None,
    ) -> None:
        """Give up a working entry and close the position at market, now or as of a boundary."""
        ts = self._time() if ts is None else ts
        self._execute(self.manager.flatten(ts, reason, drop), ts)

    def stop_entries(self, reason: DropReason) -> None:
        """Give up a working entry and the second half of a flip; the position stays managed."""
        ts = self._time()
        self._execute(self.manager.stop_entries(ts, reason), ts)

    def halt(self, message: str) -> None:
        """Doubt position and orders: enter nothing more until `resume`."""
        ts = self._time()
        self._execute(self.manager.halt(ts, message), ts)
        self._keep_state("STATE")

    def hold(self, position: Decimal, price: Decimal, message: str) -> None:
        """Halt, and put a stop to the position (signed) that the account has instead of ours."""
        ts, tick = self._time(), self.units.tick
        average, lots = Fraction(price / tick), int(position / self.units.lot)
        distance = emergency_distance(average, Fraction(self.config.emergency_stop_pct))
        held = hold(self.manager, ts, lots, average, distance, message)
        self._execute(held.commands, ts)
        self._keep_state("STATE")

    def halt_entries(self) -> None:
        """Enter nothing more until `resume_entries`: an operator has said so."""
        self.manager.halted = True
        self._keep_state("STATE")

    def resume_entries(self) -> None:
        """End a halt: an operator has looked at position and orders."""
        self.manager.halted = False
        self._keep_state("STATE")

    @property
    def position(self) -> Decimal:
        """Return the signed size of the position that the trade manager knows of."""
        trade = self.manager.trade
        return Decimal(0) if trade is None else trade.side * trade.open * self.units.lot

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a position nor an order."""
        return self.manager.trade is None

    def is_own_order(self, client_order_id: ClientOrderId) -> bool:
        """Return True if an identifier is one that this strategy gives its orders."""
        name = client_order_id.value
        tags = f"-{self.trader_id.get_tag()}-{self.id.get_tag()}-"
        return tags in name and meaning(name) is not None

    def live_orders(self) -> set[ClientOrderId]:
        """Return the orders of its trades that can still be filled, as far as it knows."""
        return self._desk.live_orders(self.manager)

    def on_order_event(self, event: OrderEvent) -> None:
        if isinstance(event, OrderSubmitted):
            self._afterwards.catch_up()
        self._attached.take(event)
        if self._is_live:
            self._foreign.take(event)
        for translated in self._desk.translate(event):
            if not (self._is_live or self.holds_orders):
                # In a replay a venue behind a socket has a clock of its own.
                translated = replace(translated, ts=self._time())
            # The quote that has filled an order does not fill its successor as well.
            commands = self.manager.on_order_event(translated)
            self._execute(commands, translated.ts + 1)
            if isinstance(translated, Rejected):
                self._foreign.doubt(translated)
            if not commands:
                self._keep_state("ORDER")
        # The next entry finds the figures of the account ready.
        self._afterwards.do(self.account.refresh)

    def on_position_found(self, held: Decimal) -> None:
        """
        Take the venue's word on the position: a trade that it has nothing of is forgotten.

        Parameters
        ----------
        held : Decimal
            The signed size at the venue.

        """
        trade = self.manager.trade
        if trade is None or trade.open <= 0 or held * trade.side > 0:
            return
        ts = self._time()
        text = f"{trade.open * self.units.lot} to close, but the venue has no position"
        self._execute(self.manager.abandon(ts, text), ts)

    def count_close(self, *, warm: bool) -> None:
        """Count a closed minute or second, and whether a gap has left it without warm-up."""
        self.closes_seen += 1
        self.closes_cold += self.gaps_seen > 0 and not warm

    def on_data_gap(self, ts: int) -> None:
        """Start to warm up again: data were missing up to a time (ns UTC)."""

    def on_data_silence(self) -> None:
        """Be cold until the next `on_data_gap`: the quotes are silent."""

    @property
    def not_warm_reason(self) -> str:
        """Return what it waits for while it is not warm."""
        return "not warm yet"

    def describe_progress(self) -> list[str]:
        """Return, for a reader of a run without a candidate, how far its rule has come."""
        return []

    def alert(self, ts: int, kind: str, text: str, value: float | None = None) -> None:
        """Publish an alert."""
        exact = None if value is None else Decimal(str(value))
        self.publish(self._journal.alert(ts, self.clock.timestamp_ns(), kind, text, exact))

    def publish(self, message: Message) -> None:
        """Publish a message, on a live clock once the orders have left; the order stays."""
        self._afterwards.do(partial(self.publish_data, message.data_type, message))

    def _on_gap(self, gap: DataGap) -> None:
        if gap.instrument_id != self.config.instrument_id:
            return
        self.gaps_seen += 1
        self.on_data_gap(gap.end)
        self._give_up_entries()

    def _on_silence(self, silence: DataSilence) -> None:
        if silence.instrument_id == self.config.instrument_id:
            self.on_data_silence()
            self._give_up_entries()

    def _give_up_entries(self) -> None:
        if self.manager.trade is not None:
            self.stop_entries(DropReason.STALE)

    def _fail(self, error: Exception) -> None:
        self.log.exception("What was done after the orders has failed", error)
        self.shutdown_system(f"{self.id}: {type(error).__name__}: {error}")

    def _execute(self, commands: Sequence[Command], ts: int) -> None:
        if not commands and not self._desk.held:
            self._listen()
            return
        trade = self.manager.trade
        ready: list[tuple[Order, Terms | None] | int] = []
        for command in commands:
            if isinstance(command, Cancel):
                ready.append(command.order_id)
                continue
            if trade is None:
                raise RuntimeError(f"order {command.order_id} belongs to no trade")
            if not self.holds_orders or command.kind is OrderKind.STOP:
                order = self._desk.make(command, trade.intent)
                ready.append((order, self._attached.terms(command, trade)))
            else:
                self._desk.held.append(DeferredOrder(command, trade.intent, ts))
        if commands:
            # The state comes before the orders: after a crash the journal knows them.
            self._keep_state("COMMANDS")
        for item in ready:
            if not isinstance(item, int):
                order, terms = item
                self.submit_order(order, params=terms)
                continue
            ended = self._desk.cancel(item, ts)
            if ended is not None:
                self._execute(self.manager.on_order_event(ended), ts)
        if self._desk.held and self._is_given_up():
            self._tell_canceled(self._desk.drop_market_entries(ts), ts)
        self._listen()

    def _listen(self) -> None:
        hears = self._is_live or self.manager.trade is not None
        if hears is not self._hears_trades:
            self._subscribe(self._trades, self._on_trade, hears)
            self._hears_trades = hears
        hears = bool(self._desk.held)
        if hears is not self._hears_quotes:
            self._subscribe(self._quotes, self._on_quote, hears)
            self._hears_quotes = hears
        if self.manager.wake_ns != self._wake:
            self._afterwards.do(self._set_alarm)
        if self._attached.is_offered:
            self._attached.follow(self.manager.trade)

    def _set_alarm(self) -> None:
        name = f"{self.id}-WAKE"
        if name in self.clock.timer_names:
            self.clock.cancel_timer(name)
        self._wake = wake = self.manager.wake_ns
        if wake is not None:
            now = self.clock.timestamp_ns()
            ahead = self.manager.time_ns - now
            # The manager's time never goes back: with a clock that has, pauses are as long as ever.
            late = wake - ahead if ahead > SECOND_NS else wake
            # An alert at the time itself would come after data stamped with it.
            self.clock.set_time_alert_ns(name, max(late - 1, now), self._on_wake)

    def _subscribe(self, topic: str, handler: Any, hears: bool) -> None:
        if hears:
            self.msgbus.subscribe(topic=topic, handler=handler)
        else:
            self.msgbus.unsubscribe(topic=topic, handler=handler)

    def _on_trade(self, tick: TradeTick) -> None:
        ts = tick.ts_event
        price = tick.price.raw // self._raw_tick
        if self._desk.held and self.cache.quote_tick_count(self.config.instrument_id) == 0:
            self._release(ts, price, price)
        commands = self.manager.on_trade(ts, price)
        # A print through the stop may start no more than the wait for the venue to fill it.
        if commands or self.manager.wake_ns != self._wake:
            self._execute(commands, ts)

    def _on_quote(self, tick: QuoteTick) -> None:
        bid, ask = self.units.ticks(tick.bid_price), self.units.ticks(tick.ask_price)
        self._release(tick.ts_event, bid, ask)

    def _release(self, ts: int, bid: int, ask: int) -> None:
        self._drop_held_entries(ts)
        beyond = self._desk.drop_market_entries(ts, bid, ask)
        if beyond:
            self._execute(self.manager.stop_entries(ts, DropReason.STOP_TOUCHED), ts)
            self._tell_canceled(beyond, ts)
        self._desk.release(ts)
        self._listen()

    def _is_given_up(self) -> bool:
        trade = self.manager.trade
        return trade is not None and bool(trade.drop_reason or trade.close_reason)

    def _tell_canceled(self, events: Sequence[TradeOrderEvent], ts: int) -> None:
        for event in events:
            self._execute(self.manager.on_order_event(event), ts)

    def _drop_held_entries(self, ts: int) -> None:
        for event in self._desk.drop_entries(ts, self.manager.params.entry_timeout_ns):
            commands = self.manager.stop_entries(ts, DropReason.NO_QUOTE)
            self._execute(commands, ts)
            self._tell_canceled([event], ts)
            self.notices["entry dropped: no quote came within its time-out"] += 1

    def _on_wake(self, event: TimeEvent) -> None:
        wake, self._wake = self._wake, None
        ts = event.ts_event + 1 if wake is None else max(event.ts_event + 1, wake)
        self._drop_held_entries(ts)
        self._execute(self.manager.on_time(ts), ts)

    def _on_funding(self, payment: FundingPayment) -> None:
        if payment.strategy_id != self.id.value:
            return
        if payment.instrument_id != self.config.instrument_id:
            return
        ts = payment.ts_event
        self.funded_until_ns = max(self.funded_until_ns, ts)
        commands = self.manager.on_funding(ts, Decimal(str(payment.paid)))
        self._execute(commands, ts)
        if not commands:
            self._keep_state("FUNDING")

    def _keep_state(self, cause: str) -> None:
        if self._continuity is not None:
            self._continuity.publish(cause)

    def _time(self) -> int:
        return int(self.clock.timestamp_ns())

    def _size(self, intent: Intent) -> PositionSize:
        config = self.config
        return self.account.size(
            intent,
            self.manager.params,
            config.risk_pct,
            includes_costs=config.risk_includes_costs,
        )

    def _record(self, record: Record) -> None:
        if isinstance(record, EntrySubmitted):
            self._entered = record.lots * self.units.lot
        elif isinstance(record, Alert) and record.kind is AlertKind.LEVERAGE_CAP:
            self.notices[CAPPED] += 1
        elif isinstance(record, Alert):
            self.notices[f"{record.kind}: {record.message}".removesuffix(": ")] += 1
        trade = self.manager.trade
        intent = None if trade is None else trade.intent
        self._afterwards.do(
            partial(self._publish_record, record, intent, self.clock.timestamp_ns())
        )

    def _publish_record(self, record: Record, intent: Intent | None, ts: int) -> None:
        message = self._journal.message(record, intent, ts)
        self.publish_data(message.data_type, message)

    def _publish_status(self, ts: int) -> None:
        manager = self.manager
        trade = manager.trade
        if trade is not None and trade.open <= 0:
            trade = None
        tick, lot = self.units.tick, self.units.lot
        message = TradingStatus(
            self.config.instrument_id,
            ts - 1,
            max(self.clock.timestamp_ns(), ts - 1),
            strategy_id=self.id.value,
            active=self.active,
            halted=manager.halted,
            killed=manager.ledger.killed,
            quantity=0.0 if trade is None else float(trade.side * trade.open * lot),
            entry=None if trade is None else float(trade.average_entry) * float(tick),
            stop=None if trade is None else float(trade.stop * tick),
            day_pnl=float(manager.ledger.day_pnl),
            open_risk=0.0 if trade is None else max(0.0, float(trade.risk)),
            heat=0.0 if trade is None else self._heat(trade),
            cooling=manager.is_cooling(ts),
        )
        self.publish_data(message.data_type, message)

    def _heat(self, trade: Trade) -> float | None:
        exposure = self.account.exposure()
        if exposure is None:
            return None
        value = heat(
            exposure.equity,
            [trade.risk],
            self.account.notionals(),
            self.config.max_leverage,
        )
        return None if value is None or value < 0 else float(value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        # A live clock without a node's loop: everything is done at once.
        return None
