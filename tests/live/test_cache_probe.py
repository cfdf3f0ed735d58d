"""Garbage in Redis: told before a node reads it, set aside whole, and nothing of it lost."""

from collections.abc import Callable
from collections.abc import Iterator
from multiprocessing.connection import Connection

import msgspec
import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.cache.database import CacheDatabaseAdapter
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.config import CacheConfig
from nautilus_trader.config import DatabaseConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.position import Position
from nautilus_trader.serialization.serializer import MsgSpecSerializer
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from catalog.instruments import resolve_instrument
from live.cache_probe import RefusedCache
from live.cache_probe import set_aside_unfit_cache
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import free_port
from tests.live.redis_server import RedisServer
from tests.live.redis_server import redis_server
from tests.live.restart_session import FORKS
from tests.markets import BTC


TRADER = "LIVE-001"
TRIAL_S = 60.0
ORDER = "O-1-E"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server(free_port()) as server:
        yield server


@pytest.fixture
def redis(server: RedisServer) -> RedisServer:
    """Return a Redis with the cache of a node that has sent an order."""
    server.replace({})
    config = config_at(server.port)
    database = CacheDatabaseAdapter(
        trader_id=TraderId(TRADER),
        instance_id=UUID4(),
        serializer=MsgSpecSerializer(encoding=msgspec.msgpack, timestamps_as_str=True),
        config=config.cache,
    )
    cache = Cache(database=database, config=config.cache)
    instrument = resolve_instrument(BTC)
    cache.add_instrument(instrument)
    factory = OrderFactory(TraderId(TRADER), StrategyId("S-001"), TestClock())
    order = factory.market(instrument.id, OrderSide.BUY, instrument.make_qty(1))
    cache.add_order(order)
    order.apply(TestEventStubs.order_submitted(order))
    order.apply(TestEventStubs.order_accepted(order))
    fill = TestEventStubs.order_filled(order, instrument, position_id=PositionId("P-1"))
    order.apply(fill)
    cache.add_position(Position(instrument, fill), OmsType.NETTING)
    wait_until(lambda: server.client.keys(f"trader-{TRADER}:positions:*"))
    server.client.set("trader-OTHER-001:general:x", b"another node's")
    database.close()
    return server


def config_at(port: int) -> TradingNodeConfig:
    database = DatabaseConfig(host="127.0.0.1", port=port, connection_timeout=2, response_timeout=2)
    cache = CacheConfig(database=database, encoding="msgpack", use_instance_id=False)
    return TradingNodeConfig(trader_id=TRADER, cache=cache)


@pytest.fixture(scope="module")
def trial() -> Iterator[Connection]:
    """Run a process in which the core has started no thread, as at the start of a node."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=answer, args=(theirs,))
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()


def answer(connection: Connection) -> None:
    while True:
        connection.send(set_aside_unfit_cache(config_at(connection.recv())))


def set_aside(trial: Connection, port: int) -> RefusedCache | None:
    trial.send(port)
    assert trial.poll(TRIAL_S)
    found: RefusedCache | None = trial.recv()
    return found


def order_key(redis: RedisServer) -> bytes:
    (key,) = redis.client.keys(f"trader-{TRADER}:orders:*")
    return bytes(key)


def garbage_event(redis: RedisServer) -> None:
    redis.client.lset(order_key(redis), 0, b"\xff\x00garbage")


def event_of_wrong_types(redis: RedisServer) -> None:
    key = order_key(redis)
    event = msgspec.msgpack.decode(redis.client.lindex(key, 0))
    redis.client.lset(key, 0, msgspec.msgpack.encode(event | {"quantity": 5, "ts_init": "x"}))


def event_half_there(redis: RedisServer) -> None:
    key = order_key(redis)
    event = msgspec.msgpack.decode(redis.client.lindex(key, 0))
    del event["client_order_id"]
    redis.client.lset(key, 0, msgspec.msgpack.encode(event))


def order_that_is_a_text(redis: RedisServer) -> None:
    key = order_key(redis)
    redis.client.delete(key)
    redis.client.set(key, b"text")


def order_of_a_name_that_aborts(redis: RedisServer) -> None:
    redis.client.rpush(f"trader-{TRADER}:orders:O\u00e9".encode(), b"x")


def garbage_account(redis: RedisServer) -> None:
    redis.client.rpush(f"trader-{TRADER}:accounts:BYBIT-001", b"\xc1")


def garbage_position(redis: RedisServer) -> None:
    redis.client.rpush(f"trader-{TRADER}:positions:P-2", b"\xc1")


def instruments_that_are_lost(redis: RedisServer) -> None:
    redis.client.delete(*redis.client.keys(f"trader-{TRADER}:instruments:*"))


GARBAGE: list[Callable[[RedisServer], None]] = [
    garbage_event,
    event_of_wrong_types,
    event_half_there,
    order_that_is_a_text,
    order_of_a_name_that_aborts,
    garbage_account,
    garbage_position,
    instruments_that_are_lost,
]


def test_a_cache_that_can_be_read_stays(redis: RedisServer, trial: Connection) -> None:
    before = redis.contents()
    assert set_aside(trial, redis.port) is None
    assert redis.contents() == before


def test_an_empty_redis_is_no_damage(redis: RedisServer, trial: Connection) -> None:
    redis.replace({})
    assert set_aside(trial, redis.port) is None


@pytest.mark.parametrize("spoil", GARBAGE)
def test_garbage_is_set_aside_with_all_of_its_node(
    redis: RedisServer, trial: Connection, spoil: Callable[[RedisServer], None]
) -> None:
    spoil(redis)
    before = redis.contents()
    refused = set_aside(trial, redis.port)
    assert refused is not None
    assert refused.is_garbage is (spoil is not instruments_that_are_lost)
    assert f"trader-{TRADER}" in refused.text
    assert "\n" not in refused.text
    after = redis.contents()
    prefix = refused.text.rpartition(" ")[2].removesuffix(f"trader-{TRADER}").encode()
    assert after == {
        (prefix + key if key.startswith(f"trader-{TRADER}:".encode()) else key): value
        for key, value in before.items()
    }
    # A node can be built on what is left.
    assert set_aside(trial, redis.port) is None


def test_a_redis_that_does_not_answer_is_left_to_the_node(trial: Connection) -> None:
    assert set_aside(trial, free_port()) is None
    assert set_aside_unfit_cache(TradingNodeConfig(trader_id=TRADER)) is None
