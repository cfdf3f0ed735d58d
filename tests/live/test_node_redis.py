"""A live node whose cache is in Redis: Redis gone at the start, during a trade, and at the end."""

import json
import time

import pytest
from sqlalchemy import create_engine
from sqlalchemy import text

from tests.adapters.bybit_server import wait_until
from tests.live.live_node import arguments
from tests.live.live_node import free_port
from tests.live.live_node import live_node
from tests.live.live_node import open_orders
from tests.live.live_node import size
from tests.live.live_node import started
from tests.live.live_node import write_system
from tests.live.redis_server import redis_server


pytestmark = pytest.mark.node


ENDS_S = 20.0
PASSWORD = "hush-hush-1"


@pytest.fixture
def redis(monkeypatch):
    with redis_server(free_port(), PASSWORD) as server:
        monkeypatch.setenv("REDIS_PORT", str(server.port))
        monkeypatch.setenv("REDIS_PASSWORD", PASSWORD)
        yield server


def in_a_trade(moving, node):
    node.wait_until_active()
    wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)


def last_cause(folder):
    (file,) = (folder / "journal").glob("*.sqlite")
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            statement = "SELECT cause, state FROM snapshots ORDER BY seq DESC LIMIT 1"
            return connection.execute(text(statement)).one()
    finally:
        engine.dispose()


def refused(moving, tmp_path, **variables):
    command = arguments(
        moving.client, write_system(tmp_path), "live", tmp_path / "runs", "cache=redis"
    )
    process = started(command, **variables)
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    (line,) = [line for line in output.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in output
    assert list((tmp_path / "runs").iterdir()) == []
    return line, output


def test_redis_that_is_down_ends_the_node_with_one_line(moving, tmp_path):
    port = free_port()
    line, _ = refused(moving, tmp_path, REDIS_PORT=str(port))
    assert f"Redis at 127.0.0.1:{port}" in line
    assert "start it, or set `cache: null`" in line


def test_a_refused_password_is_told_and_not_shown(moving, tmp_path, redis):
    line, output = refused(moving, tmp_path, REDIS_PASSWORD="not-the-right-one")
    assert f"Redis at 127.0.0.1:{redis.port}" in line
    assert "not-the-right-one" not in output


def test_orders_are_in_redis_before_the_node_has_ended(moving, tmp_path, redis):
    with live_node(moving, tmp_path, "live", free_port(), "cache=redis") as node:
        in_a_trade(moving, node)
        node.tell("shutdown")
        assert node.end(ENDS_S) == 0
    (stop,) = open_orders(moving)
    events = redis.client.lrange(f"trader-LIVE-001:orders:{stop.request.link_id}", 0, -1)
    assert len(events) >= 3
    files = [*tmp_path.rglob("*.yaml"), *tmp_path.rglob("*.json*")]
    assert files
    assert not any(PASSWORD in file.read_text() for file in files)


def test_a_trade_is_managed_to_its_end_without_redis(moving, tmp_path, redis):
    with live_node(moving, tmp_path, "live", free_port(), "cache=redis") as node:
        in_a_trade(moving, node)
        redis.kill()
        wait_until(lambda: "CACHE_LOST" in node.alerts(), 20.0, node.said)
        assert node.strategy()["position"] != "0"
        assert node.strategy()["active"]
        node.tell("flatten")
        assert size(moving) == 0
        assert open_orders(moving) == []
        # What is entered without Redis is protected as well.
        node.tell("activate")
        wait_until(lambda: size(moving) > 0 and len(open_orders(moving)) == 1, 10.0, node.said)
        node.tell("flatten")
        redis.start()
        wait_until(lambda: "CACHE_RESTORED" in node.alerts(), 20.0, node.said)
        node.tell("shutdown")
        assert node.end(ENDS_S) == 0
    assert node.alerts().count("CACHE_LOST") == 1
    assert [row["kind"] for row in node.rows("trade_events")].count("TRADE_CLOSED") == 2


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_a_node_ends_in_order_without_redis(moving, tmp_path, redis, fault):
    with live_node(moving, tmp_path, "live", free_port(), "cache=redis") as node:
        in_a_trade(moving, node)
        held = size(moving)
        getattr(redis, fault)()
        wait_until(lambda: "CACHE_LOST" in node.alerts(), 20.0, node.said)
        began = time.monotonic()
        node.process.terminate()
        assert node.end(ENDS_S) == 0
        assert time.monotonic() - began < ENDS_S
    (stop,) = open_orders(moving)
    assert stop.reduce_only
    assert stop.size == held == size(moving)
    cause, state = last_cause(tmp_path)
    assert cause == "STOP"
    (manager,) = json.loads(state)["book"]["managers"]
    assert manager["trade"] is not None
    (folder,) = node.runs.iterdir()
    assert (folder / "end.json").exists()


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_a_node_ends_in_order_where_redis_goes_at_the_same_time(moving, tmp_path, redis, fault):
    with live_node(moving, tmp_path, "live", free_port(), "cache=redis") as node:
        in_a_trade(moving, node)
        getattr(redis, fault)()
        node.process.terminate()
        assert node.end(ENDS_S) == 0
    assert len(open_orders(moving)) == 1
    assert last_cause(tmp_path)[0] == "STOP"


def test_refused_keys_end_the_node_with_an_error_and_redis_too(moving, tmp_path, redis):
    command = arguments(
        moving.client, write_system(tmp_path), "live", tmp_path / "runs", "cache=redis"
    )
    process = started(command, BYBIT_API_SECRET="wrong")
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    (line,) = [line for line in output.splitlines() if line.startswith("error: ")]
    assert "Bybit: no execution" in line
