"""When a node asks for funding, what it publishes, and what it tells where nobody answers."""

import asyncio
import logging
from decimal import Decimal
from types import SimpleNamespace

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import Venue

from adapters.bybit.funding_payments import FundingPayments
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.server import BybitLoopback
from configs.node_settings import NodeSettings
from live import funding
from live.funding import FundingWatch
from tests.adapters.bybit_server import KEYS
from tests.adapters.bybit_server import T0
from tests.adapters.bybit_server import client_of
from tests.adapters.bybit_server import quote
from tests.adapters.bybit_server import trade
from tests.markets import BTC


SECOND_NS = 1_000_000_000
MS_NS = 1_000_000
PATH = "/v5/execution/list"


class Strategy:
    """Notes what is published and told in its name."""

    def __init__(self, name="S-001", instrument_id=BTC):
        self.id = StrategyId(name)
        self.config = SimpleNamespace(instrument_id=InstrumentId.from_str(instrument_id))
        self.funded_until_ns = T0
        self.paid, self.alerts = [], []

    def publish_data(self, _, message):
        self.paid.append(message)
        self.funded_until_ns = max(self.funded_until_ns, message.ts_event)

    def alert(self, ts, kind, text):
        self.alerts.append(f"{kind} {text}")


class Bench:
    """A watch on the loopback venue, at a time of the test."""

    def __init__(self, client, monkeypatch, *strategies):
        self.client, self.now = client, T0 + SECOND_NS
        self.strategies = strategies or (Strategy(),)
        bybit = SimpleNamespace(venue=Venue("BYBIT"), funding_payments=self.source)
        simulated = SimpleNamespace(venue=Venue("SIM"))
        kernel = SimpleNamespace(
            exec_engine=SimpleNamespace(_clients={"a": bybit, "b": simulated}),
            logger=logging.getLogger("funding"),
        )
        node = SimpleNamespace(kernel=kernel)
        self.watch = FundingWatch(node, self.strategies, NodeSettings())
        self.waits = []
        clock = SimpleNamespace(time_ns=lambda: self.now, time=lambda: self.now / SECOND_NS)
        monkeypatch.setattr(funding, "time", clock)

    def source(self):
        return FundingPayments(self.client.server.url, **KEYS)

    def settle(self, rate, ts_ns):
        return float(
            self.client.server.call(lambda s: s.venue.settle_funding(ts_ns, Decimal(rate)))
        )

    def fail(self, times):
        self.client.server.call(
            lambda s: s.faults.refuse_requests(PATH, 10_016, "server error", times=times)
        )

    def asked(self):
        return self.client.server.call(lambda s: s.rest.paths.count(f"GET {PATH}"))

    def ask(self, *seconds):
        """Ask once, and again after each of the waits."""
        left = list(seconds)

        async def sleep(wait_s):
            self.waits.append(wait_s)
            if not left:
                raise asyncio.CancelledError
            self.now += int(left.pop(0) * SECOND_NS)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(funding.asyncio, "sleep", sleep)
            with pytest.raises(asyncio.CancelledError):
                asyncio.run(self.watch.watch())


@pytest.fixture
def client():
    with client_of(BybitLoopback()) as found:
        found.feed(quote(T0, "60000", "60000.5", "9", "9"), trade(T0, "60000", "0.1", Side.SELL))
        found.order("Buy", "0.100")
        yield found


@pytest.fixture
def bench(client, monkeypatch):
    return Bench(client, monkeypatch)


def test_each_payment_is_published_once_with_the_venues_figures(bench):
    bench.settle("0.0009", T0 - 5 * MS_NS)
    first = bench.settle("0.0001", T0 + 5 * MS_NS)
    second = bench.settle("-0.0002", T0 + 9 * MS_NS)
    bench.ask(60, 60)
    (strategy,) = bench.strategies
    assert [(p.paid, p.ts_event) for p in strategy.paid] == [
        (first, T0 + 5 * MS_NS),
        (second, T0 + 9 * MS_NS),
    ]
    assert first > 0 > second
    message = strategy.paid[0]
    assert (message.rate, message.quantity) == (0.0001, 0.1)
    assert message.strategy_id == "S-001"
    assert bench.asked() == 3


def test_settlements_booked_late_are_found_and_old_ones_not_asked_for_again(bench):
    bench.ask(30 * 60)
    bench.settle("0.0001", T0 + 5 * MS_NS)
    bench.ask(100 * 3_600)
    (strategy,) = bench.strategies
    assert len(strategy.paid) == 1
    assert strategy.funded_until_ns == bench.now - funding.LATEST_NS


def test_an_answer_that_does_not_come_is_told_after_the_second_and_asked_for_again(bench):
    (strategy,) = bench.strategies
    bench.fail(times=5)
    bench.ask()
    assert strategy.alerts == []
    bench.ask(5, 5, 5)
    (text,) = strategy.alerts
    assert text.startswith("FUNDING_UNKNOWN the funding settled is not known: Bybit execution/list")
    assert set(bench.waits) == {funding.RETRY_S}
    bench.settle("0.0001", T0 + 5 * MS_NS)
    bench.ask()
    assert len(strategy.paid) == 1
    assert bench.waits[-1] == 60.0


def test_it_asks_just_after_a_full_hour(bench):
    hour_ns = 3_600 * SECOND_NS
    bench.now = (T0 // hour_ns + 1) * hour_ns - 20 * SECOND_NS
    bench.ask(22)
    assert bench.waits == [pytest.approx(22.0), 60.0]


def test_funding_goes_to_one_strategy_of_each_instrument(client, monkeypatch):
    strategies = Strategy("A-001"), Strategy("B-001"), Strategy("C-001", "NQZ5.SIM")
    bench = Bench(client, monkeypatch, *strategies)
    bench.settle("0.0001", T0 + 5 * MS_NS)
    bench.ask()
    assert [len(strategy.paid) for strategy in strategies] == [1, 0, 0]
    assert bench.asked() == 1
