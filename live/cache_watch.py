"""Looks after the Redis that keeps a node's cache."""

import asyncio
import time
from contextlib import suppress
from typing import Protocol
from urllib.parse import unquote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from live.alerting import NodeAlerts
from live.cache_probe import heartbeat_text
from live.cache_probe import put_cache_aside
from live.node_protocols import Node
from strategies.common.alert_throttle import AlertThrottle


ANSWER_S = 1.0
LOST_AFTER_S = 5.0
DRAIN_S = 2.0
LOOK_S = 0.05


class Database(Protocol):
    """Represents where Redis is, as a node's configuration says."""

    @property
    def host(self) -> str:
        """The host."""

    @property
    def port(self) -> int:
        """The port."""

    @property
    def password(self) -> str | None:
        """The password, quoted as in an address."""


class CacheWatch:
    """
    Tells when Redis does not take the cache any more, and lets a node end without it.

    The core writes on its own, drops what Redis does not take, and says so in its log alone. Here
    signs of life go the way of all writes, and are read over a connection of our own.

    Parameters
    ----------
    database : Database
        Where Redis is.
    node : Node
        The node.
    alerts : NodeAlerts
        Told of the loss and of its end.

    """

    def __init__(self, database: Database, node: Node, alerts: NodeAlerts) -> None:
        self._node = node
        self._alerts = alerts
        self._place = f"Redis at {database.host}:{database.port}"
        self._client = Redis(
            host=database.host,
            port=database.port,
            password=None if database.password is None else unquote(database.password),
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._key = f"trader-{node.trader_id}:health:heartbeat"
        self._written = ""
        self._taken_at = time.monotonic()
        self._is_lost = False
        self._lasting = AlertThrottle()

    async def look(self) -> None:
        """See whether the last sign of life has arrived, and give another."""
        is_there, value = await self._read()
        now = time.monotonic()
        if is_there:
            if value == self._written:
                self._taken_at = now
            self._write()
        is_lost = now - self._taken_at > LOST_AFTER_S
        if self._lasting.is_due(time.time_ns(), is_lost):
            text = "takes nothing: trading goes on, and a restart goes on from the journal"
            self._alerts.raise_alert("CACHE_LOST", f"{self._place} {text}")
        if self._is_lost and not is_lost:
            self._alerts.raise_alert("CACHE_RESTORED", f"{self._place} takes the cache again")
        self._is_lost = is_lost

    async def end(self) -> None:
        """
        Let Redis take what was written last, and keep the node from waiting for more.

        Nautilus closes the cache last of all. It then waits without a limit, and with Python's
        interpreter locked, for a Redis that does not answer.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                if (await self._read())[0]:
                    self._write()
                    while await self._read() != (True, self._written):
                        await asyncio.sleep(LOOK_S)
        with suppress(RedisError, OSError):
            await self._client.aclose()
        put_cache_aside(self._node)

    def _write(self) -> None:
        now = self._node.kernel.clock.utc_now()
        self._written = heartbeat_text(now)
        self._node.kernel.cache.heartbeat(now)

    async def _read(self) -> tuple[bool, object]:
        try:
            return True, await self._client.get(self._key)
        except (RedisError, OSError):
            return False, None
