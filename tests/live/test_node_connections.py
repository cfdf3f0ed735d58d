"""A live node whose sockets are cut, refused and given back: alerts, no entries, a look at once."""

import time

import pytest

from adapters.bybit.loopback.orders import Side
from errors import AuctionError
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import arguments
from tests.live.live_node import live_node
from tests.live.live_node import open_orders
from tests.live.live_node import size
from tests.live.live_node import started
from tests.live.live_node import venue
from tests.live.live_node import write_system


pytestmark = pytest.mark.node


START_S = 30.0
# What the engine asks by the interval would hide what is asked at once.
SELDOM = (
    "node.exec_engine.position_check_interval_secs=300.0",
    "node.exec_engine.open_check_interval_secs=300.0",
    "settings.position_look_s=300.0",
)
NAMES = {
    "public": "BYBIT: public socket (Linear)",
    "private": "BYBIT: private socket",
    "trade": "BYBIT: trade socket",
}


def cut(moving, *kinds):
    def refuse(server):
        server.faults.refuse_connections.update(kinds)
        for kind in kinds:
            assert server.drop(kind)

    venue(moving, refuse)


def give_back(moving):
    venue(moving, lambda server: server.faults.refuse_connections.clear())


def edges(node):
    return [
        (row["kind"], row["text"].rsplit(": ", 2 if row["kind"] == "CONNECTION_LOST" else 1)[0])
        for row in node.rows("alerts")
        if row["kind"].startswith("CONNECTION_")
    ]


def ready(node):
    wait_until(lambda: not node.tell("status")["missing"], START_S, node.said)


@pytest.mark.parametrize("kind", ["public", "private", "trade"])
def test_a_lost_socket_is_told_and_blocks_entries_until_it_is_back(moving, tmp_path, port, kind):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        ready(node)
        node.tell("activate")
        node.tell("flatten")
        cut(moving, kind)
        wait_until(lambda: edges(node) == [("CONNECTION_LOST", NAMES[kind])], 10.0, node.said)
        assert node.strategy()["stale"]
        with pytest.raises(AuctionError, match="socket.*not connected, or not acknowledged"):
            node.tell("activate")
        assert size(moving) == 0

        give_back(moving)
        wait_until(lambda: len(edges(node)) == 2, 20.0, node.said)
        assert edges(node)[1] == ("CONNECTION_RESTORED", NAMES[kind])
        wait_until(lambda: not node.strategy()["stale"], 10.0, node.said)
        node.wait_until_active()
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)
        assert len(edges(node)) == 2


def fill_stop(server):
    """Let the market fall through the protective stop, which rests at 58,000."""
    now = time.time_ns()
    server.feed(quote(now, "57990", "57990.1", "5", "5"))
    server.feed(trade(now, "57990", "0.1", Side.SELL, "fall"))


def in_a_trade(moving, node):
    node.wait_until_active()
    wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)


def test_an_active_node_enters_nothing_while_its_trade_socket_is_down(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        in_a_trade(moving, node)
        cut(moving, "trade")
        wait_until(lambda: node.strategy()["stale"], 10.0, node.said)
        moving.is_silent = True
        venue(moving, fill_stop)
        moving.is_silent = False
        wait_until(lambda: node.strategy()["position"] == "0", 10.0, node.said)
        wait_until(lambda: "CONNECTION_LOST" in node.alerts(), 10.0, node.said)
        assert node.strategy()["active"]
        kinds = [row["kind"] for row in node.rows("trade_events")]
        assert kinds[-1] == "TRADE_CLOSED"
        give_back(moving)
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 20.0, node.said)
        assert "CONNECTION_RESTORED" in node.alerts()


def test_a_stop_filled_unheard_is_found_at_once_after_a_short_loss(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        in_a_trade(moving, node)
        node.tell("deactivate")
        moving.is_silent = True

        def lose_the_fill(server):
            assert server.drop("private")
            fill_stop(server)

        venue(moving, lose_the_fill)
        assert size(moving) == 0
        moving.is_silent = False
        wait_until(lambda: node.strategy()["position"] == "0", 5.0, node.said)
        kinds = [row["kind"] for row in node.rows("trade_events")]
        assert kinds.count("TRADE_CLOSED") == 1
        # A loss of a fifth of a second wakes nobody.
        assert node.alerts() == []


def test_an_entry_filled_unheard_gets_its_stop_at_once_after_a_loss(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        ready(node)

        def hush(server):
            for topic in ("order", "execution"):
                server.faults.withhold(topic, 1_000)

        venue(moving, hush)
        node.tell("activate")
        wait_until(lambda: size(moving) > 0, 10.0, node.said)
        assert open_orders(moving) == []
        cut(moving, "private")
        venue(moving, lambda server: server.faults._withheld.clear())
        wait_until(lambda: "CONNECTION_LOST" in node.alerts(), 10.0, node.said)
        give_back(moving)
        wait_until(lambda: "CONNECTION_RESTORED" in node.alerts(), 20.0, node.said)
        wait_until(lambda: len(open_orders(moving)) == 1, 3.0, node.said)
        (stop,) = open_orders(moving)
        assert stop.reduce_only
        assert stop.size == size(moving)
        assert not node.strategy()["halted"]


def test_a_venue_that_tells_no_positions_is_asked_until_it_does(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        ready(node)
        path = "/v5/position/list"
        venue(moving, lambda server: server.faults.refuse_requests(path, 10_016, "error", 1_000))
        venue(moving, lambda server: server.drop("private"))
        wait_until(lambda: node.strategy()["stale"], 10.0, node.said)
        asked = venue(moving, lambda server: 1_000 - server.faults._requests[0].times)
        wait_until(
            lambda: venue(moving, lambda server: 1_000 - server.faults._requests[0].times) > asked,
            20.0,
            node.said,
        )
        assert node.strategy()["stale"]
        venue(moving, lambda server: server.faults._requests.clear())
        wait_until(lambda: not node.strategy()["stale"], 20.0, node.said)


@pytest.mark.parametrize("kind", ["private", "trade"])
def test_refused_keys_end_a_node_before_it_can_be_activated(moving, tmp_path, kind):
    venue(moving, lambda server: server.faults.refuse_auth.add(kind))
    command = arguments(moving.client, write_system(tmp_path), "live", tmp_path / "runs")
    process = started(command)
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    (line,) = [line for line in output.splitlines() if line.startswith("error: ")]
    assert f"/v5/{kind} refused" in line
    assert "BYBIT_API_KEY" in line


@pytest.mark.parametrize("kind", ["private", "trade"])
def test_keys_refused_after_a_loss_leave_the_connection_lost(moving, tmp_path, port, kind):
    with live_node(moving, tmp_path, "live", port, *SELDOM) as node:
        ready(node)

        def refuse(server):
            server.faults.refuse_auth.add(kind)
            assert server.drop(kind)

        venue(moving, refuse)
        wait_until(lambda: edges(node) == [("CONNECTION_LOST", NAMES[kind])], 10.0, node.said)
        wait_until(lambda: venue(moving, lambda server: server.connections.of(kind)), 10.0)
        with pytest.raises(AuctionError, match=f"{kind} socket: not connected"):
            node.tell("activate")

        def accept(server):
            server.faults.refuse_auth.clear()
            assert server.drop(kind)

        venue(moving, accept)
        wait_until(lambda: len(edges(node)) == 2, 20.0, node.said)
        assert edges(node)[1] == ("CONNECTION_RESTORED", NAMES[kind])
        wait_until(lambda: not node.tell("status")["missing"], 20.0, node.said)
