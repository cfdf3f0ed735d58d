"""
Probe Nautilus's Redis cache before a node reads it, and detach it when the node ends.

A cache that cannot be read is set aside.
"""

import os
import select
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

import msgspec
from nautilus_trader.cache.cache import Cache
from nautilus_trader.cache.database import CacheDatabaseAdapter
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.config import DatabaseConfig
from nautilus_trader.config import CacheConfig
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.core.datetime import format_iso8601
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.serialization.serializer import MsgSpecSerializer
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from live.node_protocols import Node


ANSWER_S = 2.0
# A cache of several years reads within a second; a slower one is left to the node itself.
TRIAL_S = 15.0
ASIDE = "refused"
MOST_WORDS = 300
FIT, GARBAGE, INCOMPLETE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class RefusedCache:
    """
    Represents a cache that was set aside.

    Parameters
    ----------
    text : str
        The fault, and where the keys are now.
    is_garbage : bool
        If it could not be read at all; otherwise a part of it is missing.

    """

    text: str
    is_garbage: bool


def set_aside_unfit_cache(config: TradingNodeConfig) -> RefusedCache | None:
    """
    Read the cache of a node in a trial process, and rename all its keys if it is damaged.

    Damaged data in Redis can terminate the process that reads it, so a separate process does. A
    cache that has lost its instruments, as when Redis was emptied while a node ran, loads without
    the positions, and Nautilus's reconciliation does not restore them. Nothing is lost: the keys
    keep their values under another prefix, and the node starts with an empty cache and recovers
    from the journal and the venue.

    Parameters
    ----------
    config : TradingNodeConfig
        The configuration, with a database.

    Returns
    -------
    RefusedCache or None
        None if the cache is sound, or if Redis does not answer, which the node itself reports.

    """
    if config.cache is None or config.cache.database is None:
        return None
    client = _client(config.cache.database)
    prefix = f"trader-{config.trader_id}"
    try:
        keys = list(client.scan_iter(match=f"{prefix}:*", count=1_000))
        if not keys:
            return None
        code, fault = _fault(config, _positions(keys, prefix))
        if code == FIT:
            return None
        aside = f"{ASIDE}-{time.time_ns()}:"
        for key in keys:
            client.rename(key, aside.encode() + key)
    except (RedisError, OSError):
        return None
    finally:
        client.close()
    text = f"{fault}: its {len(keys)} keys are now below {aside}{prefix}"
    return RefusedCache(text, code != INCOMPLETE)


def _positions(keys: list[bytes], prefix: str) -> int:
    start = f"{prefix}:positions:".encode()
    return sum(key.startswith(start) for key in keys)


def _client(database: DatabaseConfig) -> Redis:
    return Redis(
        host=database.host,
        port=database.port,
        password=None if database.password is None else unquote(database.password),
        socket_timeout=ANSWER_S,
        socket_connect_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )


def _fault(config: TradingNodeConfig, positions: int) -> tuple[int, str]:
    # A fork has all modules loaded, and the core has not started a thread yet that it would lack.
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        # The core writes its last messages there as well.
        os.dup2(writing, 2)
        os._exit(_try(config, positions))
    os.close(writing)
    said, is_over = _read_all(reading)
    if not is_over:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if not is_over or code == FIT:
        return FIT, ""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return code, lines[-1][:MOST_WORDS] if lines else "reading it ends the process"


def _read_all(reading: int) -> tuple[bytes, bool]:
    end = time.monotonic() + TRIAL_S
    said, is_over = b"", False
    while not is_over and (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            part = os.read(reading, 65_536)
            said, is_over = (said + part)[-65_536:], not part
    os.close(reading)
    return said, is_over


def _try(config: TradingNodeConfig, positions: int) -> int:
    try:
        loaded = len(load_cache(config).positions())
    # Any exception here would also end the node.
    except BaseException as error:
        os.write(2, f"\n{type(error).__name__}: {' '.join(str(error).split())}\n".encode())
        return GARBAGE
    if loaded < positions:
        os.write(
            2, f"\n{positions - loaded} of {positions} positions have no instrument\n".encode()
        )
        return INCOMPLETE
    return FIT


def heartbeat_text(now: datetime) -> str:
    """Return the value of a heartbeat written to the cache."""
    return str(format_iso8601(now))


def put_cache_aside(node: Node) -> None:
    """Give the kernel an empty in-memory cache, so that its shutdown does not wait for Redis."""
    node.kernel._cache = Cache()


def load_cache(config: TradingNodeConfig) -> Cache:
    """Load the cache of a node as its engine does, and return it."""
    cache_config: CacheConfig = config.cache
    clock = LiveClock()
    database = CacheDatabaseAdapter(
        trader_id=config.trader_id,
        instance_id=UUID4(),
        serializer=MsgSpecSerializer(
            encoding=msgspec.msgpack if cache_config.encoding == "msgpack" else msgspec.json,
            timestamps_as_str=True,
            timestamps_as_iso8601=cache_config.timestamps_as_iso8601,
        ),
        config=cache_config,
    )
    cache = Cache(database=database, config=cache_config)
    bus = MessageBus(trader_id=config.trader_id, clock=clock)
    ExecutionEngine(msgbus=bus, cache=cache, clock=clock).load_cache()
    return cache
