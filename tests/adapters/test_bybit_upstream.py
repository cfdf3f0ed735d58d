"""
Faults of Nautilus's Bybit adapter that the project works around.

Each test describes the fault. The day one fails, upstream has mended it and the workaround that it
names can go.
"""

import asyncio
import inspect
import time
from typing import Any

import pytest
from nautilus_trader.adapters.bybit.config import BybitDataClientConfig
from nautilus_trader.adapters.bybit.execution import BybitExecutionClient
from nautilus_trader.adapters.bybit.execution import _is_confirmed_submit_rejection_error
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import capsule_to_data

from adapters.bybit.live_data import UNKNOWN_FEE
from adapters.bybit.loopback.server import BybitLoopback
from adapters.bybit.loopback.server import running
from adapters.bybit.loopback.tape import Depth
from tests.adapters.bybit_live import node_of
from tests.adapters.bybit_server import D
from tests.adapters.bybit_server import quote


pytestmark = pytest.mark.node


LINEAR = nautilus_pyo3.BybitProductType.LINEAR
BTC = nautilus_pyo3.InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BYBIT_API_KEY", "BYBIT_API_SECRET"):
        monkeypatch.delenv(name, raising=False)


async def instrument_of(server: BybitLoopback) -> Any:
    client = nautilus_pyo3.BybitHttpClient(base_url=server.url)
    (instrument,) = await client.request_instruments(LINEAR, "BTCUSDT", None)
    return instrument


def order_parameters(order_type: str, time_in_force: str) -> Any:
    """Return what Nautilus's client would send; nothing is connected."""
    socket = nautilus_pyo3.BybitWebSocketClient.new_trade(
        nautilus_pyo3.BybitEnvironment.MAINNET, "key", "secret", "ws://127.0.0.1:1/v5/trade"
    )
    return socket.build_place_order_params(
        product_type=LINEAR,
        instrument_id=BTC,
        client_order_id=nautilus_pyo3.ClientOrderId("T-1"),
        order_side=nautilus_pyo3.OrderSide.BUY,
        order_type=getattr(nautilus_pyo3.OrderType, order_type),
        quantity=nautilus_pyo3.Quantity.from_str("0.010"),
        time_in_force=getattr(nautilus_pyo3.TimeInForce, time_in_force),
        price=nautilus_pyo3.Price.from_str("60000.0"),
        trigger_price=nautilus_pyo3.Price.from_str("60000.0"),
    )


def test_public_socket_has_no_address() -> None:
    """Named by `LiveBybitDataClientConfig.base_url_ws_public`."""
    assert not [name for name in BybitDataClientConfig.__struct_fields__ if "ws_public" in name]


def test_fees_without_keys_are_tenfold() -> None:
    """Named by `LiveBybitDataClient._send_all_instruments_to_data_engine`."""

    async def fees() -> list[Any]:
        async with running(BybitLoopback()) as server:
            instrument = await instrument_of(server)
            return [instrument.maker_fee, instrument.taker_fee]

    assert asyncio.run(fees()) == [UNKNOWN_FEE, UNKNOWN_FEE]


def test_deep_book_messages_make_quotes_of_other_levels() -> None:
    """Named by the two sockets of `LiveBybitDataClient`."""

    async def bids() -> set[str]:
        async with running(BybitLoopback()) as server:
            seen: list[Any] = []
            socket = nautilus_pyo3.BybitWebSocketClient.new_public(
                product_type=LINEAR,
                environment=nautilus_pyo3.BybitEnvironment.MAINNET,
                url=server.socket_url("public"),
            )
            socket.cache_instrument(await instrument_of(server))
            server.feed(quote(time.time_ns(), "60000", "60000.5"))
            await socket.connect(loop_=asyncio.get_running_loop(), callback=seen.append)
            await socket.wait_until_active(timeout_secs=5.0)
            await socket.subscribe_orderbook(BTC, 50)
            while not server.connections.subscribers("public", "orderbook.50.BTCUSDT"):
                await asyncio.sleep(0.01)
            server.feed(Depth(time.time_ns(), ((D(59_990), D(1)),), ()))
            server.feed(Depth(time.time_ns(), ((D(59_980), D(1)),), ()))
            await asyncio.sleep(0.3)
            await socket.close()
            data = [capsule_to_data(m) for m in seen if nautilus_pyo3.is_pycapsule(m)]
            return {str(item.bid_price) for item in data if isinstance(item, QuoteTick)}

    assert asyncio.run(bids()) > {"60000.00"}


def test_orders_are_marked_as_sent_before_the_client_finds_that_it_cannot_send_them() -> None:
    """Named by `LiveBybitExecutionClient._check_order_validity`."""
    source = inspect.getsource(BybitExecutionClient._check_order_validity)
    assert "time_in_force" not in source
    assert "TRAILING" not in source
    with pytest.raises(RuntimeError, match="Unsupported time in force: Gtd"):
        order_parameters("LIMIT", "GTD")
    with pytest.raises(RuntimeError, match="Unsupported order type: TrailingStopMarket"):
        order_parameters("TRAILING_STOP_MARKET", "GTC")


def test_a_stop_that_should_expire_is_sent_as_one_that_does_not() -> None:
    """Named by `LiveBybitExecutionClient._check_order_validity`."""
    order_parameters("STOP_MARKET", "GTD")


def test_refused_orders_of_a_demo_account_are_taken_for_unknown() -> None:
    """Named by `adapters.bybit.demo`."""
    refusal = ValueError("Bybit error 110007: ab not enough for new order")

    assert not _is_confirmed_submit_rejection_error(refusal)


def test_trigger_price_is_not_amended() -> None:
    """Named by `LiveBybitExecutionClient._modify_order`."""
    assert "trigger" not in inspect.getsource(BybitExecutionClient._modify_order)


def test_cancel_all_asks_the_venue_for_the_whole_symbol() -> None:
    """Named by `LiveBybitExecutionClient._cancel_all_orders`."""
    source = inspect.getsource(BybitExecutionClient._cancel_all_orders)

    assert "_http_client.cancel_all_orders(" in source
    assert "strategy_id" not in source


def test_fill_while_the_private_socket_was_down_is_lost_without_checks() -> None:
    """Named by `live_exec_engine`."""
    with node_of(BybitLoopback(), checks=False) as node:
        entry = node.order("limit", side="BUY", qty="0.010", price="59990.00")
        node.wait(entry, "OrderAccepted")
        node.fill_while_cut_off(entry, "59980.00", "0.010")
        later = node.order("limit", side="BUY", qty="0.010", price="59000.00")
        node.wait(later, "OrderAccepted")
        time.sleep(1.0)

        assert "OrderFilled" not in node.events(entry)
        assert D(node.state()["net"]) == 0


def test_a_cancel_that_the_rate_limit_refused_is_not_sent_again() -> None:
    """Named by `LiveBybitExecutionClient._handle_order_cancel_rejected_pyo3`."""
    with node_of(BybitLoopback(), plain=True) as node:
        entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")
        node.wait(entry, "OrderAccepted")
        node.client.server.call(lambda s: s.faults.limit_rate("/v5/order/cancel", 1))
        node.do("cancel", id=entry)

        node.wait(entry, "OrderCancelRejected")
        time.sleep(1.0)
        assert node.client.server.call(lambda s: len(s.venue.engine.open_orders)) == 1


def test_a_node_whose_keys_are_refused_runs_on() -> None:
    """Named by `LiveBybitExecutionClient._connect`."""

    def refuse(server: BybitLoopback) -> None:
        server.faults.refuse_auth |= {"private", "trade"}

    server = BybitLoopback()
    refuse(server)
    with node_of(server, plain=True) as node:
        entry = node.order("limit", side="BUY", qty="0.010", price="59000.00")

        node.wait(entry, "OrderSubmitted")
        time.sleep(1.0)
        assert node.events(entry) == ["OrderInitialized", "OrderSubmitted"]
        assert node.client.server.call(lambda s: len(s.venue.engine.open_orders)) == 0
