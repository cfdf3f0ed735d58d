"""When a node asks for funding, what it publishes, and what it tells where nobody answers."""

import asyncio
import logging
from decimal import Decimal
from types import SimpleNamespace

import pytest
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import Venue

from adapters.bybit.funding_payments import Payment
from adapters.node import funding
from adapters.node.funding import FundingWatch
from catalog.errors import AuctionError
from configs.node_settings import NodeSettings
from tests.markets import BTC


T0 = 1_767_600_000_000_000_000
SECOND_NS = 1_000_000_000


class Venues:
    """The payments of an account, or an error."""

    def __init__(self):
        self.payments, self.asked, self.is_down, self.is_closed = [], [], False, False

    def between(self, category, symbol, after_ns, until_ns):
        self.asked.append((category, symbol, after_ns, until_ns))
        if self.is_down:
            raise AuctionError("Bybit execution/list: server error (code 10016)")
        return [p for p in self.payments if after_ns < p.ts_ns <= until_ns]

    def close(self):
        self.is_closed = True


class Strategy:
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
    """A watch that asks as often as the test says, at a time of the test."""

    def __init__(self, monkeypatch, *strategies):
        self.now, self.venue = T0 + SECOND_NS, Venues()
        self.strategies = strategies or (Strategy(),)
        client = SimpleNamespace(venue=Venue("BYBIT"), funding_payments=lambda: self.venue)
        simulated = SimpleNamespace(venue=Venue("SIM"))
        kernel = SimpleNamespace(
            exec_engine=SimpleNamespace(_clients={"a": client, "b": simulated}),
            logger=logging.getLogger("funding"),
        )
        node = SimpleNamespace(kernel=kernel)
        self.watch = FundingWatch(node, self.strategies, NodeSettings())
        self.waits = []
        clock = SimpleNamespace(time_ns=lambda: self.now, time=lambda: self.now / SECOND_NS)
        monkeypatch.setattr(funding, "time", clock)

    def ask(self, *seconds):
        """Ask once, and again after each of the waits."""
        left = list(seconds)

        async def sleep(wait_s):
            self.waits.append(wait_s)
            if not left:
                raise asyncio.CancelledError
            self.now += int(left.pop(0) * SECOND_NS)

        async def run():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(funding.asyncio, "sleep", sleep)
                with pytest.raises(asyncio.CancelledError):
                    await self.watch.watch(None)

        asyncio.run(run())


def payment(ts_ns, paid, exec_id="e"):
    return Payment(
        exec_id=exec_id,
        ts_ns=ts_ns,
        rate=Decimal("0.0001"),
        price=Decimal(60_000),
        quantity=Decimal("0.1"),
        paid=Decimal(paid),
    )


def test_each_payment_is_published_once_with_the_venues_figures(monkeypatch):
    bench = Bench(monkeypatch)
    bench.venue.payments = [payment(T0 - 1, "9"), payment(T0 + 5, "0.6"), payment(T0 + 9, "-0.25")]
    bench.ask(60, 60)
    (strategy,) = bench.strategies
    assert [(p.paid, p.ts_event) for p in strategy.paid] == [(0.6, T0 + 5), (-0.25, T0 + 9)]
    first = strategy.paid[0]
    assert (first.rate, first.price, first.quantity) == (0.0001, 60_000.0, 0.1)
    assert first.strategy_id == "S-001"
    assert len(bench.venue.asked) == 3
    assert bench.venue.asked[0][:3] == ("linear", "BTCUSDT", T0)
    assert bench.venue.is_closed


def test_settlements_booked_late_are_found_and_old_ones_not_asked_for_again(monkeypatch):
    bench = Bench(monkeypatch)
    bench.ask(30 * 60)
    bench.venue.payments = [payment(T0 + 5, "1")]
    bench.ask(100 * 3_600)
    (strategy,) = bench.strategies
    assert len(strategy.paid) == 1
    assert strategy.funded_until_ns == bench.now - funding.LATEST_NS


def test_an_answer_that_does_not_come_is_told_after_the_second_and_asked_for_again(monkeypatch):
    bench = Bench(monkeypatch)
    (strategy,) = bench.strategies
    bench.venue.is_down = True
    bench.ask()
    assert strategy.alerts == []
    bench.ask(5, 5, 5)
    (text,) = strategy.alerts
    assert text.startswith("FUNDING_UNKNOWN the funding settled is not known: Bybit execution/list")
    assert set(bench.waits) == {funding.RETRY_S}
    bench.venue.is_down = False
    bench.venue.payments = [payment(T0 + 5, "1")]
    bench.ask(5)
    assert len(strategy.paid) == 1
    assert bench.waits[-1] == 60.0


def test_it_asks_just_after_a_full_hour(monkeypatch):
    bench = Bench(monkeypatch)
    hour_ns = 3_600 * SECOND_NS
    bench.now = (T0 // hour_ns + 1) * hour_ns - 20 * SECOND_NS
    bench.ask(22)
    assert bench.waits == [pytest.approx(22.0), 60.0]


def test_funding_goes_to_one_strategy_of_each_instrument(monkeypatch):
    strategies = Strategy("A-001"), Strategy("B-001"), Strategy("C-001", "NQZ5.SIM")
    bench = Bench(monkeypatch, *strategies)
    bench.venue.payments = [payment(T0 + 5, "1")]
    bench.ask()
    assert [len(strategy.paid) for strategy in strategies] == [1, 0, 0]
    assert len(bench.venue.asked) == 1
