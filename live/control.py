"""The control channel of a node: HTTP on the loopback interface, with a token."""

import hmac
import json
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from errors import AuctionError
from errors import UsageError
from live.logins import LoginWatch
from live.operator_commands import OperatorCommands


HOST = "127.0.0.1"
SET = "set"
COMMANDS = ("activate", "deactivate", "flatten", "halt", "resume", "shutdown")
TAKES = {"flatten": {"trade"}}


class Control:
    """
    Serve the commands of an operator.

    `GET /status` returns the state. `POST /<command>` returns the state after the command, or 409
    with `refused` if it cannot be executed. `POST /flatten?trade=ID` closes one trade. The body of
    `POST /set` is a JSON object with `changes`, new values by parameter name, and optionally
    `instrument_id`. Each request carries `Authorization: Bearer <token>`.

    Parameters
    ----------
    operator : OperatorCommands
        Executes the commands.
    token : str
        The token; it is neither logged nor shown.
    logins : LoginWatch
        Counts requests that are refused for their token.

    """

    def __init__(self, operator: OperatorCommands, token: str, logins: LoginWatch) -> None:
        self._operator = operator
        self._expected = _as_bytes(f"Bearer {token}")
        self._logins = logins

    def application(self) -> web.Application:
        """Return the application to serve."""
        application = web.Application(middlewares=[self._authorised])
        application.router.add_get("/status", self._status)
        for command in COMMANDS:
            application.router.add_post(f"/{command}", self._taker(command))
        application.router.add_post(f"/{SET}", self._set)
        return application

    @web.middleware
    async def _authorised(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        given = _as_bytes(request.headers.get("Authorization", ""))
        if not hmac.compare_digest(given, self._expected):
            self._logins.refused(request.remote or "unknown", request.path)
            return web.json_response({"refused": "no token, or another one"}, status=401)
        return await handler(request)

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(self._operator.status())

    async def _set(self, request: web.Request) -> web.Response:
        try:
            changes, instrument_id = _changes(await request.text())
            self._operator.change(changes, instrument_id)
        except AuctionError as error:
            return web.json_response({"refused": str(error), **self._operator.status()}, status=409)
        return web.json_response(self._operator.status())

    def _taker(self, command: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def take(request: web.Request) -> web.Response:
            try:
                # A misspelt key must not close all trades.
                for key in set(request.query) - TAKES.get(command, set()):
                    raise AuctionError(f"{command} takes no `{key}`")
                await self._do(command, request.query.get("trade"))
            except AuctionError as error:
                body = {"refused": str(error), **self._operator.status()}
                return web.json_response(body, status=409)
            return web.json_response(self._operator.status())

        return take

    async def _do(self, command: str, trade: str | None) -> None:
        match command:
            case "flatten" if trade is not None:
                await self._operator.flatten_trade(trade)
            case "activate":
                await self._operator.activate()
            case "deactivate":
                self._operator.deactivate()
            case "flatten":
                await self._operator.flatten()
            case "halt":
                await self._operator.halt()
            case "resume":
                self._operator.resume()
            case "shutdown":
                self._operator.shutdown.set()


def _changes(text: str) -> tuple[dict[str, Any], str | None]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    changes = body.get("changes") if isinstance(body, dict) else None
    if not isinstance(changes, dict) or not changes:
        raise UsageError("set: name at least one setting and its value")
    instrument_id = body.get("instrument_id")
    if not (instrument_id is None or isinstance(instrument_id, str)):
        raise UsageError("set: the instrument is not a text")
    return changes, instrument_id


def _as_bytes(text: str) -> bytes:
    # Bytes that are not UTF-8 survive both in a header and in the environment.
    return text.encode("utf-8", "surrogateescape")


@asynccontextmanager
async def serving(control: Control, port: int) -> AsyncIterator[int]:
    """
    Serve the channel while the context is open, and yield its port.

    Raises
    ------
    UsageError
        If the port is taken.

    """
    runner = web.AppRunner(control.application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            raise UsageError(
                f"settings.control_port: {port} cannot be listened on ({error.strerror}): "
                "another node may run; choose another port"
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
