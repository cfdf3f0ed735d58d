"""What a strategy finds at the venue after a restart: positions, and orders of whom."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from actors.requests import OpenOrder
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.ledger import DAY_NS
from strategies.common.nautilus import recovery
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.recovery import CLOCKS_NS
from strategies.common.nautilus.recovery import VenueState
from strategies.common.nautilus.venue_account import VenueAccount
from tests.strategies.live_venue import LiveVenue
from tests.strategies.live_venue import as_found
from tests.strategies.live_venue import live_clock
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.test_restart_live import active


__all__ = ["live_clock"]

pytestmark = pytest.mark.usefixtures("live_clock")

ID_PART = "-001-001-"
ETH = "ETHUSDT-LINEAR.BYBIT"


def state_of(
    venue: LiveVenue, account: VenueAccount | None = None, cache: Any = None
) -> VenueState:
    """Return what another process of the strategy would see; it knows of no order yet."""
    strategy = venue.strategy
    return VenueState(
        venue.cache if cache is None else cache,
        venue.instrument.id,
        strategy.units,
        OrderRouter(strategy, venue.instrument.id, strategy.units),
        ID_PART,
        account,
    )


def hold(venue: LiveVenue, name: str, side: OrderSide, lots: int, price: str) -> None:
    """Put a position into the cache."""
    order = venue.strategy.order_factory.market(
        venue.instrument.id, side, venue.strategy.units.quantity(lots)
    )
    fill = TestEventStubs.order_filled(
        order,
        venue.instrument,
        position_id=PositionId(name),
        last_px=venue.instrument.make_price(Decimal(price)),
    )
    venue.cache.add_position(Position(venue.instrument, fill), OmsType.HEDGING)


def test_positions_of_the_cache_are_added_up_with_their_signs() -> None:
    venue = LiveVenue()
    state = state_of(venue)
    assert state.position() == (0, None)
    hold(venue, "A", OrderSide.BUY, 6, "50000")
    hold(venue, "B", OrderSide.BUY, 2, "50004")
    assert state.position() == (8, Fraction(500_010))
    hold(venue, "C", OrderSide.SELL, 8, "50001")
    assert state.position() == (0, None)
    hold(venue, "D", OrderSide.SELL, 4, "49000")
    assert state.position() == (-4, Fraction(8 * 500_010 - 8 * 500_010 - 4 * 490_000, -4))


def test_the_cache_is_asked_for_this_instrument_alone() -> None:
    venue = active()
    venue.open_trade()
    asked: list[Any] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            def ask(*arguments: Any, **named: Any) -> Any:
                if name in ("positions_open", "orders", "orders_open"):
                    asked.append(named.get("instrument_id"))
                return getattr(venue.cache, name)(*arguments, **named)

            return ask

    state = state_of(venue, cache=Watched())
    state.position()
    state.unknown_orders(venue.strategy.manager, venue.now)
    state.unclaimed_orders(venue.strategy.id)
    state.foreign_orders()
    assert asked == 4 * [venue.instrument.id]


def test_what_the_venue_says_comes_before_the_cache_and_only_where_it_has_answered() -> None:
    venue = LiveVenue()
    hold(venue, "A", OrderSide.BUY, 6, "50000")
    known = VenueAccount(lots=-3, price=Fraction(7), orders={})
    assert state_of(venue, known).position() == (-3, Fraction(7))
    silent = VenueAccount(orders={}, failure="no answer")
    assert state_of(venue, silent).position() == (6, Fraction(500_000))


def found(venue: LiveVenue, since: int, account: VenueAccount | None = None) -> list[Any]:
    state = state_of(venue, account)
    return [
        (order.command.purpose, order.command.reason, order.is_open, order.filled, order.average)
        for order in state.unknown_orders(venue.strategy.manager, since)
    ]


def test_our_orders_are_found_by_their_marks_oldest_first() -> None:
    venue = active()
    stop = venue.open_trade()
    lots = venue.strategy.units.lots(stop.quantity)
    cache = Cache()
    for order in reversed(venue.left()):
        cache.add_order(order, None)
        cache.update_order(order)
    other = LiveVenue()
    state = state_of(other, cache=cache)
    entry, protective = state.unknown_orders(other.strategy.manager, venue.now)
    command = entry.command
    assert (command.purpose, command.kind, command.reason) == (
        Purpose.ENTRY,
        OrderKind.LIMIT,
        "SIGNAL",
    )
    assert (command.is_buy, command.lots, command.price) == (True, lots, ENTRY)
    assert (entry.is_open, entry.filled, entry.average) == (False, lots, Fraction(ENTRY))
    (fill,) = entry.fills
    assert (fill.order_id, fill.lots, fill.price) == (command.order_id, lots, ENTRY)
    command = protective.command
    assert (command.purpose, command.kind, command.reason) == (
        Purpose.STOP,
        OrderKind.STOP,
        "STOP",
    )
    assert (command.is_buy, command.lots, command.price) == (False, lots, LONG.stop)
    assert (protective.is_open, protective.filled, protective.average) == (True, 0, None)
    # Each is known from then on.
    assert state.unknown_orders(other.strategy.manager, venue.now) == []


@pytest.mark.parametrize(("age_ns", "count"), [(CLOCKS_NS, 1), (CLOCKS_NS + 1, 0)])
def test_what_was_over_before_the_state_is_not_found_again(age_ns: int, count: int) -> None:
    venue = active()
    venue.open_trade()
    cache = Cache()
    for order in venue.left():
        if order.is_closed:
            cache.add_order(order, None)
            cache.update_order(order)
    other = LiveVenue()
    since = venue.now + age_ns - 1
    state = state_of(other, cache=cache)
    assert len(state.unknown_orders(other.strategy.manager, since)) == count


def test_orders_whose_fills_are_booked_already_are_not_found_again() -> None:
    venue = active()
    venue.open_trade()
    marks = [purpose for purpose, *_ in found(venue, 0)]
    assert marks == [Purpose.STOP]


def test_an_order_that_was_over_without_a_fill_is_none_unless_the_venue_has_it_open() -> None:
    venue = active()
    venue.strategy.decide(venue.now, LONG.entry, LONG, warm=True)
    entry = venue.sent[-1]
    venue.accept(entry)
    venue.cancel(entry)
    assert found(venue, 0) == []
    row = OpenOrder(
        client_order_id=entry.client_order_id.value,
        is_buy=True,
        reduce_only=False,
        quantity=entry.quantity.as_decimal(),
        filled=Decimal(0),
        price=Decimal(50_000),
        trigger=None,
    )
    account = VenueAccount(orders={row.client_order_id: row})
    assert found(venue, 0, account) == [(Purpose.ENTRY, "SIGNAL", True, 0, None)]


def row(name: str, **fields: Any) -> OpenOrder:
    terms: dict[str, Any] = {
        "is_buy": False,
        "reduce_only": True,
        "quantity": Decimal("0.022"),
        "filled": Decimal("0.005"),
        "price": None,
        "trigger": Decimal("49900.5"),
    }
    return OpenOrder(client_order_id=name, **terms | fields)


def account_with(*rows: OpenOrder) -> VenueAccount:
    return VenueAccount(orders={row.client_order_id: row for row in rows})


NAME = f"O-20260105-000000{ID_PART}9"
LIMIT = row(f"{NAME}-E", trigger=None, price=Decimal(50_000), is_buy=True)
MARKET = row(f"{NAME}-1X", trigger=None)
STOP = row(f"{NAME}-BS")


def test_orders_that_nautilus_lacks_are_those_of_the_venue() -> None:
    venue = LiveVenue()
    rows = [STOP, LIMIT, MARKET]
    state = state_of(venue, account_with(*rows))
    orders = state.unknown_orders(venue.strategy.manager, venue.now)
    commands = [order.command for order in orders]
    assert [
        (c.order_id, c.purpose, c.kind, c.reason, c.is_buy, c.lots, c.price) for c in commands
    ] == [
        (1, Purpose.STOP, OrderKind.STOP, "BREAKEVEN", False, 22, 499_005),
        (2, Purpose.ENTRY, OrderKind.LIMIT, "SIGNAL", True, 22, 500_000),
        (3, Purpose.EXIT, OrderKind.MARKET, "TP1", False, 22, None),
    ]
    assert [(order.is_open, order.filled, order.fills) for order in orders] == 3 * [(True, 5, ())]
    assert state.unknown_orders(venue.strategy.manager, venue.now) == []


def test_orders_of_a_state_that_nautilus_lacks_are_those_of_the_venue() -> None:
    venue = LiveVenue()
    state = state_of(venue, account_with(STOP))
    names = {7: STOP.client_order_id, 8: f"{NAME}-S"}
    (stop,) = state.known_orders(names)
    assert (stop.command.order_id, stop.command.price, stop.is_open) == (7, 499_005, True)
    # What neither of them has is over, and known as one of ours all the same.
    assert state.unknown_orders(venue.strategy.manager, venue.now) == []


@pytest.mark.parametrize("name", ["manual-S", f"{NAME}-QS", f"{NAME}", "O-1-001-002-9-S"])
def test_an_order_without_our_names_and_a_mark_is_not_taken_for_ours(name: str) -> None:
    venue = LiveVenue()
    account = account_with(row(name))
    state = state_of(venue, account)
    assert state.unknown_orders(venue.strategy.manager, venue.now) == []
    assert state_of(venue, account).known_orders({1: name}) == []


def test_tags_say_what_an_order_is_whatever_its_name() -> None:
    venue = active()
    factory = venue.strategy.order_factory
    for tags in (["note", "STOP", "TRAIL"], ["STOP"]):
        order = factory.stop_market(
            venue.instrument.id,
            OrderSide.SELL,
            venue.strategy.units.quantity(3),
            venue.strategy.units.price(ENTRY - 7),
            tags=tags,
            reduce_only=True,
        )
        cache = Cache()
        cache.add_order(order, None)
        state = state_of(LiveVenue(), cache=cache)
        (reported,) = state.unknown_orders(venue.strategy.manager, venue.now)
        assert (reported.command.purpose, reported.command.reason) == (Purpose.STOP, tags[-1])
    assert state.unclaimed_orders(StrategyId("OTHER-001")) == []


def test_open_orders_of_ours_at_nobody_and_of_others_are_named() -> None:
    venue = active()
    stop = venue.open_trade()
    cache = Cache()
    names = {"ours": "EXTERNAL", "manual": "EXTERNAL"}
    for name, owner in names.items():
        client_id = None if name == "ours" else name
        order = as_found(stop, owner, client_id)
        cache.add_order(order, None)
        cache.update_order(order)
    state = state_of(LiveVenue(), cache=cache)
    assert state.unclaimed_orders(venue.strategy.id) == [stop.client_order_id.value]
    assert state.unclaimed_orders(StrategyId("EXTERNAL")) == []
    assert sorted(state.foreign_orders()) == sorted([stop.client_order_id.value, "manual"])
    state.known_orders({1: stop.client_order_id.value})
    assert state.foreign_orders() == ["manual"]


def test_a_loss_of_yesterday_is_no_loss_of_today() -> None:
    venue = active()
    stop = venue.open_trade()
    journal = list(venue.journal)
    venue.fill(stop, LONG.stop)
    assert venue.strategy.manager.ledger.day_pnl < 0
    again = venue.restart(list(journal), after_ns=DAY_NS)
    ledger = again.strategy.manager.ledger
    assert again.strategy.manager.trade is None
    assert (ledger.day_pnl, ledger.cash) == (0, venue.strategy.manager.ledger.cash)
    same_day = venue.restart(journal)
    assert same_day.strategy.manager.ledger.day_pnl == venue.strategy.manager.ledger.day_pnl


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Accepted in another order than they were made in.
        (("A-2", 20, 30), ("A-1", 10, 40)),
        # Not accepted yet: the time at which it was made counts.
        (("A-1", 10, 15), ("A-2", 20, 0)),
        (("A-1", 10, 0), ("A-2", 5, 15)),
        # Within a millisecond, by the count.
        (("A-9", 10, 30), ("A-10", 10, 30)),
    ],
)
def test_orders_are_as_old_as_their_acceptance(
    first: tuple[str, int, int], second: tuple[str, int, int]
) -> None:
    orders: list[Any] = [
        SimpleNamespace(client_order_id=ClientOrderId(name), ts_init=made, ts_accepted=accepted)
        for name, made, accepted in (second, first)
    ]
    assert sorted(orders, key=recovery._age) == orders[::-1]
