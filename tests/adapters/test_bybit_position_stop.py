"""The stop of a position at the loopback venue: `stopLoss` of an order, and trading-stop."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.bybit.loopback.matching import MatchingEngine
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_orders import D
from tests.adapters.bybit_orders import engine
from tests.adapters.bybit_orders import executed
from tests.adapters.bybit_orders import market
from tests.adapters.bybit_orders import quote
from tests.adapters.bybit_orders import stop
from tests.adapters.bybit_orders import trade
from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote as quote_event
from tests.adapters.bybit_server import trade as trade_event


BUY, SELL = Side.BUY, Side.SELL
INVALID, NOT_MODIFIED = 10001, 34040


@pytest.fixture
def client() -> Iterator[Client]:
    with client_of(BybitLoopback()) as client:
        yield client


def entry(venue: MatchingEngine, side: Side, size: str, price: str, loss: str) -> Order:
    request = NewOrder(
        side=side, type=OrderType.LIMIT, size=D(size), price=D(price), stop_loss=D(loss)
    )
    return venue.submit(request, venue.now_ns)


def position_stops(venue: MatchingEngine) -> list[tuple[Side, Decimal, Decimal | None]]:
    return [(o.side, o.size, o.trigger_price) for o in venue.open_orders if o.is_position_stop]


def resting(side: Side = BUY) -> MatchingEngine:
    """Return a venue with an entry of 0.022 that carries a stop, and nothing filled."""
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    price, loss = ("59990", "59900") if side is BUY else ("60010", "60100")
    entry(venue, side, "0.022", price, loss)
    return venue


@pytest.mark.parametrize(("side", "through"), [(BUY, "59989"), (SELL, "60011")])
def test_each_part_of_a_fill_has_a_stop_from_its_first_moment(side: Side, through: str) -> None:
    venue = resting(side)
    other = SELL if side is BUY else BUY
    loss = D("59900") if side is BUY else D("60100")
    assert position_stops(venue) == []

    trade(venue, through, "0.010", other)
    assert position_stops(venue) == [(other, D("0.010"), loss)]

    trade(venue, through, "0.012", other)
    assert position_stops(venue) == [(other, D("0.022"), loss)]
    assert venue.position().stop_loss == loss


@pytest.mark.parametrize(
    ("side", "through", "beyond"), [(BUY, "59989", "59890"), (SELL, "60011", "60110")]
)
def test_it_closes_all_of_the_position_and_nothing_else(
    side: Side, through: str, beyond: str
) -> None:
    venue = resting(side)
    trade(venue, through, "0.010", SELL if side is BUY else BUY)
    (open_entry,) = [o for o in venue.open_orders if not o.is_position_stop]
    venue.cancel(open_entry.order_id, "", venue.now_ns)
    trade(venue, beyond, "1", SELL if side is BUY else BUY)

    assert venue.account.size == 0
    assert venue.open_orders == []
    last = executed(venue)[-1]
    assert (last.is_position_stop, last.link_id, last.size) == (True, "", D("0.010"))
    assert venue.position().stop_loss is None


def test_it_goes_with_the_position_and_shrinks_with_it() -> None:
    venue = resting()
    trade(venue, "59989", "0.022", SELL)
    market(venue, SELL, "0.007", reduce_only=True)
    assert position_stops(venue) == [(SELL, D("0.015"), D("59900"))]
    (order,) = venue.open_orders

    market(venue, SELL, "0.015", reduce_only=True)
    assert venue.open_orders == []
    assert (order.status, order.cancel_type) == (Status.DEACTIVATED, "CancelByTpSlTsClear")


@pytest.mark.parametrize("is_farthest_first", [False, True])
def test_two_stops_in_one_jump_close_once(is_farthest_first: bool) -> None:
    venue = resting()
    venue.triggers_farthest_first = is_farthest_first
    trade(venue, "59989", "0.022", SELL)
    own = stop(venue, SELL, "0.022", "59910")
    quote(venue, "59800", "59800.5")
    trade(venue, "59800", "1", SELL)

    assert venue.account.size == 0
    assert sum(e.size for e in executed(venue) if e.side is SELL) == D("0.022")
    assert executed(venue)[-1].is_position_stop is is_farthest_first
    assert own.status is (Status.CANCELLED if is_farthest_first else Status.FILLED)
    assert venue.open_orders == []


def test_an_order_that_turns_the_position_leaves_the_old_stop_behind() -> None:
    venue = resting()
    trade(venue, "59989", "0.022", SELL)
    market(venue, SELL, "0.030")
    assert (venue.account.size, position_stops(venue)) == (D("-0.008"), [])

    entry(venue, SELL, "0.010", "59990", "60050")
    assert position_stops(venue) == [(BUY, D("0.018"), D("60050"))]


def test_an_entry_that_goes_on_filling_gives_the_position_its_own_stop_again() -> None:
    venue = resting()
    trade(venue, "59989", "0.010", SELL)
    venue.set_stop_loss(D("59950"), venue.now_ns)
    trade(venue, "59989", "0.012", SELL)
    assert position_stops(venue) == [(SELL, D("0.022"), D("59900"))]


@pytest.mark.parametrize(
    ("side", "price", "loss"),
    [
        (BUY, "59990", "59990"),
        (BUY, "59990", "59995"),
        (BUY, "60100", "60050"),
        (SELL, "60010", "60005"),
        (SELL, "59900", "59950"),
    ],
)
def test_a_stop_that_the_market_or_the_entry_has_reached_is_refused(
    side: Side, price: str, loss: str
) -> None:
    venue = engine()
    quote(venue, "60000", "60000.5")
    trade(venue, "60000", "1", SELL)
    with pytest.raises(VenueError, match="should .* base_price") as refused:
        entry(venue, side, "0.01", price, loss)
    assert refused.value.code == INVALID
    assert venue.open_orders == []


def test_trading_stop_moves_it_and_refuses_what_changes_nothing() -> None:
    venue = resting()

    def code(price: str) -> int:
        with pytest.raises(VenueError) as refused:
            venue.set_stop_loss(D(price), venue.now_ns)
        return refused.value.code

    assert code("59900") == INVALID
    trade(venue, "59989", "0.022", SELL)
    assert code("59900") == NOT_MODIFIED
    assert code("59989") == INVALID
    venue.set_stop_loss(D("59950"), venue.now_ns)
    assert position_stops(venue) == [(SELL, D("0.022"), D("59950"))]
    venue.set_stop_loss(D("0"), venue.now_ns)
    assert position_stops(venue) == []
    assert code("0") == NOT_MODIFIED


def test_who_cancels_its_order_takes_the_stop_away() -> None:
    venue = resting()
    trade(venue, "59989", "0.022", SELL)
    (order,) = venue.open_orders
    venue.cancel(order.order_id, "", venue.now_ns)
    assert venue.position().stop_loss is None


def test_a_position_set_from_outside_takes_its_stop_along(client: Client) -> None:
    filled(client)
    client.server.call(lambda s: s.change_position(D("0.030"), D("59990")))
    assert rows(client, "Untriggered")[0]["qty"] == "0.030"
    client.server.call(lambda s: s.change_position(D("-0.030"), D("59990")))
    assert rows(client, "Untriggered") == []


def filled(client: Client) -> None:
    now = client.server.call(lambda s: s.venue.clock_ns())
    client.feed(quote_event(now, "60000", "60000.5"), trade_event(now, "60000", "1", SELL))
    client.order(
        "Buy",
        "0.022",
        price="59990",
        stopLoss="59900",
        tpslMode="Full",
        slTriggerBy="LastPrice",
        slOrderType="Market",
    )
    client.feed(trade_event(now + 1, "59989", "0.022", SELL))


def rows(client: Client, status: str) -> list[dict[str, Any]]:
    answer = client.http.get_open_orders(**LINEAR, openOnly=1)
    return [row for row in answer["result"]["list"] if row["orderStatus"] == status]


def test_the_venue_reports_the_origin_of_the_order(client: Client) -> None:
    filled(client)
    (row,) = rows(client, "Untriggered")
    assert {
        "orderLinkId": "",
        "stopOrderType": "StopLoss",
        "createType": "CreateByStopLoss",
        "triggerPrice": "59900.00",
        "triggerBy": "LastPrice",
        "tpslMode": "Full",
        "reduceOnly": True,
        "closeOnTrigger": True,
        "side": "Sell",
        "qty": "0.022",
    }.items() <= row.items()
    (parent,) = rows(client, "Filled")
    assert (parent["stopLoss"], parent["createType"]) == ("59900.00", "CreateByUser")
    position = client.http.get_positions(**LINEAR)["result"]["list"][0]
    assert (position["stopLoss"], position["tpslMode"]) == ("59900.00", "Full")

    client.http.set_trading_stop(**LINEAR, stopLoss="59950", tpslMode="Full", positionIdx=0)
    assert rows(client, "Untriggered")[0]["triggerPrice"] == "59950.00"

    client.feed(trade_event(client.server.call(lambda s: s.venue.clock_ns()), "59940", "1", SELL))
    (fill, _) = client.http.get_executions(**LINEAR)["result"]["list"]
    assert (fill["createType"], fill["stopOrderType"]) == ("CreateByStopLoss", "StopLoss")
    assert (fill["orderLinkId"], fill["orderId"]) == ("", row["orderId"])


@pytest.mark.parametrize(
    "fields",
    [
        {"tpslMode": "Partial"},
        {"slTriggerBy": "MarkPrice"},
        {"slOrderType": "Limit"},
        {"slLimitPrice": "59900"},
        {"stopLoss": "59900.05"},
        {"stopLoss": "", "tpslMode": "Full"},
        {"reduceOnly": True},
        {"takeProfit": "61000"},
    ],
    ids=str,
)
def test_what_is_not_offered_is_refused(client: Client, fields: dict[str, Any]) -> None:
    now = client.server.call(lambda s: s.venue.clock_ns())
    client.feed(quote_event(now, "60000", "60000.5"), trade_event(now, "60000", "1", SELL))
    client.order("Buy", "0.010")
    wanted = {"stopLoss": "59900", **fields}
    with pytest.raises(Exception, match=str(INVALID)):
        client.order("Sell" if "reduceOnly" in fields else "Buy", "0.010", price="59990", **wanted)
