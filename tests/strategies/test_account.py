"""Sizes of the account that the Bybit adapter makes, against the loopback venue's margin check."""

from decimal import Decimal

import pytest
from nautilus_trader.accounting.accounts.margin import MarginAccount
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import AccountBalance
from nautilus_trader.model.objects import Money
from nautilus_trader.portfolio.portfolio import Portfolio

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import VenueError
from catalog.instruments import resolve_instrument
from strategies.common.intents import Intent
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.units import Units
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade_params import TradeParams
from tests.adapters.bybit_orders import engine
from tests.adapters.bybit_orders import limit
from tests.adapters.bybit_orders import quote
from tests.seed_rules import SeedRulesConfig


ENTRY = 600_000  # ticks
BALANCE = 10_000


def live_account(max_leverage: int) -> tuple[Account, Units, TradeParams]:
    # The adapter gives each perpetual a margin of 0.1 and its account a leverage of 1.
    built_in = CryptoPerpetual.to_dict(resolve_instrument("BTCUSDT-LINEAR.BYBIT"))
    instrument = CryptoPerpetual.from_dict(
        {**built_in, "margin_init": "0.1", "margin_maint": "0.1"}
    )
    clock = TestClock()
    cache = Cache()
    portfolio = Portfolio(MessageBus(TraderId("T-001"), clock), cache, clock)
    money = Money(BALANCE, USDT)
    state = AccountState(
        account_id=AccountId("BYBIT-UNIFIED"),
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
    cache.add_instrument(instrument)
    cache.add_account(MarginAccount(state))
    config = SeedRulesConfig(instrument_id=instrument.id, max_leverage=Decimal(max_leverage))
    units = Units(instrument)
    account = Account(portfolio, cache, instrument, units, config)
    return account, units, config.trade_params(units.tick_value, Decimal("5.5"))


def sized(max_leverage: int, distance: int) -> tuple[PositionSize, Units]:
    account, units, params = live_account(max_leverage)
    intent = Intent(is_long=True, entry=ENTRY, stop=ENTRY - distance, tag="test")
    return account.size(intent, params, Decimal("0.02")), units


def test_a_capped_entry_at_the_leverage_of_the_account_is_taken_by_the_venue() -> None:
    size, units = sized(max_leverage=10, distance=100)
    venue = engine(balance=str(BALANCE), leverage="10")
    quote(venue, "60000", "60000.1")

    limit(venue, Side.BUY, str(size.lots * units.lot), "60000")

    assert size.capped
    # What leverage alone would have let through is refused there.
    venue = engine(balance=str(BALANCE), leverage="10")
    quote(venue, "60000", "60000.1")
    with pytest.raises(VenueError, match="ab not enough for new order"):
        limit(venue, Side.BUY, str(BALANCE * 10 // 60 * units.lot), "60000")


def test_the_cut_leaves_margin_and_the_fees_of_the_way_in_and_out_to_the_last_lot() -> None:
    size, units = sized(max_leverage=10, distance=100)

    def needed(lots: int) -> Decimal:
        value = lots * ENTRY * units.tick_value
        return value / 10 + value * Decimal("0.0011")

    assert needed(size.lots) <= BALANCE < needed(size.lots + 1)


def test_a_size_by_risk_that_the_account_can_pay_is_not_cut() -> None:
    size, _ = sized(max_leverage=10, distance=10_000)
    assert (size.lots, size.capped) == (200, False)


def test_a_leverage_below_the_accounts_needs_no_further_cut() -> None:
    size, units = sized(max_leverage=9, distance=100)
    assert size.capped
    assert size.lots == BALANCE * 9 // (ENTRY * units.tick_value)


def test_an_intent_bears_the_costs_that_are_expected_of_it() -> None:
    account, _, _ = live_account(10)
    intent = Intent(is_long=True, entry=ENTRY, stop=ENTRY - 1000, tag="test")
    reckoned, refused = account.reckoned(intent)
    # Without a quote the spread is a tick.
    assert reckoned.costs == account.costs.expected(ENTRY, ENTRY - 1000, 1) > 0
    assert refused is None


def test_a_number_of_contracts_that_the_venue_does_not_take_is_refused_by_its_limit() -> None:
    account, units, params = live_account(10)
    intent = Intent(is_long=True, entry=ENTRY, stop=ENTRY - 1000, tag="test")
    most = units.most_lots()
    assert most is not None
    contracts = int(most * units.lot) + 1
    size = account.size_contracts(intent, params, contracts)
    assert (size.lots, size.reason, size.raw_qty) == (0, SizeRefusal.ABOVE_MAX, contracts)
