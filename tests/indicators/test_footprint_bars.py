"""Footprint bars: vectors, a plain account, streaming and batch, sums, sessions, late trades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.footprint_bars import CLOSED_BY
from indicators.core.footprint_bars import COLUMNS
from indicators.core.footprint_bars import KINDS
from indicators.core.footprint_bars import FootprintBars
from indicators.core.footprint_bars import footprint_bars
from tests.footprint.reference import account
from tests.footprint.vectors import SECOND
from tests.footprint.vectors import stream
from tests.vectors import load


# What is on the core's own scale here: bars of 60, sessions of 250 and 150 by turns.
SIZES = {"time": 60, "volume": 12, "ticks": 4, "delta": 6, "range": 3}
FLAGS = {"in_session", "whole", "session_whole"}


def sessions(ts):
    day = ts // 400 * 400
    return (day, day + 250, True) if ts < day + 250 else (day + 250, day + 400, False)


trades = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(-3, 3), st.integers(1, 9), st.sampled_from((-1, 0, 1))
    ),
    min_size=1,
    max_size=80,
).map(
    lambda rows: [
        (int(ts), 100 + move, size, sign)
        for ts, (_, move, size, sign) in zip(np.cumsum([r[0] for r in rows]), rows, strict=True)
    ]
)
kinds = st.sampled_from(KINDS)


def columns(rows):
    ts, ticks, sizes, signs = zip(*rows, strict=True)
    wide = [np.array(values, dtype=np.int64) for values in (ts, ticks, sizes)]
    return *wide, np.array(signs, dtype=np.int8)


def streamed(rows, kind, *, tick_rule=False):
    core = FootprintBars(kind, SIZES[kind], sessions, tick_rule)
    for row in rows:
        core.update(*row)
    core.close_until(rows[-1][0] + 1_000)
    return core.take()


def rows_of(batch):
    """Return a batch as `FootprintBars.closed` has it."""
    rows, levels = batch
    ends = np.cumsum(rows["level_count"])
    found = []
    for row, end in zip(rows, ends, strict=True):
        part = levels[end - row["level_count"] : end].T.tolist()
        values = {name: row[name].item() for name in COLUMNS}
        values |= {name: bool(values[name]) for name in FLAGS}
        values["closed_by"] = CLOSED_BY[values["closed_by"]]
        found.append((tuple(values.values()), tuple(part)))
    return found


@pytest.mark.parametrize("name", ["es", "cl"])
def test_bars_are_those_of_the_vectors(name):
    columns_, length = stream(name)
    expected = load("002", f"02_footprint_{name}.json.gz")
    *bars, last = rows_of(footprint_bars(*columns_, "time", length))
    assert len(bars) == len(expected["bars"])
    for (values, (ticks, buy, sell, unsigned)), row in zip(bars, expected["bars"], strict=True):
        bar = dict(zip(COLUMNS, values, strict=True))
        assert bar["ts_start"] == row["start"] * SECOND
        assert [bar[key] for key in ("open", "high", "low", "close")] == row["ohlc"]
        assert [list(level) for level in zip(ticks, sell, buy, strict=True)] == row["levels"]
        assert set(unsigned) == {0}
        for key, of in (
            ("volume", "volume"),
            ("delta", "delta"),
            ("buy", "buy"),
            ("sell", "sell"),
            ("cvd", "cum_delta"),
            ("session_poc", "poc"),
        ):
            assert bar[key] == row[of], key
        assert bar["cvd_slope"] == pytest.approx(row["cum_delta_slope5"], abs=1e-9)
        assert [bar["session_val"], bar["session_vah"]] == row["value_area_recommended"]
    open_ = expected["open_bar_at_end"]
    assert last[0][0] == open_["start"] * SECOND
    assert list(last[0][2:6]) == open_["ohlc"]


@pytest.mark.parametrize("name", ["es", "cl"])
def test_the_profile_of_the_session_is_the_sum_of_its_closed_bars(name):
    columns_, length = stream(name)
    core = FootprintBars("time", length)
    core.update_many(*columns_)
    bars = core.take()
    totals = {}
    for _, (ticks, *sides) in bars:
        for tick, *volumes in zip(ticks, *sides, strict=True):
            totals[tick] = totals.get(tick, 0) + sum(volumes)
    ticks, buy, sell, unsigned = core.session.columns()
    assert {t: sum(v) for t, *v in zip(ticks, buy, sell, unsigned, strict=True)} == totals
    peak = max(totals.values())
    nodes = load("002", f"02_footprint_{name}.json.gz")["final_profile"]
    high = [tick for tick in sorted(totals) if totals[tick] * 10 >= peak]
    assert high == sorted(nodes["high_volume_nodes_10pct_of_poc"])


@given(trades, kinds, st.booleans())
@settings(max_examples=80, deadline=None)
def test_bars_close_as_a_plain_account_says(rows, kind, tick_rule):
    expected = account(rows, kind, SIZES[kind], sessions, tick_rule=tick_rule)
    assert streamed(rows, kind, tick_rule=tick_rule) == expected


@given(trades, kinds, st.booleans(), st.lists(st.integers(0, 80), max_size=4))
@settings(max_examples=60, deadline=None)
def test_streaming_is_batch_at_any_split(rows, kind, tick_rule, cuts):
    expected = streamed(rows, kind, tick_rule=tick_rule)
    parameters = kind, SIZES[kind], sessions, tick_rule
    assert rows_of(footprint_bars(*columns(rows), *parameters)) == expected

    core, begin = FootprintBars(*parameters), 0
    for cut in (*sorted(min(cut, len(rows)) for cut in cuts), len(rows)):
        if cut > begin:
            core.update_many(*columns(rows[begin:cut]))
            begin = cut
    core.close_until(rows[-1][0] + 1_000)
    assert core.take() == expected


@given(trades, kinds)
@settings(max_examples=40, deadline=None)
def test_levels_sum_to_the_bar_and_bars_to_the_session(rows, kind):
    bars = [
        dict(zip(COLUMNS, values, strict=True)) | {"levels": levels}
        for values, levels in streamed(rows, kind)
    ]
    assert sum(bar["volume"] for bar in bars) == sum(row[2] for row in rows)
    sums = {}
    for bar in bars:
        ticks, buy, sell, unsigned = bar["levels"]
        assert ticks == sorted(set(ticks))
        assert (sum(buy), sum(sell), sum(unsigned)) == (bar["buy"], bar["sell"], bar["unsigned"])
        assert bar["volume"] == bar["buy"] + bar["sell"] + bar["unsigned"]
        assert bar["min_delta"] <= min(0, bar["delta"]) <= max(0, bar["delta"]) <= bar["max_delta"]
        assert bar["session_start"] <= bar["ts_start"] < bar["ts_end"] <= bar["session_end"]
        volume, delta = sums.get(bar["session_start"], (0, 0))
        sums[bar["session_start"]] = volume + bar["volume"], delta + bar["delta"]
        assert sums[bar["session_start"]] == (bar["session_volume"], bar["cvd"])
    starts = [bar["ts_start"] for bar in bars]
    assert starts == sorted(set(starts))


@given(trades, kinds, st.integers(0, 80))
@settings(max_examples=40, deadline=None)
def test_a_closed_bar_does_not_depend_on_what_comes_after_it(rows, kind, cut):
    core = FootprintBars(kind, SIZES[kind], sessions)
    for row in rows[:cut]:
        core.update(*row)
    known = core.take()
    changed = [(ts, 200 - tick, size + 1, -sign) for ts, tick, size, sign in rows[cut:]]
    whole = streamed([*rows[:cut], *changed], kind) if cut or changed else []
    assert whole[: len(known)] == known


@given(trades, kinds, st.lists(st.integers(0, 1_000), max_size=10))
@settings(max_examples=40, deadline=None)
def test_closing_by_the_clock_changes_no_bar(rows, kind, alerts):
    core = FootprintBars(kind, SIZES[kind], sessions)
    steps = [(row[0], 1, row) for row in rows] + [(ts, 0, None) for ts in alerts]
    for ts, is_trade, row in sorted(steps, key=lambda step: step[:2]):
        if is_trade:
            core.update(*row)
        else:
            core.close_until(ts)
            core.close_until(ts)
    core.close_until(rows[-1][0] + 1_000)
    assert core.take() == streamed(rows, kind)


def of(bars, *names):
    found = [dict(zip(COLUMNS, values, strict=True)) for values, _ in bars]
    return [tuple(bar[name] for name in names) for bar in found]


def test_a_session_cuts_a_bar_and_starts_its_sums_anew():
    rows = [(10, 100, 1, 1), (239, 101, 2, 1), (245, 102, 3, -1), (255, 103, 4, 1), (399, 9, 1, 1)]
    bars = streamed([*rows, (401, 100, 1, -1)], "time")
    assert of(bars, "ts_start", "ts_end", "closed_by", "cvd", "session_poc", "in_session") == [
        (0, 60, "TIME", 1, 100, True),
        (180, 240, "TIME", 3, 101, True),
        (240, 250, "SESSION", 0, 102, True),
        (250, 300, "TIME", 4, 103, False),
        (360, 400, "SESSION", 5, 103, False),
        (400, 420, "TIME", -1, 100, True),
    ]
    assert of(streamed(rows, "volume"), "ts_start", "ts_end", "closed_by", "volume") == [
        (10, 250, "SESSION", 6),
        (255, 400, "SESSION", 5),
    ]


def test_bars_that_fill_within_one_nanosecond_start_a_nanosecond_apart():
    rows = [(7, 100, 12, 1), (7, 101, 30, -1), (7, 102, 12, 1), (8, 103, 12, 1), (50, 100, 1, 1)]
    assert of(streamed(rows, "volume"), "ts_start", "ts_end", "volume", "late_trades") == [
        (7, 8, 12, 0),
        (8, 9, 30, 0),
        (9, 10, 12, 0),
        (10, 11, 12, 0),
        (50, 250, 1, 0),
    ]


def test_a_late_trade_joins_the_bar_in_progress_and_no_session_that_is_over():
    core = FootprintBars("time", 60, sessions)
    core.update(10, 100, 1, 1)
    core.update(70, 100, 2, 1)
    core.update(20, 90, 3, -1)
    core.close_until(260)
    core.update(200, 95, 4, -1)
    core.close_until(1_000)
    assert of(core.take(), "ts_start", "low", "volume", "late_trades", "in_session") == [
        (0, 100, 1, 0, True),
        (60, 90, 5, 1, True),
        (250, 95, 4, 1, False),
    ]


def test_what_began_before_the_data_or_a_gap_is_not_whole():
    core = FootprintBars("time", 60, sessions)
    core.update(31, 100, 1, 1)
    core.update(70, 101, 1, 0)
    core.start_again(130)
    core.update(130, 102, 1, 1)
    core.update(190, 103, 1, 1)
    core.update(420, 104, 1, 1)
    core.close_until(1_000)
    assert of(core.take(), "ts_start", "whole", "session_whole", "cvd") == [
        (0, False, False, 1),
        (60, True, False, 1),
        (120, False, False, 2),
        (180, True, False, 3),
        (420, True, True, 1),
    ]


@pytest.mark.parametrize(("first", "whole"), [(30, True), (31, False)])
def test_data_may_begin_a_moment_after_the_session(first, whole):
    core = FootprintBars("time", 60, sessions, gap_ns=30)
    core.update(first, 100, 1, 1)
    core.close_until(1_000)
    assert of(core.take(), "whole", "session_whole") == [(whole, whole)]


def test_the_tick_rule_starts_again_after_a_gap():
    core = FootprintBars("ticks", 2, None, True)
    core.update(1, 100, 1)
    core.update(2, 101, 2)
    core.update(3, 101, 4)
    core.start_again(4)
    core.update(5, 100, 8)
    assert of(core.take(), "buy", "sell", "unsigned", "inferred") == [(2, 0, 1, 2), (4, 0, 8, 4)]


def test_a_reset_core_is_as_new():
    core = FootprintBars("time", 60, sessions, True)
    rows = [(10, 100, 1, 0), (70, 101, 2, 0), (140, 90, 3, -1)]
    for row in rows:
        core.update(*row)
    core.reset()
    for row in rows:
        core.update(*row)
    core.close_until(1_000)
    assert core.take() == streamed(rows, "time", tick_rule=True)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"kind": "renko"}, "kind"),
        ({"size": 0}, "size"),
        ({"va_fraction": "0"}, "va_fraction"),
        ({"va_fraction": 1.5}, "va_fraction"),
        ({"gap_ns": -1}, "gap_ns"),
    ],
)
def test_a_wrong_parameter_is_named(parameters, name):
    with pytest.raises(ParameterError) as caught:
        FootprintBars(**parameters)
    assert caught.value.name == name


def test_wrong_trades_are_refused_before_any_counts():
    core = FootprintBars("time", 60)
    good = np.array([1, 2], dtype=np.int64)
    sides = np.zeros(2, dtype=np.int8)
    with pytest.raises(ValueError, match="must be positive, was 0 at 1"):
        core.update_many(good, good, np.array([1, 0], dtype=np.int64), sides)
    with pytest.raises(ValueError, match="one length"):
        footprint_bars(good, good, good, sides[:1])
    with pytest.raises(ValueError, match="must be positive"):
        core.update(1, 100, 0)
    core.close_until(1_000)
    assert core.take() == []


def test_a_session_that_does_not_hold_its_time_is_refused():
    core = FootprintBars("time", 60, lambda ts: (ts + 1, ts + 2, True))
    with pytest.raises(ValueError, match="the session of 5 is given from 6 to 7"):
        core.update(5, 100, 1)
