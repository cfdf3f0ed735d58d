"""The value-area strategy: minutes in, protected market entries out."""

from collections import Counter
from decimal import ROUND_CEILING
from decimal import ROUND_FLOOR
from decimal import Decimal
from typing import NamedTuple

from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderCanceled
from nautilus_trader.model.events import OrderDenied
from nautilus_trader.model.events import OrderExpired
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from actors.messages import Decision
from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.messages import ValueAreaMinute
from strategies.common.reasons import EntryReason
from strategies.common.reasons import ExitReason
from strategies.common.sizing import available_margin
from strategies.common.sizing import size_position
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.engine import SignalEngine
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.protection import Protection
from strategies.value_area.protection import ProtectionBook
from strategies.value_area.reasons import Reason
from strategies.value_area.setups import Candidate


ENTRY = "ENTRY"
STOP = "STOP"
EXIT = "EXIT"

NANOS_PER_SECOND = 1_000_000_000

type Refusal = OrderRejected | OrderDenied | OrderCanceled | OrderExpired


class Intent(NamedTuple):
    """Represents an entry that waits for the first quote after its decision."""

    candidate: Candidate
    quantity: Decimal
    not_before: int


class ValueAreaStrategy(Strategy):  # type: ignore[misc]
    """
    Trades break-ins, failed breakouts and accepted breakouts of the rolling value area.

    Each minute's `ValueAreaMinute` goes through the signal engine. A candidate that passes the gate
    waits for the first quote of the next minute, so that a market which has stopped fills nothing,
    and becomes a market entry. Each fill of it gets a reduce-only stop and a reduce-only target at
    the second target price, for exactly its quantity. Where the venue refuses or loses a stop, its
    part is closed at market at once, and again every second until it is. One position at a time; a
    candidate of either side is refused while one is open.

    Parameters
    ----------
    config : ValueAreaStrategyConfig
        The configuration.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.

    """

    def __init__(self, config: ValueAreaStrategyConfig) -> None:
        super().__init__(config)
        self.notices: Counter[str] = Counter()
        self._footprint: MinuteFootprint | None = None
        self._intent: Intent | None = None
        self._book = ProtectionBook()
        self._plans: dict[str, Candidate] = {}
        self._decision_type = Decision.type_for(config.instrument_id)
        self._quote_topic = (
            f"data.quotes.{config.instrument_id.venue}.{config.instrument_id.symbol}"
        )

    def on_start(self) -> None:
        instrument_id = self.config.instrument_id
        instrument = self.cache.instrument(instrument_id)
        if instrument is None:
            raise RuntimeError(
                f"instrument {instrument_id} is not in the cache: add it to the catalog or to the "
                "client's instrument provider"
            )
        self._instrument: Instrument = instrument
        self._tick: Decimal = instrument.price_increment.as_decimal()
        self._lot: Decimal = instrument.size_increment.as_decimal()
        self._params = self.config.signal_params(self._lot)
        if dead := self._params.dead_thresholds():
            text = f"{', '.join(dead)}: cannot decide, the absolute threshold passes all they would"
            self.notices[text] = 1
        self.engine = SignalEngine(self._params)
        for cls in (MinuteFootprint, ValueAreaMinute):
            self.msgbus.subscribe(topic=cls.topic(), handler=self.handle_data)

    def on_data(self, data: Message) -> None:
        if data.instrument_id != self.config.instrument_id:
            return
        if isinstance(data, MinuteFootprint):
            self._footprint = data
        elif isinstance(data, ValueAreaMinute):
            self._on_minute(data)

    def on_order_filled(self, event: OrderFilled) -> None:
        order_id = event.client_order_id.value
        if order_id in self._plans:
            self._protect(self._plans[order_id], event.last_qty.as_decimal())
            return
        protection = self._book.find(order_id)
        if protection is None:
            return
        protection.on_exit_fill(event.last_qty.as_decimal())
        if protection.is_closed:
            self._book.remove(protection)
            for other_id in protection.order_ids():
                self._cancel(other_id)
        elif order_id == protection.target_id:
            stop: Order = self.cache.order(ClientOrderId(protection.stop_id))
            left = stop.filled_qty.as_decimal() + protection.quantity
            self.modify_order(stop, quantity=self._instrument.make_qty(left))
        else:
            self._cancel(protection.target_id)

    def on_order_rejected(self, event: OrderRejected) -> None:
        self._on_refused(event)

    def on_order_denied(self, event: OrderDenied) -> None:
        self._on_refused(event)

    def on_order_canceled(self, event: OrderCanceled) -> None:
        self._on_refused(event)

    def on_order_expired(self, event: OrderExpired) -> None:
        self._on_refused(event)

    def _on_minute(self, row: ValueAreaMinute) -> None:
        footprint = self._footprint
        if footprint is None or footprint.ts_min != row.ts_min:
            raise RuntimeError(f"no footprint came with the minute {row.ts_min}")
        minute = minute_from_row(
            row.columns(),
            footprint.ticks,
            self._tick,
            self._lot,
            self._params,
        )
        self._drop_intent()
        signal = self.engine.on_minute(minute)
        candidate = signal.best
        action, why, quantity = "HOLD", None, None
        if candidate is not None:
            refusal = self._gate(row, candidate)
            if refusal is None:
                quantity = self._size(candidate)
                refusal = None if quantity else Reason.SIZE
            if refusal is None and quantity:
                action = "ENTER"
                self.engine.take(candidate)
            else:
                action, why = "REFUSE", str(refusal)
        self.publish_data(
            self._decision_type,
            Decision(
                self.config.instrument_id,
                row.ts_event,
                self.clock.timestamp_ns(),
                strategy_id=self.id.value,
                ts_min=row.ts_min,
                events=",".join(signal.events),
                reason=str(signal.reason),
                flags=",".join(signal.flags),
                setup=candidate.tag if candidate else None,
                side=("BUY" if candidate.is_long else "SELL") if candidate else None,
                entry=float(candidate.entry * self._tick) if candidate else None,
                stop=float(candidate.stop * self._tick) if candidate else None,
                tp1=float(candidate.tp1_half * self._tick / 2)
                if candidate and candidate.tp1_half is not None
                else None,
                tp2=float(candidate.tp2 * self._tick) if candidate else None,
                quantity=float(quantity) if quantity else None,
                action=action,
                why=why,
            ),
        )
        if candidate is not None and quantity:
            self._intent = Intent(candidate, quantity, row.ts_event + 1)
            self.msgbus.subscribe(topic=self._quote_topic, handler=self._on_quote)

    def _gate(self, row: ValueAreaMinute, candidate: Candidate) -> Reason | None:
        if not row.warm:
            return Reason.WARMUP
        ids = {"instrument_id": self.config.instrument_id, "strategy_id": self.id}
        positions = self.cache.positions_open(**ids)
        if positions:
            same_side = positions[0].is_long == candidate.is_long
            return Reason.SAME_SIDE if same_side else Reason.FLIP_DISABLED
        if not self._book.is_empty():
            return Reason.EXIT_PENDING
        if self.cache.orders_open(**ids) or self.cache.orders_inflight(**ids):
            return Reason.ENTRY_PENDING
        return None

    def _size(self, candidate: Candidate) -> Decimal | None:
        # Prices are taken per contract, so that a futures multiplier counts.
        instrument = self._instrument
        value_of_tick = self._tick * instrument.multiplier.as_decimal()
        entry, stop = candidate.entry * value_of_tick, candidate.stop * value_of_tick
        account = self.portfolio.account(instrument.id.venue)
        balance = account.balance_total(instrument.get_settlement_currency()).as_decimal()
        notionals = [
            position.notional_value(Price(position.avg_px_open, instrument.price_precision))
            for position in self.cache.positions_open(venue=instrument.id.venue)
        ]
        margin = available_margin(
            balance,
            [notional.as_decimal() for notional in notionals],
            self.config.max_leverage,
        )
        # Futures have traded below zero; a size by leverage does not exist there.
        if margin <= 0 or entry <= 0 or stop <= 0:
            return None
        least = instrument.min_quantity.as_decimal() if instrument.min_quantity else self._lot
        size = size_position(
            available_margin=margin,
            risk_pct=self.config.risk_pct,
            entry=entry,
            stop=stop,
            max_leverage=self.config.max_leverage,
            lot_size=self._lot,
            min_lots=int((least / self._lot).to_integral_value(ROUND_CEILING)),
        )
        if size.capped:
            self.notices["LEVERAGE_CAP: the size by risk was cut to the largest leverage"] += 1
        lots = size.lots
        if instrument.max_quantity is not None:
            most = instrument.max_quantity.as_decimal() / self._lot
            lots = min(lots, int(most.to_integral_value(ROUND_FLOOR)))
        return lots * self._lot if lots else None

    def _on_quote(self, quote: QuoteTick) -> None:
        intent = self._intent
        if intent is None or quote.ts_event < intent.not_before:
            return
        self._forget_intent()
        candidate, tick = intent.candidate, self._tick
        tp1_half = candidate.tp1_half
        order = self.order_factory.market(
            instrument_id=self.config.instrument_id,
            order_side=OrderSide.BUY if candidate.is_long else OrderSide.SELL,
            quantity=self._instrument.make_qty(intent.quantity),
            tags=[
                ENTRY,
                candidate.tag,
                EntryReason.SIGNAL,
                f"plan={candidate.entry * tick}/{candidate.stop * tick}/"
                f"{'' if tp1_half is None else tp1_half * tick / 2}/{candidate.tp2 * tick}",
            ],
        )
        self._plans[order.client_order_id.value] = candidate
        self.submit_order(order)

    def _drop_intent(self) -> None:
        if self._intent is not None:
            self._forget_intent()
            self.notices["entry dropped: no quote within a minute of the decision"] += 1

    def _forget_intent(self) -> None:
        self._intent = None
        self.msgbus.unsubscribe(topic=self._quote_topic, handler=self._on_quote)

    def _protect(self, candidate: Candidate, quantity: Decimal) -> None:
        terms = {
            "instrument_id": self.config.instrument_id,
            "order_side": OrderSide.SELL if candidate.is_long else OrderSide.BUY,
            "quantity": self._instrument.make_qty(quantity),
            "reduce_only": True,
        }
        stop = self.order_factory.stop_market(
            trigger_price=self._price(candidate.stop),
            tags=[STOP, candidate.tag, ExitReason.STOP],
            **terms,
        )
        target = self.order_factory.limit(
            price=self._price(candidate.tp2),
            tags=[EXIT, candidate.tag, ExitReason.TP2],
            **terms,
        )
        self._book.add(
            Protection(
                setup=candidate.tag,
                is_long=candidate.is_long,
                quantity=quantity,
                stop_id=stop.client_order_id.value,
                target_id=target.client_order_id.value,
            )
        )
        self.submit_order(stop)
        self.submit_order(target)

    def _price(self, ticks: int) -> Price:
        return self._instrument.make_price(ticks * self._tick)

    def _cancel(self, order_id: str) -> None:
        order = self.cache.order(ClientOrderId(order_id))
        if order is not None and (order.is_open or order.is_inflight):
            self.cancel_order(order)

    def _on_refused(self, event: Refusal) -> None:
        order_id = event.client_order_id.value
        protection = self._book.find(order_id)
        if protection is None or order_id == protection.target_id:
            return
        reason = getattr(event, "reason", type(event).__name__)
        if order_id == protection.exit_id:
            self.log.error(f"Exit refused ({reason}): sending it again in a second")
            self.clock.set_time_alert_ns(
                f"{self.id}-EXIT-{order_id}",
                self.clock.timestamp_ns() + NANOS_PER_SECOND,
                lambda _: self._exit(protection),
            )
        # A venue may report one refusal twice: a second exit must not follow.
        elif protection.exit_id is None:
            self.notices["stop refused by the venue: its part was closed at market"] += 1
            self._cancel(protection.target_id)
            self._exit(protection)

    def _exit(self, protection: Protection) -> None:
        if protection.is_closed:
            return
        if not self.cache.positions_open(
            instrument_id=self.config.instrument_id,
            strategy_id=self.id,
        ):
            self.log.error(f"{protection.quantity} to close, but no position is open")
            self._book.remove(protection)
            return
        order = self.order_factory.market(
            instrument_id=self.config.instrument_id,
            order_side=OrderSide.SELL if protection.is_long else OrderSide.BUY,
            quantity=self._instrument.make_qty(protection.quantity),
            reduce_only=True,
            tags=[EXIT, protection.setup, ExitReason.STOP_REJECTED],
        )
        protection.exit_id = order.client_order_id.value
        self._book.add(protection)
        self.submit_order(order)
