"""Feature rows: faces agree, windows equal a new count, and no row knows the future."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.minute import COLUMNS
from indicators.core.minute import ROW_DTYPE
from indicators.core.minute import MinuteFeatures
from tests.indicators import reference
from tests.indicators.market import START
from tests.indicators.market import columns
from tests.indicators.market import events
from tests.indicators.market import feed
from tests.indicators.market import quick
from tests.indicators.reference import MINUTE


SMALL = {
    "window_minutes": 4,
    "min_va_bins": 3,
    "alpha_bin": 400.0,
    "bin_width_max_ticks": 9,
    "sigma_lookback": 5,
    "spread_lookback_minutes": 3,
    "bvc_lookback": 4,
    "warmup_minutes": 4,
}
options = st.fixed_dictionaries(
    {
        "side_source": st.sampled_from(["auto", "venue", "inferred", "both"]),
        "flow_source": st.sampled_from(["quotes", "bvc"]),
        "va_method": st.sampled_from(["one_row", "two_row"]),
        "base_bin_ticks": st.integers(1, 3),
    },
)


def small(**changes):
    return MinuteFeatures("0.1", "0.001", **(SMALL | changes))


def end_of(rows):
    return max(row[1] for row in rows) // MINUTE * MINUTE + 3 * MINUTE


def batch_rows(rows, end, cuts=(), **changes):
    features = small(**changes)
    table = columns(rows)
    edges = [0, *sorted(cut % (len(rows) + 1) for cut in cuts), len(rows)]
    parts = []
    for first, last in pairwise(edges):
        features.update_many(*(column[first:last] for column in table))
        if (first + last) % 2:
            parts.append(features.take_rows())
    features.close_many(end)
    return np.concatenate([*parts, features.take_rows()]), features


@quick
@given(events(), options, st.lists(st.integers(0, 60), max_size=5))
def test_any_cut_of_the_columns_gives_the_bits_of_the_streaming_rows(rows, changes, cuts):
    batch, features = batch_rows(rows, end_of(rows), cuts, **changes)
    streaming = small(**changes)
    row_bytes = []
    for event in rows:
        feed(streaming, [event])
        row_bytes.append(streaming.row.tobytes() if streaming.row is not None else b"")
    streaming.close_until(end_of(rows))

    assert [str(values) for values, _ in streaming.closed] == [
        str(values) for values in features.values(batch)
    ]
    assert batch.tobytes().endswith(streaming.row.tobytes())
    known = {row.tobytes() for row in batch} | {b""}
    assert set(row_bytes) <= known
    assert streaming.profile.window.levels() == features.profile.window.levels()


@quick
@given(events(), options)
def test_the_window_equals_a_new_count_at_every_close(rows, changes):
    end = end_of(rows)
    batch, _ = batch_rows(rows, end, **changes)
    expected = reference.window_totals([*rows, (0, end, 0, 0, 1, 1, 0)], SMALL["window_minutes"])

    assert batch["ts_min"].tolist() == [minute * MINUTE for minute, _ in expected]
    for row, (_, levels) in zip(batch, expected, strict=True):
        assert row["total"] == sum(levels.values())
        width = int(row["width"])
        if width == 0:
            assert row["va_reason"] == 2
            continue
        bins = reference.bins_of(levels, width)
        area = reference.value_area(bins, Fraction(7, 10), 1 + (changes["va_method"] == "two_row"))
        if area is None:
            assert row["va_reason"] == 1
            assert row["va_bins"] == 0
        else:
            assert row["va_reason"] == (3 if len(bins) < SMALL["min_va_bins"] else 0)
            assert tuple(row[["poc", "val", "vah"]]) == tuple(width * level for level in area[:3])
            assert row["va_volume"] == area[3]
            assert row["va_bins"] == area[2] - area[1] + 1


@quick
@given(events(), st.data())
def test_events_at_or_after_a_boundary_leave_the_rows_before_it(rows, data):
    first, last = rows[0][1] // MINUTE, max(row[1] for row in rows) // MINUTE
    boundary = data.draw(st.integers(first, last + 1)) * MINUTE
    # Late events arrive after the boundary as well, and must not reach back either.
    kept = next((i for i, row in enumerate(rows) if row[1] >= boundary), len(rows))
    others = data.draw(events(max_size=10))
    shift = max(0, boundary - others[0][1])
    altered = rows[:kept] + [(row[0], row[1] + shift, *row[2:]) for row in others]
    before, _ = batch_rows(rows, end_of(rows))
    after, _ = batch_rows(altered, max(end_of(altered), boundary))

    before = before[before["ts_min"] < boundary]
    after = after[after["ts_min"] < boundary]
    assert before.tobytes() == after.tobytes()


@quick
@given(events(), options)
def test_volume_is_conserved_in_every_row(rows, changes):
    streaming = small(**changes)
    feed(streaming, rows)
    streaming.close_until(end_of(rows))
    batch, _ = batch_rows(rows, end_of(rows), **changes)

    for row, (_, footprint) in zip(batch, streaming.closed, strict=True):
        levels = list(zip(*footprint, strict=True))
        assert row["buy"] + row["sell"] + row["unsigned_volume"] == row["volume"]
        assert sum(sum(level[1:]) for level in levels) == row["volume"]
        assert sum(level[1] for level in levels) == row["buy"]
        assert sum(level[2] for level in levels) == row["sell"]
        if row["has_bar"]:
            assert levels[0][0] == row["low"]
            assert levels[-1][0] == row["high"]
    on_time = batch["volume"].sum()
    late = sum(
        row[4]
        for i, row in enumerate(rows)
        if row[0] == 1 and any(r[1] // MINUTE > row[1] // MINUTE for r in rows[:i])
    )
    assert on_time + late == sum(row[4] for row in rows if row[0] == 1)
    assert batch["cvd"][-1] == (batch["buy"] - batch["sell"]).sum()


def test_rows_run_from_the_first_event_without_a_gap():
    features = small()
    features.close_until(START + 99 * MINUTE)
    assert not features.has_inputs
    features.update_quote(START + 5 * MINUTE + 7, 10, 12, 1, 1)
    features.update_trade(START + 9 * MINUTE, 11, 1, 1)
    features.close_until(START + 10 * MINUTE - 1)
    minutes = [values[0] for values, _ in features.closed]
    assert minutes == [START + i * MINUTE for i in range(5, 9)]

    features.close_until(START + 10 * MINUTE)
    features.close_until(START + 10 * MINUTE)
    assert [values[0] for values, _ in features.closed][4:] == [START + 9 * MINUTE]


def test_values_do_not_exist_before_their_inputs():
    features = small()
    assert features.row is None
    features.update_trade(START, 11, 3, 1)
    features.close_until(START + MINUTE)
    values = dict(zip(COLUMNS, features.closed[0][0], strict=True))

    for name in (
        *("bid_px_close", "ask_px_close", "quote_age_ms", "spread_close", "spread_avg_60m"),
        *("mid_close", "sigma_240", "bin_width", "rebucket_reason", "poc", "vah", "val"),
        *("va_coverage", "va_bin_count", "qimb_close", "qimb_ema_60s"),
    ):
        assert values[name] is None, name
    assert values["va_reason"] == "NO_WIDTH"
    assert values["va_valid"] is values["warm"] is False
    features.close_until(START + 2 * MINUTE)
    values = dict(zip(COLUMNS, features.closed[1][0], strict=True))
    assert values["open"] is values["vwap"] is None
    assert values["volume"] == values["of_1m"] == values["of_norm_1m"] == 0.0


def test_a_late_print_counts_in_the_window_and_in_no_bar():
    features = small()
    features.update_trade(START + 5 * MINUTE, 100, 2, 1)
    features.update_trade(START + 2 * MINUTE, 90, 3, 2)
    features.update_trade(START + MINUTE, 90, 5, 2)
    features.close_many(START + 8 * MINUTE)

    rows = features.take_rows()
    assert rows["total"].tolist() == [5, 2, 2]
    assert rows["volume"].tolist() == [2, 0, 0]
    assert rows["late_trades"].tolist() == [2, 0, 0]
    assert rows["cvd"].tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("source", "level"),
    [("auto", (90, 0, 3, 0)), ("venue", (90, 0, 3, 0)), ("inferred", (90, 0, 0, 3))],
)
def test_a_late_print_is_signed_by_the_venue_only_where_its_side_is_used(source, level):
    features = small(side_source=source)
    features.update_trade(START + 5 * MINUTE, 100, 2, 1)
    features.update_trade(START + 4 * MINUTE, 90, 3, 2)

    assert features.profile.window.levels()[0] == level


def test_a_late_quote_is_dropped():
    features = small()
    features.update_quote(START + MINUTE, 10, 12, 1, 3)
    features.update_quote(START + MINUTE - 1, 20, 22, 9, 9)
    features.close_many(START + 2 * MINUTE)

    row = features.take_rows()[0]
    assert (row["bid"], row["quote_count"], row["qimb_close"]) == (10, 1, -0.5)


def test_a_weekend_of_empty_minutes_has_a_row_each():
    features = small()
    feed(features, [(0, START, 10, 12, 1, 1, 0), (1, START + 1, 11, 5, 5, 0, 1)])
    features.close_many(START + 2_881 * MINUTE)

    rows = features.take_rows()
    assert len(rows) == 2_881
    assert rows["total"].sum() == 4 * 5
    assert rows["warm"].sum() == 2_878


def test_a_time_beyond_a_year_is_refused_and_leaves_no_trace():
    features, untouched = small(), small()
    for each in (features, untouched):
        feed(each, [(0, START, 10, 12, 1, 1, 0), (1, START + 1, 11, 5, 5, 0, 1)])
    far = START + 367 * 1_440 * MINUTE
    for action in (
        lambda: features.update_trade(far, 11, 1, 1),
        lambda: features.update_quote(far, 10, 12, 1, 1),
        lambda: features.close_until(far),
    ):
        with pytest.raises(ValueError, match=f"time {far} "):
            action()
    for each in (features, untouched):
        each.close_many(START + MINUTE)
    assert features.take_rows().tobytes() == untouched.take_rows().tobytes()


def test_a_price_too_far_away_is_refused_and_leaves_no_trace():
    features, untouched = small(), small()
    for each in (features, untouched):
        feed(each, [(0, START, 10, 12, 1, 1, 0), (1, START + 1, 11, 5, 5, 0, 1)])
    with pytest.raises(ValueError, match="tick 1000000000 "):
        features.update_trade(START + 2, 10**9, 1, 1)
    for each in (features, untouched):
        each.close_many(START + MINUTE)
    assert features.take_rows().tobytes() == untouched.take_rows().tobytes()


def test_columns_with_a_print_of_no_size_are_refused_as_a_whole():
    features = small()
    rows = [(1, START, 11, 0, 5, 0, 1), (0, START, 10, 12, 0, 0, 0), (1, START, 11, 0, 0, 0, 1)]
    with pytest.raises(ValueError, match="`size` must be positive, was 0 at 2"):
        features.update_many(*columns(rows))
    with pytest.raises(ValueError, match="one length"):
        features.update_many(columns(rows)[0], *columns(rows[:2])[1:])
    assert not features.has_inputs


def test_values_takes_only_its_own_rows():
    with pytest.raises(ValueError, match="`rows` must be rows taken from this class"):
        small().values(np.zeros(2))
    assert small().values(np.empty(0, dtype=ROW_DTYPE)) == []


@pytest.mark.parametrize("tick", ["0.1", 0.1, "0.25", "0.00000001", Fraction(5, 2)])
def test_prices_are_the_nearest_doubles_of_exact_decimals(tick):
    features = MinuteFeatures(tick, "0.001")
    exact = Fraction(str(tick))
    features.update_trade(START, 600_006, 1, 1)
    features.update_trade(START, -3_763, 3, 1)
    features.close_until(START + MINUTE)
    values = dict(zip(COLUMNS, features.closed[0][0], strict=True))

    assert values["open"] == float(600_006 * exact)
    assert values["close"] == values["low"] == float(-3_763 * exact)
    assert values["volume"] == 0.004
