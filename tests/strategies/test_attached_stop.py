"""The stop that a live venue keeps for a position, as the shared strategy uses it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import Alert
from errors import UsageError
from strategies.common.intents import Intent
from strategies.common.nautilus.config import TradingConfig
from strategies.common.protection import attached_price
from tests.markets import BTC
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import SilentVenue


__all__ = ["live_clock"]
# Two basis points of 49,900.0 are 9.98, of 50,100.0 they are 10.02: rounded away from the stop.
BEYOND = {LONG.stop: LONG.stop - 100, SHORT.stop: SHORT.stop + 101}


def venue_with_stops(**settings: Any) -> SilentVenue:
    venue = SilentVenue(keeps_stops=True, **settings)
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.print(ENTRY)
    return venue


def wanted(venue: SilentVenue) -> list[tuple[bool, int]]:
    return [(w.is_long, venue.strategy.units.ticks(w.price)) for w in venue.wanted_stops]


def carried(venue: SilentVenue) -> list[str | None]:
    return [None if p is None else p.get("attached_stop") for p in venue.params]


@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
def test_every_entry_carries_it_and_no_other_order(intent: Intent) -> None:
    venue = venue_with_stops(limit_order_timeout_minutes=1)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    (entry,) = venue.sent
    price = str(venue.strategy.units.price(BEYOND[intent.stop]))
    assert carried(venue) == [price]

    # Its rest at market, after the time-out, carries it as well.
    venue.accept(entry)
    venue.fill(entry, ENTRY, 1)
    venue.advance(61 * 10**9)
    venue.cancel(entry)
    assert [o.is_reduce_only for o in venue.sent] == [False, True, False]
    assert carried(venue) == [price, None, price]


def test_a_venue_that_keeps_none_is_not_asked() -> None:
    venue = SilentVenue()
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.print(ENTRY)
    venue.open_trade()
    assert len(venue.sent) == 2
    assert set(carried(venue)) == {None}


@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
def test_it_follows_break_even_once_the_own_stop_works_there(intent: Intent) -> None:
    venue = venue_with_stops()
    venue.open_trade(intent)
    assert wanted(venue) == []

    side = intent.side
    venue.print(ENTRY + side * 1000)
    exit_ = venue.sent[-1]
    venue.accept(exit_)
    venue.fill(exit_, ENTRY + side * 1000)
    moved = venue.sent[-1]
    assert moved.trigger_price == venue.strategy.units.price(ENTRY)
    assert wanted(venue) == []

    venue.accept(moved)
    assert wanted(venue) == [(side > 0, attached_price(ENTRY, side, Fraction(2, 10_000)))]
    # It is asked for once.
    venue.cancel(venue.sent[1])
    venue.print(ENTRY + side * 1001)
    assert len(venue.wanted_stops) == 1


def test_an_entry_that_goes_on_filling_brings_the_first_price_back_and_it_is_moved_again() -> None:
    venue = venue_with_stops()
    strategy = venue.strategy
    strategy.decide(venue.now, ENTRY, LONG, warm=True)
    (entry,) = venue.sent
    venue.accept(entry)
    venue.fill(entry, ENTRY, 2)
    venue.accept(venue.sent[-1])
    nearer = LONG.stop + 500
    strategy.execute(strategy.manager.move_stop(venue.now, nearer, ENTRY), venue.now)
    venue.accept(venue.sent[-1])
    price = attached_price(nearer, 1, Fraction(2, 10_000))
    assert wanted(venue) == [(True, price)]

    venue.fill(entry, ENTRY, 1)
    venue.accept(venue.sent[-1])
    assert wanted(venue) == [(True, price)] * 2


def test_the_second_half_of_a_flip_brings_its_own() -> None:
    venue = venue_with_stops(cooldown_minutes=0)
    stop = venue.open_trade(LONG)
    decision, _ = venue.strategy.decide(venue.now, ENTRY, SHORT, warm=True)
    assert decision.reason == "FLIP_X_SHORT"
    exit_ = venue.sent[-1]
    venue.accept(exit_)
    venue.fill(exit_, ENTRY)
    venue.cancel(stop)
    entry = venue.sent[-1]
    assert not entry.is_reduce_only
    assert carried(venue)[-1] == str(venue.strategy.units.price(BEYOND[SHORT.stop]))

    venue.accept(entry)
    venue.fill(entry, ENTRY)
    venue.accept(venue.sent[-1])
    assert wanted(venue) == []


def test_a_position_taken_over_gets_one() -> None:
    venue = venue_with_stops()
    venue.strategy.protect_unknown_position(
        Decimal("0.005"), Decimal(50_000), "the account holds 0.005"
    )
    stop = venue.sent[-1]
    venue.accept(stop)
    assert wanted(venue) == [
        (True, attached_price(venue.strategy.manager.trade.stop, 1, Fraction(2, 10_000)))
    ]


@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("parts", [1, 3])
def test_its_fill_is_a_stop_of_the_trade(intent: Intent, parts: int) -> None:
    venue = venue_with_stops()
    closed: list[Any] = []
    venue.strategy.manager._record = _watch(venue.strategy.take_record, closed)
    stop = venue.open_trade(intent)
    lots = venue.strategy.manager.trade.open
    sizes = [1] * (parts - 1) + [lots - parts + 1]
    made = venue.fill_kept_stop(BEYOND[intent.stop], *sizes, is_long=intent.is_long)

    # The trade's own stop has nothing to protect any more.
    assert venue.cancels == [stop]
    venue.cancel(stop)
    assert venue.strategy.is_flat
    assert not venue.strategy.manager.halted
    exits = [r for r in closed if type(r).__name__ == "ExitFilled"]
    assert [(str(r.reason), r.lots) for r in exits] == [("STOP", size) for size in sizes]
    assert made.is_closed


def _watch(record: Any, kept: list[Any]) -> Any:
    def both(item: Any, trade_id: int | None) -> None:
        kept.append(item)
        record(item, trade_id)

    return both


def test_both_stops_and_an_exit_at_once_are_booked_for_no_more_than_there_is() -> None:
    venue = venue_with_stops()
    stop = venue.open_trade()
    lots = venue.strategy.manager.trade.open
    venue.strategy.flatten()
    exit_ = venue.sent[-1]
    venue.accept(exit_)
    venue.fill(stop, LONG.stop, 1)
    venue.fill_kept_stop(BEYOND[LONG.stop], 1)
    venue.fill(exit_, LONG.stop, lots - 2)
    venue.cancel(exit_)
    venue.cancel(stop)
    assert venue.strategy.is_flat
    assert not venue.strategy.manager.halted


def test_a_fill_without_a_trade_halts() -> None:
    venue = venue_with_stops()
    venue.fill_kept_stop(BEYOND[LONG.stop], 1)
    assert venue.strategy.manager.halted


def test_a_failure_is_told() -> None:
    venue = venue_with_stops()
    alerts: list[Alert] = []
    venue.msgbus.subscribe(topic=Alert.topic(), handler=alerts.append)
    venue.strategy.protect_unknown_position(
        Decimal("0.005"), Decimal(50_000), "the account holds 0.005"
    )
    venue.accept(venue.sent[-1])
    venue.wanted_stops[0].failed("not modified")
    assert ("ATTACHED_STOP_FAILED", True) in [(a.kind, "not modified" in a.text) for a in alerts]


@pytest.mark.usefixtures("live_clock")
@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("knows_entry", [True, False], ids=["journaled", "lost"])
def test_a_restart_books_what_it_closed_meanwhile(knows_entry: bool, intent: Intent) -> None:
    venue = LiveVenue(keeps_stops=True)
    venue.strategy.active = True
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.print(ENTRY)
    before = list(venue.journal)
    venue.advance(1)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    (entry,) = venue.sent
    journal = list(venue.journal) if knows_entry else before
    # The node is dead: nobody acts on what follows.
    venue.strategy.handle_event = lambda event: None  # type: ignore[method-assign]
    venue.accept(entry)
    venue.advance(1_000_000)
    venue.fill(entry, ENTRY)
    lots = venue.strategy.units.lots(entry.quantity)
    venue.fill_kept_stop(BEYOND[intent.stop], lots, is_long=intent.is_long)

    new = venue.restart(journal, keeps_stops=True)
    manager = new.strategy.manager
    assert (manager.trade, manager.halted) == (None, False)
    loss = intent.side * (BEYOND[intent.stop] - ENTRY) * lots * new.strategy.units.tick_value
    assert manager.ledger.day_pnl == loss - Decimal("0.2")
    assert not {"FOREIGN_ORDERS", "POSITION_MISMATCH", "ORDERS_UNCLAIMED"} & set(new.kinds())


@pytest.mark.usefixtures("live_clock")
def test_a_position_filled_meanwhile_gets_its_own_stop_and_the_venue_is_told_the_price() -> None:
    venue = LiveVenue(keeps_stops=True)
    venue.strategy.active = True
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.advance(1)
    venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    (entry,) = venue.sent
    venue.strategy.handle_event = lambda event: None  # type: ignore[method-assign]
    venue.accept(entry)
    venue.fill(entry, ENTRY)

    new = venue.restart(keeps_stops=True)
    stop = new.sent[-1]
    assert stop.trigger_price == new.strategy.units.price(LONG.stop)
    assert new.strategy.manager.trade.target == LONG.tp2
    new.accept(stop)
    # What the venue has is not known here: the client compares.
    assert wanted(new) == [(True, BEYOND[LONG.stop])]


@pytest.mark.usefixtures("live_clock")
@pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
def test_the_stop_of_a_plan_that_is_lost_is_the_one_that_the_venue_keeps(intent: Intent) -> None:
    venue = LiveVenue(keeps_stops=True)
    venue.strategy.active = True
    venue.quote(ENTRY - 1, ENTRY + 1)
    before = list(venue.journal)
    venue.advance(1)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    (entry,) = venue.sent
    venue.strategy.handle_event = lambda event: None  # type: ignore[method-assign]
    venue.accept(entry)
    venue.fill(entry, ENTRY)
    account = venue.account()
    kept = {
        "client_order_id": "",
        "is_buy": not intent.is_long,
        "reduce_only": True,
        "quantity": abs(account.position),
        "filled": Decimal(0),
        "price": None,
        "trigger": BEYOND[intent.stop] * venue.strategy.units.tick,
    }
    by_hand = {**kept, "quantity": Decimal("0.001"), "trigger": ENTRY * venue.strategy.units.tick}
    account.orders += [by_hand, kept]

    new = venue.restart(before, account=account, keeps_stops=True)
    assert new.strategy.manager.halted
    assert new.strategy.manager.trade.stop == BEYOND[intent.stop]
    assert new.sent[-1].trigger_price == new.strategy.units.price(BEYOND[intent.stop])


@pytest.mark.parametrize("bps", ["0", "-1", "NaN", "1001"])
def test_a_distance_that_makes_no_sense_is_refused(bps: str) -> None:
    with pytest.raises(UsageError, match="attached_stop_bps"):
        TradingConfig(instrument_id=InstrumentId.from_str(BTC), attached_stop_bps=Decimal(bps))


@pytest.mark.parametrize(
    ("stop", "side", "price"), [(1000, 1, 999), (1000, -1, 1001), (1, 1, 1), (600_000, 1, 599_880)]
)
def test_it_lies_beyond_the_stop_by_a_tick_at_least(stop: int, side: int, price: int) -> None:
    assert attached_price(stop, side, Fraction(2, 10_000)) == price
