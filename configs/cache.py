"""The storage of a live node's Nautilus cache: in memory alone, or in Redis as well."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from catalog.credentials import credential
from configs.documents import mapping
from errors import UsageError


REDIS = "redis"
HOST_VARIABLE = "REDIS_HOST"
PORT_VARIABLE = "REDIS_PORT"
PASSWORD_VARIABLE = "REDIS_PASSWORD"
# With Nautilus's own hundred retries a node would not end while Redis is gone.
RETRIES = 1
TIMEOUT_S = 2
MAX_PORT = 65_535


def cache_section(
    section: Any,
    value: Any,
    mode: str,
    path: Path,
    variables: Mapping[str, str] = os.environ,
) -> dict[str, Any] | None:
    """
    Return the section `node.cache` with the database that the key `cache` names.

    Redis is at 127.0.0.1:6379 unless REDIS_HOST and REDIS_PORT are set; its password is
    REDIS_PASSWORD alone, so that no file holds it.

    Parameters
    ----------
    section : Any
        The section without it, None where the file has none.
    value : Any
        The value of the key: `redis`, or None for memory alone.
    mode : str
        The mode of the node.
    path : Path
        The environment's file.
    variables : Mapping[str, str]
        The environment variables.

    Raises
    ------
    UsageError
        If there is no such cache, it makes no sense in the mode, it is named below `node`, or
        REDIS_PORT is no port.

    """
    before = mapping(section or {}, "node.cache", path)
    if before.get("database") is not None:
        raise UsageError(f"{path.name}: `node.cache.database`: set `cache: {REDIS}` instead")
    if value is None:
        return before or None
    if value != REDIS:
        raise UsageError(f"{path.name}: `cache`: {value!r} must be {REDIS} or null")
    if mode == "dry_run":
        raise UsageError(f"{path.name}: `cache`: dry_run has no orders to keep: set it to null")
    if mode != "live":
        raise UsageError(
            f"{path.name}: `cache`: the venue of {mode} ends with the node, and Redis would bring "
            "back positions that it does not know: set it to null"
        )
    return {
        **before,
        "database": _database(variables),
        "encoding": "msgpack",
        "use_instance_id": False,
        "buffer_interval_ms": None,
    }


def _database(variables: Mapping[str, str]) -> dict[str, Any]:
    port = variables.get(PORT_VARIABLE) or "6379"
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT):
        raise UsageError(f"{PORT_VARIABLE}: {port!r} must be a port, like 6379")
    return {
        "host": variables.get(HOST_VARIABLE) or "127.0.0.1",
        "port": int(port),
        # The core makes an address of it.
        "password": quote(credential(PASSWORD_VARIABLE, variables), safe="") or None,
        "connection_timeout": TIMEOUT_S,
        "response_timeout": TIMEOUT_S,
        "number_of_retries": RETRIES,
    }
