"""Zigzag, legs, profiles and nodes: streaming equals batch, and what the vectors do not cover."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.ema_trend import EmaTrend
from indicators.core.ema_trend import ema_trend
from indicators.core.leg_nodes import PRESETS
from indicators.core.leg_nodes import LegNodes
from indicators.core.leg_profile import BIN_DTYPE
from indicators.core.leg_profile import MAX_BINS
from indicators.core.leg_profile import LegProfile
from indicators.core.legs import LegStructure
from indicators.core.legs import leg_structures
from indicators.core.zigzag import Zigzag
from indicators.core.zigzag import auto_reversal_pct
from indicators.core.zigzag import zigzag_pivots
from tests.checks import some
from tests.indicators.leg_market import MINUTE
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.indicators.leg_market import columns_of
from tests.indicators.leg_market import plain_legs
from tests.indicators.leg_market import plain_pivots


# A walk of bars (high, low, volume) around a price, which may lie below zero.
BARS = st.builds(
    lambda base, steps: [
        (base + at + up, base + at - down, volume)
        for at, (_, up, down, volume) in zip(
            np.cumsum([step for step, *_ in steps]).tolist(), steps, strict=True
        )
    ],
    st.sampled_from([7_000, 900, 15, -15, -3_700]),
    st.lists(
        st.tuples(st.integers(-12, 12), st.integers(0, 9), st.integers(0, 9), st.integers(0, 40)),
        min_size=1,
        max_size=60,
    ),
)
SETTINGS = st.fixed_dictionaries(
    {
        "reversal_pct": st.sampled_from([0.05, 0.12, 0.4]),
        "keep_opposite": st.booleans(),
    }
)
# Legs of few bars have nodes as well.
RULES = st.sampled_from(sorted(PRESETS)).map(
    lambda name: {**PRESETS[name], "min_bars": 2, "prominence": 0.9}
)


def as_rows(found):
    """Return what a stream has published, in the columns of the arrays."""
    pivots, legs, nodes = [], [], []
    for pivot, leg, of_leg in found:
        pivots.append((pivot.bar, pivot.tick, pivot.confirmed_bar, pivot.return_pct))
        if leg is not None:
            legs.append((leg.leg_id, leg.start_bar, leg.end_bar, leg.bin_size, len(of_leg)))
            nodes += [(leg.leg_id, *node) for node in of_leg]
    return pivots, legs, nodes


def as_lists(found):
    """Return the same of arrays."""
    return (
        [
            (p["bar"], p["tick"], p["confirmed_bar"], None if q else p["return_pct"])
            for p, q in zip(found.pivots, np.isnan(found.pivots["return_pct"]), strict=True)
        ],
        [
            (g["leg_id"], g["start_bar"], g["end_bar"], g["bin_size"] or None, g["nodes"])
            for g in found.legs
        ],
        [tuple(row) for row in found.nodes.tolist()],
    )


@settings(max_examples=60)
@given(BARS, SETTINGS, RULES)
def test_a_stream_equals_the_array_at_every_prefix(rows, parameters, rules):
    ts, high, low, volume = columns_of(rows)
    core, found = LegStructure(TICK, LegNodes(**rules), **parameters), []
    for i in range(len(ts)):
        got = core.update(int(ts[i]), int(high[i]), int(low[i]), int(volume[i]))
        found += [] if got is None else [got]
        prefix = [column[: i + 1].copy() for column in (ts, high, low, volume)]
        assert as_rows(found) == as_lists(
            leg_structures(*prefix, TICK, LegNodes(**rules), **parameters)
        )


@settings(max_examples=60)
@given(BARS, SETTINGS)
def test_pivots_are_those_of_the_rule_in_exact_fractions(rows, parameters):
    ts, high, low, _ = columns_of(rows)
    pivots = zigzag_pivots(ts, high, low, TICK, **parameters)
    expected = plain_pivots(
        high.tolist(), low.tolist(), parameters["reversal_pct"], parameters["keep_opposite"]
    )
    found = zip(pivots["bar"], pivots["tick"], pivots["confirmed_bar"], strict=True)
    assert [tuple(row) for row in found] == expected


@given(BARS, SETTINGS)
def test_chunks_of_any_size_give_the_same(rows, parameters):
    columns = columns_of(rows)
    cut = len(rows) // 3
    core = LegStructure(TICK, None, **parameters)
    for part in (slice(0, cut), slice(cut, None)):
        core.update_many(*(column[part].copy() for column in columns))
    chunked, whole = core.take(), leg_structures(*columns, TICK, None, **parameters)
    for ours, theirs in zip(chunked, whole, strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_the_market_of_the_vectors_streams_into_the_same_nodes():
    ts, high, low, _, volume = bars()
    rules = LegNodes(**PRESETS["head"])
    core = LegStructure(TICK, rules)
    rows = zip(*(column.tolist() for column in (ts, high, low, volume)), strict=True)
    found = [got for row in rows if (got := core.update(*row)) is not None]
    assert as_rows(found) == as_lists(leg_structures(ts, high, low, volume, TICK, rules))
    assert len(as_rows(found)[2]) == 226


def test_prices_below_zero_turn_by_a_share_of_their_magnitude():
    high, low = [-10, -8, -12, -20, -15], [-12, -11, -18, -37, -30]
    ts, highs, lows, _ = columns_of([(h, x, 0) for h, x in zip(high, low, strict=True)])
    rows = zigzag_pivots(ts, highs, lows, 1, 1.0)
    found = [tuple(map(int, row)) for row in rows[["bar", "tick", "confirmed_bar"]]]
    assert found == [(0, -12, 0), (1, -8, 1), (2, -18, 2), (3, -20, 3), (4, -30, 4)]
    # A rise has a positive sign.
    assert rows["return_pct"][:3].tolist() == pytest.approx([0.0, 100 / 3, -125.0])


def test_from_an_extreme_of_zero_any_move_is_a_reversal():
    columns = columns_of([(-5, -6, 0), (0, -1, 0), (3, 0, 0), (0, -2, 0)])
    rows = zigzag_pivots(*columns[:3], TICK, 50.0, True)
    assert rows[["bar", "tick"]].tolist()[:3] == [(0, -6), (1, 0), (1, -1)]
    # There is no change since a pivot of zero.
    assert np.isnan(rows["return_pct"][2])
    core = Zigzag(TICK, 50.0, True)
    published = [core.update(i, *row) for i, row in enumerate([(-5, -6), (0, -1), (3, 0)])]
    assert published[2].return_pct is None


def test_the_opposite_end_of_a_pivot_bar_is_kept_only_if_requested():
    # Bar 2 makes the high and falls; bar 3 does not reach its low again.
    rows = [(10_000, 9_950, 1), (10_100, 10_050, 1), (10_400, 10_100, 1)]
    rows += [(10_150, 10_120, 1), (10_180, 10_140, 1), (10_350, 10_160, 1)]
    ts, high, low, _ = columns_of(rows)
    dropped = zigzag_pivots(ts, high, low, TICK, 1.0)
    kept = zigzag_pivots(ts, high, low, TICK, 1.0, True)
    assert dropped[["bar", "tick"]].tolist()[2] == (3, 10_120)
    assert kept[["bar", "tick"]].tolist()[2] == (2, 10_100)


def test_a_seed_begins_anew_where_it_is_requested():
    ts, high, low, _, volume = (column[:800] for column in bars())
    core = LegStructure(TICK)
    rows = list(zip(*(column.tolist() for column in (ts, high, low, volume)), strict=True))
    before = [got for row in rows[:400] if (got := core.update(*row))]
    count = core.leg_count
    core.start_again()
    after = [got for row in rows[400:] if (got := core.update(*row))]
    alone = LegStructure(TICK)
    again = [got for row in rows[400:] if (got := alone.update(*row))]
    assert [got.pivot.is_seed for got in after] == [True] + [False] * (len(after) - 1)
    # Bars and legs are counted on; all else is that of a beginning.
    assert before[-1].leg is None or before[-1].leg.leg_id < count
    for ours, theirs in zip(after, again, strict=True):
        assert ours.pivot.bar == theirs.pivot.bar + 400
        assert ours.pivot[1:5] == theirs.pivot[1:5]
        assert ours.nodes == theirs.nodes
        if theirs.leg is not None:
            assert ours.leg.leg_id == theirs.leg.leg_id + count
    assert sum(got.leg is not None for got in some(after)) > 3


def test_a_long_leg_keeps_its_bars_and_the_stream_forgets_what_lies_before():
    # 3,000 bars upwards without a reversal, then down.
    rows = [(7_000 + i // 3 + 2, 7_000 + i // 3, 5 + i % 7) for i in range(3_000)]
    rows += [(7_990 - i, 7_980 - i, 9) for i in range(1_500)]
    rows += [(6_500 + i, 6_490 + i, 9) for i in range(700)]
    ts, high, low, volume = columns_of(rows)
    found = leg_structures(ts, high, low, volume, TICK, LegNodes(**PRESETS["head"]))
    core = LegStructure(TICK, LegNodes(**PRESETS["head"]))
    stream = [got for row in zip(ts, high, low, volume, strict=True) if (got := core.update(*row))]
    assert as_rows(stream) == as_lists(found)
    assert found.legs["bars"].max() > 2_900


def test_smoothing_is_that_of_pandas_bit_for_bit():
    random = np.random.default_rng(1)
    for smooth in (1, 3, 5, 21):
        bins = np.zeros(200, dtype=BIN_DTYPE)
        bins["volume"] = random.random(200) * 1e3
        bins["volume"][40:80] = 12.3
        bins["volume"][150:] *= 1e-9
        expected = pd.Series(bins["volume"]).rolling(smooth, center=True, min_periods=1).mean()
        found = LegNodes(smooth=smooth).smoothed(bins)
        assert found.tolist() == expected.tolist()


def profile_of(volumes):
    bins = np.zeros(len(volumes), dtype=BIN_DTYPE)
    bins["price"] = 10.0 + np.arange(len(volumes))
    bins["low"], bins["high"] = bins["price"] - 0.5, bins["price"] + 0.5
    bins["volume"] = volumes
    return bins


CLEAN = {**PRESETS["clean"], "smooth": 1, "value_area": 0.99}


def test_clean_a_flat_valley_is_one_node_in_its_middle():
    volumes = [5, 10, 40, 12, 12 + 1e-12, 12, 12, 38, 10, 5, 4]
    (node,) = LegNodes(**CLEAN).scan(profile_of(volumes))
    assert (node.price, node.low, node.high) == (14.5, 12.5, 16.5)
    assert node.volume == 12
    two = LegNodes(**{**CLEAN, "clean": False}).scan(profile_of(volumes))
    assert [found.price for found in two] == [16.0, 13.0]


def test_clean_a_step_of_a_slope_is_no_node():
    volumes = [4, 8, 50, 60, 50, 24, 24, 24, 9, 4, 2, 1]
    assert LegNodes(**CLEAN).scan(profile_of(volumes)) == []
    assert len(LegNodes(**{**CLEAN, "clean": False}).scan(profile_of(volumes))) == 1


def test_clean_a_void_between_two_ranges_is_the_deepest_node():
    rows = [(7_010, 7_000, 90), (7_010, 7_000, 90), (7_040, 7_030, 80), (7_040, 7_030, 80)]
    _, high, low, volume = columns_of(rows)
    rules = LegNodes(**PRESETS["clean"])
    bins = LegProfile(TICK, clean=True).of_bars(high, low, volume)
    (node,) = rules.scan(bins)
    assert node.depth_pct == 1.0
    assert 70.1 < node.low < 70.12
    assert 70.28 < node.high < 70.3
    legacy = LegProfile(TICK).of_bars(high, low, volume)
    # The void is gone, and its two sides are neighbours.
    assert (legacy["volume"] > 0).all()
    assert LegNodes().scan(legacy) == []


def test_clean_a_bar_of_one_price_counts_and_no_bin_is_below_a_tenth_of_a_tick():
    rows = [(7_001, 7_001, 500), (7_002, 7_002, 300), (7_003, 7_003, 0), (7_004, 7_000, 40)]
    _, high, low, volume = columns_of(rows)
    profile = LegProfile(TICK, clean=True)
    bins = profile.of_bars(high, low, volume)
    assert profile.bin_size == 0.001
    assert bins["volume"].sum() == pytest.approx(840)
    (largest,) = bins[bins["volume"] > 400]
    assert largest["low"] <= 70.01 < largest["high"]
    old = LegProfile(TICK)
    assert old.of_bars(high, low, volume)["volume"].sum() == pytest.approx(40)
    assert old.bin_size == 1e-6


def test_a_leg_of_too_many_bins_has_no_profile_and_is_counted():
    # Half of its bars are flat, so that the bin is the least one.
    rows = [(7_000 + 600 * (i % 2), 7_000, 10) if i < 4 else (7_600, 7_600, 5) for i in range(12)]
    _, high, low, volume = columns_of(rows)
    profile = LegProfile(TICK)
    assert len(profile.of_bars(high, low, volume)) == 0
    assert profile.oversized == 1
    assert MAX_BINS < 6 / 1e-6
    assert len(LegProfile(TICK, clean=True).of_bars(high, low, volume)) > 0


def test_the_profile_of_prints_is_exact():
    high, low = np.array([7_010, 7_012]), np.array([7_000, 7_001])
    ticks = np.array([7_003, 7_000, 7_012, 7_003, 7_009])
    volumes = np.array([5, 1, 2, 4, 7])
    profile = LegProfile(TICK)
    bins = profile.of_prints(high, low, ticks, volumes)
    assert profile.bin_size == 0.01
    assert bins["price"].tolist() == [70.0, 70.03, 70.09, 70.12]
    assert bins["volume"].tolist() == [1, 9, 7, 2]
    assert bins[1]["low"] == pytest.approx(70.025)
    assert bins[1]["high"] == pytest.approx(70.035)
    with_empty = LegProfile(TICK, clean=True).of_prints(high, low, ticks, volumes)
    assert len(with_empty) == 13
    assert with_empty["volume"].sum() == 19


def test_a_bin_of_prints_is_whole_ticks():
    high, low = np.array([7_050, 7_055]), np.array([7_000, 7_000])
    ticks = np.arange(7_000, 7_056)
    profile = LegProfile(TICK, clean=True)
    bins = profile.of_prints(high, low, ticks, np.ones(56, dtype=np.int64))
    # The median range of 52.5 ticks over 20.
    assert profile.bin_size == 0.02
    assert bins["volume"].tolist() == [2.0] * 28
    assert bins["price"][0] == pytest.approx(70.005)


def test_legs_of_prints_have_the_profile_of_their_bars_first_to_last():
    rows = [(7_000 + 3 * i + 4, 7_000 + 3 * i, 0) for i in range(14)]
    rows += [(7_043 - 6 * i, 7_035 - 6 * i, 0) for i in range(6)]
    prints = [([low, low + 1, high], [5 + i, 1, 3]) for i, (high, low, _) in enumerate(rows)]
    core = LegStructure(TICK, exact=True)
    found = [
        got
        for i, ((high, low, _), of_bar) in enumerate(zip(rows, prints, strict=True))
        if (got := core.update(i, high, low, 0, *of_bar))
    ]
    (leg,) = [got.leg for got in found if got.leg]
    span = range(leg.start_bar, leg.end_bar + 1)
    ticks = np.array([tick for i in span for tick in prints[i][0]])
    volumes = np.array([lots for i in span for lots in prints[i][1]])
    _, high, low, _ = columns_of([rows[i] for i in span])
    bins = LegProfile(TICK).of_prints(high, low, ticks, volumes)
    (nodes,) = [got.nodes for got in found if got.leg]
    assert list(nodes) == LegNodes().scan(bins)
    assert leg.bars == 14
    with pytest.raises(ValueError, match="one by one"):
        core.update_many(*columns_of(rows))
    with pytest.raises(ValueError, match="must be given"):
        core.update(20, 7_000, 6_990, 1)


def test_the_prints_of_bars_before_a_leg_are_forgotten_without_harm():
    ts, high, low, _, volume = (column.tolist() for column in bars())
    core, fresh = (LegStructure(TICK, LegNodes(**PRESETS["head"]), exact=True) for _ in range(2))
    # The fresh one begins at a pivot of the other: its later legs are the same.
    got = []
    for i in range(3_000):
        bar = ts[i], high[i], low[i], volume[i], [low[i], high[i]], [volume[i], 1]
        if (one := core.update(*bar)) is not None:
            got.append((i, one))
    start = got[len(got) // 2][0]
    again = {}
    for i in range(start, 3_000):
        bar = ts[i], high[i], low[i], volume[i], [low[i], high[i]], [volume[i], 1]
        if (one := fresh.update(*bar)) is not None:
            again[i] = one
    both = [(one, again[i]) for i, one in got[-100:] if one.nodes]
    for ours, theirs in some(both):
        assert ours.nodes == theirs.nodes


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Zigzag(TICK, 0.0), "reversal_pct"),
        (lambda: Zigzag(TICK, float("nan")), "reversal_pct"),
        (lambda: Zigzag(TICK, 100.0), "reversal_pct"),
        (lambda: EmaTrend(TICK, 0, 20), "fast_bars"),
        (lambda: EmaTrend(TICK, 20, 20), "slow_bars"),
        (lambda: LegNodes(edge=0.5), "edge"),
        (lambda: LegNodes(min_share=-0.1), "min_share"),
        (lambda: LegNodes(prominence=0.0), "prominence"),
        (lambda: LegNodes(value_area=1.1), "value_area"),
        (lambda: LegNodes(top=0), "top"),
        (lambda: LegNodes(min_bars=0), "min_bars"),
        (lambda: LegNodes(smooth=2), "smooth"),
        (lambda: LegNodes(smooth=1_001), "smooth"),
        (lambda: auto_reversal_pct(*[np.ones(1, dtype=np.int64)] * 3, TICK, 0.0), "ceiling"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(make, name):
    with pytest.raises(ParameterError) as caught:
        make()
    assert caught.value.name == name


def test_damaged_columns_are_refused():
    one, two = np.array([1]), np.array([1, 2])
    for call in (
        lambda: zigzag_pivots(one, two, two, TICK),
        lambda: zigzag_pivots(one, one, two[1:].copy(), TICK),
        lambda: auto_reversal_pct(one, two, one, TICK),
        lambda: leg_structures(one, one, one, two, TICK),
        lambda: leg_structures(one, one, two[1:].copy(), one, TICK),
        lambda: leg_structures(one, one, one, -one, TICK),
        lambda: LegProfile(TICK).of_bars(one, one, two),
        lambda: LegProfile(TICK).of_prints(one, one, one, two),
        lambda: LegNodes().scan(one),
        lambda: LegNodes().smoothed(one),
        lambda: Zigzag(TICK).update(0, 1, 2),
        lambda: LegStructure(TICK).update(0, 1, 2, 0),
        lambda: LegStructure(TICK).update(0, 2, 1, -1),
    ):
        with pytest.raises(ValueError, match=r"must"):
            call()


def test_nothing_comes_of_nothing():
    nothing = np.array([], dtype=np.int64)
    found = leg_structures(nothing, nothing, nothing, nothing, TICK, with_tail=True)
    assert [len(rows) for rows in found] == [0, 0, 0]
    assert [len(values) for values in ema_trend(nothing, TICK)] == [0, 0, 0]
    assert auto_reversal_pct(nothing, nothing, nothing, TICK) == 0.12
    assert LegNodes().scan(LegProfile(TICK).of_bars(nothing, nothing, nothing)) == []
    assert Zigzag(TICK).pivot is Zigzag(TICK).tail is None


def test_legs_of_real_crude_oil_are_those_of_a_plain_count(real_data):
    table = pd.read_parquet(real_data / "cl_minutes" / "cl_oct2024_1m_ohlc.parquet")
    high, low, close = (
        np.rint(table[name].to_numpy() * 100).astype(np.int64) for name in ("high", "low", "close")
    )
    ts = MINUTE * np.arange(len(table), dtype=np.int64)
    found = leg_structures(ts, high, low, np.zeros_like(ts), TICK)
    rows = plain_pivots(high.tolist(), low.tolist(), 0.12)
    pivots = zip(*(found.pivots[k] for k in ("bar", "tick", "confirmed_bar")), strict=True)
    assert [tuple(row) for row in pivots] == rows
    legs = [(rows[a][0], rows[b][0]) for a, b in plain_legs(rows)]
    assert found.legs[["start_bar", "end_bar"]].tolist() == legs
    assert (len(rows), len(legs)) == (7_665, 2_608)
    # The bars have no volume, so that there are no nodes.
    assert len(found.nodes) == 0
    lags = found.pivots["confirmed_bar"] - found.pivots["bar"]
    assert (round(lags.mean(), 1), lags.max(), round((lags == 0).mean(), 2)) == (1.2, 77, 0.56)
    assert round(auto_reversal_pct(high, low, close, TICK), 5) == 0.10206
