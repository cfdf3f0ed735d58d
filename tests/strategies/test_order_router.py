"""What an order carries to the venue, and which orders wait, leave or are forgotten."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.events import OrderAccepted
from nautilus_trader.model.events import OrderCanceled
from nautilus_trader.model.events import OrderCancelRejected
from nautilus_trader.model.events import OrderDenied
from nautilus_trader.model.events import OrderExpired
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.events import OrderTriggered
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order

from actors.messages import TradeEvent
from actors.order_marks import meaning
from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.commands import Submit
from strategies.common.deferred_orders import DeferredOrder
from strategies.common.deferred_orders import DeferredOrders
from strategies.common.events import NOTHING_TO_REDUCE
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import CancelRejected
from strategies.common.events import Filled
from strategies.common.events import Rejected
from strategies.common.intents import Action
from strategies.common.nautilus.order_router import ENDED
from strategies.common.nautilus.order_router import UNCACHED
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.order_tags import meaning_of
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import SECOND_NS
from tests.strategies.live_venue import as_found
from tests.strategies.silent_venue import ACCOUNT
from tests.strategies.silent_venue import ENTRY
from tests.strategies.silent_venue import LONG
from tests.strategies.silent_venue import SHORT
from tests.strategies.silent_venue import SilentVenue


SIDES = pytest.mark.parametrize("intent", [LONG, SHORT], ids=["long", "short"])
MS = 1_000_000


def router_of(venue: SilentVenue, *, marks_ids: bool = False) -> OrderRouter:
    return OrderRouter(
        venue.strategy, venue.instrument.id, venue.strategy.units, marks_ids=marks_ids
    )


def entry(order_id: int = 1, **changes: Any) -> Submit:
    terms = {
        "order_id": order_id,
        "purpose": Purpose.ENTRY,
        "kind": OrderKind.LIMIT,
        "is_buy": True,
        "lots": 7,
        "price": ENTRY,
        "reason": "x_long",
    }
    return Submit(**(terms | changes))


def plan(**changes: Any) -> str:
    venue = SilentVenue()
    order = router_of(venue).make(entry(), replace(LONG, **changes))
    return str(order.tags[3])


def test_an_entry_carries_the_prices_that_it_was_decided_on() -> None:
    assert plan(tp1_half=2 * ENTRY + 201) == "plan=50000.0/49900.0/50010.05/50200.0"
    assert plan(tp1_half=None, tp2=None) == "plan=50000.0/49900.0//"
    assert plan(target_distance=30) == "plan=50000.0/49900.0/50100.0/50200.0/3.0"
    # A thousandth of a tick is a ten-thousandth of a dollar.
    assert plan(costs=1_250) == "plan=50000.0/49900.0/50100.0/50200.0//0.125"
    assert plan(target_distance=30, costs=40) == "plan=50000.0/49900.0/50100.0/50200.0/3.0/0.004"
    assert plan(stop_distance=1_000) == "plan=50000.0/49900.0/50100.0/50200.0///100.0"


def test_terms_of_orders_are_those_of_the_command() -> None:
    venue = SilentVenue()
    router = router_of(venue)
    limit = router.make(entry(), LONG)
    assert (limit.order_type, limit.side) == (OrderType.LIMIT, OrderSide.BUY)
    assert (limit.price.as_decimal(), limit.quantity.as_decimal()) == (50_000, Decimal("0.007"))
    assert (limit.time_in_force, limit.is_reduce_only) == (TimeInForce.GTC, False)
    assert limit.tags[:3] == ["ENTRY", "x_long", "x_long"]
    stop = router.make(
        entry(2, purpose=Purpose.STOP, kind=OrderKind.STOP, is_buy=False, reason=ExitReason.STOP),
        LONG,
    )
    assert (stop.order_type, stop.side) == (OrderType.STOP_MARKET, OrderSide.SELL)
    assert (stop.trigger_price.as_decimal(), stop.trigger_type) == (50_000, TriggerType.LAST_PRICE)
    assert (stop.is_reduce_only, stop.tags) == (True, ["STOP", "x_long", "STOP"])
    market = router.make(
        entry(3, purpose=Purpose.EXIT, kind=OrderKind.MARKET, price=None, reason=ExitReason.TIME),
        LONG,
    )
    assert (market.order_type, market.is_reduce_only) == (OrderType.MARKET, True)
    assert market.tags == ["EXIT", "x_long", "TIME"]
    with pytest.raises(ValueError, match="^order 4: a LIMIT order needs a price$"):
        router.make(entry(4, price=None), LONG)


def test_orders_are_known_by_both_of_their_identifiers() -> None:
    venue = SilentVenue()
    router = router_of(venue)
    first, second = router.make(entry(1), LONG), router.make(entry(2), LONG)
    assert router.order_id(first.client_order_id) == 1
    assert router.client_id(2) == second.client_order_id.value
    assert router.client_id(3) is None
    assert router.order_id(type(first.client_order_id)("O-x")) is None


def test_a_marked_identifier_is_never_given_twice() -> None:
    """A restart within a second begins to count anew; the venue refuses a second use."""
    venue = SilentVenue()
    first = router_of(venue, marks_ids=True).make(entry(), LONG)
    venue.cache.add_order(first)
    again = router_of(venue, marks_ids=True)
    names = {first.client_order_id.value, *(made_by(again, n) for n in (1, 2))}
    assert len(names) == 3
    assert {meaning(name) for name in names} == {("ENTRY", "SIGNAL")}
    # Also where the cache has not heard of the order yet.
    third = router_of(venue, marks_ids=True)
    for order_id in (1, 2):
        third.know(10 + order_id, type(first.client_order_id)(again.client_id(order_id)))
    assert made_by(third, 1) not in names


def made_by(router: OrderRouter, order_id: int) -> str:
    return str(router.make(entry(order_id), LONG).client_order_id.value)


def test_a_cancel_that_is_not_sent_is_answered_at_once() -> None:
    venue = SilentVenue()
    stop = venue.open_trade()
    router = venue.strategy.router
    made = router.make(entry(70), LONG)
    assert router.cancel(70, 5) == CancelRejected(order_id=70, ts=5, message=UNCACHED)
    assert made.client_order_id not in {order.client_order_id for order in venue.cancels}
    stop_id = router.order_id(stop.client_order_id)
    assert router.cancel(stop_id, 5) is None
    assert venue.cancels == [stop]
    assert router.cancel(1, 5) == Canceled(order_id=1, ts=5, message=ENDED)
    assert venue.cancels == [stop]


def event_of(venue: SilentVenue, order: Order, kind: Any, **values: Any) -> Any:
    return kind(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        event_id=UUID4(),
        # A refusal of the risk engine has no time of its own.
        **({} if kind is OrderDenied else {"ts_event": 17}),
        ts_init=18,
        **values,
    )


def test_events_of_the_venue_are_those_of_the_manager() -> None:
    venue = SilentVenue()
    router = router_of(venue)
    order = router.make(entry(5), LONG)
    at = {"account_id": ACCOUNT, "venue_order_id": VenueOrderId("V-1")}
    gone = f"{NOTHING_TO_REDUCE}: current position is zero"
    for kind, values, expected in (
        (OrderAccepted, at, Accepted(order_id=5, ts=17)),
        (
            OrderRejected,
            {"account_id": ACCOUNT, "reason": "no margin"},
            Rejected(order_id=5, ts=17, message="no margin"),
        ),
        (
            OrderRejected,
            {"account_id": ACCOUNT, "reason": gone},
            Rejected(order_id=5, ts=17, message=gone, nothing_to_reduce=True),
        ),
        (OrderDenied, {"reason": "halted"}, Rejected(order_id=5, ts=18, message="halted")),
        (OrderCanceled, at, Canceled(order_id=5, ts=17, message="OrderCanceled")),
        (OrderExpired, at, Canceled(order_id=5, ts=17, message="OrderExpired")),
        (
            OrderCancelRejected,
            {**at, "reason": "filled"},
            CancelRejected(order_id=5, ts=17, message="filled"),
        ),
    ):
        assert router.translate(event_of(venue, order, kind, **values)) == [expected]
    assert router.translate(event_of(venue, order, OrderTriggered, **at)) == []
    stranger = router_of(venue)
    assert stranger.translate(event_of(venue, order, OrderAccepted, **at)) == []


@pytest.mark.parametrize("side", [LiquiditySide.MAKER, LiquiditySide.TAKER])
def test_a_fill_has_the_price_size_fee_and_role_of_the_venue(side: LiquiditySide) -> None:
    venue = SilentVenue()
    router = router_of(venue)
    order = router.make(entry(5), LONG)
    filled = event_of(
        venue,
        order,
        OrderFilled,
        account_id=ACCOUNT,
        venue_order_id=VenueOrderId("V-1"),
        trade_id=TradeId("F-9"),
        position_id=None,
        order_side=order.side,
        order_type=order.order_type,
        last_qty=venue.strategy.units.quantity(3),
        last_px=venue.strategy.units.price(ENTRY - 7),
        currency=USDT,
        commission=Money(Decimal("-0.05"), USDT),
        liquidity_side=side,
    )
    assert router.translate(filled) == [
        Filled(
            order_id=5,
            ts=17,
            fill_id="F-9",
            lots=3,
            price=ENTRY - 7,
            is_maker=side is LiquiditySide.MAKER,
            fee=Decimal("-0.05"),
        )
    ]


def found(order: Any) -> Any:
    return meaning_of(order.tags, order.client_order_id.value)


def test_the_meaning_of_an_order_is_in_its_tags_else_in_its_name() -> None:
    venue = SilentVenue()
    made = router_of(venue, marks_ids=True)
    for command, expected in (
        (entry(1), (Purpose.ENTRY, "x_long")),
        (
            entry(2, purpose=Purpose.EXIT, kind=OrderKind.MARKET, reason=ExitReason.TIME),
            (Purpose.EXIT, "TIME"),
        ),
    ):
        order = made.make(command, LONG)
        assert found(order) == expected
        untagged = as_found(order)
        assert untagged.tags is None
        purpose, _ = expected
        assert found(untagged)[0] is purpose
    assert found(as_found(order))[1] == "TIME"
    bare = router_of(venue).make(entry(3), LONG)
    assert found(as_found(bare)) is None


def deferred(*waiting: tuple[Submit, int]) -> DeferredOrders:
    orders = DeferredOrders()
    orders.waiting += [DeferredOrder(command, LONG, not_before) for command, not_before in waiting]
    return orders


def ids(orders: list[DeferredOrder]) -> list[int]:
    return [deferred.command.order_id for deferred in orders]


def test_orders_are_released_once_their_time_has_come() -> None:
    orders = deferred((entry(1), 10), (entry(2), 12), (entry(3), 11))
    assert ids(orders.take_due(11)) == [1, 3]
    assert ids(orders.waiting) == [2]
    assert ids(orders.take_due(12)) == [2]
    assert not orders


def test_an_order_that_is_submitted_is_sent_and_known() -> None:
    venue = SilentVenue()
    router = router_of(venue)
    router.submit(entry(4), LONG)
    (sent,) = venue.sent
    assert router.order_id(sent.client_order_id) == 4


def test_entries_that_have_waited_too_long_are_forgotten_and_exits_never() -> None:
    exit_ = entry(3, purpose=Purpose.EXIT, kind=OrderKind.MARKET, price=None)
    orders = deferred((entry(1), 10), (entry(2), 11), (exit_, 1))
    assert orders.drop_late_entries(29, 20) == []
    assert orders.drop_late_entries(30, 20) == [Canceled(order_id=1, ts=30)]
    assert ids(orders.waiting) == [2, 3]
    assert [command.order_id for command in orders.entries()] == [2]


def test_of_the_deferred_orders_entries_at_market_alone_can_be_dropped() -> None:
    market = entry(1, kind=OrderKind.MARKET, price=None)
    exit_ = entry(3, purpose=Purpose.EXIT, kind=OrderKind.MARKET, price=None)
    orders = deferred((market, 0), (entry(2), 0), (exit_, 0), (replace(market, order_id=4), 7))
    assert orders.drop_market_entries(5, lambda waiting: waiting.not_before == 0) == [
        Canceled(order_id=1, ts=5)
    ]
    assert ids(orders.waiting) == [2, 3, 4]


def dropped(venue: SilentVenue) -> list[str]:
    """Return why entries end without a fill from now on."""
    reasons: list[str] = []

    def note(event: TradeEvent) -> None:
        if event.kind == "ENTRY_CANCELED":
            reasons.append(event.reason)

    venue.msgbus.subscribe(TradeEvent.topic(), note)
    return reasons


def hears(venue: SilentVenue, kind: str) -> bool:
    """Return True if the strategy takes the ticks of a kind."""
    topic = f"data.{kind}.BYBIT.{venue.instrument.id.symbol}"
    return bool(venue.msgbus.has_subscribers(topic))


@SIDES
def test_quotes_are_heard_while_an_order_waits_and_prints_while_there_is_a_trade(
    intent: Any,
) -> None:
    venue = SilentVenue(holds_orders=True)
    assert (hears(venue, "quotes"), hears(venue, "trades")) == (False, False)
    for _ in range(2):
        venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
        assert (hears(venue, "quotes"), hears(venue, "trades")) == (True, True)
        venue.advance(MS)
        venue.quote(ENTRY - 1, ENTRY + 1)
        assert (hears(venue, "quotes"), hears(venue, "trades")) == (False, True)
        entered = venue.sent[-1]
        venue.accept(entered)
        venue.strategy.flatten()
        venue.cancel(entered)
        assert venue.strategy.is_flat
        assert (hears(venue, "quotes"), hears(venue, "trades")) == (False, False)


def test_a_strategy_that_has_stopped_hears_and_sends_nothing_more() -> None:
    venue = SilentVenue(holds_orders=True)
    venue.strategy.decide(venue.now, ENTRY, LONG, warm=True)
    assert hears(venue, "quotes")
    assert venue.alarm is not None
    venue.strategy.stop()
    assert (hears(venue, "quotes"), hears(venue, "trades")) == (False, False)
    assert venue.alarm is None
    venue.advance(MS)
    venue.quote(ENTRY - 1, ENTRY + 1)
    assert venue.sent == []


@SIDES
def test_an_entry_that_no_quote_has_released_in_time_is_dropped(intent: Any) -> None:
    venue = SilentVenue(holds_orders=True)
    reasons = dropped(venue)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    # The clock rings a nanosecond before, so that data of that time come after it.
    venue.advance(MINUTE_NS - 2)
    assert not venue.strategy.is_flat
    venue.advance(1)
    assert venue.strategy.is_flat
    assert venue.sent == []
    assert venue.strategy.notices["entry dropped: no quote came within its time-out"] == 1
    assert not hears(venue, "quotes")
    venue.quote(ENTRY - 1, ENTRY + 1)
    assert venue.sent == []
    assert reasons == [DropReason.NO_QUOTE]


@SIDES
def test_a_quote_that_comes_too_late_drops_an_entry_before_the_clock_does(intent: Any) -> None:
    for late_ns in (-1, 0):
        venue = SilentVenue(holds_orders=True)
        reasons = dropped(venue)
        venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
        venue.quote(ENTRY - 1, ENTRY + 1, venue.now + MINUTE_NS + late_ns)
        assert len(venue.sent) == (late_ns < 0)
        assert reasons == ([] if late_ns < 0 else [DropReason.NO_QUOTE])


@SIDES
@pytest.mark.parametrize(("ahead_ns", "counted_ns"), [(SECOND_NS, SECOND_NS), (10 * SECOND_NS, 0)])
def test_a_clock_that_has_gone_back_makes_no_pause_longer(
    intent: Any, ahead_ns: int, counted_ns: int
) -> None:
    """A second may be the way of a message; more than that says that the clock was put back."""
    venue = SilentVenue()
    venue.open_trade(intent)
    venue.print(intent.stop, venue.now + ahead_ns)
    assert venue.alarm == venue.now + counted_ns + SECOND_NS - 1


@SIDES
def test_a_stop_that_has_ended_unheard_is_not_waited_for(intent: Any) -> None:
    venue = SilentVenue()
    stop = venue.open_trade(intent)
    # Nautilus has the end already; its event is still to come.
    at = {"account_id": ACCOUNT, "venue_order_id": stop.venue_order_id}
    stop.apply(event_of(venue, stop, OrderCanceled, **at))
    venue.cache.update_order(stop)
    venue.strategy.flatten()
    venue.accept(venue.sent[-1])
    venue.fill(venue.sent[-1], ENTRY)
    assert venue.strategy.is_flat
    assert venue.cancels == []


@SIDES
@pytest.mark.parametrize(("ticks", "is_sent"), [(1, True), (0, False), (-1, False)])
def test_a_quote_that_has_reached_the_stop_drops_an_entry_at_market(
    intent: Any, ticks: int, is_sent: bool
) -> None:
    venue = SilentVenue(holds_orders=True, use_limit_for_entry=False)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    reasons = dropped(venue)
    venue.advance(MS)
    # What it would get is the ask of a purchase and the bid of a sale; the other side is far away.
    near, away = intent.stop + intent.side * ticks, intent.stop - intent.side * 500
    venue.quote(*((away, near) if intent.is_long else (near, away)))
    assert len(venue.sent) == is_sent
    assert venue.strategy.is_flat is not is_sent
    assert reasons == ([] if is_sent else [DropReason.STOP_TOUCHED])


@SIDES
def test_without_quotes_an_order_goes_with_the_first_print_after_it(intent: Any) -> None:
    venue = SilentVenue(holds_orders=True)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    venue.print(ENTRY + intent.side, venue.now - 1)
    assert venue.sent == []
    venue.print(ENTRY + intent.side)
    assert [order.order_type for order in venue.sent] == [OrderType.LIMIT]


@SIDES
def test_with_quotes_a_print_releases_nothing(intent: Any) -> None:
    venue = SilentVenue(holds_orders=True)
    venue.quote(ENTRY - 1, ENTRY + 1)
    venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    venue.advance(MS)
    venue.print(ENTRY + intent.side)
    assert venue.sent == []


@SIDES
def test_a_protective_stop_never_waits_and_every_other_order_does(intent: Any) -> None:
    venue = SilentVenue(holds_orders=True)
    decision, _ = venue.strategy.decide(venue.now, ENTRY, intent, warm=True)
    assert decision.action is not Action.HOLD
    venue.advance(MS)
    venue.quote(ENTRY - 1, ENTRY + 1)
    (entered,) = venue.sent
    venue.accept(entered)
    venue.fill(entered, ENTRY)
    stop: Order = venue.sent[-1]
    assert stop.order_type == OrderType.STOP_MARKET
    assert stop.quantity == entered.quantity
    venue.accept(stop)
    venue.strategy.flatten()
    assert venue.sent == [entered, stop]
    venue.advance(MS)
    venue.quote(ENTRY - 1, ENTRY + 1)
    assert [order.tags[0] for order in venue.sent] == ["ENTRY", "STOP", "EXIT"]
