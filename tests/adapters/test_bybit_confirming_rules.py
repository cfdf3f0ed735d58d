"""Each rule of the client that confirms orders and cancels by queries, by itself."""

import time

import pytest
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.orders import Order

from adapters.bybit import confirming_execution
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import until
from tests.adapters.test_bybit_confirming import CANCELS
from tests.adapters.test_bybit_confirming import ENVIRONMENTS
from tests.adapters.test_bybit_confirming import MANY
from tests.adapters.test_bybit_confirming import fail
from tests.adapters.test_bybit_confirming import quick
from tests.adapters.test_bybit_confirming import take_late


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> BybitEnvironment:
    return ENVIRONMENTS[request.param]


def told(found: Desk) -> list[str]:
    """Return the kinds of all order events from now on, as a strategy hears them."""
    kinds: list[str] = []
    found.client._msgbus.subscribe(
        "events.order.*", lambda event: kinds.append(type(event).__name__)
    )
    return kinds


def refusal(order: Order, reason: str) -> nautilus_pyo3.OrderRejected:
    """Return a refusal as the core makes it of the trade socket's answer."""
    return nautilus_pyo3.OrderRejected(
        nautilus_pyo3.TraderId(order.trader_id.value),
        nautilus_pyo3.StrategyId(order.strategy_id.value),
        nautilus_pyo3.InstrumentId.from_str(order.instrument_id.value),
        nautilus_pyo3.ClientOrderId(order.client_order_id.value),
        nautilus_pyo3.AccountId("BYBIT-001"),
        reason,
        nautilus_pyo3.UUID4(),
        0,
        0,
        False,
    )


def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let silence alone never have anything looked for."""
    monkeypatch.setattr(confirming_execution, "UNANSWERED_S", 600.0)


def test_the_periods_are_those_that_are_documented() -> None:
    found = confirming_execution
    assert (found.UNANSWERED_S, found.DEMO_CHECK_S, found.CANCELS) == (1.0, 0.1, 3)


def test_a_refusal_of_an_order_that_works_is_void() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        found.client._handle_order_rejected_pyo3(refusal(entry, "ab not enough for new order"))
        await heard(found)

        assert entry.status is OrderStatus.ACCEPTED

    run(step)


def test_an_entry_is_not_abandoned_before_it_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        quick(monkeypatch, found)
        monkeypatch.setattr(confirming_execution, "UNANSWERED_S", 0.05)
        server.faults.refuse_connections.add("trade")
        server.drop("trade")
        await until(lambda: not found.client._ws_trade_client.is_active())
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)
        await until(lambda: server.rest.paths.count("GET /v5/order/realtime") > 12)
        assert entry.status is OrderStatus.SUBMITTED

        server.faults.refuse_connections.clear()
        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)

    run(step)


def test_a_refused_cancel_is_checked_at_once(
    monkeypatch: pytest.MonkeyPatch, environment: BybitEnvironment
) -> None:
    patiently(monkeypatch)

    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        server.faults.answer_falsely(CANCELS, code=10016, message="Server error.", after_s=None)
        found.cancel(entry)

        await until(lambda: entry.status is OrderStatus.CANCELED, entry)

    run(step, environment)


def test_a_cancel_is_checked_once_at_a_time() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        for _ in range(3):
            found.client._cancel_soon(entry)
        await until(lambda: entry.status is OrderStatus.CANCELED, entry)

        assert found.server.rest.paths.count("POST /v5/order/cancel") == 1
        await until(lambda: found.client._canceling == set())

    run(step)


def test_cancels_lie_apart() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        found.server.faults.answer_falsely(
            CANCELS, code=10016, message="Server error.", after_s=None, times=MANY
        )
        kinds, began = told(found), time.monotonic()
        found.client._cancel_soon(entry)
        await until(lambda: "OrderCancelRejected" in kinds, kinds)

        least = confirming_execution.CANCELS * confirming_execution.CANCEL_PAUSE_S
        assert time.monotonic() - began >= 0.9 * least
        assert found.server.rest.paths.count("POST /v5/order/cancel") == 3

    run(step)


def test_a_stop_that_is_abandoned_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        quick(monkeypatch, found)
        fail(found.server, after_s=None, times=MANY)
        kinds = told(found)
        stop = found.stop("1-S", "0.010", "59000.00")
        found.send(stop)
        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        found.server.faults._false_answers.clear()
        await heard(found)

        assert kinds[:2] == ["OrderSubmitted", "OrderRejected"]
        assert "OrderCanceled" not in kinds

    run(step)


def test_the_doubled_fill_of_a_stop_that_was_abandoned_counts_once(
    monkeypatch: pytest.MonkeyPatch,
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
        server.faults.duplicate = True
        kinds = told(found)
        take_late(server, "1-S")
        await until(lambda: found.net() == 0)
        await heard(found)

        assert found.net() == 0
        assert kinds.count("OrderFilled") == 1

    run(step)
