"""Nautilus's node with the project's Bybit clients, on the loopback server."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.bybit.live import live_exec_engine
from adapters.bybit.live_execution import CANNOT_MOVE_TRIGGER
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.player import play
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.tape import Depth
from errors import UsageError
from tests.adapters.bybit_live import Node
from tests.adapters.bybit_live import node_of
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until


pytestmark = pytest.mark.node


D = Decimal
# The client's requests are good for five seconds.
BEYOND_WINDOW_S = 5.5


@pytest.fixture(scope="module")
def running_node() -> Iterator[Node]:
    with node_of(BybitLoopback(orders_per_second=1_000)) as node:
        yield node


@pytest.fixture
def node(running_node: Node) -> Node:
    running_node.quote("60000", "60000.5")
    running_node.trade("60000", "0.1", Side.SELL)
    running_node.flatten()
    return running_node


def requests(node: Node, operation: str) -> list[dict[str, Any]]:
    def sent(server: BybitLoopback) -> list[dict[str, Any]]:
        return [row["args"][0] for row in server.trade.requests if row["op"] == operation]

    return node.client.server.call(sent)


def venue_size(node: Node) -> Decimal:
    return node.client.server.call(lambda server: server.venue.engine.account.size)


def limit_rate(node: Node, path: str, times: int) -> None:
    node.client.server.call(lambda server: server.faults.limit_rate(path, times))


def test_trade_from_entry_to_stop_is_the_same_in_both_books(node: Node) -> None:
    first = node.client.server.call(lambda s: len(s.venue.engine.executions))
    entry = node.order("limit", side="BUY", qty="0.020", price="59990.00")
    node.wait(entry, "OrderAccepted")
    node.trade("59989.90", "0.005", Side.SELL)
    node.wait(entry, "OrderFilled", 1)
    stop = node.order("stop", side="SELL", qty="0.005", trigger="59900.00")
    node.wait(stop, "OrderAccepted")
    node.quote("59980", "59985", ask_size="5")
    node.wait(entry, "OrderFilled", 2)
    moved = node.order("stop", side="SELL", qty="0.020", trigger="59950.00")
    node.wait(moved, "OrderAccepted")
    node.do("cancel", id=stop)
    node.wait(stop, "OrderCanceled")
    node.quote("59949", "59949.5", bid_size="0.008")
    node.trade("59949.00", "0.1", Side.SELL)
    node.wait(moved, "OrderFilled", 2)

    fills = node.client.server.call(lambda s: s.venue.engine.executions[first:])
    account = node.client.server.call(lambda s: s.venue.engine.wallet())
    state = node.state()
    assert [(e.link_id, e.size, e.price, e.is_maker) for e in fills] == [
        (entry, D("0.005"), D("59990"), True),
        (entry, D("0.015"), D("59990"), True),
        (moved, D("0.008"), D("59949"), False),
        (moved, D("0.012"), D("59948.9"), False),
    ]
    assert (venue_size(node), D(state["net"])) == (0, 0)
    for order_id, rate in ((entry, "0.0002"), (moved, "0.00055")):
        order = state["orders"][order_id]
        own = [e for e in fills if e.link_id == order_id]
        assert order["status"] == "FILLED"
        assert order["trades"] == [e.exec_id for e in own]
        assert order["venue"] == own[0].order_id
        value = sum(e.size * e.price for e in own)
        assert order["average"] == pytest.approx(float(value / D("0.020")), abs=1e-9)
        assert D(order["fees"][0]) == sum(e.fee for e in own)
        assert sum(e.fee for e in own) == pytest.approx(value * D(rate), abs=D("0.0000001"))
    assert state["orders"][stop]["status"] == "CANCELED"
    profit = sum(-e.size * e.price * e.side.sign for e in fills) - sum(e.fee for e in fills)
    assert D(state["positions"][-1]["realised"]) == pytest.approx(profit, abs=D("0.00000001"))
    wait_until(lambda: D(node.state()["balance"]) == account.balance)


def test_quotes_and_trades_are_those_of_the_tape(node: Node) -> None:
    seen = node.state()

    node.quote("60001", "60001.5", "0.25", "0.75")
    node.trade("60001.50", "0.125", Side.BUY)

    wait_until(lambda: len(node.state()["trades"]) > len(seen["trades"]))
    state = node.state()
    assert state["quotes"][-1] == ["60001.00", "60001.50", "0.250", "0.750"]
    assert state["trades"][-1] == ["60001.50", "0.125", "BUYER", "t"]


def test_fast_tape_arrives_whole_and_in_its_order(node: Node) -> None:
    seen = len(node.state()["trades"])
    start = node.client.server.call(lambda s: s.venue.clock_ns())
    tape = [trade(start + n, "60000", f"0.{n + 1:03}", Side.SELL, str(n)) for n in range(900)]

    node.client.server.wait_for(lambda server: play(server, tape, None))

    wait_until(lambda: len(node.state()["trades"]) >= seen + len(tape))
    received = node.state()["trades"][seen:]
    assert [row[3] for row in received] == [event.trade_id for event in tape]
    assert [D(row[1]) for row in received] == [event.size for event in tape]


def test_deep_book_makes_no_quotes_and_quotes_do_not_wipe_it_out(node: Node) -> None:
    levels = tuple((D(59_990 - step), D(1)) for step in range(5))
    node.do("book", depth=50)
    wait_until(lambda: node.state()["book"])
    seen = len(node.state()["quotes"])

    now = node.client.server.call(lambda s: s.venue.clock_ns())
    node.client.feed(Depth(now, levels, ()))
    for step in (2, 1, 3):
        node.quote(f"6000{step}", "60010", "0.5")

    wait_until(lambda: len(node.state()["book"]) == 6)
    wait_until(lambda: node.state()["book"][0] == "60003.00 0.500")
    state = node.state()
    assert [row[0] for row in state["quotes"][seen:]] == ["60002.00", "60001.00", "60003.00"]
    assert state["book"][1:] == [f"{price}.00 1.000" for price in range(59_990, 59_985, -1)]


def test_moving_a_trigger_is_rejected_at_once_and_not_sent(node: Node) -> None:
    node.buy("0.010")
    stop = node.order("stop", side="SELL", qty="0.010", trigger="59900.00")
    node.wait(stop, "OrderAccepted")

    node.do("modify", id=stop, trigger="59950.00")

    node.wait(stop, "OrderModifyRejected")
    assert node.reason(stop, "OrderModifyRejected") == CANNOT_MOVE_TRIGGER
    assert requests(node, "order.amend") == []
    assert node.state()["orders"][stop]["status"] == "ACCEPTED"


def test_orders_that_the_client_cannot_send_are_denied_at_once(node: Node) -> None:
    node.buy("0.010")
    before = len(requests(node, "order.create"))
    trailing = node.order("trailing", side="SELL", qty="0.010")
    expiring = node.order("expiring", side="BUY", qty="0.010", price="59000.00")

    node.wait(trailing, "OrderDenied")
    node.wait(expiring, "OrderDenied")
    assert "no TRAILING_STOP_MARKET orders" in node.reason(trailing, "OrderDenied")
    assert "no GTD orders" in node.reason(expiring, "OrderDenied")
    assert len(requests(node, "order.create")) == before


def test_price_and_size_are_amended(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")
    node.wait(entry, "OrderAccepted")

    node.do("modify", id=entry, price="59100.00", qty="0.020")

    node.wait(entry, "OrderUpdated")
    order = node.client.server.call(lambda s: s.venue.engine.find("", entry))
    assert order is not None
    assert (order.price, order.size) == (D("59100"), D("0.020"))


def test_cancel_all_leaves_the_orders_of_others(node: Node) -> None:
    other = node.client.order("Buy", "0.001", price="50000", orderLinkId="somebody-else")
    own = [node.order("limit", side="BUY", qty="0.001", price=p) for p in ("59000.00", "59001.00")]
    for order_id in own:
        node.wait(order_id, "OrderAccepted")

    node.do("cancel_all")

    for order_id in own:
        node.wait(order_id, "OrderCanceled")
    left = node.client.server.call(lambda s: [o.order_id for o in s.venue.engine.open_orders])
    assert left == [other]
    node.client.http.cancel_order(category="linear", symbol="BTCUSDT", orderId=other)


def test_refused_cancel_is_sent_again(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")
    node.wait(entry, "OrderAccepted")
    limit_rate(node, "/v5/order/cancel", 2)

    node.do("cancel", id=entry)

    node.wait(entry, "OrderCanceled")
    assert "OrderCancelRejected" not in node.events(entry)


def test_cancel_that_is_refused_too_often_is_reported(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")
    node.wait(entry, "OrderAccepted")
    limit_rate(node, "/v5/order/cancel", 1_000)

    node.do("cancel", id=entry)

    node.wait(entry, "OrderCancelRejected")
    assert node.state()["orders"][entry]["status"] == "ACCEPTED"
    node.client.server.call(lambda s: setattr(s.faults, "_requests", []))


def test_refused_stop_is_sent_again_and_a_refused_entry_is_not(node: Node) -> None:
    node.buy("0.010")
    sent = len(requests(node, "order.create"))
    limit_rate(node, "/v5/order/create", 1)
    stop = node.order("stop", side="SELL", qty="0.010", trigger="59900.00")
    node.wait(stop, "OrderAccepted")
    limit_rate(node, "/v5/order/create", 1)
    entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")
    node.wait(entry, "OrderRejected")

    assert node.events(stop).count("OrderSubmitted") == 1
    assert "OrderRejected" not in node.events(stop)
    assert node.reason(entry, "OrderRejected") == "Too many visits!"
    links = [fields["orderLinkId"] for fields in requests(node, "order.create")[sent:]]
    assert links == [stop, stop, entry]


def test_stop_of_a_trade_socket_that_hung_beyond_the_receive_window_stays(node: Node) -> None:
    node.buy("0.010")
    sent = len(requests(node, "order.create"))
    node.client.server.call(lambda server: server.freeze("trade"))
    frozen = time.monotonic()
    stop = node.order("stop", side="SELL", qty="0.010", trigger="59900.00")
    node.wait(stop, "OrderAccepted")
    time.sleep(max(0.0, frozen + BEYOND_WINDOW_S - time.monotonic()))
    node.client.server.call(lambda server: server.thaw("trade"))
    # Its answer comes after that of the stop.
    later = node.order("limit", side="BUY", qty="0.001", price="59000.00")
    node.wait(later, "OrderAccepted")

    answers = node.client.server.call(lambda s: [a["retCode"] for a in s.trade.answers])
    creates = requests(node, "order.create")[sent:]
    assert [fields["orderLinkId"] for fields in creates] == [stop, later]
    assert answers[-2:] == [10002, 0]
    open_orders = node.client.server.call(lambda s: s.venue.engine.open_orders)
    assert [o.request.link_id for o in open_orders if o.reduce_only] == [stop]
    assert node.events(stop).count("OrderAccepted") == 1
    assert "OrderRejected" not in node.events(stop)
    assert node.state()["orders"][stop]["status"] == "ACCEPTED"
    assert venue_size(node) == D("0.010")


def test_fill_during_a_lost_private_connection_is_found(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="0.010", price="59990.00")
    node.wait(entry, "OrderAccepted")

    node.fill_while_cut_off(entry, "59980.00", "0.010")

    node.wait(entry, "OrderFilled", timeout_s=10.0)
    state = node.state()
    assert D(state["net"]) == D("0.010")
    assert state["orders"][entry]["status"] == "FILLED"


def test_doubled_and_swapped_messages_fill_once(node: Node) -> None:
    def disturb(server: BybitLoopback) -> None:
        server.faults.duplicate = server.faults.swap = True

    node.client.server.call(disturb)
    entry = node.buy("0.010")
    node.client.server.call(BybitLoopback.release_private)

    assert node.events(entry).count("OrderFilled") == 1
    assert D(node.state()["net"]) == venue_size(node) == D("0.010")


def test_fill_without_an_order_update_counts(node: Node) -> None:
    node.client.server.call(lambda server: server.faults.withhold("order", 2))

    entry = node.buy("0.010")

    assert "OrderAccepted" not in node.events(entry)
    assert D(node.state()["net"]) == venue_size(node)


def test_history_is_that_of_the_tape(node: Node) -> None:
    now = node.client.server.call(lambda s: s.venue.clock_ns())
    node.client.server.call(lambda s: s.venue.settle_funding(now - 10**9, D("0.0002")))

    node.do("request")

    def types() -> set[str]:
        return {line["type"] for line in node.lines if line["event"] == "Historical"}

    wanted = {"TradeTick", "Bar", "FundingRateUpdate"}
    wait_until(lambda: types() == wanted, told=lambda: str(types()))


def test_venue_s_refusal_is_reported_with_its_reason(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="100.000", price="59000.00")

    node.wait(entry, "OrderRejected")
    assert node.reason(entry, "OrderRejected") == "ab not enough for new order"


def test_post_only_entry_that_would_take_is_rejected(node: Node) -> None:
    entry = node.order("limit", side="BUY", qty="0.010", price="60001.00", post_only=True)

    node.wait(entry, "OrderRejected")
    assert "PostOnlyWillTakeLiquidity" in node.reason(entry, "OrderRejected")


def test_quotes_go_on_after_a_lost_public_connection(node: Node) -> None:
    assert node.client.server.call(lambda server: server.drop("public")) >= 1

    def resumed() -> bool:
        node.quote("60007", "60007.5")
        node.quote("60000", "60000.5")
        return ["60007.00", "60007.50"] in [row[:2] for row in node.state()["quotes"][-4:]]

    wait_until(resumed)


def test_order_of_another_client_is_seen_and_is_not_ours(node: Node) -> None:
    node.client.order("Buy", "0.010")

    wait_until(lambda: D(node.state()["net"]) == D("0.010"))
    net = {row["strategy"]: D(row["size"]) for row in node.state()["positions"]}
    assert net["EXTERNAL"] == D("0.010")
    node.client.order("Sell", "0.010", reduceOnly=True)
    wait_until(lambda: D(node.state()["net"]) == 0)


def test_position_changed_behind_our_back_is_found(node: Node) -> None:
    node.buy("0.010")

    node.client.server.call(lambda s: s.change_position(D("0.004"), D(60_000)))

    wait_until(lambda: D(node.state()["net"]) == D("0.004"), 10.0)


def test_position_out_of_nothing_is_not_taken_over_by_the_engine(node: Node) -> None:
    """The day this fails, Nautilus has mended it and no supervisor has to look for it."""
    node.client.server.call(lambda s: s.change_position(D("0.010"), D(60_000)))
    asked = node.client.server.call(lambda s: s.rest.paths.count("GET /v5/position/list"))

    def checked() -> bool:
        count = node.client.server.call(lambda s: s.rest.paths.count("GET /v5/position/list"))
        return count >= asked + 8

    wait_until(checked, 15.0)
    assert D(node.state()["net"]) == 0
    node.client.server.call(lambda s: s.change_position(D(0), D(0)))


def test_fees_without_keys_are_those_of_the_base_tier() -> None:
    with node_of(BybitLoopback(), api_key=None, api_secret=None, orders=False) as node:
        assert node.state()["fees"] == ["0.0002", "0.00055"]


@pytest.mark.parametrize(
    "name",
    ["reconciliation", "open_check_interval_secs", "position_check_interval_secs"],
)
def test_engine_without_checks_is_refused(name: str) -> None:
    off = False if name == "reconciliation" else None

    with pytest.raises(UsageError, match=name):
        live_exec_engine(**{name: off})


def test_engine_that_would_reject_orders_of_unknown_fate_is_refused() -> None:
    with pytest.raises(UsageError, match="inflight_check_interval_ms"):
        live_exec_engine(inflight_check_interval_ms=2_000)
    with pytest.raises(UsageError, match="open_check_open_only: is off"):
        live_exec_engine(open_check_open_only=False)
