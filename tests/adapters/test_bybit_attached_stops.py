"""Stops that the client attaches to entries, and what the venue makes of them."""

import time
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from adapters.bybit.loopback.order_endpoints import create
from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_execution import BTC
from tests.adapters.bybit_execution import STRATEGY
from tests.adapters.bybit_execution import Desk
from tests.adapters.bybit_execution import heard
from tests.adapters.bybit_execution import run
from tests.adapters.bybit_execution import sell
from tests.adapters.bybit_execution import until
from tests.adapters.bybit_server import quote


D = Decimal
STOP = {"attached_stop": "59900.00"}
TRADING_STOP = "POST /v5/position/trading-stop"
TWO_SIZES = ("0.010", "0.004")
type Step = Callable[[Desk], Coroutine[Any, Any, None]]


@dataclass
class Wanted:
    price: Price
    is_long: bool = True
    instrument_id: InstrumentId = BTC
    reasons: list[str] = field(default_factory=list)

    def failed(self, reason: str) -> None:
        self.reasons.append(reason)


def claimed(step: Step) -> None:
    """Run a step where a strategy has claimed what the venue makes."""

    async def with_claim(found: Desk) -> None:
        strategy = Strategy(
            StrategyConfig(strategy_id="TOLD", order_id_tag="001", external_order_claims=[BTC])
        )
        found.engine.register_external_order_claims(strategy)
        await step(found)

    run(with_claim)


async def filled(found: Desk, size: str = "0.010") -> Order:
    """Fill an entry of 0.010 that carries a stop, or a part of it."""
    entry = found.limit("O-1-E", "0.010", "59990.00")
    found.send(entry, **STOP)
    await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
    sell(found.server, "59989", size)
    await until(lambda: entry.filled_qty == Quantity.from_str(size), entry)
    return entry


def position_stop(server: BybitLoopback) -> Decimal | None:
    return server.venue.engine.position().stop_loss


def made(found: Desk) -> list[Order]:
    """Return the orders that the venue has made, as the cache knows them."""
    return [o for o in found.cache.orders() if o.client_order_id.value.startswith("O-ATTACHED-")]


def is_later(order: Order) -> bool:
    """Return True for the orders of `heard`."""
    return str(order.client_order_id.value).startswith("LATER")


def held(found: Desk) -> Decimal:
    positions = found.cache.positions_open(instrument_id=BTC)
    return sum((p.signed_decimal_qty() for p in positions), D(0))


@pytest.mark.parametrize("is_farthest_first", [False, True])
def test_an_entry_brings_its_stop_which_closes_as_an_order_of_the_strategy(
    is_farthest_first: bool,
) -> None:
    async def step(found: Desk) -> None:
        entry = await filled(found)
        assert position_stop(found.server) == D(59900)
        # It belongs to the position and is not managed as an open order.
        await heard(found)
        assert [o for o in found.cache.orders() if not is_later(o)] == [entry]

        found.server.venue.engine.triggers_farthest_first = is_farthest_first
        sell(found.server, "59890", "1")
        await until(lambda: made(found) and made(found)[0].is_closed, found.cache.orders())
        (order,) = made(found)
        assert order.strategy_id == STRATEGY
        assert (order.side, order.is_reduce_only) == (OrderSide.SELL, True)
        assert order.trigger_price == Price.from_str("59900.00")
        execution = found.server.venue.engine.executions[-1]
        assert [t.value for t in order.trade_ids] == [execution.exec_id]
        assert order.status is OrderStatus.FILLED
        assert held(found) == 0
        assert all(
            o.request.link_id.startswith("LATER") for o in found.server.venue.engine.open_orders
        )

    claimed(step)


def test_a_stop_that_grows_with_its_position_fills_for_all_of_it() -> None:
    async def step(found: Desk) -> None:
        entry = await filled(found, "0.004")
        sell(found.server, "59989", "0.006")
        await until(lambda: entry.status is OrderStatus.FILLED, entry)
        sell(found.server, "59890", "1")
        await until(lambda: held(found) == 0, found.cache.orders())
        assert [o.filled_qty for o in made(found)] == [Quantity.from_str("0.010")]

    claimed(step)


def test_a_refused_stop_is_a_refused_entry() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("O-1-E", "0.010", "59890.00")
        found.send(entry, **STOP)
        await until(lambda: entry.status is OrderStatus.REJECTED, entry)
        assert "StopLoss" in entry.last_event.reason
        assert found.server.venue.engine.open_orders == []

    claimed(step)


def test_a_stop_that_filled_during_a_lost_connection_is_reported_with_its_entry() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("O-1-E", "0.010", "59990.00")
        found.send(entry, **STOP)
        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
        for topic in ("order", "execution"):
            found.server.faults.withhold(topic, 100)
        sell(found.server, "59989", "0.010")
        sell(found.server, "59890", "1")
        await found.client.catch_up()
        await until(lambda: made(found), found.cache.orders())
        await until(lambda: made(found)[0].is_closed, made(found))
        assert entry.status is OrderStatus.FILLED
        assert held(found) == 0

        # It is reported once, however often the venue is queried.
        await found.client.catch_up()
        assert len(made(found)) == 1
        assert len(found.cache.position(entry.position_id).events) == 2

    claimed(step)


def test_its_fill_that_comes_before_that_of_the_entry_waits_for_it() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("O-1-E", "0.010", "59990.00")
        found.send(entry, **STOP)
        await until(lambda: entry.status is OrderStatus.ACCEPTED, entry)
        found.server.faults.withhold("execution", 1)
        sell(found.server, "59989", "0.010")
        sell(found.server, "59890", "1")
        await until(lambda: made(found) and made(found)[0].is_closed, found.cache.orders())
        assert entry.status is OrderStatus.FILLED
        assert [type(e).__name__ for e in found.cache.positions()[0].events] == ["OrderFilled"] * 2
        assert held(found) == 0

    claimed(step)


def test_messages_that_come_twice_are_reported_once() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        found.server.faults.duplicate = True
        sell(found.server, "59890", "1")
        await until(lambda: held(found) == 0, found.cache.orders())
        await heard(found)
        assert [len(o.trade_ids) for o in made(found)] == [1]

    claimed(step)


def test_an_order_by_hand_is_no_stop_of_the_position() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        fields = {"side": "Sell", "orderType": "Market", "qty": "0.010", "reduceOnly": True}
        by_hand(found.server, fields, triggerPrice="59950", triggerDirection=2)
        await until(lambda: len(found.cache.orders_open()) == 1, found.cache.orders())
        assert made(found) == []

    claimed(step)


def by_hand(server: BybitLoopback, fields: dict[str, Any], **more: Any) -> None:
    create(server.venue, {"category": "linear", "symbol": "BTCUSDT", **fields, **more})
    server.publish_private()


def test_a_stop_is_moved_nearer_and_never_farther() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        server = found.server
        move(found, "59950.00")
        await until(lambda: position_stop(server) == D(59950), position_stop(server))

        asked = server.rest.paths.count(TRADING_STOP)
        for price in ("59940.00", "59950.00"):
            looks = server.rest.paths.count("GET /v5/position/list")
            move(found, price)
            await until(lambda n=looks: server.rest.paths.count("GET /v5/position/list") > n)
            await until(lambda: not found.client._stop_mover.is_busy)
        assert position_stop(server) == D(59950)
        assert server.rest.paths.count(TRADING_STOP) == asked

    claimed(step)


def move(found: Desk, price: str, *, is_long: bool = True) -> Wanted:
    wanted = Wanted(Price.from_str(price), is_long=is_long)
    found.client._msgbus.send("BYBIT.attached_stop", wanted)
    return wanted


def test_a_position_without_a_stop_gets_one() -> None:
    async def step(found: Desk) -> None:
        found.server.change_position(D("-0.010"), D(60000))
        wanted = move(found, "60100.00", is_long=False)
        await until(lambda: position_stop(found.server) == D(60100), wanted)

    claimed(step)


@pytest.mark.parametrize("size", [D(0), D("-0.010")], ids=["flat", "turned"])
def test_a_position_that_has_gone_gets_none(size: Decimal) -> None:
    async def step(found: Desk) -> None:
        found.server.change_position(size, D(60000))
        wanted = move(found, "59900.00")
        await until(lambda: not found.client._stop_mover.is_busy)
        assert (position_stop(found.server), wanted.reasons) == (None, [])
        assert TRADING_STOP not in found.server.rest.paths

    claimed(step)


def test_a_failure_is_tried_again_and_the_latest_price_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.bybit.stop_mover.AGAIN_S", 0.05)

    async def step(found: Desk) -> None:
        await filled(found)
        found.server.faults.refuse_requests(TRADING_STOP[5:], 10016, "Server error.", 2)
        first = move(found, "59950.00")
        await until(lambda: TRADING_STOP in found.server.rest.paths)
        move(found, "59960.00")
        await until(lambda: position_stop(found.server) == D(59960), found.server.rest.paths)
        assert first.reasons == []

    claimed(step)


def test_a_stop_that_cannot_be_set_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bybit.stop_mover.AGAIN_S", 0.001)
    monkeypatch.setattr("adapters.bybit.stop_mover.ATTEMPTS", 3)

    async def step(found: Desk) -> None:
        await filled(found)
        found.server.feed(quote(time.time_ns(), "59940", "59940.5"))
        sell(found.server, "59940", "0.001")
        wanted = move(found, "59950.00")
        await until(lambda: wanted.reasons, wanted)
        assert "code 10001" in wanted.reasons[0]
        assert position_stop(found.server) == D(59900)

    claimed(step)


@pytest.mark.parametrize("is_filled", [False, True], ids=["resting", "filled"])
def test_a_new_start_is_sent_its_fills_alone(is_filled: bool) -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        await until(lambda: found.client._is_stop)
        if is_filled:
            sell(found.server, "59890", "1")
            await until(lambda: held(found) == 0, found.cache.orders())
        # A new client knows nothing of what has made an order.
        found.client._is_stop.clear()
        status = await found.client.generate_mass_status(60)
        # The entry comes first: the engine applies its fills before those of the stop.
        orders = [r.client_order_id.value for r in status.order_reports.values()]
        names = [o.client_order_id.value for o in made(found)] if is_filled else []
        assert orders == ["O-1-E", *names]
        fills = [f for reports in status.fill_reports.values() for f in reports]
        assert [f.client_order_id.value for f in fills] == ["O-1-E", *names]

    claimed(step)


def test_a_fill_of_before_a_start_is_not_reported_again() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        sell(found.server, "59890", "1")
        await until(lambda: held(found) == 0, found.cache.orders())
        found.client._reported_fills.clear()
        await found.client.generate_mass_status(60)
        found.cache.reset()
        await found.client.catch_up()
        assert made(found) == []

    claimed(step)


def test_a_stop_that_the_node_believes_larger_ends_with_its_last_fill() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        await until(lambda: found.client._resting_stops)
        # The venue makes it smaller without a report.
        found.server.faults.withhold("order", 3)
        leave = {"side": "Sell", "orderType": "Market", "qty": "0.006", "reduceOnly": True}
        by_hand(found.server, leave, orderLinkId="O-1-X")
        await until(lambda: held(found) == D("0.004"), found.cache.orders())
        # Nor of its trigger.
        found.server.faults.withhold("order", 1)
        sell(found.server, "59890", "1")
        await until(lambda: made(found) and made(found)[0].is_closed, found.cache.orders())
        (order,) = made(found)
        assert (order.quantity, order.filled_qty) == tuple(map(Quantity.from_str, TWO_SIZES))
        assert found.server.venue.engine.account.size == 0

    claimed(step)


def test_a_stop_that_the_node_believes_smaller_fills_for_all() -> None:
    async def step(found: Desk) -> None:
        entry = await filled(found, "0.004")
        await until(lambda: found.client._resting_stops)
        found.server.faults.withhold("order", 2)
        sell(found.server, "59989", "0.006")
        await until(lambda: entry.status is OrderStatus.FILLED, entry)
        assert [size for size, _ in found.client._resting_stops.values()] == [
            Quantity.from_str("0.004")
        ]
        found.server.faults.withhold("order", 1)
        sell(found.server, "59890", "1")
        await until(lambda: held(found) == 0, found.cache.orders())
        assert [o.quantity for o in made(found)] == [Quantity.from_str("0.010")]

    claimed(step)


def test_an_order_whose_origin_the_venue_does_not_report_is_foreign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.bybit.attached_stops.AGAIN_S", 0.001)
    monkeypatch.setattr("adapters.bybit.attached_stops.ATTEMPTS", 3)

    async def step(found: Desk) -> None:
        found.server.faults.refuse_requests("/v5/order/realtime", 10016, "Server error.", 100)
        await filled(found)
        await until(lambda: len(found.cache.orders_open()) == 1, found.cache.orders())
        assert made(found) == []

    claimed(step)


@pytest.mark.parametrize("price", ["60100.00", "60110.00"])
def test_a_stop_of_a_short_position_is_not_loosened(price: str) -> None:
    async def step(found: Desk) -> None:
        found.server.change_position(D("-0.010"), D(60000))
        move(found, "60100.00", is_long=False)
        await until(lambda: position_stop(found.server) == D(60100))
        asked = found.server.rest.paths.count(TRADING_STOP)
        move(found, price, is_long=False)
        await until(lambda: not found.client._stop_mover.is_busy)
        assert position_stop(found.server) == D(60100)
        assert found.server.rest.paths.count(TRADING_STOP) == asked

    claimed(step)


def test_an_entry_of_a_demo_account_brings_its_stop_by_rest() -> None:
    async def step(found: Desk) -> None:
        await filled(found)
        assert position_stop(found.server) == D(59900)
        assert found.server.trade.requests == []
        move(found, "59950.00")
        await until(lambda: position_stop(found.server) == D(59950))

    run(step, BybitEnvironment.DEMO)


def test_a_refused_stop_is_a_refused_entry_of_a_demo_account_too() -> None:
    async def step(found: Desk) -> None:
        entry = found.limit("O-1-E", "0.010", "59890.00")
        found.send(entry, **STOP)
        await until(lambda: entry.is_closed, entry)
        assert found.server.venue.engine.open_orders == []

    run(step, BybitEnvironment.DEMO)
