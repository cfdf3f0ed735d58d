"""Pivots, legs, profiles, nodes and averages against the vectors of the leg system."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

from catalog.sessions.clock import new_york_date
from indicators.core.ema_trend import EmaTrend
from indicators.core.ema_trend import ema_trend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNodes
from indicators.core.leg_profile import BIN_DTYPE
from indicators.core.leg_profile import LegProfile
from indicators.core.legs import DIRECTIONS
from indicators.core.legs import PATTERNS
from indicators.core.legs import leg_structures
from indicators.core.zigzag import STRUCTURES
from indicators.core.zigzag import Zigzag
from indicators.core.zigzag import auto_reversal_pct
from indicators.core.zigzag import zigzag_pivots
from tests.checks import some
from tests.indicators.leg_market import MINUTE
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.vectors import load


EDGES = load("001", "edge_cases.json")
STRUCTURE_FILES = ("structures_fixed012.json.gz", "structures_auto.json.gz")
# Ours, and what the vectors call it.
PIVOT_COLUMNS = {"bar": "pivot_idx", "return_pct": "leg_return_pct", "bars": "leg_bars"}
LEG_COLUMNS = {
    "leg_id": "leg_id",
    "start_bar": "start_idx",
    "end_bar": "end_idx",
    "confirmed_bar": "confirm_idx",
    "bars": "leg_bars",
    "return_pct": "leg_return_pct",
}
NODE_COLUMNS = {
    "leg_id": "leg_id",
    "rank": "lvn_rank",
    "price": "lvn_price",
    "volume": "lvn_volume",
    "raw_volume": "lvn_raw_volume",
    "pct_of_max": "pct_of_max",
    "depth_pct": "depth_pct",
    "distance_to_poc": "distance_to_poc",
    "poc_price": "poc_price",
    "value_area_low": "value_area_low",
    "value_area_high": "value_area_high",
}
# Of the vectors, as the parameters of LegNodes.
PARAMETERS = {
    "edge": "edge",
    "prom": "prominence",
    "min_tot": "min_share",
    "va": "value_area",
    "top": "top",
    "smooth": "smooth",
}


def equal(rows, expected, columns):
    for own, theirs in columns.items():
        np.testing.assert_array_equal(rows[own], expected[theirs], err_msg=own)


@pytest.mark.parametrize("preset", ["legacy", "head"])
@pytest.mark.parametrize("name", STRUCTURE_FILES)
def test_structures_are_those_of_the_vectors_bit_for_bit(name, preset):
    expected = load("001", name)
    ts, high, low, _, volume = bars()
    nodes = LegNodes(**PRESETS[preset])
    found = leg_structures(ts, high, low, volume, TICK, nodes, expected["pct"], with_tail=True)

    pivots, rows = found.pivots, expected["pivots"]
    equal(pivots, rows, PIVOT_COLUMNS)
    np.testing.assert_array_equal(pivots["tick"] / 100.0, rows["pivot_price"])
    np.testing.assert_array_equal(pivots["duration_ns"] / 1e9, rows["leg_duration_sec"])
    assert [STRUCTURES[i] for i in pivots["structure"]] == rows["structure"]
    assert ["high" if i else "low" for i in pivots["is_high"]] == rows["pivot_type"]
    assert pivots["confirmed_bar"].tolist() == [-1 if i is None else i for i in rows["confirm_idx"]]
    np.testing.assert_array_equal(pivots["ts"], ts[pivots["bar"]])
    assert pivots["is_seed"].tolist() == [1] + [0] * (len(pivots) - 1)

    legs, rows = found.legs, expected["legs"]
    equal(legs, rows, LEG_COLUMNS)
    np.testing.assert_array_equal(legs["start_tick"] / 100.0, rows["start_price"])
    np.testing.assert_array_equal(legs["end_tick"] / 100.0, rows["end_price"])
    np.testing.assert_array_equal(legs["duration_ns"] / 1e9, rows["leg_duration_sec"])
    assert [PATTERNS[i] for i in legs["direction"]] == rows["leg_pattern"]
    assert [DIRECTIONS[i] for i in legs["direction"]] == rows["leg_direction"]
    assert legs["is_seeded"].tolist() == [1] + [0] * (len(legs) - 1)

    rows = expected[f"lvns_{preset}_preset"]
    equal(found.nodes, rows, NODE_COLUMNS)
    np.testing.assert_allclose(found.nodes["pct_of_total"], rows["pct_of_total"], rtol=1e-12)
    of = {leg["leg_id"]: leg for leg in legs}
    ours = [of[i] for i in found.nodes["leg_id"]]
    assert [leg["bin_size"] for leg in ours] == rows["bin_size"]
    assert [leg["bars"] for leg in ours] == rows["leg_bars"]
    assert [DIRECTIONS[leg["direction"]] for leg in ours] == rows["leg_direction"]
    counts = Counter(found.nodes["leg_id"].tolist())
    assert [counts[leg["leg_id"]] for leg in legs] == legs["nodes"].tolist()


def test_averages_and_trend_are_those_of_the_vectors_bit_for_bit():
    expected = load("001", "ema.json.gz")
    *_, close, _ = bars()
    fast, slow, trend = ema_trend(close, TICK)
    np.testing.assert_array_equal(fast, expected["ema9"])
    np.testing.assert_array_equal(slow, expected["ema20"])
    assert "".join("NUD"[i] for i in trend) == "".join(expected["trend"])
    core = EmaTrend(TICK)
    assert [core.update(tick) for tick in close.tolist()] == trend.tolist()
    assert (core.fast, core.slow, core.count) == (fast[-1], slow[-1], len(close))


def test_the_self_tuned_reversal_is_that_of_the_vectors():
    expected = load("001", "auto_threshold.json")
    _, high, low, close, _ = bars()
    assert auto_reversal_pct(high, low, close, TICK) == expected["whole_series"]
    for count, pct in some(expected["prefixes"]):
        prefix = [column[:count].copy() for column in (high, low, close)]
        assert auto_reversal_pct(*prefix, TICK) == pct, count
    five = auto_reversal_pct(high, low, close, TICK, 0.30, 1.7, 0.06)
    assert five == expected["other_base_0.30_5minute"]
    flat = np.full(3, 7_000, dtype=np.int64)
    assert auto_reversal_pct(flat, flat, flat, TICK) == expected["min_clamp"]
    assert auto_reversal_pct(2 * flat, flat, flat, TICK) == expected["max_clamp"]


@pytest.mark.parametrize("number", range(2))
def test_worked_profiles_are_equal_raw_smoothed_and_in_their_nodes(number):
    expected = load("001", "worked_profiles.json")["profiles"][number]
    _, high, low, _, volume = bars()
    span = slice(expected["start_idx"], expected["end_idx"] + 1)
    profile = LegProfile(TICK)
    bins = profile.of_bars(high[span].copy(), low[span].copy(), volume[span].copy())
    nodes = LegNodes(**PRESETS[expected["preset"]])
    assert profile.bin_size == expected["bin_size"]
    np.testing.assert_array_equal(bins["price"], expected["price"])
    np.testing.assert_array_equal(bins["volume"], expected["volume"])
    np.testing.assert_array_equal(nodes.smoothed(bins), expected["smoothed"])
    assert [node.price for node in nodes.scan(bins)] == expected["lvn_prices"]


def ticks_of(values, tick):
    return np.array([int(Decimal(str(value)) / tick) for value in values], dtype=np.int64)


@pytest.mark.parametrize("case", EDGES["zigzag"]["cases"], ids=lambda case: case["name"])
def test_edge_cases_of_the_zigzag(case):
    if case["name"].startswith("negative prices"):
        pytest.skip("prices below zero follow the magnitude of the extreme, see test_legs")
    tick = Decimal("0.0000001")
    high, low = ticks_of(case["high"], tick), ticks_of(case["low"], tick)
    ts = MINUTE * np.arange(len(high), dtype=np.int64)
    rows = zigzag_pivots(ts, high, low, tick, case["pct"], with_tail=True)
    found = [
        [
            int(row["bar"]),
            float(row["tick"] / 10_000_000),
            "high" if row["is_high"] else "low",
            STRUCTURES[row["structure"]],
            None if row["confirmed_bar"] < 0 else int(row["confirmed_bar"]),
        ]
        for row in some(rows)
    ]
    assert found == case["pivots"]
    assert rows["return_pct"].tolist() == case["leg_return_pct"]
    assert rows["bars"].tolist() == case["leg_bars"]
    nothing = np.zeros(len(high), dtype=np.int64)
    legs = leg_structures(ts, high, low, nothing, tick, None, case["pct"], with_tail=True).legs
    assert [
        [
            leg["leg_id"],
            PATTERNS[leg["direction"]],
            leg["start_tick"] / 10_000_000,
            leg["end_tick"] / 10_000_000,
        ]
        for leg in legs
    ] == case["legs"]


def profile_of(price, volume):
    bins = np.zeros(len(price), dtype=BIN_DTYPE)
    bins["price"], bins["volume"] = price, volume
    bins["low"], bins["high"] = bins["price"] - 0.25, bins["price"] + 0.25
    return bins


@pytest.mark.parametrize("case", EDGES["lvn_profiles"]["cases"], ids=lambda case: case["name"])
def test_edge_cases_of_the_nodes(case):
    nodes = LegNodes(**{PARAMETERS[name]: value for name, value in case["params"].items()})
    found = nodes.scan(profile_of(case["price"], case["volume"]))
    assert [node.rank for node in found] == [*range(1, len(case["lvns"]) + 1)]
    assert len(found) == len(case["lvns"])
    for node, expected in zip(found, case["lvns"], strict=True):
        own = node._asdict()
        for name, value in expected.items():
            assert own[name] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("case", EDGES["bar_profiles"]["cases"], ids=lambda case: case["name"])
def test_edge_cases_of_the_profile(case):
    high, low = (ticks_of(case[name], Decimal(TICK)) for name in ("high", "low"))
    profile = LegProfile(TICK)
    bins = profile.of_bars(high, low, np.array(case["volume"], dtype=np.int64))
    assert profile.bin_size == case["bin_size"]
    assert len(bins) == case["bins"]
    assert bins["price"][:60].tolist() == case["price"]
    assert bins["volume"][:60].tolist() == case["profile"]
    assert bins["volume"].sum() == pytest.approx(case["volume_in_profile"], rel=1e-12)


def test_the_stream_publishes_confirmed_pivots_alone_and_never_repaints():
    expected = load("001", "streaming_detector_repaint.json")
    ts, high, low, _, _ = (column.tolist() for column in bars())
    core, found = Zigzag(TICK), []
    for i in range(expected["bars"]):
        if (pivot := core.update(ts[i], high[i], low[i])) is not None:
            kind = "high" if pivot.is_high else "low"
            assert (pivot.confirmed_bar, pivot.confirmed_ts) == (i, ts[i])
            found.append([i, pivot.bar, pivot.tick / 100.0, kind, pivot.structure])
    assert found == expected["confirmed_only"]
    assert found != expected["emitted"]


def test_the_clock_of_new_york_decides_on_the_month_of_a_bar():
    expected = load("001", "months.json")
    ts, *_ = bars()
    months = Counter(f"{new_york_date(t):%Y-%m}" for t in ts.tolist())
    assert months == expected["by_label_new_york"]
    utc = Counter(str(t)[:7] for t in ts.astype("datetime64[ns]"))
    assert utc == expected["by_true_utc"]
