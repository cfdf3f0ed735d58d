"""Settles funding on open positions in perpetuals."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal

from nautilus_trader.backtest.config import SimulationModuleConfig
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.common.component import Logger
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.core.data import Data
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import PositionAdjustmentType
from nautilus_trader.model.events import PositionAdjusted
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money
from nautilus_trader.model.position import Position

from actors.messages import FundingPayment
from adapters.simulated.nautilus.fills import VenueFills
from adapters.simulated.prices import price_in_force
from adapters.simulated.rules.funding import FundingFactors
from adapters.simulated.rules.funding import fixed_rate
from adapters.simulated.rules.funding import fixed_times
from adapters.simulated.rules.funding import notional
from adapters.simulated.rules.funding import payment
from adapters.simulated.schedule import read_schedule
from catalog.instruments import is_perpetual
from indicators.constraints import NonNegativeFloat
from indicators.constraints import PositiveInt


Due = tuple[int, InstrumentId, Decimal]


class VenueFundingConfig(SimulationModuleConfig, frozen=True):  # type: ignore[misc, call-arg]
    """
    Configures `VenueFunding`.

    Parameters
    ----------
    schedule : {'fixed', 'catalog'}, default 'fixed'
        Whether a fixed rate is settled at fixed hours, or the rates in the catalog.
    rate_bps : float, default 1.0
        The fixed rate of an interval in basis points; positive when longs pay.
    interval_hours : PositiveInt, default 8
        The hours between two settlements at the fixed rate, counted from midnight UTC.
    paid_factor, received_factor : NonNegativeFloat, default 1.0
        The factors of a payment where the position pays, and where it receives.
    catalog_path : str, optional
        The catalog with the rates; None takes that of the run.

    """

    schedule: Literal["fixed", "catalog"] = "fixed"
    rate_bps: float = 1.0
    interval_hours: PositiveInt = 8
    paid_factor: NonNegativeFloat = 1.0
    received_factor: NonNegativeFloat = 1.0
    catalog_path: str | None = None


class VenueFunding(SimulationModule):  # type: ignore[misc]
    """
    Settles funding in account, position and portfolio, and publishes a `FundingPayment`.

    The position open at the time of the settlement pays, before any fill of that time or later: at
    the first event stamped then or later, or at that time by the clock without an event. It is also
    settled in a gap of the data, at the current quote, as a venue would. The notional value is the
    size times the middle of that quote (the last print without quotes, the close of the last bar
    with only bars; a venue uses its mark price, which the data lack).

    Parameters
    ----------
    config : VenueFundingConfig
        The configuration.

    Raises
    ------
    ValueError
        If the rates of the catalog are requested without a catalog.

    """

    def __init__(self, config: VenueFundingConfig) -> None:
        super().__init__(config)
        if config.schedule == "catalog" and config.catalog_path is None:
            raise ValueError("`catalog_path` must name the catalog with the funding rates")
        self._config = config
        self._factors = FundingFactors(
            paid=Decimal(repr(config.paid_factor)),
            received=Decimal(repr(config.received_factor)),
        )
        self._due: Iterator[Due] | None = None
        self._next: Due | None = None

    def register_venue(self, exchange: object) -> None:
        super().register_venue(exchange)
        # Modules process an event in order: a print at the time itself may fill an order.
        if any(isinstance(module, VenueFills) for module in self.exchange.modules):
            raise ValueError(f"{self.exchange.id}: VenueFunding must stand before VenueFills")

    def pre_process(self, data: Data) -> None:
        """Settle due funding before an event is processed."""
        if self._due is None:
            self._due = self._schedule(data.ts_init)
            self._advance()
            self._set_alert()
        elif self._next is not None and self._next[0] <= data.ts_init:
            self._settle_until(data.ts_init)

    def process(self, ts_now: int) -> None:
        """Do nothing: events and the clock settle."""

    def log_diagnostics(self, logger: Logger) -> None:
        """Report nothing."""

    def reset(self) -> None:
        """Restart the schedule."""
        self._due = self._next = None
        self._cancel_alert()

    def _schedule(self, start: int) -> Iterator[Due]:
        perpetuals = sorted(
            (i for i in self.exchange.instruments.values() if is_perpetual(i)),
            key=lambda instrument: str(instrument.id),
        )
        if self._config.schedule == "fixed":
            return self._fixed(start, [instrument.id for instrument in perpetuals])
        path = Path(self._config.catalog_path or "")
        found = [
            (settlement.ts, instrument.id, settlement.rate)
            for instrument in perpetuals
            for settlement in read_schedule(path, str(instrument.id))
            if settlement.ts > start
        ]
        return iter(sorted(found, key=lambda due: (due[0], str(due[1]))))

    def _fixed(self, start: int, perpetuals: list[InstrumentId]) -> Iterator[Due]:
        if not perpetuals:
            return
        rate = fixed_rate(self._config.rate_bps)
        for ts in fixed_times(start, self._config.interval_hours):
            yield from ((ts, instrument_id, rate) for instrument_id in perpetuals)

    def _advance(self) -> None:
        self._next = next(self._due, None) if self._due is not None else None

    def _settle_until(self, ts: int) -> None:
        while self._next is not None and self._next[0] <= ts:
            self._settle(*self._next)
            self._advance()
        self._set_alert()

    def _set_alert(self) -> None:
        self._cancel_alert()
        if self._next is not None:
            self.clock.set_time_alert_ns(self._alert_name, self._next[0], self._on_alert)

    def _cancel_alert(self) -> None:
        if self._alert_name in self.clock.timer_names:
            self.clock.cancel_timer(self._alert_name)

    @property
    def _alert_name(self) -> str:
        return f"funding-{self.exchange.id}"

    def _on_alert(self, event: TimeEvent) -> None:
        self._settle_until(event.ts_event)

    def _settle(self, ts: int, instrument_id: InstrumentId, rate: Decimal) -> None:
        instrument = self.exchange.instruments[instrument_id]
        positions = self.exchange.cache.positions_open(instrument_id=instrument_id)
        for position in sorted(positions, key=lambda position: str(position.id)):
            price = self._price(instrument_id)
            quantity = position.quantity.as_decimal()
            if not position.is_long:
                quantity = -quantity
            value = notional(
                quantity,
                price,
                instrument.multiplier.as_decimal(),
                is_inverse=instrument.is_inverse,
            )
            amount = payment(value, rate, self._factors)
            self._pay(position, Money(amount, instrument.get_settlement_currency()), ts)
            self._publish(instrument, position.strategy_id, ts, rate, price, quantity, amount)

    def _price(self, instrument_id: InstrumentId) -> Decimal:
        price = price_in_force(self.exchange.cache, instrument_id)
        if price is None:
            raise RuntimeError(f"{instrument_id}: a position is open, but no price was ever seen")
        return price

    def _pay(self, position: Position, paid: Money, ts: int) -> None:
        change = Money(-paid.as_decimal(), paid.currency)
        self.exchange.adjust_account(change)
        position.apply_adjustment(
            PositionAdjusted(
                position.trader_id,
                position.strategy_id,
                position.instrument_id,
                position.id,
                position.account_id,
                PositionAdjustmentType.FUNDING,
                None,
                change,
                "funding",
                UUID4(),
                ts,
                ts,
            )
        )

    def _publish(
        self,
        instrument: Instrument,
        strategy_id: StrategyId,
        ts: int,
        rate: Decimal,
        price: Decimal,
        quantity: Decimal,
        amount: Decimal,
    ) -> None:
        paid = Money(amount, instrument.get_settlement_currency()).as_decimal()
        message = FundingPayment(
            instrument.id,
            ts,
            self.clock.timestamp_ns(),
            strategy_id=strategy_id.value,
            rate=float(rate),
            price=float(price),
            quantity=float(quantity),
            paid=float(paid),
        )
        self.publish_data(message.data_type, message)
