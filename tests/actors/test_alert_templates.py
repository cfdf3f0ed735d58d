"""Titles, severities and fields of alerts, and how many of them are delivered."""

import ast
from pathlib import Path

import pytest

from actors.alerts.cooldown import RATE
from actors.alerts.cooldown import Cooldown
from actors.alerts.targets import notice_of
from actors.alerts.templates import EVERY_ONE_S
from actors.alerts.templates import FLAPPING_S
from actors.alerts.templates import TEMPLATES
from actors.alerts.templates import Severity
from actors.alerts.templates import severity_of
from actors.alerts.templates import template_of


S = 1_000_000_000
STALE = ("DATA_STALE", "S-1", "ESZ5.XCME")
# The events of the specification, each with a kind of its own.
EVENTS = {
    "SYSTEM_REBOOTED": Severity.WARNING,
    "NO_TRADING_TODAY": Severity.INFO,
    "WAITING_FOR_OPEN": Severity.INFO,
    "SESSION_STARTED": Severity.INFO,
    "MARGIN_HIGH": Severity.WARNING,
    "MARGIN_UNKNOWN": Severity.WARNING,
    "MARGIN_NORMAL": Severity.SUCCESS,
    "TRADE_OPENED": Severity.INFO,
    "TRADE_CLOSED": Severity.SUCCESS,
    "TIER_CHANGE": Severity.INFO,
    "CONNECTION_LOST": Severity.FAILURE,
    "CONNECTION_RESTORED": Severity.SUCCESS,
    "KILL_SWITCH": Severity.FAILURE,
    "PROFIT_TARGET": Severity.SUCCESS,
    "POSITION_MISMATCH": Severity.FAILURE,
    "ENTRY_REJECTED": Severity.WARNING,
    "EXIT_REJECTED": Severity.FAILURE,
    "STOP_REJECTED": Severity.FAILURE,
    "FLATTEN_DONE": Severity.SUCCESS,
    "FLATTEN_UNVERIFIED": Severity.WARNING,
    "FLATTEN_FAILED": Severity.FAILURE,
    "DIGEST": Severity.INFO,
    "OPERATIONS_FAILED": Severity.FAILURE,
    "WATCHDOG_CRITICAL": Severity.FAILURE,
}


@pytest.mark.parametrize(("kind", "severity"), EVENTS.items())
def test_each_event_of_the_specification_has_a_template(kind, severity):
    assert kind in TEMPLATES
    assert template_of(kind).severity is severity


def test_titles_are_unique():
    titles = [template.title for template in TEMPLATES.values()]
    assert len(set(titles)) == len(titles)


def test_a_trade_is_shown_by_its_fields_in_the_time_of_the_exchange():
    data = {
        "strategy_id": "S-1",
        "side": "SHORT",
        "quantity": 2.0,
        "price": 5005.75,
        "stop": 5010.0,
        "target": None,
        "setup": "PULLBACK",
        "kind": "ENTRY_FILLED",
    }
    notice = notice_of("TRADE_OPENED", "paper", "ESZ5.XCME", "t", data, 1_763_689_969 * S)
    assert notice["fields"] == {
        "Strategy": "S-1",
        "Side": "SHORT",
        "Size": "2",
        "Entry": "5005.75",
        "Planned stop": "5010",
        "Setup": "PULLBACK",
    }
    assert notice["local_time"] == "2025-11-20 20:52:49 New York"
    assert notice["severity"] == "info"


def test_a_trade_closed_with_a_loss_is_a_warning():
    assert severity_of("TRADE_CLOSED", {"net": -1.0}) is Severity.WARNING
    assert severity_of("TRADE_CLOSED", {"net": 1.0}) is Severity.SUCCESS


def test_a_kind_of_a_system_is_shown_by_its_name():
    found = template_of("NEWS_FILE_ENDS")
    assert (found.title, found.severity) == ("News file ends", Severity.WARNING)
    assert found.shown({"strategy_id": "S", "value": 0.5}) == {"Strategy": "S", "Value": "0.5"}
    assert template_of("CACHE_RESTORED").severity is Severity.SUCCESS
    assert template_of("JOURNAL_STUCK").severity is Severity.FAILURE


def test_the_cooldown_is_by_kind_whatever_the_text():
    cooldown = Cooldown()
    assert cooldown.admits(STALE, "no quote for 10 s", 0)
    for number in range(1, 6):
        assert not cooldown.admits(STALE, f"no quote for {number}0 s", number * S)
    # Another strategy, instrument or kind has its own.
    assert cooldown.admits(("DATA_STALE", "S-1", "NQZ5.XCME"), "t", S)
    assert cooldown.admits(("DATA_GAP", "S-1", "ESZ5.XCME"), "t", S)
    assert cooldown.take(int(FLAPPING_S) * S - 1) == []
    (found,) = cooldown.take(int(FLAPPING_S) * S)
    assert (found.key, found.since, found.count) == (STALE, S, 5)
    assert found.text == "no quote for 50 s"
    # The report of the count is one of the kind as well.
    assert not cooldown.admits(STALE, "t", int(FLAPPING_S) * S + 1)
    assert [found.count for found in cooldown.take(int(FLAPPING_S) * S + 2, at_end=True)] == [1]


def test_at_most_so_many_go_out_within_a_minute_but_for_those_of_which_each_counts():
    cooldown = Cooldown()
    trades = [("TRADE_CLOSED", f"S-{n}", "ESZ5.XCME") for n in range(RATE + 5)]
    assert sum(cooldown.admits(key, "t", S) for key in trades) == RATE
    assert TEMPLATES["STOP_LOST"].cooldown_s == EVERY_ONE_S
    for _ in range(3):
        assert cooldown.admits(("STOP_LOST", "S-1", "ESZ5.XCME"), "t", 2 * S)
    assert cooldown.take(60 * S) == []
    assert len(cooldown.take(62 * S)) == 5


def test_a_clock_that_was_set_back_silences_nothing():
    cooldown = Cooldown()
    assert cooldown.admits(STALE, "t", 3_600 * S)
    assert cooldown.admits(STALE, "t", S)


def test_templates_know_the_kinds_that_the_code_raises():
    """A kind with a template is one that something raises, so that no template is dead."""
    raised = set()
    for folder in ("actors", "adapters", "live", "strategies"):
        for path in (Path(__file__).parents[2] / folder).rglob("*.py"):
            if path.name == "templates.py":
                continue
            raised |= {
                node.value
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    # Those of the margin and the tiers come from the policies of a system.
    assert set(TEMPLATES) - raised <= {"MARGIN_UNKNOWN", "TIER_CHANGE", "PREFLIGHT"}
