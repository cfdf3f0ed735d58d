"""Which rows of the venue's list of executions become fills, over the socket and at a start."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateOrderStatusReport
from nautilus_trader.execution.messages import GenerateOrderStatusReports
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.orders import Order

from adapters.bybit import fills_execution
from adapters.bybit.executions import ForcedClose
from adapters.bybit.executions import fill_of
from adapters.bybit.fill_reports import FillReportingBybitExecutionClient
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.venue_closes import VenueClose
from adapters.bybit.queries import NoAnswer
from errors import AuctionError
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import STRATEGY
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import Step
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run as run_desk
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import D
from tests.virtual_time import run_virtually


EXECUTIONS = "/v5/execution/list"
FORCED = {
    VenueClose.LIQUIDATION: ForcedClose.LIQUIDATED,
    VenueClose.REDUCTION: ForcedClose.LIQUIDATED,
    VenueClose.ADL: ForcedClose.ADL,
    VenueClose.DELIVERY: ForcedClose.DELIVERED,
}
ROW = {
    "execId": "1",
    "symbol": "BTCUSDT",
    "orderId": "2",
    "orderLinkId": "",
    "side": "Sell",
    "execPrice": "60000.5",
    "execQty": "0.010",
    "orderQty": "0.010",
    "execFee": "0.33",
    "feeCurrency": "USDT",
    "execType": "Trade",
    "createType": "CreateByUser",
    "execTime": "1746270400398",
    "isMaker": False,
}


def run(step: Step) -> None:
    """Let a test use a desk whose strategy has claimed other orders of the instrument."""

    async def claimed(found: Desk) -> None:
        found.engine._external_order_claims[BTC] = STRATEGY
        await step(found)

    run_desk(claimed)


def owned(found: Desk) -> list[Order]:
    """Return the orders that have fills, and have the fills that they count."""
    orders = [order for order in found.cache.orders() if order.filled_qty > 0]
    for order in orders:
        fills = [event for event in order.events if isinstance(event, OrderFilled)]
        assert sum(fill.last_qty for fill in fills) == order.filled_qty
    return orders


def fills(found: Desk) -> dict[str, tuple[Decimal, Decimal]]:
    """Return size and fee of each fill by the venue's identifier."""
    return {
        event.trade_id.value: (event.last_qty.as_decimal(), event.commission.as_decimal())
        for order in owned(found)
        for event in order.events
        if isinstance(event, OrderFilled)
    }


def told(server: BybitLoopback) -> dict[str, tuple[Decimal, Decimal]]:
    return {
        row.exec_id: (row.size, row.fee)
        for row in server.venue.engine.executions
        if row.kind not in ("Funding", "Settle")
    }


def held(found: Desk) -> Decimal:
    return sum((p.signed_decimal_qty() for p in found.cache.positions_open()), Decimal(0))


@asynccontextmanager
async def restarted(server: BybitLoopback) -> AsyncIterator[Desk]:
    """Run a client and an engine that know only the venue's reports at their start."""
    found = Desk(server)
    await found.connect()
    found.engine._external_order_claims[BTC] = STRATEGY
    try:
        assert await found.engine.reconcile_execution_state()
        yield found
    finally:
        await found.client._disconnect()
        await found.client.cancel_pending_tasks()
        found.engine.kill()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("is_held", [True, False])
def test_rows_that_move_money_alone_are_no_fills_at_a_restart(side: Side, is_held: bool) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        if not is_held:
            # A payment of an earlier position, hours before this one.
            server.change_position(D("0.050") * side.sign, D("60000"))
            server.settle_funding(D("0.0001"))
            server.change_position(D("0"), D("60000"))
        server.move_position(side, D("0.022"), D("60000"))
        if is_held:
            server.settle_funding(D("0.0001"))
            server.settle_session()
        async with restarted(server) as again:
            assert held(again) == D("0.022") * side.sign
            assert fills(again) == told(server)
            assert len(owned(again)) == 1

    run(step)


def test_a_payment_on_the_socket_is_neither_a_fill_nor_an_order() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        asked = found.server.rest.paths.count(f"GET {EXECUTIONS}")
        found.server.settle_funding(D("0.0001"))
        found.server.settle_session()
        await until(lambda: found.server.rest.paths.count(f"GET {EXECUTIONS}") == asked + 2)
        await heard(found)
        assert [order.client_order_id.value for order in found.cache.orders()][:1] == ["ENTRY"]
        assert fills(found) == told(found.server)
        assert held(found) == D("0.010")

    run(step)


@pytest.mark.parametrize("manner", VenueClose)
@pytest.mark.parametrize("share", ["0.4", "1"])
def test_a_close_by_the_venue_is_a_fill_at_once(manner: VenueClose, share: str) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        row = server.close_position(manner, D(share), D("59000"))
        name = f"{FORCED[manner]}-{row.order_id}"
        await until(lambda: held(found) == server.venue.engine.account.size, name)
        assert fills(found) == told(server)
        orders = {order.client_order_id.value: order for order in owned(found)}
        assert set(orders) == {"ENTRY", name}
        closing = orders[name]
        assert closing.status is OrderStatus.FILLED
        assert closing.is_reduce_only

    run(step)


@pytest.mark.parametrize("manner", VenueClose)
def test_a_close_that_no_socket_has_reported_is_found_by_a_catch_up_once(
    manner: VenueClose,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("private")
        server.close_position(manner, D("0.4"), D("59000"))
        await found.client.catch_up()
        assert held(found) == server.venue.engine.account.size
        await found.client.catch_up()
        asked = server.rest.paths.count(f"GET {EXECUTIONS}")
        server.thaw("private")
        await until(lambda: server.rest.paths.count(f"GET {EXECUTIONS}") >= asked)
        await found.client.catch_up()
        assert fills(found) == told(server)

    run(step)


@pytest.mark.parametrize("manner", VenueClose)
@pytest.mark.parametrize("share", ["0.4", "1"])
def test_a_close_while_no_node_ran_is_found_at_the_start(manner: VenueClose, share: str) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.settle_funding(D("0.0001"))
        row = server.close_position(manner, D(share), D("59000"))
        async with restarted(server) as again:
            assert held(again) == server.venue.engine.account.size
            names = [order.client_order_id.value for order in owned(again)]
            assert sorted(names) == sorted(["ENTRY", f"{FORCED[manner]}-{row.order_id}"])
            assert fills(again) == told(server)
            # Fills from before the start are not reported again.
            await again.client.catch_up()
            assert held(again) == server.venue.engine.account.size

    run(step)


def test_a_fill_that_the_list_has_later_than_the_socket_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fills_execution, "REQUEST_PAUSES_S", (0.0, 0.01, 0.01, 0.01, 0.5))

    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        answer = server.rest.answer
        executions = server.venue.engine.executions
        hidden = [2]

        async def late(request: Any) -> Any:
            if request.path != EXECUTIONS or not hidden[0]:
                return await answer(request)
            hidden[0] -= 1
            row = executions.pop()
            try:
                return await answer(request)
            finally:
                executions.append(row)

        monkeypatch.setattr(server.rest, "answer", late)
        server.close_position(VenueClose.ADL, D("0.4"), D("59000"))
        await until(lambda: held(found) == server.venue.engine.account.size)
        assert hidden == [0]
        assert fills(found) == told(server)

    run(step)


@pytest.mark.parametrize("is_single", [True, False])
def test_an_order_is_reported_after_its_fills_and_never_with_made_up_ones(is_single: bool) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        order = found.limit("ENTRY", "0.010", "59990.00")
        await found.accepted(order)
        server.freeze("private")
        sell(server, "59989", "0.010")
        one = GenerateOrderStatusReport(
            BTC, order.client_order_id, order.venue_order_id, UUID4(), time.time_ns()
        )
        every = GenerateOrderStatusReports(BTC, None, None, False, UUID4(), time.time_ns())
        server.faults.fail_requests(EXECUTIONS, 1, 400)
        if not is_single:
            assert await found.client.generate_order_status_reports(every) == []
            assert order.filled_qty == 0
            (report,) = await found.client.generate_order_status_reports(every)
        else:
            # An existing order is reported in any case.
            assert await found.client.generate_order_status_report(one) is not None
            report = await found.client.generate_order_status_report(one)
        assert report.filled_qty == order.filled_qty
        assert fills(found) == told(server)

    run(step)


def test_orders_that_are_not_known_are_an_error_and_no_start() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        await found.accepted(found.stop("STOP", "0.010", "59000.00"))
        again = Desk(server)
        await again.connect()
        try:
            server.faults.fail_requests("/v5/order/realtime", 100, 400)
            every = GenerateOrderStatusReports(BTC, None, None, True, UUID4(), time.time_ns())
            with pytest.raises(ValueError, match="400"):
                await again.client.generate_order_status_reports(every)
            # The executions are answered when the start has failed already.
            async with again.client._query_lock:
                assert not await again.engine.reconcile_execution_state()
            for _ in range(20):
                await asyncio.sleep(0.01)
                assert again.cache.orders() == []
            server.faults._requests.clear()
            assert await again.engine.reconcile_execution_state()
            assert [order.client_order_id.value for order in again.cache.orders_open()] == ["STOP"]
        finally:
            await again.client._disconnect()
            await again.client.cancel_pending_tasks()
            again.engine.kill()

    run(step)


def test_a_question_that_fails_is_retried() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.faults.fail_requests(EXECUTIONS, 2, 503)
        server.close_position(VenueClose.LIQUIDATION)
        await until(lambda: held(found) == 0)
        assert fills(found) == told(server)

    run(step)


def test_after_a_disconnection_nothing_is_open_and_queries_get_a_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server, client = found.server, found.client
        made = []
        new = client.execution_list
        monkeypatch.setattr(client, "execution_list", lambda: made.append(new()) or made[-1])
        await client._late_fills()
        await client._late_fills()
        assert len(made) == 1

        await client._disconnect()
        await until(
            lambda: not [*server.connections.of("private"), *server.connections.of("trade")]
        )
        await client._late_fills()
        assert len(made) == 2

    run(step)


def test_a_refusal_says_that_there_is_nothing_left_to_close() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        server = found.server
        server.freeze("private")
        server.close_position(VenueClose.LIQUIDATION)
        stop = found.exit("EXIT", "0.010")
        found.send(stop)
        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        assert stop.last_event.reason.startswith(f"{fills_execution.NOTHING_TO_REDUCE}: ")
        await asyncio.sleep(0)

    run(step)


@pytest.mark.parametrize(
    ("fields", "forced", "name"),
    [
        ({}, None, None),
        ({"orderLinkId": "O-1-E"}, None, "O-1-E"),
        ({"execType": "BustTrade"}, ForcedClose.LIQUIDATED, "LIQUIDATED-2"),
        ({"execType": "AdlTrade", "createType": ""}, ForcedClose.ADL, "ADL-2"),
        ({"execType": "Delivery"}, ForcedClose.DELIVERED, "DELIVERED-2"),
        ({"createType": "CreateByLiq"}, ForcedClose.LIQUIDATED, "LIQUIDATED-2"),
        ({"execType": "MovePosition"}, None, None),
    ],
)
def test_a_row_says_whose_order_it_was(
    fields: dict[str, str], forced: ForcedClose | None, name: str | None
) -> None:
    fill = fill_of({**ROW, **fields})
    assert fill is not None
    assert (fill.forced, fill.client_order_id) == (forced, name)
    assert (fill.price, fill.quantity, fill.fee) == (D("60000.5"), D("0.010"), D("0.33"))
    assert fill.ts_ns == 1746270400398 * 10**6


@pytest.mark.parametrize("kind", ["Funding", "Settle", "CorporateAction", "UNKNOWN", "NewKind"])
def test_other_rows_are_no_fills(kind: str) -> None:
    assert fill_of({"execType": kind}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("execId", ""),
        ("orderId", None),
        ("orderLinkId", None),
        ("symbol", 5),
        ("side", "None"),
        ("execPrice", "NaN"),
        ("execPrice", "0"),
        ("execQty", "-0.010"),
        ("execQty", 0.01),
        ("execFee", "Infinity"),
        ("execFee", None),
        ("orderQty", "many"),
        ("execTime", "soon"),
        ("execTime", "0"),
        ("isMaker", "false"),
        ("execType", None),
        ("execType", ""),
    ],
)
def test_a_row_that_is_not_as_it_should_be_is_refused_whole(name: str, value: object) -> None:
    with pytest.raises(AuctionError, match=rf"Bybit execution/list: .*{name}.*refused"):
        fill_of({**ROW, name: value})


@pytest.mark.parametrize(
    "name", [n for n in ROW if n not in ("createType", "feeCurrency", "orderQty")]
)
def test_a_row_without_a_field_is_refused_whole(name: str) -> None:
    with pytest.raises(AuctionError, match=name):
        fill_of({key: value for key, value in ROW.items() if key != name})


def test_the_loopback_venue_s_rows_are_read() -> None:
    server = BybitLoopback()
    server.move_position(Side.BUY, D("0.022"), D("60000"))
    rows = [execution_row(server.venue.contract, e) for e in server.venue.engine.executions]
    (fill,) = [fill_of(row) for row in rows]
    assert fill is not None
    assert (fill.kind, fill.is_buy, fill.quantity) == ("MovePosition", True, D("0.022"))


class Query:
    """A client whose questions for executions are answered by a test, without a venue."""

    def __init__(self, *answers: Any, **config: Any) -> None:
        self.answers = list(answers)
        self.asked_at: list[float] = []
        self.lines: list[str] = []
        self.taken: list[Any] = []
        terms = {"max_retries": None, "retry_delay_initial_ms": None, **config}
        self._config = SimpleNamespace(**terms)
        self._query_lock = asyncio.Lock()
        self._executions = None
        self._log = SimpleNamespace(warning=self.lines.append, error=self.lines.append)
        self._requested_fills = {"order-1"}
        self.execution_list = object

    async def ask(self) -> Any:
        loop = asyncio.get_running_loop()

        def read(_: Any) -> Any:
            self.asked_at.append(loop.time())
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        client: Any = self
        return await FillReportingBybitExecutionClient._query_executions(client, read)

    async def _query_executions(self, _: Any) -> Any:
        self.asked_at.append(asyncio.get_running_loop().time())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _take_rows(self, rows: Any) -> None:
        # A report of this moment may set off a question of its own.
        assert "order-1" not in self._requested_fills
        self.taken.append(rows)

    async def find(self) -> None:
        client: Any = self
        await fills_execution.FillsBybitExecutionClient._find(client, "order-1", BTC)


@pytest.mark.parametrize(
    ("config", "times"),
    [
        ({}, [0.0, 0.2, 0.6]),
        ({"max_retries": 5, "retry_delay_initial_ms": 100}, [0.0, 0.1, 0.3, 0.7, 1.5]),
        ({"max_retries": 1}, [0.0]),
    ],
)
def test_a_question_without_an_answer_is_repeated_after_pauses_that_double(
    config: dict[str, int], times: list[float]
) -> None:
    query = Query(*[NoAnswer("no answer")] * len(times), **config)
    with pytest.raises(NoAnswer, match="no answer"):
        run_virtually(query.ask())
    assert query.asked_at == pytest.approx(times)
    assert query.lines == ["no answer: retrying"] * (len(times) - 1)

    query = Query(*[NoAnswer("no answer")] * (len(times) - 1), [ROW], **config)
    assert run_virtually(query.ask()) == [ROW]
    assert query.asked_at == pytest.approx(times)


def test_a_refused_question_is_not_repeated() -> None:
    query = Query(AuctionError("refused"))
    with pytest.raises(AuctionError, match="refused"):
        run_virtually(query.ask())
    assert query.asked_at == [0.0]


@pytest.mark.parametrize(
    ("answers", "times"),
    [
        ([[ROW]], [0.0]),
        ([[], [ROW]], [0.0, 0.2]),
        ([[], OSError("gone"), [ROW]], [0.0, 0.2, 0.7]),
        ([[], [], [], [], [], [ROW]], [0.0, 0.2, 0.7, 1.7, 3.7, 8.7]),
    ],
)
def test_fills_of_a_strange_order_are_requested_until_the_venue_lists_them(
    answers: list[Any], times: list[float]
) -> None:
    query = Query(*answers)
    run_virtually(query.find())
    assert query.asked_at == pytest.approx(times)
    assert query.taken[-1] == [ROW]
    assert query._requested_fills == set()
    assert len(query.lines) == sum(isinstance(answer, OSError) for answer in answers)


def test_an_order_whose_fills_are_never_listed_is_named_and_may_be_requested_again() -> None:
    query = Query(*[[]] * 6)
    run_virtually(query.find())
    assert query.asked_at == pytest.approx([0.0, 0.2, 0.7, 1.7, 3.7, 8.7])
    (line,) = query.lines
    assert line.startswith("Order order-1 is not of this node")
    assert query._requested_fills == set()


class Reported:
    """A client that passes reports on to an engine which takes them, or does not."""

    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.sent: list[Any] = []
        self.order = SimpleNamespace(trade_ids=[])
        self._known_executions: set[str] = set()
        self._cache = SimpleNamespace(
            order={"O-1": self.order}.get, client_order_id={"1": "O-1"}.get
        )

    def _send_fill_report(self, report: Any) -> None:
        self.sent.append(report)
        if self.takes:
            self.order.trade_ids.append(report.trade_id)

    def report(self, number: str, name: str | None = "O-1", venue_order_id: str = "1") -> None:
        client: Any = self
        report: Any = SimpleNamespace(
            trade_id=TradeId(number), client_order_id=name, venue_order_id=venue_order_id
        )
        FillReportingBybitExecutionClient.report_fill(client, report)


@pytest.mark.parametrize("name", ["O-1", None])
def test_a_fill_that_the_engine_takes_is_reported_once(name: str | None) -> None:
    client = Reported(takes=True)
    for number in ("a", "a", "b", "a"):
        client.report(number, name)
    assert [report.trade_id.value for report in client.sent] == ["a", "b"]
    assert client._known_executions == {"a", "b"}


def test_a_fill_that_the_engine_does_not_take_is_reported_again_until_it_does() -> None:
    client = Reported(takes=False)
    client.report("a")
    client.report("a")
    assert client._known_executions == set()
    client.takes = True
    client.report("a")
    client.report("a")
    assert len(client.sent) == 3
    assert client._known_executions == {"a"}


def test_fills_that_the_engine_has_or_whose_order_it_lacks_are_not_reported() -> None:
    client = Reported(takes=True)
    client.order.trade_ids.append(TradeId("a"))
    client._known_executions.add("b")
    client.report("a")
    client.report("b")
    client.report("c", "O-2")
    client.report("d", None, "2")
    assert client.sent == []
    assert client._known_executions == {"a", "b"}
