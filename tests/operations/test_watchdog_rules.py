"""What the watchdog process reports, how urgent it is, and when it is quiet."""

from dataclasses import replace
from datetime import date

import pytest

from actors.alerts.templates import Severity
from live.operations.days import ExchangeDays
from live.operations.days import UtcDays
from live.operations.node_health import FAILED
from live.operations.node_health import RUNNING
from live.operations.node_health import STOPPED
from live.operations.node_health import Health
from live.operations.watchdog_rules import Observation
from live.operations.watchdog_rules import WatchdogLimits
from live.operations.watchdog_rules import WatchdogRules
from tests.operations.journal_of_a_day import DAY
from tests.operations.journal_of_a_day import at
from tests.vectors import load


S = 1_000_000_000
NOON = at("12:00")
WARNING, CRITICAL = Severity.WARNING, Severity.FAILURE
STRATEGY = {
    "strategy_id": "S",
    "active": True,
    "halted": False,
    "killed": False,
    "position": "0",
    "day_pnl": "0",
}
HEALTH = Health(
    at=NOON,
    state=RUNNING,
    pid=1,
    started_at=at("09:00"),
    disconnected=[],
    reconnects=0,
    gaps=0,
    tick_ages_s={"ESZ5.XCME": 1.0},
    strategies=[STRATEGY],
    market={"S": {"regime": "TREND", "tier": "Tier 1"}},
    trades=2,
    balances=["PAPER-001 10000.00 USD"],
    blocked=[],
    memory_mb=500.0,
)


def seen(now=NOON, health=HEALTH, **values):
    fresh = None if health is None else replace(health, at=health.at + now - NOON)
    whole = {"problem": "", "is_alive": True, "memory_percent": 40.0, "disk_mb": 9_000.0, **values}
    return Observation(now=now, health=fresh, **whole)


@pytest.fixture
def rules():
    return WatchdogRules(ExchangeDays(), WatchdogLimits())


def kinds(findings):
    return [(finding.kind, finding.severity) for finding in findings]


def test_a_healthy_node_is_no_finding(rules):
    assert rules.findings(seen()) == []


def test_a_process_that_is_gone_is_critical_at_once(rules):
    assert kinds(rules.findings(seen(is_alive=False))) == [("PROCESS", CRITICAL)]
    failed = replace(HEALTH, state=FAILED)
    assert kinds(rules.findings(seen(health=failed, is_alive=False))) == [("PROCESS", CRITICAL)]


@pytest.mark.parametrize(
    ("health", "text"),
    [
        (replace(HEALTH, at=NOON - 301 * S), "no sign of life for 5 min"),
        (None, "cannot be read"),
    ],
)
def test_silence_is_critical_from_the_third_failure_in_a_row(rules, health, text):
    found = [
        rules.findings(seen(NOON + n * 60 * S, health, problem="cannot be read")) for n in range(3)
    ]
    assert [kinds(findings) for findings in found] == [
        [("HEARTBEAT", WARNING)],
        [("HEARTBEAT", WARNING)],
        [("HEARTBEAT", CRITICAL)],
    ]
    assert found[0][0].text == f"the node: {text}"
    # One sign of life, and the count begins anew.
    assert rules.findings(seen()) == []
    silent = rules.findings(seen(health=health, problem="cannot be read"))
    assert kinds(silent) == [("HEARTBEAT", WARNING)]


def test_age_at_the_limit_is_no_finding(rules):
    assert rules.findings(seen(health=replace(HEALTH, at=NOON - 300 * S, tick_ages_s={}))) == []


def test_memory_and_disk(rules):
    assert rules.findings(seen(memory_percent=85.0, disk_mb=500.0)) == []
    found = rules.findings(seen(memory_percent=85.1, disk_mb=499.0))
    assert kinds(found) == [("MEMORY", WARNING), ("DISK", CRITICAL)]


def test_quotes_that_are_stale_count_in_the_session_and_while_connected(rules):
    stale = replace(HEALTH, tick_ages_s={"ESZ5.XCME": 61.0, "NQZ5.XCME": None, "CLF6.XNYM": 60.0})
    (found,) = rules.findings(seen(health=stale))
    assert (found.kind, found.severity) == ("TICKS", WARNING)
    assert found.text == ("connected, but without quotes: ESZ5.XCME 61 s, NQZ5.XCME no quote yet")
    assert rules.findings(seen(at("09:29"), stale)) == []
    assert rules.findings(seen(at("16:00"), stale)) == []
    # The first minute of a session may have no quote yet.
    assert rules.findings(seen(at("09:30") + 60 * S, stale)) == []
    assert kinds(rules.findings(seen(at("09:30") + 61 * S, stale))) == [("TICKS", WARNING)]
    lost = replace(stale, disconnected=["data client DATABENTO: not connected"])
    assert kinds(rules.findings(seen(health=lost))) == [("FEED", WARNING)]


def test_more_than_three_reconnects_within_an_hour(rules):
    found = [
        rules.findings(seen(NOON + n * 60 * S, replace(HEALTH, reconnects=n))) for n in range(5)
    ]
    assert [kinds(findings) for findings in found[:4]] == [[], [], [], []]
    assert kinds(found[4]) == [("RECONNECTS", WARNING)]
    # An hour later they are forgotten, and a node that was started again counts anew.
    assert rules.findings(seen(NOON + 70 * 60 * S, replace(HEALTH, reconnects=4))) == []
    assert rules.findings(seen(NOON + 71 * 60 * S, replace(HEALTH, reconnects=0))) == []


@pytest.mark.parametrize(
    "excused",
    [
        {"state": STOPPED},
        {"strategies": [{**STRATEGY, "halted": True}]},
        {"strategies": [{**STRATEGY, "killed": True}]},
        {"blocked": ["margin 450 above 400"]},
    ],
)
def test_a_finished_halted_or_margin_blocked_session_is_quiet_while_flat(rules, excused):
    health = replace(HEALTH, **excused, at=NOON - 3_600 * S, disconnected=["all"])
    assert rules.findings(seen(health=health, is_alive=False)) == []
    # The machine is still watched.
    assert kinds(rules.findings(seen(health=health, disk_mb=1.0))) == [("DISK", CRITICAL)]
    held = [{**state, "position": "-2"} for state in health.strategies]
    in_trade = replace(health, strategies=held)
    assert kinds(rules.findings(seen(health=in_trade, is_alive=False))) == [("PROCESS", CRITICAL)]


def test_a_node_that_was_shut_down_before_today_is_missed(rules):
    health = replace(HEALTH, state=STOPPED, at=at("16:30", date(2025, 11, 25)))
    found = rules.findings(seen(health=health, is_alive=False))
    assert kinds(found) == [("PROCESS", CRITICAL)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at("09:24"), False),
        (at("09:25"), True),
        (at("16:15"), True),
        (at("16:16"), False),
        (at("12:00", date(2025, 11, 27)), False),
        (at("13:15", date(2025, 11, 28)), True),
        (at("13:16", date(2025, 11, 28)), False),
        (at("12:00", date(2025, 11, 29)), False),
    ],
)
def test_it_watches_on_trading_days_around_the_session(rules, now, expected):
    assert rules.is_watching(now) is expected
    assert bool(rules.findings(seen(now, is_alive=False))) is expected


def test_a_venue_that_never_closes_is_always_watched():
    rules = WatchdogRules(UtcDays(), WatchdogLimits())
    saturday = at("19:00", date(2025, 11, 29))
    assert all(rules.is_watching(saturday + hour * 3_600 * S) for hour in range(24))


def test_the_cooldown_goes_by_kind_and_severity_and_not_by_the_number_in_the_text(rules):
    def due(minute, memory):
        now = NOON + minute * 60 * S
        return rules.due(now, rules.findings(seen(now, memory_percent=memory)))

    reported = [(minute, bool(due(minute, 86.0 + minute)[0])) for minute in range(16)]
    assert [minute for minute, was in reported if was] == [0, 15]
    assert due(16, 40.0) == ([], ["MEMORY"])
    # It comes and goes: neither is reported again within the cooldown.
    assert due(17, 90.0) == ([], [])
    assert due(18, 40.0) == ([], [])


def test_a_finding_that_becomes_critical_is_reported_at_once(rules):
    found = []
    for minute in range(4):
        now = NOON + minute * 60 * S
        findings = rules.findings(seen(now, None, problem="cannot be read"))
        found.append(kinds(rules.due(now, findings)[0]))
    assert found == [[("HEARTBEAT", WARNING)], [], [("HEARTBEAT", CRITICAL)], []]
    assert rules.due(NOON + 240 * S, rules.findings(seen(NOON + 240 * S))) == ([], ["HEARTBEAT"])
    assert date(2025, 11, 26) == DAY


def test_health_holds_what_the_heartbeat_of_the_specification_does():
    # Ticks are not counted: their age says what a count was kept for.
    place = {
        "timestamp": "at",
        "last_tick_time": "tick_ages_s",
        "tick_count": "tick_ages_s",
        "feed_connected": "disconnected",
        "reconnect_count": "reconnects",
        "daily_pnl": "strategies.day_pnl",
        "trade_count": "trades",
        "open_positions": "strategies.position",
        "is_halted": "strategies.halted",
        "halt_reason": "strategies.killed",
        "tier_name": "market",
        "balance": "balances",
        # In the name of the file.
        "mode": "",
        "symbol": "tick_ages_s",
    }
    assert set(load("002", "17_files.json")["heartbeat"]) == set(place)
    for name in filter(None, place.values()):
        column, _, inner = name.partition(".")
        assert hasattr(HEALTH, column)
        assert not inner or inner in STRATEGY
