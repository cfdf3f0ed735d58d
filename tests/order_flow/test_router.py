"""The router against the recorded cases, and its one decision per bar."""

from itertools import permutations

import pytest

from actors.footprint.patterns import DIRECTIONS
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.regime.classification import Regime
from errors import ParameterError
from strategies.order_flow.params import RouterParams
from strategies.order_flow.reasons import Route
from strategies.order_flow.router import RULES
from strategies.order_flow.router import Signal
from strategies.order_flow.router import route
from strategies.order_flow.router import route_bar
from tests.regime.vectors import vector


PARAMS = RouterParams()


def signal(pattern, strength=0.8, price=100, direction=None):
    found = Pattern(pattern)
    return Signal(
        pattern=found,
        direction=Direction(direction or DIRECTIONS[found]),
        strength=strength,
        price=price,
    )


def routed(*signals, regime=Regime.RANGING, confidence=0.8, params=PARAMS, cooling=False):
    return route_bar(signals, regime, confidence, params, cooling=cooling)


def test_codes_equal_the_recorded_ones():
    rows = vector("09_router")["rows"]
    assert len(rows) == 1_170
    for regime, pattern, direction, strength, confidence, code in rows:
        found = route(
            signal(pattern, strength, direction=direction),
            Regime(regime),
            confidence,
            PARAMS,
            cooling=False,
        )
        assert found == (code or "APPROVED"), (regime, pattern, direction, strength, confidence)


def test_bias_and_multiplier_equal_the_recorded_ones():
    recorded = vector("09_router")
    assert {str(regime): rules.multiplier for regime, rules in RULES.items()} == recorded[
        "multipliers"
    ]
    assert {str(regime): rules.bias for regime, rules in RULES.items()} == recorded["bias"]


def test_the_patterns_of_a_session_that_pass_are_the_recorded_ones():
    recorded = vector("10_regime_stream_es")
    approved = []
    for bar, pattern, direction, strength, price in recorded["signals"]:
        if bar == len(recorded["regimes"]):
            # The bar that is open at the end of the stream.
            continue
        regime, confidence = recorded["regimes"][bar]
        found = signal(pattern, strength, price, direction)
        if route(found, Regime(regime), confidence, PARAMS, cooling=False) is Route.APPROVED:
            approved.append([bar, pattern, direction, strength, price])
    assert approved == recorded["approved"]


def test_the_strongest_pattern_of_a_bar_is_traded():
    found = routed(
        signal("BUYING_EXHAUSTION", 0.7),
        signal("SELLING_ABSORPTION", 0.8),
        signal("UNFINISHED_HIGH", 0.75),
    )
    assert found.chosen is not None
    assert found.chosen.pattern is Pattern.SELLING_ABSORPTION
    assert (found.stack, set(found.routes)) == (2, {Route.APPROVED})


def test_of_equal_patterns_of_one_direction_the_first_is_traded():
    found = routed(signal("BUYING_EXHAUSTION", 1.0), signal("SELLING_ABSORPTION", 1.0))
    assert found.chosen is not None
    assert (found.chosen.pattern, found.stack) == (Pattern.BUYING_EXHAUSTION, 2)


def test_of_equal_directions_the_one_with_more_patterns_is_traded():
    signals = [
        signal("BUYING_EXHAUSTION", 1.0),
        signal("SELLING_EXHAUSTION", 1.0),
        # Not traded in this regime, but in the direction of the second one.
        signal("BUY_IMBALANCE", 0.3),
    ]
    for order in permutations(signals):
        found = routed(*order)
        assert found.chosen is not None
        assert (found.chosen.pattern, found.stack) == (Pattern.SELLING_EXHAUSTION, 2)


def test_two_directions_alike_are_not_traded():
    found = routed(
        signal("BUY_IMBALANCE", 0.3),
        signal("BUYING_EXHAUSTION", 1.0),
        signal("SELLING_EXHAUSTION", 1.0),
        signal("SELL_IMBALANCE", 0.3),
        signal("UNFINISHED_HIGH", 0.6),
        signal("UNFINISHED_LOW", 0.6),
    )
    assert found.chosen is None
    assert [str(code) for code in found.routes] == [
        "NOT_ENABLED",
        "CONFLICT",
        "CONFLICT",
        "NOT_ENABLED",
        "APPROVED",
        "APPROVED",
    ]


def test_a_repeated_pattern_counts_once_in_a_stack():
    found = routed(
        signal("BUY_IMBALANCE", 0.3, 101),
        signal("BUY_IMBALANCE", 0.9, 103),
        signal("BUYING_ABSORPTION", 0.7),
    )
    assert found.stack == 2


def test_a_cooldown_holds_back_what_would_pass():
    signals = signal("BUYING_EXHAUSTION"), signal("STACKED_BUY_IMBALANCE")
    found = routed(*signals, cooling=True)
    assert (found.chosen, found.routes) == (None, (Route.COOLDOWN, Route.DISABLED))


def test_patterns_may_be_chosen():
    params = RouterParams(patterns=("BUYING_ABSORPTION",))
    found = routed(signal("BUYING_EXHAUSTION"), signal("BUYING_ABSORPTION", 0.5), params=params)
    assert found.chosen is not None
    assert found.routes == (Route.NOT_ENABLED, Route.APPROVED)


def test_a_bar_without_a_pattern_has_no_decision():
    assert routed().chosen is None


@pytest.mark.parametrize(
    "change",
    [
        {"min_strength": 1.1},
        {"min_confidence": -0.1},
        {"cooldown_s": float("nan")},
        {"patterns": ("BUY",)},
    ],
)
def test_parameters_out_of_range_are_refused(change):
    with pytest.raises(ParameterError, match=f"router.{next(iter(change))}"):
        RouterParams(**change)
