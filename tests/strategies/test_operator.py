"""What an operator and the watchdog of a live node do to the trade manager."""

from strategies.common.decisions import decide
from strategies.common.gate import Refusal
from strategies.common.reasons import DropReason
from strategies.common.records import EntryCanceled
from strategies.common.trade_params import MINUTE_NS
from tests.strategies.trade_manager_desk import LONG
from tests.strategies.trade_manager_desk import SHORT
from tests.strategies.trade_manager_desk import Desk
from tests.strategies.trade_manager_desk import short


def test_stale_data_refuse_an_entry_after_observation_and_before_the_kill_switch() -> None:
    desk = Desk()
    decision, commands = decide(desk.manager, MINUTE_NS, 1000, LONG, stale=True)
    assert (decision.reason, list(commands)) == (Refusal.STALE, [])
    decision, _ = decide(desk.manager, MINUTE_NS, 1000, LONG, stale=True, active=False)
    assert decision.reason == Refusal.OBSERVATION
    decision, commands = decide(desk.manager, MINUTE_NS, 1000, LONG)
    assert [command[0] for command in short(commands)] == ["ENTRY"]


def test_stale_data_keep_an_open_trade_from_turning_but_not_from_its_time_stop() -> None:
    desk = Desk(max_hold_ns=MINUTE_NS, extend_if_profitable=False)
    desk.open()
    desk.minute()
    decision, commands = decide(desk.manager, desk.now + MINUTE_NS, 1000, SHORT, stale=True)
    assert decision.reason == "TIME"
    assert [command[0] for command in short(commands)] == ["EXIT"]


def test_a_halt_gives_up_the_working_entry_and_refuses_the_next_until_it_ends() -> None:
    desk = Desk()
    desk.minute(LONG)
    desk.accept(1)
    assert short(desk.keep(desk.manager.halt(desk.now, "the account holds 5"))) == [("CANCEL", 1)]
    assert desk.alerts() == ["POSITION_MISMATCH"]
    desk.cancel(1)
    canceled = [record for record in desk.records if isinstance(record, EntryCanceled)]
    assert [record.reason for record in canceled] == [DropReason.HALTED]
    assert desk.minute(LONG) == Refusal.HALTED
    desk.manager.halted = False
    assert desk.minute(LONG) == "SETUP_LONG"


def test_a_halt_leaves_the_stop_of_an_open_trade_alone() -> None:
    desk = Desk()
    desk.open()
    assert desk.keep(desk.manager.halt(desk.now, "the account holds 5")) == []
    assert desk.manager.trade is not None
    assert desk.manager.trade.close_reason is None
