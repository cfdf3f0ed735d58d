"""Send operator commands to a running node."""

import http.client
import io
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from catalog.credentials import credential
from errors import AuctionError
from errors import UsageError
from live.control import COMMANDS
from live.control import HOST
from live.control import SET


TIMEOUT_S = 10.0
# These reply once the position is flat.
FLAT_TIMEOUT_S = 60.0
SLOW = ("flatten", "halt")
LONGEST_ANSWER = 2**20
CHUNK = 2**16
SHOWN = 80


def send(
    command: str,
    port: int,
    token_variable: str,
    body: Mapping[str, Any] | None = None,
    *,
    trade: str | None = None,
) -> dict[str, Any]:
    """
    Send a command and return the state of the node after it.

    Time and size of the answer are bounded and redirects are not followed: another program may
    listen on the port.

    Parameters
    ----------
    command : str
        `status`, `activate`, `deactivate`, `flatten`, `halt`, `resume`, `shutdown` or `set`.
    port : int
        The port of the control channel.
    token_variable : str
        The environment variable that holds its token.
    body : Mapping[str, Any], optional
        The body of `set`: `changes`, and optionally `instrument_id`.
    trade : str, optional
        The one trade to `flatten`, by its id (`STRATEGY:ID` where strategies share it).

    Raises
    ------
    UsageError
        If the command or port is invalid, the token is missing, or the trade id is malformed.
    AuctionError
        If the node does not answer or refuses, or another program answers.

    """
    known = ("status", *COMMANDS, SET)
    if command not in known:
        raise UsageError(f"{command}: no such command; there are {', '.join(known)}")
    if trade is not None and command != "flatten":
        raise UsageError(f"--trade {trade}: only `flatten` takes a trade")
    if trade is not None and not (trade.isascii() and trade.rpartition(":")[2].isdigit()):
        raise UsageError(f"--trade {trade}: use the id of a trade, as `status` lists them")
    if not 1 <= port <= 65_535:
        raise UsageError(f"--port {port}: a port is a number from 1 to 65535")
    token = credential(token_variable)
    if not token:
        raise UsageError(f"{token_variable} is not set: set it to the token of the node")
    if not token.isprintable():
        raise UsageError(f"{token_variable}: holds a line break or another control character")
    method = "GET" if command == "status" else "POST"
    content = b"" if body is None else json.dumps(body).encode()
    path = command if trade is None else f"{command}?trade={quote(trade)}"
    request = (
        f"{method} /{path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    timeout_s = FLAT_TIMEOUT_S if command in SLOW else TIMEOUT_S
    answer = _parsed(_exchange(request.encode() + content, port, timeout_s), port)
    if answer.status == 200 and {"state", "strategies"} <= answer.body.keys():
        return answer.body
    refused = answer.body.get("refused")
    if answer.status in (401, 409) and isinstance(refused, str):
        raise AuctionError(f"the node refuses: {refused}")
    raise _other(port, f"HTTP {answer.status}{answer.kind}")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str
    body: dict[str, Any]


def _exchange(request: bytes, port: int, timeout_s: float) -> bytes:
    """Return everything received until the connection is closed."""
    end = time.monotonic() + timeout_s
    found = bytearray()
    try:
        with socket.create_connection((HOST, port), timeout_s) as connection:
            connection.sendall(request)
            while len(found) <= LONGEST_ANSWER:
                # One deadline for the whole answer: a peer may send a byte now and then.
                connection.settimeout(max(0.001, end - time.monotonic()))
                chunk = connection.recv(CHUNK)
                if not chunk:
                    return bytes(found)
                found += chunk
    except TimeoutError:
        got = f"{len(found)} bytes and no end" if found else "nothing"
        raise AuctionError(
            f"port {port} answered {got} within {timeout_s:g} s: the node hangs, or something else "
            "listens there: is it this port?"
        ) from None
    except OSError as error:
        if found:
            return bytes(found)
        reason = error.strerror or type(error).__name__
        raise AuctionError(
            f"no node answers on port {port} ({reason}): is it running, and is it this port?"
        ) from None
    raise _other(port, f"more than {LONGEST_ANSWER} bytes")


def _parsed(answer: bytes, port: int) -> _Answer:
    if not answer:
        raise _other(port, "it closes the connection")
    response = http.client.HTTPResponse(_Received(answer))  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise _other(port, f"no HTTP: {type(error).__name__}") from None
    kind = _shown(response.headers.get("Content-Type") or "")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    is_state = isinstance(found, dict)
    return _Answer(response.status, f", {kind}" if kind else "", found if is_state else {})


class _Received:
    """The part of a socket that HTTPResponse uses."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def _other(port: int, what: str) -> AuctionError:
    return AuctionError(
        f"the program listening on port {port} is no node ({what}): see `settings.control_port` of "
        "the node"
    )


def _shown(text: str) -> str:
    return "".join(c for c in text[:SHOWN] if c.isprintable())
