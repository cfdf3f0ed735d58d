"""A node on a demo account: orders go over REST, everything else as on the main market."""

from collections.abc import Iterator

import pytest

from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_live import Node
from tests.adapters.bybit_live import node_of
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import wait_until


pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def demo() -> Iterator[Node]:
    with node_of(BybitLoopback(), environment="DEMO", log="WARNING") as node:
        node.quote("60000", "60000.5", "100", "100")
        yield node


def test_a_trade_from_entry_to_stop(demo: Node) -> None:
    entry = demo.order("limit", side="BUY", qty="0.020", price="59990.00")
    demo.wait(entry, "OrderAccepted")
    demo.trade("59989", "0.020", Side.SELL)
    demo.wait(entry, "OrderFilled")
    stop = demo.order("stop", side="SELL", qty="0.020", trigger="59900.00")
    demo.wait(stop, "OrderAccepted")
    demo.quote("59890", "59890.5")
    demo.trade("59890", "1", Side.SELL)

    demo.wait(stop, "OrderFilled")
    wait_until(lambda: D(demo.state()["net"]) == 0)
    assert demo.client.server.call(lambda s: s.venue.engine.account.size) == 0
    assert demo.client.server.call(lambda s: len(s.trade.requests)) == 0


def test_a_refusal_is_reported_with_its_reason(demo: Node) -> None:
    entry = demo.order("limit", side="BUY", qty="100.000", price="59000.00")

    demo.wait(entry, "OrderRejected")
    assert "ab not enough for new order" in demo.reason(entry, "OrderRejected")


def test_a_cancel_is_reported(demo: Node) -> None:
    entry = demo.order("limit", side="BUY", qty="0.010", price="59000.00")
    demo.wait(entry, "OrderAccepted")
    demo.do("cancel", id=entry)

    demo.wait(entry, "OrderCanceled")


def test_a_stop_that_the_rate_limit_refused_is_sent_again(demo: Node) -> None:
    demo.buy("0.010")
    demo.client.server.call(lambda s: s.faults.limit_rate("/v5/order/create", 1))
    stop = demo.order("stop", side="SELL", qty="0.010", trigger="59000.00")

    demo.wait(stop, "OrderAccepted")


def test_a_cancel_that_the_rate_limit_refused_is_sent_again(demo: Node) -> None:
    entry = demo.order("limit", side="BUY", qty="0.010", price="59000.00")
    demo.wait(entry, "OrderAccepted")
    demo.client.server.call(lambda s: s.faults.limit_rate("/v5/order/cancel", 1))
    demo.do("cancel", id=entry)

    demo.wait(entry, "OrderCanceled")


def test_an_entry_that_the_rate_limit_refused_is_rejected(demo: Node) -> None:
    demo.client.server.call(lambda s: s.faults.limit_rate("/v5/order/create", 1))
    entry = demo.order("limit", side="BUY", qty="0.010", price="59000.00")

    demo.wait(entry, "OrderRejected")
    assert demo.reason(entry, "OrderRejected") == "Order rejected: Too many visits!"


def test_an_order_that_could_not_be_queried_is_sent_once(demo: Node) -> None:
    demo.buy("0.010")
    demo.client.server.call(lambda s: s.faults.fail_requests("/v5/order/realtime", 1, 400))
    stop = demo.order("stop", side="SELL", qty="0.010", trigger="59000.00")

    demo.wait(stop, "OrderAccepted")
    links = demo.client.server.call(
        lambda s: [o.request.link_id for o in s.venue.engine.open_orders]
    )
    assert links.count(stop) == 1
