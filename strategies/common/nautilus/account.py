"""The money behind an entry: what the account holds, and what size that allows."""

from dataclasses import replace
from decimal import Decimal

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.portfolio.base import PortfolioFacade

from strategies.common.intents import Intent
from strategies.common.limits import Exposure
from strategies.common.limits import breached_limit
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.units import Units
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.sizing import available_margin
from strategies.common.sizing import fixed_size
from strategies.common.sizing import reward_covers_fees
from strategies.common.sizing import size_position
from strategies.common.trade_params import TradeParams


LAST = PriceType.LAST


class Account:
    """
    Sizes entries with the money that the venue's account holds at that moment.

    Parameters
    ----------
    portfolio : PortfolioFacade
        Gives the account.
    cache : CacheFacade
        Gives the open positions.
    instrument : Instrument
        The instrument.
    units : Units
        Its ticks and lots.
    config : LimitsConfig
        The limits.

    """

    def __init__(
        self,
        portfolio: PortfolioFacade,
        cache: CacheFacade,
        instrument: Instrument,
        units: Units,
        config: LimitsConfig,
    ) -> None:
        self._portfolio = portfolio
        self._cache = cache
        self._instrument = instrument
        self._units = units
        self._config = config

    def notionals(self) -> list[Decimal]:
        """
        Return the values of all open positions, and of all entries on their way or working.

        They are those at the venue in the same settlement currency, at the prices they were entered
        at or are to be. An entry that waits in another strategy for a quote is not seen.
        """
        venue, currency = self._instrument.id.venue, self._instrument.get_settlement_currency()
        result = []
        for position in self._cache.positions_open(venue=venue):
            instrument = self._cache.instrument(position.instrument_id)
            if instrument is not None and instrument.get_settlement_currency() == currency:
                price = Price(position.avg_px_open, instrument.price_precision)
                result.append(position.notional_value(price).as_decimal())
        orders = self._cache.orders_open(venue=venue) + self._cache.orders_inflight(venue=venue)
        for order in {order.client_order_id: order for order in orders}.values():
            instrument = self._cache.instrument(order.instrument_id)
            if order.is_reduce_only or instrument is None:
                continue
            price = order.price if order.has_price else self._cache.price(order.instrument_id, LAST)
            if price is not None and instrument.get_settlement_currency() == currency:
                result.append(instrument.notional_value(order.leaves_qty, price).as_decimal())
        return result

    def exposure(self) -> Exposure | None:
        """Return what the account holds; None while no account or no balance is known."""
        currency = self._instrument.get_settlement_currency()
        account = self._portfolio.account(self._instrument.id.venue)
        if account is None or account.balance_total(currency) is None:
            return None
        return Exposure(
            equity=account.balance_total(currency).as_decimal(),
            notional=sum(self.notionals(), Decimal(0)),
            free_margin=account.balance_free(currency).as_decimal(),
        )

    def size(self, intent: Intent, params: TradeParams, risk_pct: Decimal) -> PositionSize:
        """
        Return the size of an entry by its risk, or why there is none.

        Risk is counted in money of the settlement currency, so that a futures multiplier counts.
        """
        config, units, instrument = self._config, self._units, self._instrument
        value_of_price = instrument.multiplier.as_decimal()
        entry = intent.entry * units.tick * value_of_price
        stop = intent.stop * units.tick * value_of_price
        exposure = self.exposure()
        if exposure is None:
            return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
        margin = available_margin(exposure.equity, self.notionals(), config.max_leverage)
        # Futures have traded below zero; a size by leverage does not exist there.
        if margin <= 0 or entry <= 0:
            return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
        size = size_position(
            available_margin=margin,
            risk_pct=risk_pct,
            entry=entry,
            stop=stop,
            max_leverage=config.max_leverage,
            lot_size=units.lot,
            min_lots=units.least_lots(intent.entry * units.tick),
        )
        if size.reason is not None:
            return size
        most = units.most_lots()
        if most is not None and size.lots > most:
            size = replace(size, lots=most)
        return self._checked(intent, size, exposure, params)

    def size_contracts(
        self,
        intent: Intent,
        params: TradeParams,
        contracts: int,
    ) -> PositionSize:
        """Return a fixed number of contracts as the size of an entry, or why there is none."""
        units = self._units
        value_of_price = self._instrument.multiplier.as_decimal()
        size = fixed_size(
            quantity=Decimal(contracts),
            entry=intent.entry * units.tick * value_of_price,
            stop=intent.stop * units.tick * value_of_price,
            lot_size=units.lot,
            min_lots=units.least_lots(intent.entry * units.tick),
            max_lots=units.most_lots(),
        )
        exposure = self.exposure()
        if exposure is None:
            return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
        return size if size.reason else self._checked(intent, size, exposure, params)

    def _checked(
        self,
        intent: Intent,
        size: PositionSize,
        exposure: Exposure,
        params: TradeParams,
    ) -> PositionSize:
        units, config = self._units, self._config
        quantity, price = units.quantity(size.lots), units.price(intent.entry)
        account = self._portfolio.account(self._instrument.id.venue)
        reason = breached_limit(
            exposure,
            self._instrument.notional_value(quantity, price).as_decimal(),
            account.calculate_margin_init(self._instrument, quantity, price).as_decimal(),
            config.max_leverage,
            config.max_notional,
        )
        if reason is None and intent.tp2 is not None:
            paid = reward_covers_fees(
                entry=intent.entry * units.tick,
                target=intent.tp2 * units.tick,
                entry_fee_bps=params.taker_fee_bps,
                exit_fee_bps=params.taker_fee_bps,
                min_ratio=config.min_reward_fee_ratio,
            )
            reason = None if paid else SizeRefusal.LOW_REWARD
        return size if reason is None else PositionSize(lots=0, reason=reason)
