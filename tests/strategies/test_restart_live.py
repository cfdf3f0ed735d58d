"""What a live strategy makes of what a restart finds at the venue."""

from decimal import Decimal

import pytest
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled

from actors.journal.rows import fill_row
from actors.nautilus_records import fill_record
from actors.nautilus_records import order_record
from tests.strategies.live_venue import Account
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import as_found
from tests.strategies.live_venue import live_clock
from tests.strategies.live_venue import row_of
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

INTENTS = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])


def active() -> LiveVenue:
    """Return a venue whose strategy may enter."""
    venue = LiveVenue()
    venue.strategy.active = True
    venue.strategy.warm = True
    venue.advance(1)
    return venue


@INTENTS
def test_the_first_target_is_not_taken_again_where_the_journal_lacks_it(intent) -> None:
    venue = active()
    venue.open_trade(intent)
    journal = list(venue.journal)
    venue.print(intent.tp1)
    first = venue.sent[-1]
    venue.accept(first)
    venue.fill(first, intent.tp1)
    again = venue.restart(journal)
    trade = again.strategy.manager.trade
    assert again.alerts == []
    assert (trade.tp1_over, trade.stop, trade.stop_reason) == (True, intent.entry, "BREAKEVEN")
    marks = [order.client_order_id.value.rpartition("-")[2] for order in again.sent]
    assert marks == ["S", "BS"]
    again.print(intent.tp1)
    assert len(again.sent) == 2


def test_fills_found_at_a_restart_have_a_role() -> None:
    venue = active()
    stop = venue.open_trade()
    venue.print(LONG.tp1)
    venue.fill(venue.sent[-1], LONG.tp1)
    venue.fill(stop, LONG.stop)
    rows = [
        fill_row(fill_record(event), order_record(order), None)
        for order in venue.left()
        for event in order.events
        if isinstance(event, OrderFilled)
    ]
    assert [row["role"] for row in rows] == ["ENTRY", "STOP", "EXIT"]


def stops(venue: LiveVenue) -> list[tuple[int, int]]:
    """Return lots and price of the stops that work or are on their way."""
    units = venue.strategy.units
    return [
        (units.lots(order.quantity), units.ticks(order.trigger_price))
        for order in venue.working
        if order.has_trigger_price
    ]


@INTENTS
def test_a_cache_that_has_lost_the_position_takes_no_stop(intent) -> None:
    venue = active()
    stop = venue.open_trade(intent)
    lost = [order for order in venue.left() if order.client_order_id != stop.client_order_id]
    for order in lost:
        assert order.is_closed
    for orders in ([], [as_found(stop)], lost):
        again = venue.restart(orders=orders)
        trade = again.strategy.manager.trade
        assert (again.questions, again.cancels, again.kinds()) == (1, [], [])
        assert (trade.open * trade.side, trade.stop) == (
            venue.strategy.manager.trade.open * intent.side,
            intent.stop,
        )
        assert again.strategy.active
        assert not again.strategy.manager.halted
        # The stop that works is not sent again, whether or not the cache has it.
        assert [order for order in again.sent if order.status.name == "SUBMITTED"] == []


@INTENTS
def test_a_venue_that_cannot_be_asked_leaves_the_stop_and_halts_where_the_cache_differs(
    intent,
) -> None:
    venue = active()
    venue.open_trade(intent)
    stop = [as_found(order) for order in venue.working]
    again = venue.restart(orders=stop, account="no answer")
    assert again.cancels == []
    assert again.kinds() == ["POSITION_MISMATCH", "OBSERVATION"]
    assert again.strategy.manager.halted
    assert again.strategy.manager.trade.open == venue.strategy.manager.trade.open
    assert len(stops(again)) == 1


def test_a_venue_that_cannot_be_asked_lets_nothing_be_entered() -> None:
    venue = active()
    venue.open_trade()
    again = venue.restart(account="no answer")
    assert again.kinds() == ["OBSERVATION"]
    assert "could not be queried" in again.alerts[0].text
    assert (again.strategy.active, again.strategy.manager.halted) == (False, False)
    assert again.cancels == []


def test_a_stop_without_a_trade_goes_only_when_the_venue_has_no_position() -> None:
    venue = active()
    venue.open_trade()
    stop = [as_found(order) for order in venue.working]
    unasked = venue.restart([], stop, "no answer")
    assert unasked.cancels == []
    flat = venue.restart([], stop, Account(Decimal(0), None, []))
    assert [order.client_order_id for order in flat.cancels] == [stop[0].client_order_id]
    held = venue.restart([], stop)
    assert held.cancels == []
    assert held.strategy.manager.trade.stop == LONG.stop


@INTENTS
def test_a_position_that_nobody_knows_is_stopped_by_what_the_venue_says(intent) -> None:
    venue = LiveVenue()
    side = intent.side
    account = Account(Decimal("0.01") * side, Decimal(50_000), [])
    again = venue.restart([], [], account)
    assert again.kinds() == ["POSITION_MISMATCH", "OBSERVATION"]
    assert stops(again) == [(10, 500_000 - side * 5000)]


def test_a_position_that_is_smaller_than_known_keeps_its_stop_until_its_fills_are_there() -> None:
    venue = active()
    stop = venue.open_trade()
    for size in (Decimal(0), Decimal("0.001")):
        account = Account(size, Decimal(50_000) if size else None, [row_of(stop)])
        again = venue.restart(account=account)
        assert again.cancels == []
        assert again.kinds() == ["OBSERVATION"]
        assert not again.strategy.manager.halted
        (found,) = again.working
        # The fill was on its way: it is booked, and the trade is over.
        again.fill(found, LONG.stop)
        assert again.strategy.manager.trade is None
        assert again.strategy.manager.ledger.day_pnl < 0


def test_a_larger_position_is_halted_and_stopped_whole_before_the_old_stop_goes() -> None:
    venue = active()
    stop = venue.open_trade()
    lots = venue.strategy.manager.trade.open
    account = venue.account()
    account.position += Decimal("0.005")
    again = venue.restart(account=account)
    assert again.strategy.manager.halted
    assert again.cancels == []
    assert stops(again) == [(lots, LONG.stop), (lots + 5, LONG.stop)]
    again.accept(again.sent[-1])
    assert [order.client_order_id for order in again.cancels] == [stop.client_order_id]


def test_an_order_that_the_cache_lacks_is_cancelled_once_it_has_it() -> None:
    venue = active()
    stop = venue.open_trade()
    again = venue.restart(orders=[])
    again.strategy.flatten()
    exit_ = again.sent[-1]
    again.fill(exit_, LONG.entry)
    assert again.cancels == []
    assert again.strategy.manager.trade is not None
    found = as_found(stop)
    again.cache.add_order(found, None)
    again.cache.update_order(found)
    again.advance(2_000_000_000)
    assert [order.client_order_id for order in again.cancels] == [stop.client_order_id]


def test_a_stop_of_the_strategy_takes_back_entries_alone() -> None:
    venue = active()
    venue.open_trade()
    foreign = venue.strategy.order_factory.limit(
        venue.instrument.id,
        OrderSide.SELL,
        venue.strategy.units.quantity(1),
        venue.strategy.units.price(ENTRY + 500),
    )
    venue.strategy.submit_order(foreign)
    venue.accept(foreign)
    venue.strategy.stop()
    assert venue.cancels == []
    other = active()
    other.strategy.decide(other.now, LONG.entry, LONG, warm=True)
    other.accept(other.sent[-1])
    other.strategy.stop()
    assert other.cancels == other.sent
