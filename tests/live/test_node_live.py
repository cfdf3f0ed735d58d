"""A live node on the loopback venue: activation, safety, control and its end."""

import json
import urllib.error
import urllib.request
from decimal import Decimal

import pytest

from errors import AuctionError
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import CONFIRMATION
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import live_node
from tests.live.live_node import open_orders
from tests.live.live_node import size
from tests.live.live_node import started
from tests.live.live_node import venue
from tests.live.live_node import write_system


pytestmark = pytest.mark.node


START_S = 30.0


def test_a_node_enters_only_after_activation_and_leaves_on_command(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port) as node:
        wait_until(lambda: not node.tell("status")["missing"], START_S, node.said)
        assert not node.strategy()["active"]
        assert size(moving) == 0
        node.tell("activate")
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)

        after = node.tell("flatten")
        assert size(moving) == 0
        assert open_orders(moving) == []
        assert not after["strategies"][0]["active"]

        node.tell("shutdown")
        assert node.end() == 0
    kinds = [row["kind"] for row in node.rows("trade_events")]
    assert kinds.count("TRADE_CLOSED") == 1


def test_an_orderly_end_leaves_the_protective_stop_at_the_venue(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port) as node:
        node.wait_until_active()
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)
        held = size(moving)
        node.process.terminate()
        assert node.end() == 0
    (stop,) = open_orders(moving)
    assert stop.reduce_only
    assert stop.size == held == size(moving)


def test_the_kill_switch_leaves_before_it_denies_orders(moving, tmp_path, port):
    with live_node(moving, tmp_path, "live", port) as node:
        node.wait_until_active()
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)
        after = node.tell("halt")
        assert size(moving) == 0
        assert after["trading_state"] == "HALTED"
        with pytest.raises(AuctionError, match="halted"):
            node.tell("activate")
        resumed = node.tell("resume")
        assert resumed["trading_state"] == "ACTIVE"
        assert not node.strategy()["active"]
        node.tell("activate")
        wait_until(lambda: size(moving) > 0, 10.0, node.said)


def test_a_position_changed_behind_our_back_halts(moving, tmp_path, port):
    settings = ("settings.position_look_s=0.5",)
    with live_node(moving, tmp_path, "live", port, *settings) as node:
        wait_until(lambda: not node.tell("status")["missing"], START_S, node.said)
        venue(moving, lambda server: server.change_position(Decimal("0.5"), Decimal(60_000)))
        wait_until(lambda: node.strategy()["halted"], 30.0, node.said)
        assert "POSITION_MISMATCH" in node.alerts()
        with pytest.raises(AuctionError, match="halted"):
            node.tell("activate")


def test_a_venue_that_tells_no_positions_takes_none_away(moving, tmp_path, port):
    settings = ("settings.position_look_s=0.5",)
    with live_node(moving, tmp_path, "live", port, *settings) as node:
        node.wait_until_active()
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)
        held = node.strategy()["position"]
        moving.client.server.call(
            lambda server: server.faults.refuse_requests(
                "/v5/position/list", 10_016, "server error", times=1_000
            )
        )
        wait_until(lambda: "VENUE_SILENT" in node.alerts(), 30.0, node.said)
        assert node.strategy()["stale"]
        assert node.strategy()["position"] == held
        assert not node.strategy()["halted"]
        with pytest.raises(AuctionError, match="positions at the venue are not known"):
            node.tell("activate")
        moving.client.server.call(lambda server: server.faults._requests.clear())
        wait_until(lambda: not node.strategy()["stale"], 10.0, node.said)
        assert node.strategy()["position"] == held
        assert len(open_orders(moving)) == 1


def test_stale_data_block_entries_until_the_market_is_heard_again(moving, tmp_path, port):
    settings = ("settings.stale_after_s=1.0",)
    with live_node(moving, tmp_path, "paper", port, *settings) as node:
        wait_until(lambda: not node.tell("status")["missing"], START_S, node.said)
        moving.is_silent = True
        wait_until(lambda: node.strategy()["stale"], 10.0, node.said)
        with pytest.raises(AuctionError, match="no quote for"):
            node.tell("activate")
        assert node.alerts() == ["DATA_STALE"]
        moving.is_silent = False
        wait_until(lambda: not node.strategy()["stale"], 10.0, node.said)
        node.wait_until_active()
        wait_until(lambda: node.strategy()["position"] != "0", 10.0, node.said)


def test_a_gap_deactivates_until_the_window_is_refilled(moving, tmp_path, port):
    settings = ("settings.stale_after_s=0.5", "actors.0.config.gap_after_s=1.5")
    with live_node(moving, tmp_path, "paper", port, *settings) as node:
        node.wait_until_active()
        moving.is_silent = True
        wait_until(lambda: node.strategy()["quote_age_s"] > 2.0, 10.0, node.said)
        moving.is_silent = False
        wait_until(lambda: not node.strategy()["active"], 10.0, node.said)
        wait_until(lambda: "DATA_GAP" in node.alerts(), told=node.said)
        with pytest.raises(AuctionError, match="a gap in the data"):
            node.tell("activate")


def test_activation_is_refused_until_warm(moving, tmp_path, port):
    with live_node(moving, tmp_path, "paper", port, warm=False) as node:
        wait_until(
            lambda: [x for x in node.tell("status")["missing"] if "not warm yet" not in x] == [],
            START_S,
            node.said,
        )
        with pytest.raises(AuctionError, match="not warm yet"):
            node.tell("activate")


def test_a_dry_run_is_never_activated(moving, tmp_path, port):
    with (
        live_node(moving, tmp_path, "dry_run", port) as node,
        pytest.raises(AuctionError, match="dry_run decides only"),
    ):
        node.tell("activate")


def test_the_control_channel_wants_its_token(moving, tmp_path, port, monkeypatch):
    with live_node(moving, tmp_path, "paper", port) as node:
        monkeypatch.setenv(VARIABLE, "another")
        with pytest.raises(AuctionError, match="no token, or another one"):
            node.tell("shutdown")
        request = urllib.request.Request(f"http://127.0.0.1:{port}/status")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        with refused.value as answer:
            assert answer.code == 401
            assert json.load(answer) == {"refused": "no token, or another one"}
        assert node.process.poll() is None


def ended(process):
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, output


def errors(output):
    return [line for line in output.splitlines() if line.startswith("error: ")]


def test_refused_keys_end_the_node_with_one_line(moving, tmp_path):
    command = arguments(moving.client, write_system(tmp_path), "live", tmp_path / "runs")
    code, output = ended(started(command, BYBIT_API_SECRET="wrong"))
    assert code == 1
    (line,) = errors(output)
    assert "Bybit: no execution" in line
    assert "BYBIT_API_KEY" in line or "error sign" in line
    assert "wrong" not in output
    assert "Traceback" not in output


def test_a_venue_that_cannot_be_reached_ends_the_node_with_one_line(moving, tmp_path):
    command = arguments(moving.client, write_system(tmp_path), "paper", tmp_path / "runs")
    gone = [part.replace(moving.client.server.url, "http://127.0.0.1:9") for part in command]
    code, output = ended(started(gone))
    assert code == 1
    (line,) = errors(output)
    assert "Bybit: no market data" in line


@pytest.mark.parametrize("typed", ["", "yes", CONFIRMATION.replace("5000", "500")])
def test_nothing_starts_without_the_typed_confirmation(moving, tmp_path, typed):
    command = arguments(moving.client, write_system(tmp_path), "live", tmp_path / "runs")
    code, output = ended(started(command, confirmation=typed))
    assert code == 2
    assert CONFIRMATION in output
    assert "nothing is started" in errors(output)[0]
    assert not (tmp_path / "runs").exists()


def test_a_node_without_keys_leaves_nothing_behind(moving, tmp_path):
    command = arguments(moving.client, write_system(tmp_path), "live", tmp_path / "runs")
    code, output = ended(started(command, BYBIT_API_KEY=""))
    assert code == 2
    assert errors(output) == ["error: BYBIT_API_KEY is not set: set it to your Bybit key"]
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_node_without_a_token_is_refused(moving, tmp_path):
    command = arguments(moving.client, write_system(tmp_path), "paper", tmp_path / "runs")
    code, output = ended(started(command, **{VARIABLE: ""}))
    assert code == 2
    assert f"{VARIABLE} is not set" in errors(output)[0]
