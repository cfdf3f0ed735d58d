"""Orders at the venue that belong to no trade: cancelled unless they alone protect a position."""

import asyncio
from collections import deque
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.identifiers import VenueOrderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from live.ghosts import GHOST_ORDER
from live.ghosts import GhostWatch


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
OWN = "O-20260105-120000-001-007-{}"


def report(name: str | None, size: str = "0.010", side: str = "SELL") -> OrderStatusReport:
    """Return an open order; its name ends with what it is for."""
    is_stop = name is None or name.endswith("S")
    return OrderStatusReport(
        account_id=AccountId("BYBIT-1"),
        instrument_id=BTC,
        client_order_id=None if name is None else ClientOrderId(name),
        venue_order_id=VenueOrderId(str(name)),
        order_side=OrderSide[side],
        order_type=OrderType.STOP_MARKET if is_stop else OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        order_status=OrderStatus.ACCEPTED,
        quantity=Quantity.from_str(size),
        filled_qty=Quantity.from_str("0.000"),
        trigger_price=Price.from_str("59000.00") if is_stop else None,
        trigger_type=TriggerType.LAST_PRICE if is_stop else TriggerType.NO_TRIGGER,
        price=None if is_stop else Price.from_str("59000.00"),
        reduce_only=is_stop,
        report_id=UUID4(),
        ts_accepted=0,
        ts_last=0,
        ts_init=0,
    )


class Client:
    """A venue's open orders and position, and what was cancelled."""

    venue = Venue("BYBIT")

    def __init__(self, *orders: OrderStatusReport, position: str = "0") -> None:
        self.orders = list(orders)
        self.position = Decimal(position)
        self.canceled: list[str] = []
        self.gone: set[str] = set()
        self.notices: deque[tuple[str, str]] = deque()
        self.failure: Exception | None = None

    async def open_orders(self, instrument_id: InstrumentId) -> list[OrderStatusReport]:
        assert instrument_id == BTC
        if self.failure is not None:
            raise self.failure
        return self.orders

    async def cancel_at_venue(self, _: InstrumentId, client_order_id: ClientOrderId) -> bool:
        self.canceled.append(client_order_id.value)
        return client_order_id.value not in self.gone

    async def generate_position_status_reports(self, question: Any) -> list[Any]:
        assert question.instrument_id == BTC
        return [SimpleNamespace(signed_decimal_qty=self.position)] if self.position else []


class Strategy:
    """Knows some orders; those of one second look can differ from those of the first."""

    config = SimpleNamespace(instrument_id=BTC)

    def __init__(self, *live: set[str]) -> None:
        self._live = [{ClientOrderId(name) for name in names} for names in live]

    def live_orders(self) -> set[ClientOrderId]:
        return self._live.pop(0) if len(self._live) > 1 else set(self._live[0])

    def is_own_order(self, client_order_id: ClientOrderId) -> bool:
        return "-001-007-" in client_order_id.value


class Alerts:
    def __init__(self) -> None:
        self.raised: list[tuple[str, str]] = []

    def raise_alert(self, kind: str, text: str) -> None:
        self.raised.append((kind, text))


def watch(client: Any, strategy: Any) -> tuple[GhostWatch, Alerts, list[str]]:
    alerts, warnings = Alerts(), []
    clients = {"BYBIT": client, "SANDBOX": SimpleNamespace(venue=Venue("BYBIT"))}
    kernel = SimpleNamespace(
        exec_engine=SimpleNamespace(_clients=clients),
        logger=SimpleNamespace(warning=warnings.append),
    )
    node: Any = SimpleNamespace(kernel=kernel)
    return GhostWatch(node, [strategy], alerts), alerts, warnings  # type: ignore[arg-type]


def check(client: Client, strategy: Strategy, times: int = 1) -> list[tuple[str, str]]:
    ghosts, alerts, _ = watch(client, strategy)
    for _ in range(times):
        asyncio.run(ghosts.check())
    return alerts.raised


def test_an_entry_that_belongs_to_no_trade_is_cancelled_with_an_alert() -> None:
    name = OWN.format("1-E")
    client = Client(report(name, side="BUY"), position="0.010")

    assert check(client, Strategy(set())) == [
        (GHOST_ORDER, f"{name}: works at the venue and belongs to no trade: canceled")
    ]
    assert client.canceled == [name]


@pytest.mark.parametrize("live", [({"a"}, set()), (set(), {"a"}), ({"a"}, {"a"})])
def test_an_order_that_was_live_at_either_end_of_the_look_is_none(live: Any) -> None:
    name = OWN.format("1-E")
    found = [{name} if names else set() for names in live]
    client = Client(report(name))

    assert check(client, Strategy(*found)) == []
    assert client.canceled == []


def test_orders_of_others_and_of_the_venue_are_left() -> None:
    client = Client(report("O-20260105-120000-001-008-1-E"), report("theirs"), report(None))

    assert check(client, Strategy(set())) == []
    assert client.canceled == []


def test_an_order_that_has_gone_meanwhile_is_not_told() -> None:
    client = Client(report(OWN.format("1-E")))
    client.gone = {OWN.format("1-E")}

    assert check(client, Strategy(set())) == []
    assert client.canceled == [OWN.format("1-E")]


@pytest.mark.parametrize(
    ("position", "other"),
    [
        ("0", None),
        ("0.010", report(OWN.format("2-S"), "0.010")),
        ("-0.010", report(OWN.format("2-S"), "0.010", "BUY")),
        ("0.010", report(None, "0.010")),
    ],
)
def test_a_stop_that_is_not_needed_is_cancelled(position: str, other: Any) -> None:
    side = "BUY" if position.startswith("-") else "SELL"
    ghost = report(OWN.format("1-S"), side=side)
    client = Client(ghost, *([] if other is None else [other]), position=position)

    assert len(check(client, Strategy({OWN.format("2-S")}))) == 1
    assert client.canceled == [OWN.format("1-S")]


@pytest.mark.parametrize(
    ("position", "other"),
    [
        ("0.010", None),
        ("-0.010", None),
        ("0.010", report(OWN.format("2-S"), "0.009")),
        ("0.010", report(OWN.format("2-S"), "0.010", "BUY")),
        ("0.010", report(OWN.format("2-E"), "0.010")),
    ],
)
def test_a_stop_that_alone_protects_a_position_stays_and_is_told_once(
    position: str, other: Any
) -> None:
    name = OWN.format("1-S")
    client = Client(report(name), *([] if other is None else [other]), position=position)
    strategy = Strategy({OWN.format("2-S"), OWN.format("2-E")})

    assert check(client, strategy, times=3) == [
        (
            GHOST_ORDER,
            f"{name}: works at the venue and belongs to no trade: left, it is the only stop",
        )
    ]
    assert client.canceled == []


def test_a_venue_that_does_not_answer_is_asked_at_the_next_look() -> None:
    client = Client(report(OWN.format("1-E")))
    client.failure = RuntimeError("Network\nerror")
    ghosts, alerts, warnings = watch(client, Strategy(set()))
    asyncio.run(ghosts.check())
    assert warnings == ["Open orders are not known: Network error"]
    assert alerts.raised == []

    client.failure = None
    asyncio.run(ghosts.check())
    assert len(alerts.raised) == 1


def test_a_venue_of_another_instrument_is_not_asked() -> None:
    client = Client(report(OWN.format("1-E")))
    client.venue = Venue("XCME")

    assert check(client, Strategy(set())) == []
    assert client.canceled == []


def test_what_a_client_has_noticed_is_told_once() -> None:
    client = Client()
    client.notices.extend([("ORDER_UNCONFIRMED", "one"), (GHOST_ORDER, "two")])
    ghosts, alerts, _ = watch(client, Strategy(set()))
    ghosts.take_notices()
    ghosts.take_notices()

    assert alerts.raised == [("ORDER_UNCONFIRMED", "one"), (GHOST_ORDER, "two")]
