"""What a replay takes for seen, and at which times, where the venue's gateway is Databento's."""

from types import SimpleNamespace

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from catalog.reader import QUOTE
from catalog.reader import TRADE
from live import replay_databento
from live.node_calls import CachedTicks
from live.replay_databento import DatabentoStage
from live.replay_databento import Played
from live.replay_events import read_events
from tests.markets import BTC
from tests.markets import write_catalog


NQ = "NQZ5.XCME"
TICKS = ("QuoteTick", "TradeTick")
T0 = 1_767_600_000_000_000_000
PRICE, SIZE = Price.from_str("25000.00"), Quantity.from_int(2)


class Gateway:
    def __init__(self):
        self.allowed = []
        self.sessions = []

    def allow(self, ts_ns):
        self.allowed.append(ts_ns)

    def subscribe(self, *schemas, symbols=("NQZ6",)):
        asked = [SimpleNamespace(schema=schema, symbols=symbols) for schema in schemas]
        self.sessions.append(SimpleNamespace(subscriptions=asked))


@pytest.fixture
def gateway():
    return Gateway()


@pytest.fixture
def stage(gateway):
    return DatabentoStage(gateway, [NQ], TICKS)


def quote(ts):
    return QuoteTick(InstrumentId.from_str(NQ), PRICE, PRICE, SIZE, SIZE, ts, ts)


def trade(ts):
    name = InstrumentId.from_str(NQ)
    return TradeTick(name, PRICE, SIZE, AggressorSide.BUYER, TradeId("1"), ts, ts)


def test_a_node_listens_from_its_subscription_to_the_book_on(stage, gateway):
    assert not stage.is_subscribed()
    gateway.subscribe("trades")
    assert not stage.is_subscribed()
    gateway.subscribe("definition", "mbp-1")
    assert stage.is_subscribed()
    assert stage.settings == []


def test_each_instrument_has_to_be_subscribed(gateway):
    stage = DatabentoStage(gateway, [NQ, "MNQZ6.XCME"], TICKS)
    gateway.subscribe("mbp-1")
    gateway.subscribe("mbp-1")
    assert not stage.is_subscribed()
    gateway.subscribe("mbp-1", symbols=("MNQZ6",))
    assert stage.is_subscribed()


def test_instruments_may_have_events_of_one_time(gateway):
    names = [NQ, "MNQZ6.XCME"]
    stage = DatabentoStage(gateway, names, TICKS)
    stage.feed([Played(T0, QUOTE, T0 - n, name) for n, name in enumerate(names)])
    assert stage.times(quote(T0), is_quote=True) == (T0, T0)
    other = QuoteTick(InstrumentId.from_str(names[1]), PRICE, PRICE, SIZE, SIZE, T0, T0)
    assert stage.times(other, is_quote=True) == (T0 - 1, T0)


def test_the_gateway_goes_as_far_as_the_last_event_of_a_portion(stage, gateway):
    stage.feed([Played(T0, QUOTE, T0 - 5, NQ), Played(T0 + 7, TRADE, T0 + 1, NQ)])
    assert gateway.allowed == [T0 + 7]
    # The client tells when it has received a tick, which here is the time in the catalog.
    assert stage.times(quote(T0), is_quote=True) == (T0 - 5, T0)
    assert stage.times(trade(T0 + 7), is_quote=False) == (T0 + 1, T0 + 7)
    # The quote that comes with a trade is not the catalog's.
    assert stage.times(quote(T0 + 7), is_quote=True) is None


@pytest.mark.parametrize("kind", [QUOTE, TRADE])
def test_an_event_is_seen_when_the_cache_has_one_of_its_kind_as_late(stage, kind):
    cache = Cache()
    last = CachedTicks(cache)
    event = Played(T0, kind, T0, NQ)
    add, make = {QUOTE: (cache.add_quote_tick, quote), TRADE: (cache.add_trade_tick, trade)}[kind]
    other = {QUOTE: (cache.add_trade_tick, trade), TRADE: (cache.add_quote_tick, quote)}[kind]
    assert not stage.has_seen(last, event)
    other[0](other[1](T0 + 1))
    add(make(T0 - 1))
    assert not stage.has_seen(last, event)
    add(make(T0))
    assert stage.has_seen(last, event)
    add(make(T0 + 1))
    assert stage.has_seen(last, event)


def test_events_of_a_catalog_come_in_their_order_with_both_ends(tmp_path):
    rows = [
        (0, T0 + n, 600_000, 1, 600_001, 1) if n % 2 else (1, T0 + n, 600_000, 1, 1)
        for n in range(6)
    ]
    catalog = write_catalog(tmp_path, rows)
    found = list(read_events(replay_databento, catalog, [BTC], T0 + 1, T0 + 4, TICKS))
    assert found == [Played(T0 + n, QUOTE if n % 2 else TRADE, T0 + n, BTC) for n in range(1, 5)]
