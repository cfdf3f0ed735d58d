"""A manager restored from a snapshot goes on exactly as the original."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from strategies.common.daily_limits import DayStop
from strategies.common.ledger import Ledger
from strategies.common.records import Record
from strategies.common.trade import Trade
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_state import TradeState
from tests.strategies.test_trade_manager_properties import SIDES
from tests.strategies.test_trade_manager_properties import TradeManagerMachine
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import Desk


def restored(manager: TradeManager, record: Callable[[Record], None], ts: int) -> TradeManager:
    state = json.loads(json.dumps(manager.snapshot()))
    limit = manager.ledger.max_daily_loss
    twin = TradeManager(manager.params, manager._size, Ledger(Decimal(0), limit), record)
    twin.restore(ts, state)
    return twin


class Twins:
    """Stands for a manager, and hands each call to one restored from its snapshot as well."""

    def __init__(self, manager: TradeManager, records: list[Record]) -> None:
        self.manager = manager
        self.records = records

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.manager, name)
        return self.both(name) if callable(value) and name != "snapshot" else value

    def both(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            told: list[Record] = []
            # The day does not end between the snapshot and the call.
            twin = restored(self.manager, told.append, self.manager._time)
            told.clear()
            seen = len(self.records)
            result = getattr(self.manager, name)(*arguments)
            assert getattr(twin, name)(*arguments) == result
            assert told == self.records[seen:]
            assert twin.snapshot() == self.manager.snapshot()
            return result

        return call


class RestartedMachine(TradeManagerMachine):
    """The machine of the trade manager with a restart before each event."""

    @initialize(limit_entry=SIDES, kill=st.sampled_from([None, Decimal(20)]))
    def start(self, limit_entry: bool, kill: Decimal | None) -> None:
        TradeManagerMachine.start(self, limit_entry, kill)
        self.manager = Twins(self.manager, self.records)  # type: ignore[assignment]


TestRestartedManager = RestartedMachine.TestCase
TestRestartedManager.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_every_field_of_a_trade_is_kept() -> None:
    kept = set(TradeState.__struct_fields__)
    assert kept == {name.lstrip("_") for name in Trade.__slots__}


def test_a_snapshot_shares_nothing_with_the_trade() -> None:
    desk = Desk()
    desk.open()
    before = json.dumps(desk.manager.snapshot())
    twin = restored(desk.manager, desk.records.append, desk.now)

    desk.fill(2, 3, 950)
    desk.cancel(2)

    assert json.dumps(twin.snapshot()) == before


def test_a_snapshot_of_before_the_doubt_of_cancels_and_the_loss_of_stops_is_read() -> None:
    desk = Desk()
    desk.open()
    plain = json.loads(json.dumps(desk.manager.snapshot()))
    del plain["trade"]["stop_lost_until"]
    for order in plain["trade"]["orders"]:
        del order["cancel_in_doubt"]
    other = Desk()

    other.manager.restore(desk.now, plain)

    assert other.manager.snapshot() == desk.manager.snapshot()


@pytest.mark.parametrize(
    "change",
    [{"schema": 2}, {"schema": None}, {"trade": {"side": 1}}, {"cash": "much"}],
)
def test_another_schema_is_refused_and_changes_nothing(change: dict[str, Any]) -> None:
    desk = Desk()
    desk.open()
    plain = {**desk.manager.snapshot(), **change}
    other = Desk()
    before = other.manager.snapshot()

    with pytest.raises(ValueError, match="trade manager state"):
        other.manager.restore(desk.now, plain)

    assert other.manager.snapshot() == before


def test_a_switch_that_was_on_stays_on_for_its_day() -> None:
    desk = Desk(limit=Decimal(10))
    desk.open()
    desk.fill(2, 10, 900)
    assert desk.manager.ledger.killed
    plain = desk.manager.snapshot()

    for days, killed in ((0, True), (1, False)):
        other = Desk(limit=Decimal(1000))
        other.manager.restore(desk.now + days * 86_400_000_000_000, plain)
        assert other.manager.ledger.killed is killed


def test_old_fills_are_forgotten_in_the_end() -> None:
    desk = Desk(lots=1, cooldown_ns=0)
    for trade in range(80):
        entry = 2 * trade + 1
        desk.minute(LONG)
        desk.fill(entry, 1, 1000)
        desk.fill(entry + 1, 1, 950)
        assert desk.manager.trade is None

    seen = desk.manager.snapshot()["fills_seen"]
    assert len(seen) == 102
    assert seen[-1] == (160, "159")


@pytest.mark.parametrize(("days", "stop"), [(0, DayStop.PROFIT_TARGET), (1, None)])
def test_a_target_that_was_reached_stays_reached_for_its_day(
    days: int, stop: DayStop | None
) -> None:
    desk = Desk()
    desk.manager.ledger = Ledger(Decimal(1000), None, Decimal(40))
    desk.open()
    desk.fill(2, 10, 1050)
    assert desk.manager.ledger.stop is DayStop.PROFIT_TARGET
    plain = json.loads(json.dumps(desk.manager.snapshot()))

    # Without the state the larger target of the new settings would let more in.
    other = Desk()
    other.manager.ledger = Ledger(Decimal(1000), None, Decimal(1000))
    other.manager.restore(desk.now + days * 86_400_000_000_000, plain)
    assert other.manager.ledger.stop is stop
