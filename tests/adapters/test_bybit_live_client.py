"""The live client's own rules, with a venue in one event loop: resends, refusals, logins."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelAllOrders
from nautilus_trader.execution.messages import GenerateFillReports
from nautilus_trader.execution.messages import GeneratePositionStatusReports
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TrailingOffsetType
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.events import OrderModifyRejected
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.model.orders import Order
from nautilus_trader.model.orders import TrailingStopMarketOrder

from adapters.bybit import live_execution
from adapters.bybit.live_execution import PRIVATE_SOCKET
from adapters.bybit.live_execution import TRADE_SOCKET
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from errors import AuctionError
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import STRATEGY
from tests.adapters.bybit_execution import TRADER
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import bought
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import stops
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import quote
from tests.virtual_time import run_virtually


CREATES, CANCELS = "/v5/order/create", "/v5/order/cancel"


def sent(server: BybitLoopback, operation: str, code: int | None = None) -> int:
    """Return how many requests of the trade socket were answered with a code, or with any."""
    return sum(
        answer["op"] == operation and code in (None, answer["retCode"])
        for answer in server.trade.answers
    )


def names(order: Order) -> list[str]:
    return [type(event).__name__ for event in order.events]


# -- RATE LIMIT -----------------------------------------------------------------------------------


def test_a_stop_that_the_rate_limit_refused_is_sent_again_after_longer_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float, *rest: Any) -> None:
        if delay >= 0.2:
            pauses.append(delay)
            delay = 0.01
        await sleep(delay, *rest)

    async def step(found: Desk) -> None:
        await bought(found)
        found.server.faults.limit_rate(CREATES, 4)
        monkeypatch.setattr(live_execution.asyncio, "sleep", noted)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)
        monkeypatch.undo()

        assert sent(found.server, "order.create", 10006) == 4
        assert pauses[:4] == [0.25, 0.5, 0.5, 0.5]
        assert names(stop).count("OrderSubmitted") == 1
        assert found.client._resend_pending == set()
        assert (found.client._submits, found.client._refusals) == ({}, {})

    run(step)


def few_retries(found: Desk, times: int = 2) -> None:
    config = found.client._config
    values = {name: getattr(config, name) for name in config.__struct_fields__}
    values |= {"rate_limit_retries": times, "rate_limit_delay_ms": 10}
    found.client._config = type(config)(**values)


def test_a_stop_that_the_rate_limit_refuses_too_often_is_rejected() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        few_retries(found)
        found.server.faults.limit_rate(CREATES, 3)
        stop = found.stop("STOP", "0.010", "59000.00")
        found.send(stop)

        await until(lambda: stop.status is OrderStatus.REJECTED, stop)
        assert sent(found.server, "order.create", 10006) == 3
        assert stops(found.server) == []
        assert (found.client._submits, found.client._refusals) == ({}, {})

    run(step)


def test_a_taken_order_has_all_its_tries_again() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        few_retries(found)
        stop = found.stop("STOP", "0.010", "59000.00")
        found.server.faults.limit_rate(CREATES, 2)
        await found.accepted(stop)
        found.server.faults.limit_rate(CANCELS, 2)
        found.cancel(stop)

        await until(lambda: stop.status is OrderStatus.CANCELED, stop)
        assert sent(found.server, "order.cancel", 10006) == 2

    run(step)


def test_an_entry_that_the_rate_limit_refused_is_rejected() -> None:
    async def step(found: Desk) -> None:
        found.server.faults.limit_rate(CREATES)
        entry = found.limit("1-E", "0.010", "59000.00")
        found.send(entry)

        await until(lambda: entry.status is OrderStatus.REJECTED, entry)
        assert sent(found.server, "order.create") == 1

    run(step)


def test_an_order_that_has_ended_meanwhile_is_not_sent_again() -> None:
    async def step(found: Desk) -> None:
        server = found.server
        entry = found.limit("1-E", "0.010", "59990.00")
        await found.accepted(entry)
        server.faults.limit_rate(CANCELS)
        found.cancel(entry)
        await until(lambda: sent(server, "order.cancel") == 1)
        sell(server, "59989", "0.010")

        await until(lambda: entry.status is OrderStatus.FILLED, entry)
        await asyncio.sleep(0.3)
        assert sent(server, "order.cancel") == 1

    run(step)


# -- ORDERS THAT IT DOES NOT SEND -----------------------------------------------------------------


def expiring() -> Order:
    return LimitOrder(
        TRADER,
        STRATEGY,
        BTC,
        ClientOrderId("GTD"),
        OrderSide.BUY,
        Quantity.from_str("0.010"),
        Price.from_str("59000.00"),
        UUID4(),
        0,
        time_in_force=TimeInForce.GTD,
        expire_time_ns=time.time_ns() + 60_000_000_000,
    )


def trailing() -> Order:
    return TrailingStopMarketOrder(
        TRADER,
        STRATEGY,
        BTC,
        ClientOrderId("TRAILING"),
        OrderSide.SELL,
        Quantity.from_str("0.010"),
        Price.from_str("59000.00"),
        TriggerType.LAST_PRICE,
        D(100),
        TrailingOffsetType.PRICE,
        UUID4(),
        0,
        reduce_only=True,
    )


@pytest.mark.parametrize(
    ("make", "reason"), [(expiring, "no GTD orders"), (trailing, "no TRAILING_STOP_MARKET orders")]
)
def test_an_order_that_it_cannot_send_is_denied(make: Any, reason: str) -> None:
    async def step(found: Desk) -> None:
        order = make()
        found.cache.add_order(order)
        found.send(order)

        await until(lambda: order.status is OrderStatus.DENIED, order)
        assert reason in order.last_event.reason
        assert sent(found.server, "order.create") == 0

    run(step)


@pytest.mark.parametrize("tif", [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
def test_lasting_orders_are_sent(tif: TimeInForce) -> None:
    async def step(found: Desk) -> None:
        order = LimitOrder(
            TRADER,
            STRATEGY,
            BTC,
            ClientOrderId("TIF"),
            OrderSide.BUY,
            Quantity.from_str("0.010"),
            Price.from_str("59000.00"),
            UUID4(),
            0,
            time_in_force=tif,
        )
        found.cache.add_order(order)
        found.send(order)

        await until(lambda: sent(found.server, "order.create", 0) == 1)
        await until(lambda: order.status is not OrderStatus.SUBMITTED, order)

    run(step)


# -- CHANGES AND CANCELS --------------------------------------------------------------------------


def modify(found: Desk, order: Order, **new: Any) -> None:
    fields = {"quantity": None, "price": None, "trigger_price": None, **new}
    found.client.modify_order(
        ModifyOrder(
            TRADER,
            STRATEGY,
            BTC,
            order.client_order_id,
            order.venue_order_id,
            fields["quantity"],
            fields["price"],
            fields["trigger_price"],
            UUID4(),
            time.time_ns(),
        )
    )


def test_another_trigger_price_is_rejected_and_not_sent() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)
        modify(found, stop, trigger_price=Price.from_str("59100.00"))

        await until(lambda: isinstance(stop.last_event, OrderModifyRejected), stop)
        assert "trigger price" in stop.last_event.reason
        assert sent(found.server, "order.amend") == 0

    run(step)


def test_the_same_trigger_price_with_another_size_is_sent() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)
        modify(found, stop, quantity=Quantity.from_str("0.005"), trigger_price=stop.trigger_price)

        await until(lambda: stop.quantity == D("0.005"), stop)

    run(step)


def test_another_price_is_sent() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("1-E", "0.010", "59000.00")
        await found.accepted(entry)
        modify(found, entry, price=Price.from_str("59100.00"))

        await until(lambda: entry.price == D("59100"), entry)

    run(step)


def test_cancelling_all_cancels_the_strategy_s_own_of_the_side() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        mine, other = found.limit("1-E", "0.010", "59000.00"), found.stop("S", "0.010", "58000.00")
        theirs = LimitOrder(
            TRADER,
            StrategyId("THEIRS-002"),
            BTC,
            ClientOrderId("THEIRS"),
            OrderSide.BUY,
            Quantity.from_str("0.010"),
            Price.from_str("58500.00"),
            UUID4(),
            0,
        )
        found.cache.add_order(theirs)
        for order in (mine, other, theirs):
            await found.accepted(order)
        found.client.cancel_all_orders(
            CancelAllOrders(TRADER, STRATEGY, BTC, OrderSide.BUY, UUID4(), time.time_ns())
        )

        await until(lambda: mine.status is OrderStatus.CANCELED, mine)
        await heard(found)
        assert [other.status, theirs.status] == [OrderStatus.ACCEPTED] * 2
        assert sent(found.server, "order.cancel") == 1

    run(step)


def test_an_order_is_submitted_once_however_often_it_is_sent() -> None:
    async def step(found: Desk) -> None:
        await bought(found)
        found.server.faults.limit_rate(CREATES)
        stop = found.stop("STOP", "0.010", "59000.00")
        await found.accepted(stop)

        assert sum(isinstance(event, OrderSubmitted) for event in stop.events) == 1

    run(step)


# -- REPORTS --------------------------------------------------------------------------------------


def question() -> dict[str, Any]:
    return {
        "instrument_id": None,
        "start": None,
        "end": None,
        "command_id": UUID4(),
        "ts_init": time.time_ns(),
    }


def test_positions_that_could_not_be_had_are_an_error() -> None:
    async def step(found: Desk) -> None:
        found.server.faults.fail_requests("/v5/position/list", 50, 400)
        wanted = GeneratePositionStatusReports(**question())
        with pytest.raises(Exception, match="400"):
            await found.client.generate_position_status_reports(wanted)

    run(step)


def test_fills_that_could_not_be_had_are_an_error() -> None:
    async def step(found: Desk) -> None:
        found.server.faults.fail_requests("/v5/execution/list", 50, 400)
        wanted = GenerateFillReports(venue_order_id=None, **question())
        with pytest.raises(Exception, match="400"):
            await found.client.generate_fill_reports(wanted)

    run(step)


# -- CONNECTIONS AND LOGINS -----------------------------------------------------------------------


def is_whole(found: Desk) -> bool:
    return found.client.connections() == {PRIVATE_SOCKET: True, TRADE_SOCKET: True}


def test_the_sockets_stand_once_the_login_is_proven() -> None:
    async def step(found: Desk) -> None:
        assert found.client.connections()[TRADE_SOCKET] is False
        login = found.client._login
        assert found.client.connections()[TRADE_SOCKET] is False
        assert found.client._login is login

        await until(lambda: is_whole(found))
        opened = len(found.server.connections.of("trade"))
        assert is_whole(found)
        assert len(found.server.connections.of("trade")) == opened

    run(step)


def test_a_demo_account_has_no_trade_socket() -> None:
    async def step(found: Desk) -> None:
        await until(lambda: found.client.connections() == {PRIVATE_SOCKET: True})
        assert found.client._socket_urls() == [found.server.socket_url("private")]

    run(step, BybitEnvironment.DEMO)


@pytest.mark.parametrize(("kind", "name"), [("private", PRIVATE_SOCKET), ("trade", TRADE_SOCKET)])
def test_a_socket_that_was_lost_stands_when_it_is_back(kind: str, name: str) -> None:
    async def step(found: Desk) -> None:
        server = found.server
        await until(lambda: is_whole(found))
        server.faults.refuse_connections.add(kind)
        server.drop(kind)
        await until(lambda: not found.client.connections()[name])
        server.faults.refuse_connections.clear()

        await until(lambda: is_whole(found))

    run(step)


def test_a_trade_socket_that_comes_back_with_keys_refused_does_not_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_execution, "LOGIN_RETRY_S", 0.05)

    async def step(found: Desk) -> None:
        server = found.server
        await until(lambda: is_whole(found))
        server.faults.refuse_auth.add("trade")
        server.drop("trade")
        await until(lambda: found.client._is_login_refused or not is_whole(found))
        for _ in range(20):
            assert not found.client.connections()[TRADE_SOCKET]
            await asyncio.sleep(0.05)

        server.faults.refuse_auth.clear()
        server.drop("trade")
        await until(lambda: is_whole(found))

    run(step)


def test_a_login_refused_by_a_message_of_the_core_counts() -> None:
    async def step(found: Desk) -> None:
        await until(lambda: is_whole(found))
        found.server.faults.refuse_auth.add("trade")
        found.server.drop("trade")
        await until(lambda: not found.client.connections()[TRADE_SOCKET])
        await until(lambda: found.client._is_login_refused)

        assert not found.client.connections()[TRADE_SOCKET]

    run(step)


def test_a_private_socket_without_its_topics_does_not_stand() -> None:
    async def step(found: Desk) -> None:
        await until(lambda: is_whole(found))
        found.server.faults.refuse_auth.add("private")
        found.server.drop("private")
        await until(lambda: not found.client.connections()[PRIVATE_SOCKET])
        await asyncio.sleep(0.5)

        assert not found.client.connections()[PRIVATE_SOCKET]

    run(step)


@pytest.mark.parametrize("kind", ["private", "trade"])
def test_a_client_whose_keys_are_refused_ends_the_node(kind: str) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20.0), running(BybitLoopback()) as server:
            server.feed(quote(time.time_ns(), "60000", "60000.5"))
            server.faults.refuse_auth.add(kind)
            found = Desk(server)
            said: list[str] = []
            found.client._msgbus.subscribe(
                "commands.system.shutdown", lambda command: said.append(command.reason)
            )
            with pytest.raises(Exception, match="login to .* refused"):
                await found.connect()
            assert len(said) == 1
            assert said[0].startswith("Bybit: no execution: Bybit: login to")
            assert "\n" not in said[0]
            found.engine.kill()

    asyncio.run(bounded())


def test_the_login_of_the_trade_socket_is_verified_at_it_and_tried_again_after_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[Exception | None] = [AuctionError("refused"), None]
    logins: list[tuple[str, ...]] = []
    lines: list[str] = []

    async def check_login(url: str, key: str, secret: str, timeout_s: float) -> None:
        logins.append((url, key, secret, str(timeout_s)))
        if (error := answers.pop(0)) is not None:
            raise error

    monkeypatch.setattr(live_execution, "check_login", check_login)
    client: Any = SimpleNamespace(
        _socket_urls=lambda: ["private", "trade"],
        _api_key="a key",
        _api_secret="a secret",
        _log=SimpleNamespace(warning=lines.append),
        _is_trade_verified=False,
    )

    async def verify() -> float:
        began = asyncio.get_running_loop().time()
        await live_execution.LiveBybitExecutionClient._verify_trade_login(client)
        return asyncio.get_running_loop().time() - began

    assert run_virtually(verify()) == 5.0
    assert not client._is_trade_verified
    assert run_virtually(verify()) == 0.0
    assert client._is_trade_verified
    assert logins == [("trade", "a key", "a secret", "10.0")] * 2
    assert lines == ["refused"]
