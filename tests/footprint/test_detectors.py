"""Detectors against the recommended answers of the vectors, and their options."""

from fractions import Fraction

import pytest

from actors.footprint.detectors.chain import Detectors
from actors.footprint.detectors.divergence import DeltaDivergence
from actors.footprint.detectors.extremes import find_absorption
from actors.footprint.detectors.extremes import find_exhaustion
from actors.footprint.detectors.imbalances import find_imbalances
from actors.footprint.detectors.imbalances import find_stacks
from actors.footprint.detectors.unfinished import UnfinishedBusiness
from actors.footprint.detectors.unfinished import find_unfinished
from actors.footprint.patterns import DIRECTIONS
from actors.footprint.patterns import Pattern
from actors.footprint.thresholds import DetectorParams
from actors.footprint.thresholds import thresholds_of
from tests.footprint.vectors import bar_of
from tests.footprint.vectors import plain_bar
from tests.vectors import load


CASES = load("002", "03_detector_cases.json.gz")
THREE, DECLINE, SHARE = Fraction(3), Fraction(3, 10), Fraction(6, 10)


def plain(signals):
    return [
        {
            "pattern": each.pattern,
            "direction": each.direction,
            "strength": pytest.approx(each.strength, abs=1e-9),
            "price": each.price,
        }
        for each in signals
    ]


def detect(case):
    bar = bar_of(case["levels"], int(case["close"]))
    config = case["config"]
    if case["detector"] == "imbalance":
        return find_imbalances(bar, config.get("min_volume", 10), THREE)
    if case["detector"] == "stacked":
        return find_stacks(find_imbalances(bar, 10, THREE), 3)
    if case["detector"] == "exhaustion":
        return find_exhaustion(bar, 3, DECLINE)
    if case["detector"] == "absorption":
        return find_absorption(bar, config.get("min_volume", 100), SHARE)
    return find_unfinished(bar, 5, "one_sided")


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_closed_bar_has_the_recommended_patterns(case):
    signals = detect(case)
    expected = case["recommended"]
    if case["detector"] == "stacked":
        expected = [each for each in expected if "STACKED" in each["pattern"]]
    assert plain(signals) == expected
    for each in signals:
        assert each.direction == DIRECTIONS[each.pattern]
        assert 0 <= each.strength <= 1
        assert each.low <= each.price <= each.high


def test_all_cases_and_sequences_are_there():
    assert len(CASES["cases"]) == 62
    assert len(CASES["sequences"]) == 12


@pytest.mark.parametrize("case", CASES["sequences"], ids=lambda case: case["name"])
def test_a_sequence_of_bars_has_the_recommended_patterns(case):
    if case["detector"] == "divergence":
        memory = DeltaDivergence(case["config"]["lookback"])
        bars = [
            plain_bar(high=high, low=low, close=close, delta=delta)
            for high, low, close, delta in case["bars_high_low_close_delta"]
        ]
        assert [plain(memory.on_bar(bar)) for bar in bars] == case["recommended"]
        return
    unfinished = UnfinishedBusiness(case["config"]["max_volume"])
    for number, levels in enumerate(case["bars_levels"]):
        bar = bar_of(levels, ts_start=number)
        assert plain(unfinished.on_bar(bar)) == case["recommended"][number]
        active = [[level.price, "HIGH" if level.is_high else "LOW"] for level in unfinished.levels]
        assert active == case["recommended_active"][number]


def test_every_detector_has_its_values_as_columns():
    bar = bar_of([[100, 10, 0], [101, 10, 40], [102, 10, 40], [103, 2, 40]], close=100)
    buys = find_imbalances(bar, 10, THREE)
    assert [(s.volume, s.opposing, s.ratio, s.neighbour) for s in buys] == [
        (40, 10, 4.0, 100),
        (40, 10, 4.0, 101),
        (40, 10, 4.0, 102),
    ]
    (stack,) = find_stacks(buys, 3)
    assert (stack.levels, stack.prices, stack.low, stack.high) == (3, (101, 102, 103), 101, 103)
    (absorbed,) = find_absorption(bar, 100, SHARE)
    assert (absorbed.volume, absorbed.opposing, absorbed.total) == (120, 22, 142)
    assert (absorbed.share, absorbed.close_position) == (120 / 142, 0.0)
    tired = bar_of([[100, 1, 50], [101, 1, 60], [102, 1, 30], [103, 1, 20]])
    (exhausted,) = find_exhaustion(tired, 3, DECLINE)
    assert exhausted.volumes == (60, 30, 20)
    assert (exhausted.levels, exhausted.low, exhausted.high) == (3, 101, 103)
    assert exhausted.decline == exhausted.strength == 40 / 60


def test_unsigned_volume_is_part_of_an_absorption_and_of_no_side():
    levels = [[100, 1, 1], [101, 10, 40], [102, 10, 40], [103, 10, 40]]
    assert find_absorption(bar_of(levels, 100), 150, SHARE)
    unsigned = bar_of(levels, 100, unsigned=[0, 20, 20, 20])
    assert find_absorption(unsigned, 150, SHARE) == []
    (found,) = find_absorption(unsigned, 150, Fraction(1, 2))
    assert found.total == 210


def test_no_opposing_volume_is_no_imbalance_unless_it_counts_as_one():
    bar = bar_of([[100, 0, 5], [101, 0, 40], [103, 0, 40]])
    assert find_imbalances(bar, 10, THREE) == []
    (found,) = find_imbalances(bar, 10, THREE, zero_is_one=True)
    # The level at 103 has no neighbour that traded.
    assert (found.price, found.ratio, found.opposing, found.strength) == (101, 40.0, 0, 1.0)


def test_exhaustion_counts_no_more_than_two_levels_beyond_the_least():
    bar = bar_of([[100 + i, 1, 100 - 10 * i] for i in range(8)])
    (found,) = find_exhaustion(bar, 3, DECLINE)
    assert found.volumes == (70, 60, 50, 40, 30)
    (longer,) = find_exhaustion(bar, 4, DECLINE)
    assert longer.levels == 6


@pytest.mark.parametrize(
    ("mode", "levels", "found"),
    [
        ("thin", [[100, 4, 1], [101, 10, 10], [102, 2, 3]], ["HIGH", "LOW"]),
        ("thin", [[100, 4, 2], [101, 10, 10], [102, 9, 3]], []),
        ("two_sided", [[100, 4, 1], [101, 9, 9], [102, 0, 30]], ["LOW"]),
        ("two_sided", [[100, 0, 1], [101, 9, 9], [102, 1, 30]], ["HIGH"]),
    ],
)
def test_other_modes_of_unfinished_extremes(mode, levels, found):
    signals = find_unfinished(bar_of(levels), 5, mode)
    assert [each.pattern.removeprefix("UNFINISHED_") for each in signals] == found


def test_unfinished_levels_beyond_the_memory_are_forgotten_oldest_first():
    unfinished = UnfinishedBusiness(5, memory=3)
    for number in range(4):
        price = 100 + 10 * number
        unfinished.on_bar(bar_of([[price - 1, 9, 9], [price, 9, 0]], ts_start=number))
    assert [(level.price, level.since) for level in unfinished.levels] == [
        (110, 1),
        (120, 2),
        (130, 3),
    ]
    assert [s.since for s in unfinished.on_bar(bar_of([[112, 9, 9], [125, 9, 9]]))] == [2]
    unfinished.start_again()
    assert not unfinished.levels


def test_a_gap_makes_divergences_wait_for_new_bars():
    rows = [(100, 90, 95, 10), (101, 92, 99, 200), (100, 93, 98, 50), (101, 95, 100, 120)]
    bars = [plain_bar(high=h, low=low, close=c, delta=d) for h, low, c, d in rows]
    last = plain_bar(high=104, low=96, close=103, delta=-20)
    memory = DeltaDivergence(5)
    for bar in bars:
        assert memory.on_bar(bar) == []
    memory.start_again()
    assert memory.on_bar(last) == []


def test_patterns_come_in_the_order_of_the_specification():
    detectors = Detectors(thresholds_of("MESZ5", DetectorParams()))
    bar = bar_of(
        [
            [100, 2, 30],
            [101, 5, 30],
            [102, 9, 40],
            [103, 9, 30],
            [104, 9, 24],
            [105, 30, 1],
        ],
        close=102,
    )
    patterns = [each.pattern for each in detectors.on_bar(bar)]
    order = list(Pattern)
    order[6:8] = [Pattern.SELLING_ABSORPTION, Pattern.BUYING_ABSORPTION]
    singles = [p for p in patterns if p in order[:2]]
    others = [p for p in patterns if p not in order[:2]]
    assert patterns == [*singles, *others]
    assert [order.index(p) for p in others] == sorted(order.index(p) for p in others)
    assert {Pattern.STACKED_BUY_IMBALANCE, Pattern.UNFINISHED_HIGH} <= set(others)
