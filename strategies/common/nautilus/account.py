"""The money behind an entry: what the account holds, and what size that allows."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.portfolio.base import PortfolioFacade

from strategies.common.costs import cost_refusal
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.limits import Exposure
from strategies.common.limits import affordable_lots
from strategies.common.limits import breached_limit
from strategies.common.lot_budget import LotBudget
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.costs import cost_limits
from strategies.common.nautilus.costs import round_trip
from strategies.common.nautilus.quotes import quoted_spread
from strategies.common.nautilus.units import Units
from strategies.common.sizing import BASIS_POINT
from strategies.common.sizing import ZERO
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.sizing import available_margin
from strategies.common.sizing import fixed_size
from strategies.common.trade_params import TradeParams


LAST = PriceType.LAST
NO_MONEY = PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)


class Account:
    """
    Sizes entries with the money that the venue's account holds at that moment.

    Parameters
    ----------
    portfolio : PortfolioFacade
        Provides the account.
    cache : CacheFacade
        Provides the open positions.
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
        self.costs = round_trip(instrument, config)
        self._cost_limits = cost_limits(config)
        self._venue = instrument.id.venue
        self._currency = instrument.get_settlement_currency()
        # The account that `_kept` was computed of.
        self._known: tuple[Decimal, Decimal, Decimal, bool] | None = None
        self._kept: LotBudget | None = None
        # The values of entries that wait for a quote, where there may be several trades.
        self.deferred_notionals: Callable[[], list[Decimal]] = list

    def notionals(self) -> list[Decimal]:
        """
        Return the values of all open positions, and of all entries on their way or working.

        They are those at the venue in the same settlement currency, at the prices they were entered
        at or are to be. An entry that waits in another strategy for a quote is not seen.
        """
        venue, currency = self._venue, self._currency
        result = self.deferred_notionals()
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
        """Return the state of the account; None while no account or no balance is known."""
        account = self._portfolio.account(self._venue)
        balance = None if account is None else account.balance(self._currency)
        if balance is None:
            return None
        return Exposure(
            equity=balance.total.as_decimal(),
            notional=sum(self.notionals(), ZERO),
            free_margin=balance.free.as_decimal(),
        )

    def equity(self) -> Decimal | None:
        """Return the balance without unrealised profit and loss; None while it is not known."""
        exposure = self.exposure()
        return None if exposure is None else exposure.equity

    def quoted_spread(self) -> int:
        """Return the spread as quoted now (ticks)."""
        return quoted_spread(self._cache, self._instrument.id, self._units)

    def initial_margin(self, lots: int, price: int) -> Decimal | None:
        """Return the initial margin of a size (lots) at a price (ticks); None while unknown."""
        account = self._portfolio.account(self._venue)
        if account is None:
            return None
        units = self._units
        margin = account.calculate_margin_init(
            self._instrument, units.quantity(lots), units.price(price)
        )
        return Decimal(margin.as_decimal())

    def reckoned(self, intent: Intent) -> tuple[Intent, Refusal | None]:
        """Return an intent with its expected costs, and the rule by which they rule it out."""
        costs, spread = self.costs, self.quoted_spread()
        expected = costs.expected(intent.entry, intent.stop, spread)
        refused = cost_refusal(intent, costs, spread, self._cost_limits)
        return replace(intent, costs=expected), refused

    def size(
        self,
        intent: Intent,
        params: TradeParams,
        risk_pct: Decimal,
        *,
        includes_costs: bool = False,
        of_equity: bool = False,
    ) -> PositionSize:
        """
        Return the size of an entry by its risk, or why there is none.

        Risk is counted in money of the settlement currency, so that a futures multiplier counts. A
        size whose initial margin and fees, in and out, the account cannot pay is cut to one that it
        can.
        """
        units, exposure = self._units, self.exposure()
        # Futures have traded below zero; a size by leverage does not exist there.
        if exposure is None or intent.entry <= 0:
            return NO_MONEY
        budget = self._budget(exposure, risk_pct, of_equity)
        if budget is None:
            return NO_MONEY
        by_rules = partial(
            budget.size,
            entry=intent.entry,
            stop=intent.stop,
            min_lots=units.least_lots(intent.entry),
            max_lots=units.most_lots(),
            costs=intent.costs if includes_costs else 0,
        )
        size = by_rules()
        needed = self._needed(intent, size.lots, params)
        if needed > exposure.free_margin:
            size = by_rules(margin_lots=affordable_lots(size.lots, needed, exposure.free_margin))
            needed = self._needed(intent, size.lots, params)
        if beyond := size.lots % units.order_lots:
            size = by_rules(max_lots=size.lots - beyond)
            needed = self._needed(intent, size.lots, params)
        return size if size.reason else self._checked(intent, size, exposure, needed)

    def contract_margin(self, price: int | None) -> Decimal | None:
        """Return the initial margin of one contract at a price (ticks); None while unknown."""
        return None if price is None else self.initial_margin(int(1 / self._units.lot), price)

    def refresh(self) -> None:
        """Compute what the next size by risk needs of the account, if there was one before."""
        if self._known is None:
            return
        exposure = self.exposure()
        if exposure is not None:
            self._budget(exposure, *self._known[2:])

    def size_contracts(
        self,
        intent: Intent,
        params: TradeParams,
        contracts: int,
    ) -> PositionSize:
        """Return a fixed number of contracts as the size of an entry, or why there is none."""
        units = self._units
        size = fixed_size(
            quantity=Decimal(contracts),
            entry=intent.entry * units.tick_money,
            stop=intent.stop * units.tick_money,
            lot_size=units.lot,
            min_lots=units.least_lots(intent.entry),
            max_lots=units.most_lots(),
        )
        exposure = self.exposure()
        if exposure is None:
            return NO_MONEY
        if size.reason:
            return size
        if size.lots % units.order_lots:
            return PositionSize(lots=0, reason=SizeRefusal.BELOW_MIN, raw_qty=size.raw_qty)
        needed = self._needed(intent, size.lots, params)
        return self._checked(intent, size, exposure, needed)

    def _budget(self, exposure: Exposure, risk_pct: Decimal, of_equity: bool) -> LotBudget | None:
        # The account changes with fills and payments alone, and not with a decision.
        known = (exposure.equity, exposure.notional, risk_pct, of_equity)
        if known != self._known:
            units, leverage = self._units, self._config.max_leverage
            margin = available_margin(exposure.equity, (exposure.notional,), leverage)
            self._kept = None
            if margin > 0:
                self._kept = LotBudget.of(
                    margin=margin,
                    risk_pct=risk_pct,
                    max_leverage=leverage,
                    tick_money=units.tick_money,
                    lot_size=units.lot,
                    capital=exposure.equity if of_equity else None,
                )
            self._known = known
        return self._kept

    def _needed(self, intent: Intent, lots: int, params: TradeParams) -> Decimal:
        if not lots:
            return ZERO
        margin = self.initial_margin(lots, intent.entry)
        if margin is None:
            raise RuntimeError("a size needs the margin of an account that is not known")
        units = self._units
        value = abs(intent.entry) * lots * units.tick_value
        fees = 2 * value * params.taker_fee_bps * BASIS_POINT
        fees += 2 * lots * units.lot * (self._config.fee_per_contract or ZERO)
        return margin + max(ZERO, fees)

    def _checked(
        self,
        intent: Intent,
        size: PositionSize,
        exposure: Exposure,
        needed: Decimal,
    ) -> PositionSize:
        units, config = self._units, self._config
        reason = breached_limit(
            exposure,
            intent.entry * size.lots * units.tick_value,
            needed,
            config.max_leverage,
            config.max_notional,
        )
        return size if reason is None else PositionSize(lots=0, reason=reason)
