"""Monitor the Redis that stores a node's cache."""

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
POLL_S = 0.05


class Database(Protocol):
    """Represents the address of Redis in a node's configuration."""

    @property
    def host(self) -> str:
        """The host."""

    @property
    def port(self) -> int:
        """The port."""

    @property
    def password(self) -> str | None:
        """The password, percent-encoded as in a URL."""


class CacheWatch:
    """
    Raise an alert when Redis no longer accepts writes, and let the node stop without it.

    Nautilus's core writes asynchronously, drops failed writes and only logs them. This class
    sends heartbeats along the same path and reads them over a separate connection.

    Parameters
    ----------
    database : Database
        The address of Redis.
    node : Node
        The node.
    alerts : NodeAlerts
        Receives the loss and the recovery.

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
        self._throttle = AlertThrottle()

    async def check(self) -> None:
        """Check if the last heartbeat has arrived, and write another."""
        is_there, value = await self._read()
        now = time.monotonic()
        if is_there:
            if value == self._written:
                self._taken_at = now
            self._write()
        is_lost = now - self._taken_at > LOST_AFTER_S
        if self._throttle.is_due(time.time_ns(), is_lost):
            text = "takes no writes: trading goes on, and a restart recovers from the journal"
            self._alerts.raise_alert("CACHE_LOST", f"{self._place} {text}")
        if self._is_lost and not is_lost:
            self._alerts.raise_alert("CACHE_RESTORED", f"{self._place} accepts writes again")
        self._is_lost = is_lost

    async def end(self) -> None:
        """
        Flush the last writes to Redis, and keep the node from waiting for it.

        Nautilus closes the cache last. It would then wait without a limit, holding the GIL, for a
        Redis that does not answer.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                if (await self._read())[0]:
                    self._write()
                    while await self._read() != (True, self._written):
                        await asyncio.sleep(POLL_S)
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
