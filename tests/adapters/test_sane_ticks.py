"""Trades and quotes that the adapter takes and no market has."""

from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.model.data import OrderBookDeltas
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from adapters.bybit import live_data
from adapters.sane_ticks import SaneTicks
from live.alerting import NodeAlerts
from live.data_watch import DataWatch


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
T_NS = 1_767_600_000_000_000_000
HOUR_NS = 3_600_000_000_000
PRICE_UNDEF = 2**127 - 1


def trade(
    price: str = "60000.0",
    side: AggressorSide = AggressorSide.BUYER,
    ts_event: int = T_NS,
    ts_init: int = T_NS,
) -> TradeTick:
    return TradeTick(
        BTC, Price.from_str(price), Quantity.from_str("0.1"), side, TradeId("1"), ts_event, ts_init
    )


def quote(
    bid: str = "60000.0",
    ask: str = "60000.1",
    bid_size: str = "1",
    ask_size: str = "2",
    ts_event: int = T_NS,
) -> QuoteTick:
    return QuoteTick(
        BTC,
        Price.from_str(bid),
        Price.from_str(ask),
        Quantity.from_str(bid_size),
        Quantity.from_str(ask_size),
        ts_event,
        T_NS,
    )


@pytest.mark.parametrize(
    ("tick", "named"),
    [
        (trade(price="0.0"), "price 0.0"),
        (trade(price="-1.0"), "price -1.0"),
        (trade(price="2000000000.0"), "price 2000000000.0"),
        (trade(side=AggressorSide.NO_AGGRESSOR), "no side"),
        (trade(ts_event=0), "long ago"),
        (trade(ts_event=10**18), "long ago"),
        (trade(ts_event=T_NS + 2 * HOUR_NS), "far ahead"),
        (quote(bid="0.0"), "bid 0.0"),
        (quote(ask="-1.0"), "ask -1.0"),
        (quote(bid_size="0"), "sizes 0 and 2"),
        (quote(ask_size="0"), "sizes 1 and 0"),
        (quote(ts_event=1), "long ago"),
    ],
)
def test_what_no_market_has_is_refused_and_named(tick, named):
    ticks = SaneTicks()
    assert ticks.refuse(tick)
    assert ticks.count == 1
    assert named in ticks.reason
    assert BTC.value in ticks.reason


@pytest.mark.parametrize(
    "data",
    [
        trade(),
        trade(side=AggressorSide.SELLER),
        quote(),
        quote(bid="60000.1", ask="60000.1"),
        # The machine's clock is behind, or a tape of the past is played.
        trade(ts_event=T_NS + 90 * 10**9),
        trade(ts_init=T_NS + 300 * 24 * HOUR_NS),
        "something else",
    ],
)
def test_what_a_market_may_have_is_taken(data):
    ticks = SaneTicks()
    assert not ticks.refuse(data)
    assert ticks.count == 0


def test_futures_may_trade_below_zero_and_without_a_side_but_not_without_a_price():
    ticks = SaneTicks(below_zero=True, without_side=True)
    assert not ticks.refuse(trade(price="-37.6", side=AggressorSide.NO_AGGRESSOR))
    assert not ticks.refuse(quote(bid="-37.7", ask="0.0"))
    # What Nautilus makes of a price that is not given.
    undefined = Price.from_raw(PRICE_UNDEF, 0)
    assert ticks.refuse(
        TradeTick(
            BTC, undefined, Quantity.from_int(1), AggressorSide.BUYER, TradeId("1"), T_NS, T_NS
        )
    )
    assert ticks.refuse(quote(bid_size="0"))
    assert ticks.count == 2


def test_a_time_long_before_the_last_tick_is_refused_and_changes_nothing():
    ticks = SaneTicks()
    assert not ticks.refuse(trade())
    assert ticks.refuse(trade(ts_event=T_NS - 2 * HOUR_NS))
    assert not ticks.refuse(trade(ts_event=T_NS - 1))
    # A refused time far ahead does not make later ones old.
    assert ticks.refuse(trade(ts_event=T_NS + 9 * HOUR_NS))
    assert not ticks.refuse(trade(ts_event=T_NS + 1))


class Node:
    def __init__(self, *clients: Any) -> None:
        engine = type("Engine", (), {"_clients": dict(enumerate(clients))})
        self.kernel = type("Kernel", (), {"data_engine": engine})


class Client:
    def __init__(self) -> None:
        self.refused = SaneTicks()


def watching(*clients: Any) -> tuple[DataWatch, list[Any]]:
    bus = TestComponentStubs.msgbus()
    alerts: list[Any] = []
    bus.subscribe("data.*", alerts.append)
    node: Any = Node(*clients)
    return DataWatch(node, NodeAlerts(bus)), alerts


def test_what_was_refused_is_reported_once_in_a_while():
    client = Client()
    watch, alerts = watching(client, object())
    watch.check()
    assert alerts == []
    client.refused.refuse(trade(price="0.0"))
    client.refused.refuse(quote(bid_size="0"))
    watch.check()
    client.refused.refuse(trade(price="0.0"))
    watch.check()
    (alert,) = alerts
    assert alert.kind == "DATA_REFUSED"
    assert alert.text.startswith("2 rows of market data refused, the last: ")
    assert "sizes 0 and 2" in alert.text


def test_a_client_hands_on_what_is_sane_alone(monkeypatch):
    taken: list[Any] = []
    client: Any = SimpleNamespace(refused=SaneTicks(), sink=taken.append)
    monkeypatch.setattr(live_data.nautilus_pyo3, "is_pycapsule", lambda _: True)
    monkeypatch.setattr(live_data, "capsule_to_data", lambda message: message)
    good, bad = trade(), trade(price="0.0")
    for tick in (bad, good, bad):
        live_data.LiveBybitDataClient._handle_without(client, OrderBookDeltas, tick)
    assert taken == [good]
    assert client.refused.count == 2
