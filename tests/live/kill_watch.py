"""Kills a node at a defined point of what its venue takes, tells and hears."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from adapters.bybit.loopback.connection import KINDS
from adapters.bybit.loopback.connection import PRIVATE
from adapters.bybit.loopback.connection import Connection
from adapters.bybit.loopback.orders import OPEN
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.trade_socket import orders_in
from tests.adapters.bybit_server import wait_until
from tests.live.restart_session import START_S
from tests.live.restart_session import ForkedNode
from tests.live.restart_session import Session


# Longer than a node needs to act on a message.
ACTS_S = 0.03
JOURNAL_S = 2.0

type Row = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """
    Represents a moment of the session.

    Parameters
    ----------
    at : str
        What is counted, see `KillWatch`.
    count : int
        Which of them it is.
    stall : int
        From which order on the journal writes nothing any more; 0 for a journal that works.

    """

    at: str
    count: int
    stall: int = 0


@dataclass
class KillWatch:
    """
    Stands between the venue and one node, and kills the node at a point.

    The points:

    - `lost`: the n-th request leaves the node and never arrives; the journal has its state.
    - `taken`: the n-th request is carried out, and nothing of that reaches the node; the journal
      has its state unless it stalls.
    - `told`: the n-th private message has reached the node, later ones have not; the node has had
      the time to act on it, and what it has sent then is carried out. The journal knows of it
      unless it stalls.
    - `said`: the n-th line of the node has come.
    - `before` and `after`: the transaction with the n-th snapshot of the journal begins, is over.

    Attributes
    ----------
    requests, messages : list[str]
        What has come and gone so far, in short.
    naked : list[tuple[float, bool]]
        Each change: since when there has been a position that no order protects.

    """

    session: Session
    point: Point | None = None
    node: ForkedNode | None = None
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    naked: list[tuple[float, bool]] = field(default_factory=list)
    is_over: bool = False
    _last_request: Row | None = None
    _last_report: float = 0.0
    _reported: float = 0.0
    _is_closing: bool = False

    def install(self) -> None:
        self.session.client.server.call(self._install)

    def start(self) -> ForkedNode:
        """Start the node that is to be killed."""
        point = self.point
        faults: dict[str, int] = {}
        if point is not None and point.at in ("before", "after"):
            faults[f"{point.at}_snapshot"] = point.count
        if point is not None and point.stall:
            faults["stalls_at_order"] = point.stall
        node = self.session.launch(journal=faults)
        self.node = node
        keep = node.heard

        def hear(line: Row) -> None:
            keep(line)
            if line["event"] != "State":
                self.said.append(" ".join(str(line.get(k, "")) for k in ("event", "kind", "id")))
                if self._is_at("said", len(self.said)):
                    self._kill()

        node.heard = hear  # type: ignore[method-assign]
        return node

    def end(self) -> None:
        """Stop watching: the node is dead, or the session is over."""
        self.is_over = True
        if self.node is not None:
            self.node.kill()

        def clear(server: BybitLoopback) -> None:
            for kind in KINDS:
                server.drop(kind)

        self.session.client.server.call(clear)

    def restart(self) -> ForkedNode:
        """Start the next node, and wait until its strategy has started."""

        def clear(server: BybitLoopback) -> None:
            server.faults.delay_s = 0.0
            server.faults._requests.clear()

        self.session.client.server.call(clear)
        node = self.session.launch()
        keep = node.heard

        def hear(line: Row) -> None:
            keep(line)
            if line["event"] == "Started":
                self._reported = self._last_report

        node.heard = hear  # type: ignore[method-assign]
        wait_until(lambda: node.is_started, START_S)
        return node

    def naked_s(self) -> float:
        """Return how long the position was without protection once the venue had told of it."""
        spans = zip(self.naked, [*self.naked[1:], (time.monotonic(), False)], strict=True)
        times = (end - max(since, self._reported) for (since, bare), (end, _) in spans if bare)
        return max(0.0, *times, 0.0)

    def _is_at(self, at: str, count: int) -> bool:
        point = self.point
        return (
            point is not None
            and not self.is_over
            and not self._is_closing
            and (point.at, point.count) == (at, count)
        )

    def _kill(self) -> None:
        self.is_over = True
        if self.node is not None:
            self.node.forked.kill()

    def _install(self, server: BybitLoopback) -> None:
        answer, send, feed = server.trade.answer, server._private._send_now, server.feed
        report = server.rest.answer

        async def watched_report(request: Any) -> Any:
            response = await report(request)
            self._last_report = time.monotonic()
            return response

        server.rest.answer = watched_report  # type: ignore[method-assign]

        def watched_answer(connection: Connection, request: Row) -> Row:
            return self._request(server, answer, connection, request)

        def watched_send(message: Row, copies: int) -> None:
            self._message(server, send, message, copies)

        def watched_feed(event: Any) -> None:
            feed(event)
            self._look(server)

        server.trade.answer = watched_answer  # type: ignore[method-assign]
        server._private._send_now = watched_send  # type: ignore[method-assign]
        server.feed = watched_feed  # type: ignore[method-assign]

    def _request(
        self,
        server: BybitLoopback,
        answer: Callable[[Connection, Row], Row],
        connection: Connection,
        request: Row,
    ) -> Row:
        (fields,) = orders_in(request)
        self.requests.append(f"{request['op']} {fields.get('orderLinkId', '')}")
        count = len(self.requests)
        if self._is_at("lost", count):
            self._wait_for_journal(request)
            self._kill()
            connection.abort()
            return {}
        self._last_request = request
        taken = answer(connection, request)
        self.requests[-1] += f" {taken['retCode']}"
        self._look(server)
        if self._is_at("taken", count):
            if not self.point or not self.point.stall:
                self._wait_for_journal(request)
            self._kill()
            for kind in KINDS:
                server.drop(kind)
        return taken

    def _message(
        self,
        server: BybitLoopback,
        send: Callable[[Row, int], None],
        message: Row,
        copies: int,
    ) -> None:
        if self._is_closing and not self.is_over:
            return
        row = message["data"][0]
        what = row.get("orderStatus") or row.get("execType") or ""
        self.messages.append(f"{message['topic']} {row.get('orderLinkId', '')} {what}")
        send(message, copies)
        if self._is_at("told", len(self.messages)):
            self._is_closing = True
            self._closing = asyncio.get_running_loop().create_task(self._close(server))

    async def _close(self, server: BybitLoopback) -> None:
        for connection in server.connections.of(PRIVATE):
            await connection.drained()
        await asyncio.sleep(ACTS_S)
        if self._last_request is not None and self.point is not None and not self.point.stall:
            self._wait_for_journal(self._last_request)
        self._kill()
        for kind in KINDS:
            server.drop(kind)

    def _wait_for_journal(self, request: Row) -> None:
        # Blocks the venue: the node hears nothing meanwhile.
        link, is_cancel = orders_in(request)[0]["orderLinkId"], request["op"] == "order.cancel"
        end = time.monotonic() + JOURNAL_S
        while time.monotonic() < end:
            found = self.session.query(
                "SELECT state FROM snapshots ORDER BY ts_init DESC, seq DESC LIMIT 1"
            )
            state = json.loads(found[0][0]) if found else {"orders": {}}
            ids = [name for name, value in state["orders"].items() if value == link]
            if ids and (not is_cancel or _is_cancelled(state, int(ids[0]))):
                return
            time.sleep(0.005)
        raise AssertionError(f"the journal has never known of {request['op']} {link}")

    def _look(self, server: BybitLoopback) -> None:
        engine = server.venue.engine
        size = abs(engine.account.size)
        covered = sum(
            (
                order.leaves
                for order in engine.open_orders
                if order.reduce_only and order.trigger_price and order.status in OPEN
            ),
            Decimal(0),
        )
        is_naked = covered < size
        if not self.naked or self.naked[-1][1] != is_naked:
            self.naked.append((time.monotonic(), is_naked))


def _is_cancelled(state: Row, order_id: int) -> bool:
    # That of a book from the second trade on.
    managers = [state["manager"]] if "manager" in state else state["book"]["managers"]
    trades = [manager[name] for manager in managers for name in ("trade", "previous")]
    orders = [order for trade in trades if trade is not None for order in trade["orders"]]
    return any(o["command"]["order_id"] == order_id and o["cancel_sent"] for o in orders)
