"""Orders that are held, cut, or sent because of money, and what of them reaches the venue."""

from decimal import Decimal

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderUpdated
from nautilus_trader.model.identifiers import InstrumentId

from strategies.common.intents import Action
from tests.strategies.silent_venue import ACCOUNT
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import SilentVenue


OTHER = InstrumentId.from_str("ETHUSDT-LINEAR.BYBIT")
INTENTS = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])


@INTENTS
def test_a_held_entry_that_is_given_up_is_never_sent(intent) -> None:
    venue = SilentVenue(holds_orders=True, use_limit_for_entry=False)
    decision, _ = venue.strategy.decide(venue.now, intent.entry, intent, warm=True)
    assert decision.action is not Action.HOLD
    assert venue.sent == []
    venue.strategy.flatten()
    venue.advance(1_000_000)
    venue.quote(ENTRY - 1, ENTRY + 1)
    assert venue.sent == []
    assert venue.strategy.manager.trade is None


@INTENTS
def test_a_held_entry_is_sent_on_the_first_quote_after_it(intent) -> None:
    venue = SilentVenue(holds_orders=True, use_limit_for_entry=False)
    venue.strategy.decide(venue.now, intent.entry, intent, warm=True)
    venue.advance(1_000_000)
    venue.quote(ENTRY - 1, ENTRY + 1)
    (entry,) = venue.sent
    assert entry.side == (OrderSide.BUY if intent.is_long else OrderSide.SELL)
    assert not entry.is_reduce_only


@INTENTS
def test_funding_that_reaches_the_limit_of_loss_closes_the_trade(intent) -> None:
    venue = SilentVenue(max_daily_loss=Decimal(500), kill_flatten=True)
    stop = venue.open_trade(intent)
    venue.fund(100.0)
    assert venue.sent[-1] is stop
    venue.fund(500.0)
    exit_ = venue.sent[-1]
    assert exit_.is_reduce_only
    assert exit_.tags[0::2] == ["EXIT", "KILL_SWITCH"]
    assert exit_.quantity == stop.quantity


def test_the_cash_of_a_strategy_is_what_its_trades_have_made() -> None:
    venue = SilentVenue()
    ledger = venue.strategy.manager.ledger
    assert ledger.cash == 0
    venue.fill(venue.open_trade(), ENTRY - 1000)
    assert ledger.cash == ledger.day_pnl < 0


def test_funding_of_another_strategy_or_instrument_is_not_booked() -> None:
    venue = SilentVenue()
    venue.open_trade()
    before = venue.strategy.manager.ledger.day_pnl
    venue.fund(5.0)
    assert venue.strategy.manager.ledger.day_pnl == before - 5
    assert venue.strategy.funded_until_ns == venue.now
    venue.advance(1)
    for strangers in ({"strategy_id": "Other-001"}, {"instrument_id": OTHER}):
        venue.fund(7.0, **strangers)
    assert venue.strategy.manager.ledger.day_pnl == before - 5
    assert venue.strategy.funded_until_ns == venue.now - 1


def test_funding_that_comes_late_does_not_set_back_what_is_booked() -> None:
    venue = SilentVenue()
    venue.open_trade()
    venue.advance(2)
    venue.fund(5.0)
    venue.fund(5.0, ts=venue.now - 1)
    assert venue.strategy.funded_until_ns == venue.now


def cut(venue: SilentVenue, order, lots: int) -> None:
    """Let the venue make an order smaller."""
    event = OrderUpdated(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        account_id=ACCOUNT,
        quantity=venue.strategy.units.quantity(lots),
        price=None,
        trigger_price=None,
        event_id=UUID4(),
        ts_event=venue.now,
        ts_init=venue.now,
    )
    order.apply(event)
    venue.cache.update_order(order)
    venue.strategy.handle_event(event)


@INTENTS
def test_an_exit_that_the_venue_cuts_has_ended_with_its_last_fill(intent) -> None:
    venue = SilentVenue()
    venue.open_trade(intent)
    lots = venue.strategy.manager.trade.open
    venue.strategy.flatten()
    exit_ = venue.sent[-1]
    venue.accept(exit_)
    cut(venue, exit_, lots - 3)
    venue.fill(exit_, ENTRY, lots - 3)
    # The rest is not waited for: it leaves by another order.
    other = venue.sent[-1]
    assert other is not exit_
    assert venue.strategy.units.lots(other.quantity) == 3


@INTENTS
def test_working_entries_count_against_the_limit_of_notional(intent) -> None:
    venue = SilentVenue(risk_pct=Decimal("0.02"), max_notional=Decimal(15_000))
    account = venue.strategy.account
    assert account.notionals() == []
    decision, size = venue.strategy.decide(venue.now, intent.entry, intent, warm=True)
    assert decision.action is not Action.HOLD
    entry = venue.sent[-1]
    # On its way, working, and filled in part: the rest and the position are counted once each.
    value = size * Decimal(50_000)
    assert account.notionals() == [value]
    venue.accept(entry)
    assert account.notionals() == [value]
    venue.fill(entry, intent.entry, 1)
    # This venue opens no positions in the cache; the stop that only reduces is no entry.
    assert account.notionals() == [value - Decimal("0.001") * Decimal(50_000)]
    assert account.exposure().notional == sum(account.notionals())
    refused = account.size(intent, venue.strategy.manager.params, Decimal("0.02"))
    assert (refused.lots, refused.reason) == (0, "NOTIONAL")
