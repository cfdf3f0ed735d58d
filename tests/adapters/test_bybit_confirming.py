"""Inconclusive answers: the client queries until the state is known, and sends nothing twice."""

import asyncio
from collections.abc import Callable

import pytest
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.execution.reports import FillReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import OrderCancelRejected
from nautilus_trader.model.events import OrderRejected
from nautilus_trader.model.orders import Order

from adapters.bybit import order_confirmation
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import Order as VenueOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import CREATE
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import stops
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import D


CREATES, CANCELS = "/v5/order/create", "/v5/order/cancel"
ERRORS = {10000: "Server Timeout", 10016: "Server error."}
MANY = 100
ENVIRONMENTS = {"main": BybitEnvironment.MAINNET, "demo": BybitEnvironment.DEMO}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> BybitEnvironment:
    return ENVIRONMENTS[request.param]


@pytest.fixture(params=ERRORS)
def code(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def creates(server: BybitLoopback, link: str) -> int:
    """Return the number of requests to create an order over the trade socket and REST."""
    by_socket = sum(
        request["op"] == "order.create" and request["args"][0]["orderLinkId"] == link
        for request in server.trade.requests
    )
    return by_socket + server.rest.paths.count(CREATE)


def at_venue(server: BybitLoopback, link: str) -> VenueOrder | None:
    return server.venue.engine.find("", link)


def fail(server: BybitLoopback, code: int = 10016, **fault: object) -> None:
    server.faults.answer_falsely(CREATES, code=code, message=ERRORS[code], **fault)  # type: ignore[arg-type]


def was_refused(order: Order) -> bool:
    return any(isinstance(event, OrderRejected) for event in order.events)


def test_an_entry_that_works_in_spite_of_an_error_is_accepted_and_sent_once(
    environment: BybitEnvironment, code: int
) -> None:
    async def step(found: Desk) -> None:
        fail(found.server, code)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
        assert creates(found.server, "1-E") == 1
        assert not was_refused(entry)

    run(step, environment)


def test_an_entry_that_works_after_several_queries_is_accepted(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        fail(found.server, after_s=1.0)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
        assert creates(found.server, "1-E") == 1
        assert not was_refused(entry)

    run(step, environment)


def test_an_entry_that_has_filled_in_spite_of_an_error_is_booked(
    environment: BybitEnvironment, code: int
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        # The private socket reports nothing either: the venue has to be queried.
        server.freeze("private")
        fail(server, code, fills=True)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.FILLED, entry)
        assert [t.value for t in entry.trade_ids] == [
            e.exec_id for e in server.venue.engine.executions
        ]
        server.thaw("private")
        assert creates(server, "1-E") == 1

    run(step, environment)


def test_an_entry_whose_acknowledgement_is_lost_is_found() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        server.freeze("private")
        server.faults.answer_falsely(CREATES)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
        assert creates(server, "1-E") == 1

    run(step)


def quick(monkeypatch: pytest.MonkeyPatch, found: Desk) -> None:
    """Let requests expire early."""
    monkeypatch.setattr(order_confirmation, "AHEAD_S", 0.0)
    monkeypatch.setattr(order_confirmation, "PAUSES_S", (0.05,))
    monkeypatch.setattr(order_confirmation, "ENTRY_PAUSE_S", 0.05)
    found.client._window_s = 0.2


def test_an_entry_that_never_comes_is_canceled_and_its_late_fill_is_booked(
    monkeypatch: pytest.MonkeyPatch, environment: BybitEnvironment
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        quick(monkeypatch, found)
        fail(server, after_s=2.5)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.CANCELED, entry)
        assert at_venue(server, "1-E") is None
        assert [kind for kind, _ in found.client.notices] == ["ORDER_UNCONFIRMED"]
        assert "1-E" in found.client.notices[0][1]

        server.freeze("private")
        await until(lambda: at_venue(server, "1-E"))
        sell(server, "58999", "0.010")
        await found.client.catch_up()
        await until(lambda: entry.filled_qty == D("0.010"), entry)

    run(step, environment)


def test_an_order_that_works_after_it_was_abandoned_is_canceled_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        quick(monkeypatch, found)
        fail(server, after_s=2.0)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)
        await until(lambda: entry.status is OrderStatus.CANCELED, entry)

        await until(lambda: at_venue(server, "1-E"))
        await until(lambda: server.venue.engine.open_orders == [], entry)
        await until(lambda: len(found.client.notices) == 2, found.client.notices)
        assert found.client.notices[1][0] == "GHOST_ORDER"
        assert "1-E" in found.client.notices[1][1]

    run(step)


def test_an_entry_is_not_abandoned_while_the_venue_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        quick(monkeypatch, found)
        server.faults.fail_requests("/v5/order/realtime", 8, 400)
        fail(server, after_s=None)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        def asked() -> int:
            return server.rest.paths.count("GET /v5/order/realtime")

        await until(lambda: asked() == 8)
        assert entry.status is OrderStatus.SUBMITTED
        await until(lambda: entry.status is OrderStatus.CANCELED, entry)
        assert asked() >= 8 + order_confirmation.QUERIES

    run(step)


def test_a_stop_is_sent_again_under_its_id_after_an_error(
    environment: BybitEnvironment, code: int
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        fail(server, code, after_s=None)
        stop = found.stop("1-S", "0.010", "59000.00")
        found.send(stop)

        await until(lambda: stop.status is OrderStatus.ACCEPTED, stop)
        assert stops(server) == ["1-S"]
        assert not was_refused(stop)

    run(step, environment)


def test_a_stop_that_works_later_and_was_sent_again_works_once(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        fail(server, after_s=0.3)
        stop = found.stop("1-S", "0.010", "59000.00")
        await found.accepted(stop)
        await asyncio.sleep(0.4)

        assert stops(server) == ["1-S"]
        assert not was_refused(stop)

    run(step, environment)


def test_a_stop_that_is_never_taken_is_rejected_after_all_copies(
    monkeypatch: pytest.MonkeyPatch, environment: BybitEnvironment
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        quick(monkeypatch, found)
        sent = creates(server, "1-S")
        fail(server, after_s=None, times=MANY)
        stop = found.stop("1-S", "0.010", "59000.00")
        found.send(stop)

        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        assert creates(server, "1-S") - sent == 1 + order_confirmation.RESENDS
        assert [kind for kind, _ in found.client.notices] == ["ORDER_UNCONFIRMED"]

    run(step, environment)


@pytest.mark.parametrize("is_heard", [True, False])
def test_the_late_fill_of_a_stop_that_was_abandoned_counts_once(
    monkeypatch: pytest.MonkeyPatch, is_heard: bool
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        quick(monkeypatch, found)
        fail(server, after_s=None, times=MANY)
        stop = found.stop("1-S", "0.010", "59000.00")
        found.send(stop)
        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        server.faults._false_answers.clear()

        sent: list[str] = []
        send = found.client._send_fill_report

        def note(report: FillReport) -> None:
            sent.append(report.trade_id.value)
            send(report)

        monkeypatch.setattr(found.client, "_send_fill_report", note)
        if not is_heard:
            server.freeze("private")
        take_late(server, "1-S")
        if is_heard:
            await until(lambda: found.net() == 0)
        for _ in range(3):
            await found.client.catch_up()
        assert found.net() == 0
        server.thaw("private")
        await heard(found)
        assert found.net() == 0
        # Its order has no fills of its own by which a second report of one could be known.
        assert len(sent) == (0 if is_heard else 1)

    run(step)


def take_late(server: BybitLoopback, link: str) -> None:
    """Let the venue accept a stop after all, and trigger it at once."""
    request = NewOrder(
        side=Side.SELL,
        type=OrderType.MARKET,
        size=D("0.010"),
        link_id=link,
        reduce_only=True,
        trigger_price=D("59000"),
        trigger_direction=2,
    )
    order = server.venue.engine.submit(request, server.venue.matching_ns())
    server.venue.engine.reach(order)
    server.publish_private()


def test_an_exit_that_filled_in_spite_of_an_error_is_booked_and_not_doubled(
    environment: BybitEnvironment, code: int
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        server.freeze("private")
        fail(server, code)
        leave = found.exit("1-X", "0.004")
        found.send(leave)

        await until(lambda: leave.status is OrderStatus.FILLED, leave)
        assert server.venue.engine.account.size == D("0.006")

    run(step, environment)


def test_an_exit_that_works_while_it_is_sent_again_fills_once(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        fail(server, after_s=0.15)
        leave = found.exit("1-X", "0.010")
        found.send(leave)

        await until(lambda: leave.status is OrderStatus.FILLED, leave)
        await asyncio.sleep(0.3)
        assert server.venue.engine.account.size == 0
        assert not was_refused(leave)

    run(step, environment)


def test_a_copy_that_the_venue_refuses_rejects_the_order(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        sell(server, "60000", "0.001")
        fail(server, after_s=None)
        stop = found.stop("1-S", "0.010", "61000.00")
        found.send(stop)

        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        assert "expect Falling" in stop.last_event.reason
        assert list(found.client.notices) == []

    run(step, environment)


@pytest.mark.parametrize("kind", ["limit", "stop", "exit"])
def test_a_refusal_that_proves_itself_is_reported_at_once(
    kind: str, environment: BybitEnvironment
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await bought(found)
        asked = len(server.rest.paths)
        server.faults.reject_orders(110007, "ab not enough for new order")
        make: dict[str, Callable[[], Order]] = {
            "limit": lambda: found.limit("1-E", "0.010", "59000.00"),
            "stop": lambda: found.stop("1-S", "0.010", "59000.00"),
            "exit": lambda: found.exit("1-X", "0.010"),
        }
        order = make[kind]()
        found.send(order)

        await until(lambda: order.status is OrderStatus.REJECTED, order)
        assert "ab not enough" in order.last_event.reason
        assert "GET /v5/order/realtime" not in server.rest.paths[asked:]

    run(step, environment)


def test_a_cancel_that_was_done_in_spite_of_an_error_is_reported_as_done(
    environment: BybitEnvironment, code: int
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        server.freeze("private")
        server.faults.answer_falsely(CANCELS, code=code, message=ERRORS[code])
        found.cancel(entry)

        await until(lambda: entry.status is OrderStatus.CANCELED, entry)
        assert not any(isinstance(event, OrderCancelRejected) for event in entry.events)

    run(step, environment)


@pytest.mark.parametrize("code", [10016, 0])
def test_a_cancel_that_was_not_done_is_sent_again(environment: BybitEnvironment, code: int) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        server.faults.answer_falsely(CANCELS, code=code, message=ERRORS.get(code, ""), after_s=None)
        found.cancel(entry)

        await until(lambda: entry.status is OrderStatus.CANCELED, entry)
        assert server.venue.engine.open_orders == []
        assert not any(isinstance(event, OrderCancelRejected) for event in entry.events)

    run(step, environment)


def test_a_cancel_that_is_never_done_is_reported_as_refused(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        server.faults.answer_falsely(
            CANCELS, code=10016, message="Server error.", after_s=None, times=MANY
        )
        found.cancel(entry)

        await until(
            lambda: any(isinstance(event, OrderCancelRejected) for event in entry.events), entry
        )
        assert entry.status is OrderStatus.ACCEPTED

    run(step, environment)


def test_a_fill_that_comes_before_the_cancel_is_booked(environment: BybitEnvironment) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        server.freeze("private")
        sell(server, "58999", "0.010")
        found.cancel(entry)

        await until(lambda: entry.status is OrderStatus.FILLED, entry)

    run(step, environment)


def test_an_order_of_unknown_fate_is_canceled_once_it_works(
    environment: BybitEnvironment,
) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        fail(server, after_s=0.5)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)
        await until(lambda: entry.status is OrderStatus.SUBMITTED, entry)
        found.cancel(entry)

        await until(lambda: at_venue(server, "1-E"))
        await until(lambda: entry.status is OrderStatus.CANCELED, entry)
        assert server.venue.engine.open_orders == []

    run(step, environment)


def test_open_orders_are_reported_and_canceled_by_link_id() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        (report,) = await found.client.open_orders(BTC)
        assert report.client_order_id == entry.client_order_id

        assert await found.client.cancel_at_venue(BTC, entry.client_order_id)
        assert not await found.client.cancel_at_venue(BTC, entry.client_order_id)
        assert await found.client.open_orders(BTC) == []
        server.faults.fail_requests("/v5/order/realtime", 1, 400)
        with pytest.raises(ValueError, match="400"):
            await found.client.open_orders(BTC)
        server.faults.fail_requests(CANCELS, 1, 400)
        with pytest.raises(Exception, match="400"):
            await found.client.cancel_at_venue(BTC, entry.client_order_id)

    run(step)
