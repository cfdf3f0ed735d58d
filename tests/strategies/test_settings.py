"""Parameters that change while a machine runs are checked as those of a configuration."""

from typing import Any

import pytest
from msgspec import to_builtins

from errors import AuctionError
from errors import UsageError
from strategies.common.settings import changed_settings
from strategies.common.settings import checked_settings
from strategies.common.settings import described
from strategies.common.settings import differences
from strategies.playbook.params import AS_TIGHT
from strategies.playbook.params import SignalParams


BEFORE = SignalParams()


def test_only_what_is_named_changes() -> None:
    after = changed_settings(BEFORE, {"min_score": 80, "setups": ["TREND_MODEL"], "min_rr": 2.5})
    assert after == SignalParams(min_score=80, setups=BEFORE.setups[:1], min_rr=after.min_rr)
    assert described(differences(BEFORE, after)) == (
        "setups [TREND_MODEL, MEAN_REVERSION] -> [TREND_MODEL], min_score 70 -> 80, "
        "min_rr 1.5 -> 2.5"
    )
    assert differences(after, after) == {}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"mni_score": 80}, "mni_score: no such setting; there are mode, setups"),
        ({"min_score": "high"}, "min_score: Expected `int`, got `str`"),
        ({"min_score": -1}, "signals.min_score: -1 is below 0"),
        ({"setups": ["SCALP"]}, "setups"),
        (
            {"min_leg_atr": "1e9999999999"},
            "signals.min_leg_atr: 1E.9999999999 is above 1,000",
        ),
        ({"min_score": 10**30}, "signals.min_score: 10+ is above 1,000,000,000,000"),
        ({"fallback_rr": "1e13"}, "signals.fallback_rr: 1E.13 is not above 0 and at most 1,000"),
        ({"lvn_ratio": "1e-9999999999"}, "signals.lvn_ratio: 1E-9999999999 has more than 18 dec"),
        ({"min_leg_atr": float("nan")}, "signals.min_leg_atr: NaN is below 0"),
        ({"mode": "live"}, "mode: Invalid enum value 'live'"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        changed_settings(BEFORE, changes)


TIGHTER = (
    {"mode": "alerts"},
    {"setups": ["TREND_MODEL"]},
    {"setups": []},
    {"session_filter": True},
    {"skip_open_minutes": 15},
    {"flat_before_close_minutes": 10},
    {"min_leg_atr": 3},
    {"expiry_minutes": 30},
    {"min_score": 80, "counter_aggression_exit": True, "breakeven_on_cvd": True},
)
OPEN = SignalParams(session_filter=False)


@pytest.mark.parametrize("changes", TIGHTER, ids=str)
def test_tighter_rules_are_taken_at_any_time_and_not_taken_back(changes: dict[str, Any]) -> None:
    after = checked_settings(OPEN, "S-001", changes, AS_TIGHT)
    assert after == changed_settings(OPEN, changes) != OPEN
    back = {name: to_builtins(getattr(OPEN, name)) for name in changes}
    with pytest.raises(AuctionError, match="^S-001: .* is not tighter: deactivate the node and"):
        checked_settings(after, "S-001", back, AS_TIGHT)
    assert checked_settings(after, "S-001", back) == OPEN


def test_a_score_that_also_closes_positions_may_not_rise() -> None:
    params = SignalParams(counter_aggression_exit=True)
    with pytest.raises(AuctionError, match="min_score 70 -> 71 is not tighter"):
        checked_settings(params, "S-001", {"min_score": 71}, AS_TIGHT)
    # Nothing that is held now would have been closed by it before.
    both = {"min_score": 71, "counter_aggression_exit": True}
    assert checked_settings(SignalParams(), "S-001", both, AS_TIGHT) == SignalParams(**both)


def test_one_looser_rule_among_others_is_named_and_none_is_taken() -> None:
    changes = {"min_score": 80, "stop_buffer_ticks": 1, "min_rr": "1.5"}
    text = "^S-001: stop_buffer_ticks 2 -> 1 is not tighter"
    with pytest.raises(AuctionError, match=text):
        checked_settings(BEFORE, "S-001", changes, AS_TIGHT)
