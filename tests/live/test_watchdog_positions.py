"""Whose position a watchdog doubts, when, and what it makes its owner do."""

import asyncio
import logging
from decimal import Decimal

import pytest
from nautilus_trader.adapters.sandbox.execution import SandboxExecutionClient
from nautilus_trader.common.enums import LogLevel
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OmsType
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from catalog.instruments import resolve_instrument
from configs.node_settings import NodeSettings
from live.position_watch import DELIVERY_S
from live.position_watch import Comparison
from live.watchdog import Watchdog
from tests.live.watched import BTC
from tests.live.watched import ETH
from tests.live.watched import Client
from tests.live.watched import Kernel
from tests.live.watched import Strategy
from tests.virtual_time import run_virtually


PRICE = Decimal(60_000)


class Scene:
    def __init__(self, *strategies):
        self.client = Client()
        self.kernel = Kernel(strategies, self.client)
        settings = NodeSettings(position_looks=2)
        self.watchdog = Watchdog(self.kernel.node, strategies, None, settings)

    def check(self, times=1, *, is_periodic=True):
        """Look one after the other, and return the last answer."""

        async def looks():
            for _ in range(times):
                told = await self.watchdog.positions.check(is_periodic=is_periodic)
            return told

        return run_virtually(looks())


@pytest.fixture
def btc():
    return Strategy("S-001", BTC)


@pytest.fixture
def eth():
    return Strategy("S-002", ETH)


@pytest.fixture
def scene(btc, eth):
    return Scene(btc, eth)


def test_positions_that_agree_are_no_doubt(scene, btc, eth):
    btc.position, eth.position = Decimal(3), Decimal(-2)
    scene.client.hold(BTC, 3)
    scene.client.hold(ETH, -2)
    assert scene.check(5)
    assert btc.told == eth.told == []
    assert scene.client.caught_up == 0
    assert scene.watchdog.positions.is_caught_up
    assert scene.watchdog.positions.compared == {
        BTC: Comparison(Decimal(3), Decimal(3), PRICE, False),
        ETH: Comparison(Decimal(-2), Decimal(-2), PRICE, False),
    }
    assert {question.log_receipt_level for question in scene.client.questions} == {LogLevel.DEBUG}


def test_a_position_too_much_is_held_by_its_owner_after_the_second_look(scene, btc, eth):
    scene.client.hold(BTC, 1)
    scene.client.hold(BTC, 2, 61_000)
    assert scene.check()
    assert btc.told == []
    scene.check(4)
    text = f"{BTC}: the account holds 3, strategies own 0"
    assert btc.told == [("hold", Decimal(3), Decimal(61_000), text)]
    assert eth.told == []
    assert scene.watchdog.positions.compared[BTC] == Comparison(
        Decimal(0), Decimal(3), Decimal(61_000), True
    )


def test_a_halt_names_the_trades_of_a_position_that_several_make(scene, btc):
    btc.position = Decimal(3)
    sides = {"side": "LONG", "setup": "toy"}
    btc.trades = [
        {"trade_id": 4, "quantity": 1.0, **sides},
        {"trade_id": 6, "quantity": 2.0, **sides},
    ]
    scene.client.hold(BTC, 2)
    scene.check(2)
    ((_, _, _, text),) = btc.told
    assert text.endswith("strategies own 3 in 2 trades: 4 toy LONG 1, 6 toy LONG 2")


def test_a_position_is_doubted_in_looks_in_a_row(scene, btc):
    scene.client.hold(BTC, 1)
    scene.check()
    btc.position = Decimal(1)
    scene.check()
    btc.position = Decimal(0)
    scene.check()
    assert btc.told == []
    scene.check()
    assert [what for what, *_ in btc.told] == ["hold"]


def test_only_looks_apart_in_time_count(scene, btc):
    scene.client.hold(BTC, 1)
    scene.check(5, is_periodic=False)
    assert btc.told == []
    scene.check()
    assert btc.told == []


@pytest.mark.parametrize(("held", "price"), [(0, 60_000), (2, None)])
def test_without_a_position_or_its_price_the_owner_halts(scene, btc, eth, held, price):
    btc.position = Decimal(5)
    scene.client.hold(BTC, held, price)
    scene.check(5)
    text = f"{BTC}: the account holds {held}, strategies own 5"
    assert btc.told == [("halt", text)]
    assert eth.told == []


def test_a_halted_owner_is_not_halted_again(scene, btc):
    btc.position = Decimal(5)
    btc.manager.halted = True
    scene.check(3)
    assert btc.told == []


def test_owners_of_one_instrument_are_compared_together_and_all_halt():
    owners = Strategy("S-001"), Strategy("S-002")
    scene = Scene(*owners)
    owners[0].position, owners[1].position = Decimal(2), Decimal(-5)
    scene.client.hold(BTC, -3)
    scene.check(3)
    assert [owner.told for owner in owners] == [[], []]
    scene.client.held.clear()
    scene.client.hold(BTC, -4)
    scene.check(2)
    text = f"{BTC}: the account holds -4, strategies own -3"
    assert [owner.told for owner in owners] == [[("halt", text)], [("halt", text)]]


@pytest.mark.parametrize("way", ["told before", "told after"])
def test_a_fill_on_its_way_while_the_venue_answers_is_no_doubt(scene, btc, way):
    scene.client.hold(BTC, 1 if way == "told before" else 0)
    scene.client.on_question = lambda: setattr(btc, "position", Decimal(1))
    scene.check()
    assert scene.client.caught_up == 0
    assert not scene.watchdog.positions.compared[BTC].is_doubtful


def test_more_than_the_fill_on_its_way_is_doubted(scene, btc):
    scene.client.hold(BTC, 2)
    scene.client.on_question = lambda: setattr(btc, "position", btc.position + 1)
    scene.check()
    assert scene.client.caught_up == 1


def test_a_fill_that_no_socket_has_told_is_caught_up_before_a_doubt(scene, btc):
    def catch_up():
        # Events take a moment to reach the strategy.
        asyncio.get_running_loop().call_later(0.9 * DELIVERY_S, lambda: setattr(btc, "position", 1))

    scene.client.hold(BTC, 1)
    scene.client.on_catch_up = catch_up
    scene.check(3)
    assert btc.told == []
    assert scene.client.caught_up == 1
    assert not scene.watchdog.positions.compared[BTC].is_doubtful


def test_a_client_that_cannot_catch_up_is_said_and_keeps_no_other_from_it(btc, caplog):
    scene = Scene(btc)
    other = Client()
    scene.kernel.exec_engine._clients[1] = other
    scene.client.catches_up = False
    scene.client.hold(BTC, 1)
    with caplog.at_level(logging.WARNING):
        scene.check()
    assert not scene.watchdog.positions.is_caught_up
    assert other.caught_up == 1
    assert [record.message for record in caplog.records] == ["Not reconciled: no answer"]
    scene.client.catches_up = True
    scene.check()
    assert scene.watchdog.positions.is_caught_up


def test_an_answer_that_does_not_come_doubts_nothing(scene, btc, caplog):
    btc.position = Decimal(1)
    scene.client.answers = False
    with caplog.at_level(logging.WARNING):
        assert scene.check(3) is False
    assert {r.message for r in caplog.records} == {
        "The positions at the venue are not known: no answer"
    }
    assert btc.told == []
    assert scene.watchdog.missing() == ["the positions at the venue are not known"]


def test_a_question_beside_the_clock_does_not_make_blind(scene):
    scene.client.answers = False
    assert scene.check(5, is_periodic=False) is False
    scene.check()
    assert scene.watchdog.missing() == []
    scene.client.answers = True
    assert scene.check() is True
    scene.client.answers = False
    scene.check()
    assert scene.watchdog.missing() == []
    scene.check()
    assert scene.watchdog.missing() == ["the positions at the venue are not known"]


def in_cache(kernel, *sizes):
    """Let the cache of a node have positions of a simulated venue (signed sizes of BTC)."""
    instrument = resolve_instrument(BTC.value)
    kernel.cache.add_instrument(instrument)
    factory = OrderFactory(TraderId("T-001"), StrategyId("S-001"), kernel.clock)
    for number, size in enumerate(sizes):
        side = OrderSide.BUY if size > 0 else OrderSide.SELL
        order = factory.market(BTC, side, instrument.make_qty(abs(size)))
        fill = TestEventStubs.order_filled(
            order,
            instrument,
            position_id=PositionId(f"P-{number}"),
            last_px=Price.from_str("60500"),
        )
        kernel.cache.add_position(Position(instrument, fill), OmsType.HEDGING)


def test_positions_of_a_simulated_venue_are_those_of_the_cache(btc):
    scene = Scene(btc)
    scene.kernel.exec_engine._clients[0] = SandboxExecutionClient.__new__(SandboxExecutionClient)
    in_cache(scene.kernel, Decimal(3), Decimal(-1))
    btc.position = Decimal(2)
    assert scene.check()
    compared = scene.watchdog.positions.compared[BTC]
    assert compared == Comparison(Decimal(2), Decimal(2), Decimal("60500.0"), False)
    assert scene.client.questions == []
    btc.position = Decimal(0)
    scene.check(2)
    assert [what for what, *_ in btc.told] == ["hold"]
