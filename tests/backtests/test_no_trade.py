"""Why a run has no trade: each cause on its own, in words that name it."""

from typing import Any

import pytest

from backtests.results.gaps import ColdRefusals
from backtests.results.no_trade import Evidence
from backtests.results.no_trade import why_no_trade


NOTHING: dict[str, Any] = {
    "closes": "600 closed minutes",
    "open_positions": 0,
    "entries": 0,
    "reasons": {"NO_SETUP": 590, "NO_BAR": 10},
    "refusals": {},
    "given_up": {},
    "alerts": {},
    "history": ["History: 600."],
    "progress": ["It waited."],
    "meanings": {
        "reasons": {"NO_SETUP": "No setup."},
        "refusals": {"COOLDOWN": "Too soon.", "SIZE": "Too small."},
        "entries": {"STOP_TOUCHED": "Its stop traded."},
    },
}


def lines(**seen: Any) -> list[str]:
    return why_no_trade(Evidence(**NOTHING | seen))


def test_without_a_candidate_the_rule_says_what_it_waited_for() -> None:
    assert lines() == [
        "No trades: none of 600 closed minutes had a candidate that was refused or taken.",
        "History: 600.",
        "NO_SETUP was 590 of 600 decisions. No setup.",
        "NO_BAR was 10 of 600 decisions.",
        "It waited.",
    ]


def test_refusals_come_by_code_with_their_sentence() -> None:
    assert lines(refusals={"SIZE": 3, "COOLDOWN": 9, "OTHER": 1}) == [
        "No trades: in 600 closed minutes 13 candidates were refused.",
        "History: 600.",
        "COOLDOWN refused 9 of 13 candidates. Too soon.",
        "SIZE refused 3 of 13 candidates. Too small.",
        "OTHER refused 1 of 13 candidates.",
    ]
    assert lines(refusals={"SIZE": 1})[0].endswith("one candidate was refused.")


GAP = "1 gap in the data, 8 h 00 min, from 2026-01-05 00:49 to 2026-01-05 08:49 UTC"


def test_refusals_after_a_gap_are_not_laid_on_the_start() -> None:
    after = ColdRefusals(count=10, cause=GAP)
    meanings = {"refusals": {"WARMUP": "Start the run earlier."}}
    refusals = {"WARMUP": 10, "SIZE": 1}
    found = lines(refusals=refusals, after_gaps=after, meanings=meanings)
    assert found[2] == (
        "WARMUP refused 10 of 11 candidates. All of these came after a gap, which began the "
        f"warm-up anew: {GAP}. Ingest what is missing there: an earlier start does not help."
    )
    refusals["WARMUP"] = 12
    found = lines(refusals=refusals, after_gaps=after, meanings=meanings)
    assert found[2].startswith("WARMUP refused 12 of 13 candidates. 10 of these came after a gap")
    assert found[2].endswith("does not help. The 2 before: Start the run earlier.")


def test_entries_that_were_never_filled_say_why_they_were_given_up() -> None:
    found = lines(entries=2, given_up={"STOP_TOUCHED": 2}, history=[])
    assert found == [
        "No trades: in 600 closed minutes 2 entries were not filled.",
        "2 entries were decided on, and none was filled.",
        "STOP_TOUCHED canceled 2 of 2 entries. Its stop traded.",
    ]
    both = lines(entries=1, refusals={"SIZE": 1})[0]
    assert both.endswith("one candidate was refused and one entry was not filled.")


def test_a_kill_switch_is_told_with_its_text() -> None:
    found = lines(refusals={"KILL_SWITCH": 5}, alerts={"KILL_SWITCH": ["-120 of -100", "again"]})
    assert found[-1] == "Alert KILL_SWITCH, 2 times: -120 of -100"
    assert lines(alerts={"HALTED": ["in doubt"]})[2] == "Alert HALTED, once: in doubt"


@pytest.mark.parametrize(("count", "text"), [(1, "the only position is"), (2, "2 positions are")])
def test_a_position_that_stays_open_is_the_answer(count: int, text: str) -> None:
    found = lines(open_positions=count, entries=count)
    assert found == [
        f"No trade was closed: {text} still open at the end of the data.",
        "History: 600.",
    ]
