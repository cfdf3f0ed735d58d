"""Which rows of the venue's list of executions become fills, over the socket and at a start."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateOrderStatusReport
from nautilus_trader.execution.messages import GenerateOrderStatusReports
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.orders import Order

from adapters.bybit import fills_execution
from adapters.bybit.executions import ForcedClose
from adapters.bybit.executions import fill_of
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.payloads import execution_row
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.venue_closes import VenueClose
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
