"""The loopback venue answers order requests with something else than what becomes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pybit.exceptions import InvalidRequestError

from adapters.bybit.loopback.orders import Order
from adapters.bybit.loopback.orders import Status
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import Client
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import wait_until


CREATE, CANCEL = "/v5/order/create", "/v5/order/cancel"


@pytest.fixture
def client() -> Iterator[Client]:
    with client_of(BybitLoopback()) as found:
        found.feed(quote(T0, "60000", "60000.5"))
        yield found


def answer_falsely(client: Client, path: str, **fault: Any) -> None:
    client.server.call(lambda s: s.faults.answer_falsely(path, **fault))


def orders(client: Client) -> list[Order]:
    return client.server.call(lambda s: list(s.venue.engine.orders.values()))


def enter(client: Client, link: str = "1-E") -> str:
    return client.order("Buy", "0.010", price="59000", orderLinkId=link)


@pytest.mark.parametrize("code", [10000, 10016])
def test_an_order_that_works_is_answered_with_an_error(client: Client, code: int) -> None:
    answer_falsely(client, CREATE, code=code, message="Server error")

    with pytest.raises(InvalidRequestError, match=f"ErrCode: {code}"):
        enter(client)
    assert [order.status for order in orders(client)] == [Status.NEW]


def test_an_order_works_some_time_after_its_error(client: Client) -> None:
    answer_falsely(client, CREATE, code=10016, message="Server error", after_s=0.2)

    with pytest.raises(InvalidRequestError):
        enter(client)
    assert orders(client) == []
    wait_until(lambda: orders(client))
    assert orders(client)[0].request.link_id == "1-E"


def test_an_order_is_never_taken(client: Client) -> None:
    answer_falsely(client, CREATE, code=10016, message="Server error", after_s=None)

    with pytest.raises(InvalidRequestError):
        enter(client)
    assert orders(client) == []
    enter(client)
    assert len(orders(client)) == 1


def test_an_order_has_filled_when_its_error_arrives(client: Client) -> None:
    answer_falsely(client, CREATE, code=10016, message="Server error", fills=True)

    with pytest.raises(InvalidRequestError):
        enter(client)
    assert orders(client)[0].status is Status.FILLED
    assert client.server.call(lambda s: s.venue.engine.account.size) == orders(client)[0].size


def test_a_stop_has_been_triggered_when_its_error_arrives(client: Client) -> None:
    client.order("Buy", "0.010")
    answer_falsely(client, CREATE, code=10016, message="Server error", fills=True)

    with pytest.raises(InvalidRequestError):
        client.order(
            "Sell",
            "0.010",
            triggerPrice="59000",
            triggerDirection=2,
            reduceOnly=True,
            orderLinkId="1-S",
        )
    assert client.server.call(lambda s: s.venue.engine.account.size) == 0


def test_an_order_is_taken_and_the_answer_is_a_status_or_lost(client: Client) -> None:
    answer_falsely(client, CREATE, status=503)
    answer_falsely(client, CREATE)

    for link in ("1-E", "2-E"):
        with pytest.raises(Exception, match="503|Remote|Connection|ErrCode"):
            enter(client, link)
    assert [order.request.link_id for order in orders(client)] == ["1-E", "2-E"]


def test_a_purpose_is_that_of_the_link_id_or_of_the_order_s_fields(client: Client) -> None:
    client.order("Buy", "0.010", orderLinkId="1-E")
    for purpose in ("S", "X"):
        answer_falsely(client, CREATE, purpose=purpose, code=10016, message="Server error")

    enter(client, "2-E")
    with pytest.raises(InvalidRequestError):
        client.order("Sell", "0.005", reduceOnly=True, orderLinkId="EXIT")
    with pytest.raises(InvalidRequestError):
        client.order(
            "Sell",
            "0.005",
            triggerPrice="59000",
            triggerDirection=2,
            reduceOnly=True,
            orderLinkId="1-S",
        )


def test_a_cancel_is_done_and_refused_or_the_other_way_round(client: Client) -> None:
    first, second = enter(client, "1-E"), enter(client, "2-E")
    answer_falsely(client, CANCEL, purpose="E", code=10016, message="Server error")
    answer_falsely(client, CANCEL, code=10000, message="Server Timeout", after_s=None)

    for order_id in (first, second):
        with pytest.raises(InvalidRequestError):
            client.http.cancel_order(**LINEAR, orderId=order_id)
    assert [order.status for order in orders(client)] == [Status.CANCELLED, Status.NEW]


def test_what_the_venue_would_refuse_stays_refused(client: Client) -> None:
    answer_falsely(client, CREATE, code=10016, message="Server error")

    with pytest.raises(InvalidRequestError, match="10016"):
        client.order("Sell", "0.010", reduceOnly=True, orderLinkId="1-X")
    assert orders(client) == []
