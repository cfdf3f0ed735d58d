"""Restarts of a node whose cache is in Redis, where Redis is as it was, emptied, or older."""

import socket
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.adapters.bybit_server import LINEAR
from tests.adapters.bybit_server import wait_until
from tests.live.redis_server import RedisServer
from tests.live.redis_server import redis_server
from tests.live.restart_session import ForkedNode
from tests.live.restart_session import Session
from tests.live.restart_session import kinds
from tests.live.restart_session import session_in
from tests.live.test_restart import LOTS
from tests.live.test_restart import enter
from tests.live.test_restart import fill


pytestmark = pytest.mark.node


STOP = ("S", LOTS, Decimal("59900"), Decimal(0))
KEPT = "kept"
EMPTIED = "emptied"
FLAT = "as it was before the trade"
RESTING = "as it was while the entry rested"
LOST = "with what was written since its content was lost before the trade"
STATES = [KEPT, EMPTIED, FLAT, RESTING, LOST]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with redis_server(port) as server:
        yield server


@pytest.fixture
def session(tmp_path: Path, redis: RedisServer) -> Iterator[Session]:
    with session_in(tmp_path) as session:
        session.options["cache"] = "redis"
        session.environment["REDIS_PORT"] = str(redis.port)
        yield session


def in_a_trade(session: Session, redis: RedisServer, state: str) -> ForkedNode:
    """Open a position, kill the node, and leave Redis in a state."""
    node = session.start()
    time.sleep(0.3)
    contents = {EMPTIED: {}, FLAT: redis.contents()}
    if state == LOST:
        redis.replace({})
    enter(session, node)
    time.sleep(0.3)
    contents[RESTING] = redis.contents()
    session.trade("59989", str(LOTS))
    wait_until(lambda: session.orders() == [STOP], 5.0, lambda: str(session.orders()))
    wait_until(lambda: len([x for x in node.lines if x["event"] == "OrderAccepted"]) > 1)
    time.sleep(0.3)
    node.kill()
    if state not in (KEPT, LOST):
        redis.replace(contents[state])
    return node


@pytest.mark.parametrize("state", STATES)
def test_the_trade_goes_on_with_one_stop(session: Session, redis: RedisServer, state: str) -> None:
    in_a_trade(session, redis, state)
    before = session.links()
    again = session.start()

    session.agree(again)
    time.sleep(2.5)
    assert session.links() == before
    assert session.orders() == [STOP]
    said = again.state()
    assert (said["active"], said["halted"], said["tag"]) == (True, False, "told_long")
    # `auction live` sets a cache aside that has lost its instruments; this node takes it as it is.
    assert said["cached"] == (0 if state == LOST else said["open"])
    again.do("flatten")
    wait_until(lambda: session.size() == 0 and not session.orders(), 5.0)
    session.agree(again)


@pytest.mark.parametrize("state", STATES)
def test_a_stop_filled_meanwhile_closes_the_trade(
    session: Session, redis: RedisServer, state: str
) -> None:
    in_a_trade(session, redis, state)
    session.quote("59890", "59890.5")
    session.trade("59895", "1")
    wait_until(lambda: session.size() == 0)
    again = session.start()

    session.agree(again)
    assert kinds(again, "TradeEvent") == ["EXIT_FILLED", "TRADE_CLOSED"]
    time.sleep(2.5)
    assert session.sent() == ["E", "S"]
    assert session.orders() == []
    said = again.state()
    assert (said["halted"], said["open"]) == (False, 0)


@pytest.mark.parametrize("state", STATES)
def test_a_stop_lost_meanwhile_is_sent_again_once(
    session: Session, redis: RedisServer, state: str
) -> None:
    in_a_trade(session, redis, state)
    session.client.http.cancel_order(**LINEAR, orderLinkId=session.links()[-1])
    assert session.orders() == []
    again = session.start()

    wait_until(session.is_protected, 2.0)
    session.agree(again)
    time.sleep(2.5)
    assert session.sent() == ["E", "S", "S"]
    assert session.orders() == [STOP]
    assert again.state()["halted"] is False


def test_a_position_in_redis_that_the_venue_does_not_know_is_gone(
    session: Session, redis: RedisServer
) -> None:
    """The trade has ended and the journal knows it: Redis is older than both."""
    node = session.start()
    fill(session, node)
    contents = redis.contents()
    node.do("flatten")
    wait_until(lambda: session.size() == 0 and not session.orders(), 5.0)
    wait_until(lambda: node.state()["open"] == 0)
    time.sleep(0.3)
    node.kill()
    redis.replace(contents)
    again = session.start()

    session.agree(again)
    time.sleep(2.5)
    said = again.state()
    assert (said["active"], said["halted"], said["open"]) == (True, False, 0)
    assert session.sent() == ["E", "S", "X"]
    enter(session, again)
