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
    Takes an operator's commands.

    `GET /status` answers with the state, `POST /<command>` with the state after it: 409 with
    `refused` where it cannot be done. `POST /flatten?trade=ID` closes one trade. The body of
    `POST /set` is a JSON object with `changes`, new values by the names of parameters, and perhaps
    `instrument_id`. Each request carries `Authorization: Bearer <token>`.

    Parameters
    ----------
    desk : OperatorCommands
        Does what is asked for.
    token : str
        The token; it is neither logged nor shown.
    logins : LoginWatch
        Hears of requests that are refused for their token.

    """

    def __init__(self, desk: OperatorCommands, token: str, logins: LoginWatch) -> None:
        self._desk = desk
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
        return web.json_response(self._desk.status())

    async def _set(self, request: web.Request) -> web.Response:
        try:
            changes, instrument_id = _changes(await request.text())
            self._desk.change(changes, instrument_id)
        except AuctionError as error:
            return web.json_response({"refused": str(error), **self._desk.status()}, status=409)
        return web.json_response(self._desk.status())

    def _taker(self, command: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def take(request: web.Request) -> web.Response:
            try:
                # A misspelt key must not close all trades.
                for key in set(request.query) - TAKES.get(command, set()):
                    raise AuctionError(f"{command} takes no `{key}`")
                await self._do(command, request.query.get("trade"))
            except AuctionError as error:
                body = {"refused": str(error), **self._desk.status()}
                return web.json_response(body, status=409)
            return web.json_response(self._desk.status())

        return take

    async def _do(self, command: str, trade: str | None) -> None:
        match command:
            case "flatten" if trade is not None:
                await self._desk.flatten_trade(trade)
            case "activate":
                await self._desk.activate()
            case "deactivate":
                self._desk.deactivate()
            case "flatten":
                await self._desk.flatten()
            case "halt":
                await self._desk.halt()
            case "resume":
                self._desk.resume()
            case "shutdown":
                self._desk.shutdown.set()


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
        raise UsageError("set: the instrument is no text")
    return changes, instrument_id


def _as_bytes(text: str) -> bytes:
    # What is no UTF-8 comes out of a header, and of the environment, as it went in.
    return text.encode("utf-8", "surrogateescape")


@asynccontextmanager
async def serving(control: Control, port: int) -> AsyncIterator[int]:
    """
    Serve the channel for the time of the context, and yield its port.

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
