"""Funding of the positions of an evaluation."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.messages import FundingPayment
from adapters.simulated.nautilus.funding import VenueFundingConfig
from adapters.simulated.rules.funding import FundingFactors
from adapters.simulated.rules.funding import fixed_rate
from adapters.simulated.rules.funding import fixed_times
from adapters.simulated.rules.funding import notional
from adapters.simulated.rules.funding import payment
from adapters.simulated.schedule import read_schedule
from catalog.instruments import is_perpetual
from research.evaluator.clock import FAR
from research.evaluator.venue import InstrumentVenue


class FundingSettler:
    """
    Settles the funding of one instrument at its times, like `VenueFunding` in a run.

    Parameters
    ----------
    config : VenueFundingConfig or None
        The assumptions; None without funding.
    venue : InstrumentVenue
        The instrument at its venue.
    start_ns : int
        The first event (ns UTC): later settlements count.
    payments : list[tuple[int, Decimal]]
        Receives times and amounts.

    Attributes
    ----------
    next_ns : int
        The next settlement (ns UTC), far in the future without one.

    """

    def __init__(
        self,
        config: VenueFundingConfig | None,
        venue: InstrumentVenue,
        start_ns: int,
        payments: list[tuple[int, Decimal]],
    ) -> None:
        self._venue = venue
        self._payments = payments
        self._due: Iterator[tuple[int, Decimal]] = iter(())
        if config is not None and is_perpetual(venue.instrument):
            self._factors = FundingFactors(
                paid=Decimal(repr(config.paid_factor)),
                received=Decimal(repr(config.received_factor)),
            )
            self._due = _schedule(config, str(venue.instrument.id), start_ns)
        self._rate = Decimal(0)
        self.next_ns = FAR
        self._advance()

    def skip_to(self, ts: int) -> None:
        """Drop the settlements before a time (ns UTC): nothing was open at them."""
        while self.next_ns < ts:
            self._advance()

    def settle(self, owners: list[Any], bus: Any) -> None:
        """Settle the next one for the positions of strategies, and report it to them."""
        ts, rate, venue = self.next_ns, self._rate, self._venue
        self._advance()
        for owner in owners:
            lots = venue.position_of(owner)
            if lots:
                self._pay(ts, rate, lots, owner, bus)

    def _pay(self, ts: int, rate: Decimal, lots: int, owner: Any, bus: Any) -> None:
        venue, units, instrument = self._venue, self._venue.units, self._venue.instrument
        price = _price_in_force(venue)
        quantity = Decimal(units.quantity(abs(lots)).as_decimal())
        quantity = quantity if lots > 0 else -quantity
        value = notional(
            quantity,
            price,
            instrument.multiplier.as_decimal(),
            is_inverse=instrument.is_inverse,
        )
        paid = venue.wallet.pay(payment(value, rate, self._factors))
        self._payments.append((ts, paid))
        message = FundingPayment(
            instrument.id,
            ts,
            ts,
            strategy_id=owner.id.value,
            rate=float(rate),
            price=float(price),
            quantity=float(quantity),
            paid=float(paid),
        )
        bus.publish(FundingPayment.topic(), message)

    def _advance(self) -> None:
        self.next_ns, self._rate = next(self._due, (FAR, Decimal(0)))


def _schedule(
    config: VenueFundingConfig, instrument_id: str, start_ns: int
) -> Iterator[tuple[int, Decimal]]:
    if config.schedule == "fixed":
        rate = fixed_rate(config.rate_bps)
        return ((ts, rate) for ts in fixed_times(start_ns, config.interval_hours))
    found = read_schedule(Path(config.catalog_path or ""), instrument_id)
    return iter([(item.ts, item.rate) for item in found if item.ts > start_ns])


def _price_in_force(venue: InstrumentVenue) -> Decimal:
    bid, ask = venue.market.spread_prices
    tick = venue.units.tick
    if bid is not None and ask is not None:
        return (bid * tick + ask * tick) / 2
    last = venue.market.last_print
    if last is None:
        raise RuntimeError(f"{venue.instrument.id}: a position is open without any price")
    return last[0] * tick
