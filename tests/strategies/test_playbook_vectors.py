"""The attempt machine against the reference sessions: attempts, events and signals."""

from typing import Any

import pytest

from strategies.playbook.candidate import Candidate
from strategies.playbook.engine import AttemptEngine
from tests.checks import some
from tests.strategies.playbook_vectors import params_from
from tests.strategies.playbook_vectors import rows
from tests.vectors import load


RUNS = (
    ("expected.json.gz", "stream.json.gz"),
    ("expected_mirror.json.gz", "stream_mirror.json.gz"),
    ("expected_tiered.json.gz", "stream.json.gz"),
)
EXPECTED_OF = {stream: name for name, stream in RUNS[:2]}
VARIANTS = load("003", "setup_variants.json")


def attempt_of(engine: AttemptEngine) -> list[Any] | None:
    attempt = engine.attempt
    if attempt is None:
        return None
    nodes = [[node.lo, node.hi] for node in attempt.nodes]
    return [
        attempt.side,
        attempt.phase.value,
        attempt.start,
        attempt.extreme,
        attempt.extreme_i,
        attempt.origin,
        attempt.origin_i,
        attempt.latched,
        attempt.was_balance,
        nodes,
    ]


def signal_of(candidate: Candidate | None) -> dict[str, Any] | None:
    if candidate is None or candidate.refusal is not None:
        return None
    node, large = candidate.node, candidate.large_print
    rr = candidate.rr
    return {
        "signal_type": "BUY" if candidate.side > 0 else "SELL",
        "setup": candidate.setup.value,
        "entry": candidate.entry,
        "stop": candidate.stop,
        "target": candidate.target,
        "target_basis": candidate.basis.value,
        "rr": [rr.numerator, rr.denominator],
        "confidence": candidate.confidence,
        "node": {"lo": node.lo, "hi": node.hi, "price": node.price, "volume": node.volume},
        "print": None if large is None else {"size": large.lots, "price": large.price},
    }


@pytest.mark.parametrize(("name", "stream"), RUNS)
def test_each_minute_of_the_sessions_is_that_of_the_reference(name: str, stream: str) -> None:
    expected = load("003", name)
    config = load("003", RUNS[0][0])["config"] | expected.get("config_changes", {})
    engine = AttemptEngine(params_from(config))
    signals = 0
    for (day, i, row), case in zip(rows(name, stream), some(expected["rows"]), strict=True):
        outcome = engine.step(row)
        at = f"day {day}, minute {i}"
        assert [event.value for event in outcome.events] == case["events"], at
        assert attempt_of(engine) == case["attempt"], at
        assert signal_of(outcome.candidate) == case["signal"], at
        signals += case["signal"] is not None
    assert signals == 2


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant["name"])
def test_each_variant_trades_or_says_why_not(variant: dict[str, Any]) -> None:
    name = EXPECTED_OF[variant["stream"]]
    config = load("003", RUNS[0][0])["config"] | variant["config_changes"]
    engine = AttemptEngine(params_from(config))
    events, signals = [], []
    for day, i, row in some(rows(name, variant["stream"], variant["first_day"])):
        outcome = engine.step(row)
        if outcome.events:
            events.append([day, i, [event.value for event in outcome.events]])
        signal = signal_of(outcome.candidate)
        if signal is not None:
            signals.append([day, i, signal])
    assert events == variant["events"]
    assert signals == variant["signals"]
