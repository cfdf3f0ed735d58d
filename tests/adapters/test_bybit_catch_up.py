"""Failed queries of the venue, and events during a query."""

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import pytest
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.orders import Order

from adapters.bybit.loopback.server import BybitLoopback
from errors import AuctionError
from tests.adapters.bybit_execution import CREATE
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import stops
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import D


REALTIME, EXECUTIONS = "/v5/order/realtime", "/v5/execution/list"


def once(
    patch: pytest.MonkeyPatch,
    server: BybitLoopback,
    paths: tuple[str, ...],
    before: Callable[[], Awaitable[None]] | None = None,
    after: Callable[[], None] | None = None,
) -> None:
    """Do something before or after the venue makes up its next answer to one of the paths."""
    answer = server.rest.answer
    left = [1]

    async def hooked(request: Any) -> Any:
        is_due = request.path in paths and left[0] > 0
        left[0] -= is_due
        if is_due and before is not None:
            await before()
        found = await answer(request)
        if is_due and after is not None:
            after()
        return found

    patch.setattr(server.rest, "answer", hooked)


def test_a_question_that_failed_is_reported_and_the_others_are_queried() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        orders = [found.limit(name, "0.010", "59990.00") for name in ("ONE", "TWO")]
        for order in orders:
            await found.accepted(order)
        server.freeze("private")
        sell(server, "59990", "0.020")
        sell(server, "59989", "0.020")
        server.faults.fail_requests(REALTIME, 1, 400)

        with pytest.raises(ValueError, match="400"):
            await found.client.catch_up()
        assert [order.status for order in orders] == [OrderStatus.FILLED] * 2

        server.thaw("private")
        await heard(found)
        assert trade_ids(orders) == [e.exec_id for e in server.venue.engine.executions]

    run(step)


def test_fills_that_could_not_be_requested_are_reported() -> None:
    async def step(found: Desk) -> None:
        order = found.limit("ONE", "0.010", "59990.00")
        await found.accepted(order)
        found.server.freeze("private")
        sell(found.server, "59989", "0.020")
        found.server.faults.fail_requests(EXECUTIONS, 1, 400)

        with pytest.raises(AuctionError, match="execution/list: .*400"):
            await found.client.catch_up()
        assert order.filled_qty == 0

        await found.client.catch_up()
        assert order.status is OrderStatus.FILLED

    run(step)


def test_a_stop_is_not_sent_by_rest_where_the_question_failed() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("trade")
        asked = len(server.rest.paths)
        server.faults.fail_requests(REALTIME, 1, 400)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)

        paths = server.rest.paths[asked:]
        assert "GET /v5/order/history" in paths[: paths.index(CREATE)]
        assert stops(server) == ["STOP"]

    run(step)


def test_a_stop_that_is_accepted_while_the_venue_is_queried_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("trade")
        stop = found.stop("STOP", "0.010", "59000.00")

        async def accept() -> None:
            server.thaw("trade")
            await until(lambda: stop.status is OrderStatus.ACCEPTED, stop)

        once(monkeypatch, server, (EXECUTIONS,), before=accept)
        await found.accepted(stop)
        await until(lambda: is_over(found, "_confirm"))

        assert CREATE not in server.rest.paths
        assert stops(server) == ["STOP"]

    run(step)


def test_a_stop_that_waits_for_the_rate_limit_is_not_sent_by_rest_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("trade")
        stop = found.stop("STOP", "0.010", "59000.00")

        async def refuse() -> None:
            server.faults.limit_rate("/v5/order/create")
            server.thaw("trade")
            await until(lambda: found.client._is_resend_pending(stop), stop)

        once(monkeypatch, server, (EXECUTIONS,), before=refuse)
        await found.accepted(stop)
        await until(lambda: is_over(found, "_confirm"))

        assert CREATE not in server.rest.paths
        assert stops(server) == ["STOP"]

    run(step)


def test_a_fill_between_the_questions_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        order = found.limit("ONE", "0.010", "59990.00")
        await found.accepted(order)
        server.freeze("private")
        paths = (REALTIME, EXECUTIONS)
        once(monkeypatch, server, paths, after=lambda: sell(server, "59989", "0.004"))
        await found.client.catch_up()
        server.thaw("private")
        await heard(found)

        await filled(order, "0.004")
        assert trade_ids([order]) == [e.exec_id for e in server.venue.engine.executions]
        await found.client.catch_up()
        assert trade_ids([order]) == [e.exec_id for e in server.venue.engine.executions]

    run(step)


def test_no_fill_is_made_up_where_the_venue_is_late_to_report_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        order = found.limit("ONE", "0.010", "59990.00")
        await found.accepted(order)
        server.freeze("private")
        sell(server, "59989", "0.004")
        executions = server.venue.engine.executions
        late = executions.copy()

        async def hide() -> None:
            executions.clear()

        once(monkeypatch, server, (EXECUTIONS,), before=hide, after=lambda: executions.extend(late))
        with pytest.raises(AuctionError, match="requested again"):
            await found.client.catch_up()
        assert order.filled_qty == 0

        await found.client.catch_up()
        await filled(order, "0.004")
        server.thaw("private")
        await heard(found)
        assert trade_ids([order]) == [e.exec_id for e in executions]

    run(step)


def keep_reports(patch: pytest.MonkeyPatch, found: Desk) -> list[OrderStatusReport]:
    """Keep the reports of orders that the client sends to its engine, and still send them."""
    sent: list[OrderStatusReport] = []
    send = found.client._send_order_status_report

    def keep(report: OrderStatusReport) -> None:
        sent.append(report)
        send(report)

    patch.setattr(found.client, "_send_order_status_report", keep)
    return sent


def test_a_report_from_before_the_last_fill_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def step(found: Desk) -> None:
        order = found.limit("ONE", "0.010", "59990.00")
        await found.accepted(order)
        old = await found.client._report_of(order)
        sell(found.server, "59989", "0.004")
        await filled(order, "0.004")
        reports = keep_reports(monkeypatch, found)

        assert found.client._report_outcome(order, old, [])
        assert reports == []
        new = await found.client._report_of(order)
        assert found.client._report_outcome(order, new, [])
        assert reports == [new]

    run(step)


def test_a_report_of_an_order_that_is_closed_here_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        order = found.limit("ONE", "0.010", "59990.00")
        await found.accepted(order)
        old = await found.client._report_of(order)
        found.cancel(order)
        await until(lambda: order.status is OrderStatus.CANCELED, order)
        reports = keep_reports(monkeypatch, found)

        assert found.client._report_outcome(order, old, [])
        assert reports == []
        assert order.status is OrderStatus.CANCELED

    run(step)


async def filled(order: Order, size: str) -> None:
    await until(lambda: order.filled_qty == D(size), order)


def trade_ids(orders: list[Order]) -> list[str]:
    return [trade_id.value for order in orders for trade_id in order.trade_ids]


def is_over(found: Desk, name: str) -> bool:
    """Return True if no task of the client runs a method of this name any more."""
    running = [task for task in found.client._tasks if not task.done()]
    return not [task for task in running if name in task.get_coro().__qualname__]
