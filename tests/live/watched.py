"""Strategies, clients and a bus for the watches of a node; each notes all it is told."""

import logging
from decimal import Decimal
from types import SimpleNamespace

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from tests.markets import BTC as BTC_NAME


BTC = InstrumentId.from_str(BTC_NAME)
ETH = InstrumentId.from_str("ETHUSDT-LINEAR.BYBIT")
NQ = InstrumentId.from_str("NQZ6.XCME")
# Monday 2026-01-05 08:00 UTC.
T0 = 1_767_600_000
NS = 1_000_000_000


class Strategy:
    """Notes what a watch does to it."""

    def __init__(self, name="S-001", instrument_id=BTC):
        self.id = StrategyId(name)
        self.config = SimpleNamespace(instrument_id=instrument_id, max_leverage=5)
        self.active, self.stale, self.warm = True, False, True
        self.position = Decimal(0)
        self.manager = SimpleNamespace(halted=False)
        self.told, self.alerts, self.trades = [], [], []

    def describe_trades(self):
        return self.trades

    def stop_entries(self, reason):
        self.told.append(("stop entries", str(reason)))

    def protect_unknown_position(self, position, price, message):
        self.told.append(("hold", position, price, message))

    def halt(self, message):
        self.told.append(("halt", message))
        self.manager.halted = True

    def alert(self, ts, kind, text, value=None):
        self.alerts.append((ts, kind, text, value))

    def kinds(self):
        return [kind for _, kind, *_ in self.alerts]


class Client:
    """An execution client of a venue that has positions, and answers or does not."""

    id = "BYBIT"

    def __init__(self):
        self.answers = True
        self.catches_up = True
        self.held = []
        self.questions, self.caught_up = [], 0
        self.on_question = self.on_catch_up = lambda: None
        self.sockets = {"private socket": True}

    def connections(self):
        return self.sockets

    async def catch_up(self):
        self.caught_up += 1
        if not self.catches_up:
            raise OSError("no answer")
        self.on_catch_up()

    async def generate_position_status_reports(self, question):
        self.questions.append(question)
        if not self.answers:
            raise OSError("no answer")
        held = list(self.held)
        self.on_question()
        return held

    def hold(self, instrument_id, size, price=60_000):
        average = None if price is None else Decimal(price)
        self.held.append(
            SimpleNamespace(
                instrument_id=instrument_id, signed_decimal_qty=Decimal(size), avg_px_open=average
            )
        )


class Kernel:
    """What watches use of a node: a real bus and a real cache, at a time of the test (s)."""

    def __init__(self, strategies, *clients, data_clients=()):
        self.now = float(T0)
        self.clock = TestClock()
        self.msgbus = MessageBus(TraderId("T-001"), self.clock)
        self.cache = Cache()
        self.strategies, self.actors = tuple(strategies), []
        self.logger = logging.getLogger("node")
        self.exec_engine = SimpleNamespace(_clients=dict(enumerate(clients)))
        self.data_engine = SimpleNamespace(_clients=dict(enumerate(data_clients)))
        self.node = SimpleNamespace(
            kernel=self,
            cache=self.cache,
            trader_id=TraderId("T-001"),
            trader=SimpleNamespace(
                actors=lambda: self.actors, strategies=lambda: list(self.strategies)
            ),
        )
        self.time = SimpleNamespace(
            time=lambda: self.now,
            time_ns=lambda: round(self.now * NS),
            monotonic=lambda: self.now - T0,
        )

    def wait(self, seconds):
        self.now += seconds
        self.clock.set_time(round(self.now * NS))

    def quote(self, instrument_id=BTC, after_s=None):
        """Let a quote arrive that the venue has made now, or so long after T0."""
        at = self.now if after_s is None else T0 + after_s
        price, size = Price.from_str("60000.0"), Quantity.from_str("1.000")
        ts = round(at * NS)
        self.cache.add_quote_tick(QuoteTick(instrument_id, price, price, size, size, ts, ts))
