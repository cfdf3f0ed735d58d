"""Parameters that change while a machine runs are checked as those of a configuration."""

from typing import Any

import pytest

from errors import UsageError
from strategies.common.settings import changed_settings
from strategies.common.settings import described
from strategies.common.settings import differences
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
        ({"mode": "live"}, "mode: Invalid enum value 'live'"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        changed_settings(BEFORE, changes)
