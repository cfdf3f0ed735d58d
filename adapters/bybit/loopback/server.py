"""The loopback server: Bybit's REST interface and sockets on 127.0.0.1, fed from a tape."""

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import asynccontextmanager
from decimal import Decimal

from aiohttp import WSMsgType
from aiohttp import web

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.connection import PRIVATE
from adapters.bybit.loopback.connection import PUBLIC
from adapters.bybit.loopback.connection import TRADE
from adapters.bybit.loopback.connection import Connection
from adapters.bybit.loopback.connection import Connections
from adapters.bybit.loopback.contract import BTCUSDT
from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.false_answers import OrderRequests
from adapters.bybit.loopback.faults import Faults
from adapters.bybit.loopback.limits import ORDERS_PER_SECOND
from adapters.bybit.loopback.limits import RateLimits
from adapters.bybit.loopback.operations import Operations
from adapters.bybit.loopback.orders import Execution
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.private_stream import PrivateStream
from adapters.bybit.loopback.public_stream import PublicStream
from adapters.bybit.loopback.rest import Rest
from adapters.bybit.loopback.signing import Keys
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.trade_socket import TradeSocket
from adapters.bybit.loopback.venue import Venue
from adapters.bybit.loopback.venue_closes import VenueClose
from errors import UsageError


LATENCY_S = 0.005
PATHS = {PUBLIC: "/v5/public/linear", PRIVATE: "/v5/private", TRADE: "/v5/trade"}


class BybitLoopback:
    """
    Implements the parts of Bybit's v5 protocol for trading one linear perpetual.

    It listens only on the loopback interface. All methods belong to the event loop it was
    started on; `running_in_thread` gives access from another thread.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance : Decimal
        The starting balance in the settlement coin.
    leverage : Decimal
        The leverage at the start.
    api_key, api_secret : str
        The accepted pair of keys. They protect nothing.
    seed : int
        For the ids of orders and executions.
    clock_offset_ms : int
        The lead of the venue's clock over this machine's (ms); `venue.clock_offset_ms` changes it.
    latency_s : float
        The delay of a message to a socket (s). At 0, clients lose answers: Nautilus and pybit both
        record a request only after sending it.
    orders_per_second : int
        The rate limit of each kind of order request.
    as_recorded : bool
        If every quote of the tape is sent; the venue omits unchanged ones.

    Attributes
    ----------
    venue : Venue
        Market, matching engine and clock.
    faults : Faults
        The switches for faults.
    rest : Rest
        The REST interface, with the requests so far.
    trade : TradeSocket
        Order entry, with the requests so far.

    """

    def __init__(
        self,
        contract: LinearContract = BTCUSDT,
        *,
        balance: Decimal = Decimal(10_000),
        leverage: Decimal = Decimal(10),
        api_key: str = "loopback-key",
        api_secret: str = "loopback-secret",
        seed: int = 0,
        clock_offset_ms: int = 0,
        latency_s: float = LATENCY_S,
        orders_per_second: int = ORDERS_PER_SECOND,
        as_recorded: bool = False,
    ) -> None:
        self.api_key = api_key
        self.api_secret = api_secret
        self.venue = Venue(contract, balance, leverage, seed, clock_offset_ms)
        self.faults = Faults()
        keys, limits = Keys(api_key, api_secret), RateLimits(orders_per_second)
        orders = OrderRequests(self.venue, self.faults, self.publish_private)
        self.rest = Rest(self.venue, keys, limits, self.faults, orders)
        self.trade = TradeSocket(self.venue, keys, limits, self.faults, orders)
        self.connections = Connections(latency_s)
        self._public = PublicStream(self.venue, self.connections)
        self._public.as_recorded = self.venue.as_recorded = as_recorded
        self._private = PrivateStream(self.venue, self.connections, self.faults)
        self._operations = Operations(
            self.venue,
            keys,
            self.faults,
            self._public,
            self._private,
            self.trade,
        )
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1; 0 takes a free one."""
        application = web.Application()
        for kind, path in PATHS.items():
            application.router.add_get(path, self._socket_handler(kind))
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close all connections and the port."""
        for connection in list(self.connections.all()):
            connection.thaw()
            connection.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Return the address of the REST interface."""
        return f"http://127.0.0.1:{self._port}"

    def socket_url(self, kind: str) -> str:
        """Return the address of a socket: `public`, `private` or `trade`."""
        return f"ws://127.0.0.1:{self._port}{PATHS[kind]}"

    def feed(self, event: Event) -> None:
        """Take one event of the tape, and publish its changes."""
        self.venue.apply(event)
        self._public.publish(event)
        self.publish_private()

    def publish_private(self) -> None:
        """Publish changes of the account."""
        self._private.publish(self.venue.engine.changes())

    async def drained(self) -> None:
        """Wait until every connection that is not frozen is drained."""
        for connection in list(self.connections.all()):
            await connection.drained()

    def settle_funding(self, rate: Decimal) -> Decimal:
        """Settle a funding rate now; return the amount paid."""
        paid = self.venue.settle_funding(self.venue.matching_ns(), rate)
        self.publish_private()
        return paid

    def settle_session(self) -> None:
        """Add a settlement row that does not change the position."""
        self.venue.engine.settle_session(self.venue.matching_ns())
        self.publish_private()

    def close_position(
        self,
        manner: VenueClose,
        share: Decimal = Decimal(1),
        price: Decimal | None = None,
    ) -> Execution:
        """
        Close a share of the position as the venue does by itself: liquidation, ADL, delivery.

        Parameters
        ----------
        manner : VenueClose
            The kind of close.
        share : Decimal, default 1
            The share, rounded down to whole lots, at least one.
        price : Decimal, optional
            The price; without one the tick at or below the mark price.

        Raises
        ------
        VenueError
            If there is no position.

        """
        now = self.venue.matching_ns()
        execution = self.venue.engine.close_position(manner, now, share, price)
        self.publish_private()
        return execution

    def move_position(self, side: Side, size: Decimal, price: Decimal) -> Execution:
        """Move a position from another account into this one, or out of it."""
        now = self.venue.matching_ns()
        execution = self.venue.engine.move_position(side, size, price, now)
        self.publish_private()
        return execution

    def change_position(self, size: Decimal, price: Decimal) -> None:
        """Set another position behind the client's back: no order, no execution, no message."""
        self.venue.engine.replace_position(size, price, self.venue.matching_ns())

    def drop(self, kind: str) -> int:
        """Drop all sockets of a kind without a close frame; return their number."""
        return self._each(kind, Connection.abort)

    def freeze(self, kind: str) -> int:
        """Stall all sockets of a kind with the connection open; return their number."""
        return self._each(kind, Connection.freeze)

    def thaw(self, kind: str) -> int:
        """Resume frozen sockets; return their number."""
        return self._each(kind, Connection.thaw)

    def release_private(self) -> None:
        """Send the private message held back for a later one (`faults.swap`)."""
        self._private.release()

    def _each(self, kind: str, action: Callable[[Connection], None]) -> int:
        if kind not in KINDS:
            raise UsageError(f"socket {kind!r}: use one of {', '.join(KINDS)}")
        connections = self.connections.of(kind)
        for connection in connections:
            action(connection)
        return len(connections)

    async def _answer(self, request: web.Request) -> web.Response:
        response = await self.rest.answer(request)
        self.publish_private()
        return response

    def _socket_handler(self, kind: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            if kind in self.faults.refuse_connections:
                return web.Response(status=503, text="loopback fault")
            socket = web.WebSocketResponse(autoping=True)
            await socket.prepare(request)
            connection = self.connections.open(kind, request, socket)
            try:
                async for message in socket:
                    await connection.running()
                    if message.type is WSMsgType.TEXT:
                        self._operations.take(connection, message.data)
                        self.publish_private()
            finally:
                await self.connections.close(connection)
            return socket

        return handle


@asynccontextmanager
async def running(server: BybitLoopback, port: int = 0) -> AsyncIterator[BybitLoopback]:
    """Run a server for the time of the context."""
    await server.start(port)
    try:
        yield server
    finally:
        await server.stop()
