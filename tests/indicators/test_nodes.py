"""Nodes of a volume histogram: the vectors and a brute-force reference."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.nodes import Node
from indicators.core.nodes import find_nodes
from indicators.core.nodes import find_profile_nodes
from indicators.core.volume_profile import VolumeProfile
from tests.indicators import reference
from tests.indicators.market import quick
from tests.vectors import load


histograms = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 100)), max_size=30)
kinds = st.sampled_from(["lvn", "hvn"])


def array(volumes):
    return np.array(volumes, dtype=np.int64)


@pytest.mark.parametrize("case", load("003", "lvn_cases.json"), ids=lambda case: case["name"])
def test_runs_equal_every_case(case):
    hist, width = dict(case["hist"]), case["bin_ticks"]
    first = min(hist, default=0)
    volumes = np.zeros(max(hist, default=-1) - first + 1, dtype=np.int64)
    profile = VolumeProfile()
    for level, volume in hist.items():
        volumes[level - first] = volume
        profile.add(level * width + volume % width, volume)
    ratio = Fraction(*case["lvn_frac"])

    for nodes in (
        find_nodes(volumes, first, ratio=ratio),
        find_profile_nodes(profile, width, ratio=ratio),
    ):
        actual = [(*node.in_ticks(width), node.volume) for node in nodes]
        assert actual == [
            (node["lo"], node["hi"], node["price"], node["volume"]) for node in case["nodes"]
        ]
    high = find_nodes(volumes, first, kind="hvn")
    assert [level for node in high for level in range(node.first, node.last + 1)] == [
        level // width for level in case["hvn"]
    ]


@quick
@given(histograms, st.integers(-50, 50), st.sampled_from(["0.3", "1", "0.999", "2.5"]), kinds)
def test_runs_are_maximal_and_beyond_the_threshold(volumes, first, ratio, kind):
    nodes = find_nodes(array(volumes), first, kind=kind, ratio=ratio)
    populated = [volume for volume in volumes if volume]
    threshold = Fraction(ratio) * Fraction(sum(populated), len(populated) or 1)
    flags = [v < threshold if kind == "lvn" else v > threshold for v in volumes]
    runs = []
    for i, flag in enumerate(flags):
        if flag and i and flags[i - 1]:
            runs[-1][1] = i
        elif flag:
            runs.append([i, i])
    if kind == "lvn":
        runs = [run for run in runs if run[0] > 0 and run[1] < len(volumes) - 1]

    assert [[node.first - first, node.last - first] for node in nodes] == runs
    pick = min if kind == "lvn" else max
    for node, (low, high) in zip(nodes, runs, strict=True):
        inside = volumes[low : high + 1]
        assert node.volume == sum(inside)
        assert node.price - first == low + inside.index(pick(inside))
        assert node.middle == (node.first + node.last) // 2
        share = Fraction(pick(inside), max(volumes))
        assert node.depth == float(1 - share if kind == "lvn" else share)
        assert node.prominence is None


@quick
@given(
    histograms,
    st.integers(-50, 50),
    st.sampled_from([1, 3, 5, 7]),
    st.sampled_from(["0.15", "0.000001", "0.5", "1"]),
    kinds,
)
def test_prominent_nodes_equal_a_flooding_of_the_profile(volumes, first, smooth, share, kind):
    nodes = find_nodes(
        array(volumes), first, kind=kind, method="prominence", smooth=smooth, prominence=share
    )
    edges = [i for i, volume in enumerate(volumes) if volume] or [0]
    trimmed = volumes[edges[0] : edges[-1] + 1] if any(volumes) else []
    expected = reference.prominent(trimmed, kind, smooth, Fraction(share)) if trimmed else []

    origin = first + edges[0]
    assert [
        (node.first - origin, node.last - origin, node.price - origin) for node in nodes
    ] == expected
    for node in nodes:
        assert node.first <= node.price <= node.last
        assert node.volume == sum(volumes[node.first - first : node.last - first + 1])
        assert Fraction(share) <= Fraction(node.prominence).limit_denominator(10**6) <= 1
        assert 0 <= node.depth <= 1


@quick
@given(histograms, st.integers(0, 4), st.integers(0, 4), kinds)
def test_empty_bins_outside_the_populated_ones_change_nothing(volumes, before, after, kind):
    padded = [0] * before + volumes + [0] * after
    for method in ("mean_ratio", "prominence"):
        assert find_nodes(array(volumes), before, kind=kind, method=method) == find_nodes(
            array(padded), 0, kind=kind, method=method
        )


@quick
@given(
    st.dictionaries(st.integers(-40, 40), st.integers(1, 60), max_size=40),
    st.integers(1, 6),
    kinds,
    st.sampled_from(["mean_ratio", "prominence"]),
)
def test_a_profile_gives_the_nodes_of_its_bins(hist, width, kind, method):
    profile = VolumeProfile()
    for tick, volume in hist.items():
        profile.add(tick, volume)
    bins = reference.bins_of(hist, width)
    first = min(bins, default=0)
    volumes = array([bins.get(level, 0) for level in range(first, max(bins, default=-1) + 1)])

    assert find_profile_nodes(profile, width, kind=kind, method=method) == find_nodes(
        volumes, first, kind=kind, method=method
    )


def test_a_plateau_is_one_node_named_by_its_lowest_bin():
    volumes = array([9, 2, 2, 2, 9])
    assert find_nodes(volumes, 100, method="prominence", smooth=1) == [
        Node(101, 103, 101, 6, pytest.approx(7 / 9), pytest.approx(7 / 9)),
    ]


def test_of_two_equal_peaks_the_lower_is_the_prominent_one():
    nodes = find_nodes(array([0, 9, 6, 9]), kind="hvn", method="prominence", smooth=1)
    assert [(node.first, node.last, node.price) for node in nodes] == [(1, 3, 1), (3, 3, 3)]
    assert [node.prominence for node in nodes] == [1.0, pytest.approx(1 / 3)]


def test_no_rounding_decides_at_a_threshold():
    # In doubles 0.07 * 100 is above 7.
    assert find_nodes(array([146, 7, 147]), ratio="0.07") == []
    nodes = find_nodes(array([100, 93, 100]), method="prominence", smooth=1, prominence=0.07)
    assert [node.price for node in nodes] == [1]


def test_a_tail_is_no_low_volume_node():
    for method in ("mean_ratio", "prominence"):
        assert find_nodes(array([1, 50, 90, 50, 1]), method=method, smooth=1) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "poc"}, "kind: must be one of lvn, hvn, was poc"),
        ({"method": "kernel"}, "method: must be one of mean_ratio, prominence, was kernel"),
        ({"ratio": "0"}, "ratio: must be positive, was 0"),
        ({"ratio": "x"}, "ratio: must be a number, was 'x'"),
        ({"smooth": 2}, "smooth: must be an odd number from 1 to 999, was 2"),
        ({"smooth": 1001}, "smooth: must be an odd number from 1 to 999, was 1001"),
        ({"prominence": "1.5"}, "prominence: must be above 0 and at most 1, was 1.5"),
    ],
)
def test_a_wrong_argument_is_named(arguments, message):
    with pytest.raises(ParameterError, match=message):
        find_nodes(array([1, 2, 1]), **arguments)
    with pytest.raises(ParameterError, match=message):
        find_profile_nodes(VolumeProfile(), **arguments)


def test_volumes_and_width_must_be_possible():
    with pytest.raises(ValueError, match="`volumes` must not be negative, was -1 at 1"):
        find_nodes(array([1, -1]))
    with pytest.raises(ParameterError, match="bin_ticks: must be positive, was 0"):
        find_profile_nodes(VolumeProfile(), 0)
