"""Refusals by the trade socket that come after REST has placed the order."""

import time

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import OrderCancelRejected

from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import CREATE
from tests.adapters.bybit_execution import STRATEGY
from tests.adapters.bybit_execution import TRADER
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import answered
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import stops
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import quote


def refuse_by_time(server: BybitLoopback) -> None:
    server.venue.clock_offset_ms = 6_000


def refuse_by_limit(server: BybitLoopback) -> None:
    server.faults.limit_rate("/v5/order/create")


def refuse_the_trigger(server: BybitLoopback) -> None:
    server.faults.reject_orders(110092, "expect Falling, but trigger_price >= current")


REFUSALS = {10002: refuse_by_time, 10006: refuse_by_limit, 110092: refuse_the_trigger}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_late_refusal_does_not_touch_the_stop_that_rest_has_placed(code: int) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("trade")
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)
        REFUSALS[code](server)
        server.thaw("trade")
        await answered(server, code)
        server.venue.clock_offset_ms = 0
        await heard(found)

        assert stop.status is OrderStatus.ACCEPTED
        assert stops(server) == ["STOP"]
        assert server.rest.paths.count(CREATE) == 1

    run(step)


@pytest.mark.parametrize("code", REFUSALS)
def test_the_answer_of_rest_counts_even_before_it_is_reported(code: int) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("trade")
        server.freeze("private")
        stop = found.stop("STOP", "0.010", "59000.00")
        found.send(stop)
        await until(lambda: stops(server), stop)
        assert stop.status is OrderStatus.SUBMITTED
        REFUSALS[code](server)
        server.thaw("trade")
        await answered(server, code)
        server.venue.clock_offset_ms = 0

        await until(lambda: stop.status is not OrderStatus.SUBMITTED, stop)
        assert stop.status is OrderStatus.ACCEPTED
        server.thaw("private")
        await heard(found)
        assert stop.status is OrderStatus.ACCEPTED
        assert stops(server) == ["STOP"]

    run(step)


def test_a_refusal_in_time_is_reported() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        refuse_the_trigger(found.server)
        stop = found.stop("STOP", "0.010", "59000.00")
        found.send(stop)

        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        assert stops(found.server) == []

    run(step)


def test_a_late_refusal_to_cancel_an_order_that_is_closed_is_not_reported() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)
        server.freeze("trade")
        found.client.cancel_order(
            CancelOrder(
                TRADER,
                STRATEGY,
                BTC,
                stop.client_order_id,
                stop.venue_order_id,
                UUID4(),
                time.time_ns(),
            )
        )
        server.feed(quote(time.time_ns(), "58999", "58999.5"))
        sell(server, "58999", "0.1")
        await until(lambda: stop.status is OrderStatus.FILLED, stop)
        server.thaw("trade")
        await until(lambda: server.trade.answers[-1]["op"] == "order.cancel")
        assert server.trade.answers[-1]["retCode"] == 110001
        await heard(found)

        assert not [event for event in stop.events if isinstance(event, OrderCancelRejected)]

    run(step)
