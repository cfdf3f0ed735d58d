"""The value-area strategy: minutes in, bracketed market entries out."""

from decimal import Decimal

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.events import OrderDenied
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
from strategies.common.sizing import available_margin
from strategies.common.sizing import size_position
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.engine import SignalEngine
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.reasons import Reason
from strategies.value_area.setups import Candidate


ENTRY = "ENTRY"
STOP = "STOP"
TARGET = "TARGET"
EXIT = "EXIT"


class ValueAreaStrategy(Strategy):  # type: ignore[misc]
    """
    Trades break-ins, failed breakouts and accepted breakouts of the rolling value area.

    Each minute's `ValueAreaMinute` goes through the signal engine. A candidate that passes the gate
    becomes a market entry with one protective reduce-only stop for the whole size and one
    reduce-only target at the second target price. If the venue refuses the stop (the price is
    already beyond it) the position is closed at market at once. One position at a time; a
    candidate of either side is refused while one is open.

    Parameters
    ----------
    config : ValueAreaStrategyConfig
        The configuration.

    """

    def __init__(self, config: ValueAreaStrategyConfig) -> None:
        super().__init__(config)
        self._footprint: MinuteFootprint | None = None
        self._refused: set[ClientOrderId] = set()
        self._decision_type = Decision.type_for(config.instrument_id)

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
        for name in self._params.dead_thresholds():
            self.log.warning(f"{name} never decides: the absolute threshold passes all it would")
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

    def on_order_rejected(self, event: OrderRejected) -> None:
        self._on_refused(event)

    def on_order_denied(self, event: OrderDenied) -> None:
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
                ts_min=row.ts_min,
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
        # Orders last: the decision stands on the bus before any event it causes.
        if candidate is not None and quantity:
            self._enter(candidate, quantity)

    def _gate(self, row: ValueAreaMinute, candidate: Candidate) -> Reason | None:
        if not row.warm:
            return Reason.WARMUP
        ids = {"instrument_id": self.config.instrument_id, "strategy_id": self.id}
        positions = self.cache.positions_open(**ids)
        if positions:
            same_side = positions[0].is_long == candidate.is_long
            return Reason.SAME_SIDE if same_side else Reason.FLIP_DISABLED
        if self.cache.orders_open(**ids) or self.cache.orders_inflight(**ids):
            return Reason.ENTRY_PENDING
        return None

    def _size(self, candidate: Candidate) -> Decimal | None:
        # Prices are taken per contract, so that a futures multiplier counts.
        value_of_tick = self._tick * self._instrument.multiplier.as_decimal()
        account = self.portfolio.account(self._instrument.id.venue)
        balance = account.balance_total(self._instrument.get_settlement_currency()).as_decimal()
        minimum = self._instrument.min_quantity
        size = size_position(
            available_margin=available_margin(balance, (), self.config.max_leverage),
            risk_pct=self.config.risk_pct,
            entry=candidate.entry * value_of_tick,
            stop=candidate.stop * value_of_tick,
            max_leverage=self.config.max_leverage,
            lot_size=self._lot,
            min_lots=int(minimum.as_decimal() / self._lot) if minimum is not None else 1,
        )
        if size.capped:
            self.log.info(f"LEVERAGE_CAP: {size.qty} of {size.raw_qty} asked for by risk")
        return size.qty if size.lots else None

    def _enter(self, candidate: Candidate, quantity: Decimal) -> None:
        tag = candidate.tag
        self.submit_order_list(
            self.order_factory.bracket(
                instrument_id=self.config.instrument_id,
                order_side=OrderSide.BUY if candidate.is_long else OrderSide.SELL,
                quantity=self._instrument.make_qty(quantity),
                entry_order_type=OrderType.MARKET,
                entry_tags=[ENTRY, tag],
                sl_trigger_price=self._price(candidate.stop),
                sl_tags=[STOP, tag],
                tp_price=self._price(candidate.tp2),
                tp_post_only=False,
                tp_tags=[TARGET, tag],
            )
        )

    def _price(self, ticks: int) -> Price:
        return self._instrument.make_price(ticks * self._tick)

    def _on_refused(self, event: OrderRejected | OrderDenied) -> None:
        order: Order = self.cache.order(event.client_order_id)
        # The venue may report one refusal twice: a second exit must not follow.
        if STOP not in (order.tags or []) or order.client_order_id in self._refused:
            return
        self._refused.add(order.client_order_id)
        self.log.error(f"Stop refused ({event.reason}): closing the position at market")
        for position in self.cache.positions_open(
            instrument_id=order.instrument_id,
            strategy_id=self.id,
        ):
            self.close_position(
                position,
                time_in_force=TimeInForce.GTC,
                reduce_only=True,
                tags=[EXIT, *order.tags[1:]],
            )
        for other in self.cache.orders_open(
            instrument_id=order.instrument_id,
            strategy_id=self.id,
        ):
            if TARGET in (other.tags or []):
                self.cancel_order(other)
