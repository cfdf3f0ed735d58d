"""The decision machine of the playbook: what is entered, what is refused and why, what is kept."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from msgspec.structs import replace

from errors import AuctionError
from errors import ParameterError
from strategies.common.position import FLAT
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import ExitReason
from strategies.common.step import Entry
from strategies.common.step import Step
from strategies.common.trade_params import MINUTE_NS
from strategies.playbook.events import Setup
from strategies.playbook.machine import PlaybookMachine
from strategies.playbook.params import SignalParams
from strategies.playbook.records import AttemptRecord
from strategies.playbook.records import NodeRecord
from strategies.playbook.records import SetupRecord
from strategies.playbook.rows import ContextRow
from tests.checks import some
from tests.strategies.playbook_vectors import rows


ROWS = [row for _, _, row in rows("expected.json.gz", "stream.json.gz")]
TREND, REVERSION = 2 * 390 + 143, 3 * 390 + 107
LONG = TradeView(
    trade_id=7,
    tag="trend_long",
    side=1,
    stop=25_135,
    first_stop=25_135,
    lots=4,
    average=Fraction(50_317, 2),
    since=1,
)


def entries(params: SignalParams, given: list[ContextRow]) -> list[tuple[int, Entry]]:
    machine = PlaybookMachine(params)
    found = []
    for i, row in enumerate(given):
        step = machine.step(row, FLAT)
        assert step is not None
        found += [(i, entry) for entry in step.entries]
    return found


def outcomes(params: SignalParams, given: list[ContextRow]) -> dict[int, str | None]:
    """Return the refusals at the two complete signals of the sessions."""
    found = dict(entries(params, given))
    return {i: found[i].refusal for i in (TREND, REVERSION)}


def ready(**changes: Any) -> PlaybookMachine:
    """Return a machine that has seen the minutes before the trend's signal."""
    machine = PlaybookMachine(SignalParams(**changes))
    for row in ROWS[:TREND]:
        machine.step(row, FLAT)
    return machine


def step_of(machine: PlaybookMachine, row: ContextRow, position: Position = FLAT) -> Step:
    step = machine.step(row, position)
    assert step is not None
    return step


def test_a_signal_is_an_entry_with_all_its_prices_and_what_it_rests_on() -> None:
    step = step_of(ready(), ROWS[TREND])
    (entry,) = step.entries
    intent, context = entry.intent, entry.context
    assert intent is not None
    assert (intent.tag, intent.entry, intent.stop, intent.tp2) == (
        "trend_long",
        25_158,
        25_135,
        25_401,
    )
    assert (entry.refusal, step.reason, step.flags) == (None, "TREND_LONG", ("TREND_MODEL",))
    assert step.events == ("TOUCH", "SIGNAL")
    assert (context.node, context.print_price, context.score) == (25_127, 25_137, 100.0)
    assert (context.regime, context.confidence) == ("BALANCE", 0.7)
    (alert,) = step.notes.alerts
    assert (alert.kind, alert.value) == ("SIGNAL", 70.0)
    assert alert.text.startswith("BUY TREND_MODEL at a node, 10.57 R to PRIOR_POC, score 100")


def test_a_refused_touch_says_what_was_missing() -> None:
    machine = PlaybookMachine(SignalParams())
    seen = []
    for row in ROWS[: TREND + 1]:
        step = step_of(machine, row)
        seen += [record for record in step.notes.records if isinstance(record, SetupRecord)]
    *refused, signal = seen
    assert [record.refusal for record in refused] == ["NO_AGGRESSION"] * 4
    assert refused[0].missing == "flow of buyers with 70 wanted, sellers with 0"
    assert (signal.refusal, signal.missing) == (None, "")


@pytest.mark.parametrize(
    ("changes", "trend", "reversion"),
    [
        ({"session_filter": False}, None, None),
        ({}, None, "OUTSIDE_SESSION"),
        ({"skip_open_minutes": 144}, None, "OUTSIDE_SESSION"),
        ({"skip_open_minutes": 145}, "OUTSIDE_SESSION", "OUTSIDE_SESSION"),
        ({"session_filter": False, "setups": (Setup.MEAN_REVERSION,)}, "SETUP_OFF", None),
        ({"session_filter": False, "setups": ()}, "SETUP_OFF", "SETUP_OFF"),
        ({"session_filter": False, "mode": "alerts"}, "ALERTS_ONLY", "ALERTS_ONLY"),
        ({"mode": "alerts"}, "ALERTS_ONLY", "OUTSIDE_SESSION"),
    ],
)
def test_what_the_operator_has_chosen_refuses_a_complete_signal(
    changes: dict[str, Any], trend: str | None, reversion: str | None
) -> None:
    found = outcomes(SignalParams(**changes), ROWS)
    assert found == {TREND: trend, REVERSION: reversion}


def test_mean_reversion_belongs_to_london() -> None:
    given = [replace(row, market_session="LONDON") for row in ROWS]
    found = outcomes(SignalParams(), given)
    assert found == {TREND: "OUTSIDE_SESSION", REVERSION: None}


def test_the_stop_of_mean_reversion_may_lie_beyond_the_failed_extreme() -> None:
    params = SignalParams(session_filter=False, reversion_stop="attempt_extreme")
    entry = dict(entries(params, ROWS))[REVERSION]
    assert entry.stop == 24_981 - 2


def test_nothing_is_entered_shortly_before_the_venue_closes_and_all_is_closed() -> None:
    closes_at = ROWS[TREND].end + 5 * MINUTE_NS
    machine = ready()
    step = step_of(machine, replace(ROWS[TREND], closes_at=closes_at))
    assert step.entries[0].refusal == "FLAT_BEFORE_CLOSE"
    held = Position(trades=(LONG,))
    following = replace(ROWS[TREND + 1], closes_at=closes_at + MINUTE_NS)
    step_of(machine, following, held)
    assert machine.wake_at == closes_at - 4 * MINUTE_NS
    assert machine.exits_at(machine.wake_at - 1, held) == ()
    (leave,) = machine.exits_at(machine.wake_at, held)
    assert (leave.reason, leave.trade_id) == (ExitReason.SESSION_END, None)
    assert machine.exits_at(machine.wake_at, FLAT) == ()


def test_a_market_that_never_closes_has_no_last_minutes() -> None:
    machine = ready()
    step_of(machine, ROWS[TREND], Position(trades=(LONG,)))
    assert machine.wake_at is None


@pytest.mark.parametrize(
    ("changes", "close", "flow", "stop"),
    [
        ({"breakeven_on_cvd": True}, 25_182, (1, 100), 25_159),
        ({"breakeven_on_cvd": True}, 25_181, (1, 100), None),
        ({"breakeven_on_cvd": True}, 25_182, (1, 70), None),
        ({"breakeven_on_cvd": True}, 25_182, (-1, 100), None),
        ({}, 25_182, (1, 100), None),
    ],
)
def test_the_stop_moves_to_the_entry_on_full_flow_at_a_profit_of_one_risk(
    changes: dict[str, Any], close: int, flow: tuple[int, int], stop: int | None
) -> None:
    row = replace(ROWS[TREND + 1], close=close, flow_side=flow[0], flow_score=flow[1])
    step = step_of(ready(**changes), row, Position(trades=(LONG,)))
    assert [move.stop for move in step.stops] == ([] if stop is None else [stop])


@pytest.mark.parametrize(
    ("is_on", "flow", "leaves"),
    [
        (True, (-1, 70), True),
        (True, (-1, 69), False),
        (True, (1, 100), False),
        (False, (-1, 100), False),
    ],
)
def test_aggressive_flow_against_the_position_closes_it(
    is_on: bool, flow: tuple[int, int], leaves: bool
) -> None:
    row = replace(ROWS[TREND + 1], flow_side=flow[0], flow_score=flow[1])
    machine = ready(counter_aggression_exit=is_on)
    step = step_of(machine, row, Position(trades=(LONG,)))
    assert [(leave.reason, leave.trade_id) for leave in step.exits] == (
        [("COUNTER_FLOW", 7)] if leaves else []
    )


def test_a_machine_that_is_kept_and_restored_each_minute_goes_on_alike() -> None:
    params = SignalParams(session_filter=False)
    whole, machine = PlaybookMachine(params), PlaybookMachine(params)
    reasons = []
    for row in some(ROWS[390:]):
        expected = whole.step(row, FLAT)
        assert machine.step(row, FLAT) == expected
        assert expected is not None
        reasons += [entry.tag for entry in expected.entries if entry.refusal is None]
        kept = json.loads(json.dumps(machine.snapshot()))
        machine = PlaybookMachine(params)
        machine.restore(kept, FLAT, row.end)
        assert machine.step(row, FLAT) is None
    assert reasons == ["trend_long", "reversion_long"]


def test_a_damaged_state_is_refused() -> None:
    with pytest.raises(AuctionError, match="saved state of the playbook"):
        PlaybookMachine(SignalParams()).restore({"last": "soon"}, FLAT, 0)


@pytest.mark.parametrize("cause", ["gap", "missing minute"])
def test_what_had_begun_before_missing_data_is_not_gone_on_with(cause: str) -> None:
    machine = ready()
    given = ROWS[TREND:]
    if cause == "gap":
        machine.on_gap(ROWS[TREND].ts_min)
        assert not machine.warm
    else:
        given = given[1:]
    step = step_of(machine, given[0])
    assert (step.entries, machine.engine.attempt) == ((), None)


def test_other_bins_end_the_running_attempt_and_another_score_does_not() -> None:
    machine = ready()
    machine.change_settings(SignalParams(min_score=101))
    assert step_of(machine, ROWS[TREND]).entries[0].refusal == "NO_AGGRESSION"
    machine = ready()
    machine.change_settings(SignalParams(leg_bin_ticks=1))
    assert step_of(machine, ROWS[TREND]).entries == ()


def test_changed_settings_outlive_a_restart_and_are_announced() -> None:
    machine = ready()
    machine.change_settings(SignalParams(min_score=80))
    kept = json.loads(json.dumps(machine.snapshot()))
    machine = PlaybookMachine(SignalParams(min_rr=Decimal(3)))
    (alert,) = machine.restore(kept, FLAT, 5).alerts
    assert (alert.kind, alert.text) == (
        "SETTINGS",
        "as changed before the restart: min_score 70 -> 80",
    )
    assert machine.settings() == SignalParams(min_score=80, min_rr=Decimal(3))
    kept["changed"] = {"min_score": -5}
    (alert,) = PlaybookMachine(SignalParams()).restore(kept, FLAT, 5).alerts
    assert alert.text.startswith(
        "what was changed before the restart is not used: signals.min_score: -5"
    )


def test_each_step_of_attempts_and_nodes_is_recorded_once() -> None:
    machine = PlaybookMachine(SignalParams())
    records: list[Any] = []
    for row in ROWS:
        records += step_of(machine, row).notes.records
    attempts = [record for record in records if isinstance(record, AttemptRecord)]
    begun = [record.started for record in attempts if record.event.startswith("ATTEMPT")]
    assert len(begun) == len(set(begun)) == 18
    ended = [record.started for record in attempts if record.phase is None]
    assert set(ended) <= set(begun)
    assert len(ended) == len(set(ended))
    nodes = [record for record in records if isinstance(record, NodeRecord)]
    lives: dict[tuple[int, int], list[str]] = {}
    for record in nodes:
        if record.started == ROWS[2 * 390 + 121].ts_min:
            lives.setdefault((record.node.lo, record.node.hi), []).append(record.event)
    assert lives == {
        (25_065, 25_069): ["FOUND", "DROPPED"],
        (25_080, 25_174): ["FOUND", "TOUCHED", "TOUCHED", "SIGNAL"],
        (25_200, 25_204): ["FOUND", "BROKEN"],
        (25_215, 25_219): ["FOUND", "TOUCHED", "TOUCHED", "BROKEN"],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stall_minutes", 0),
        ("min_rr", Decimal(-1)),
        ("fallback_rr", Decimal(0)),
        ("lvn_ratio", Decimal(1_001)),
        ("setups", (Setup.TREND_MODEL, Setup.TREND_MODEL)),
        ("kept_balances", 1_001),
        ("origin_minutes", 1_441),
        ("big_print_ratio", Decimal("NaN")),
    ],
)
def test_a_parameter_out_of_its_range_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        SignalParams(**{name: value})
    assert caught.value.name == f"signals.{name}"
