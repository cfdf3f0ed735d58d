"""The market context against a recount in plain Python, in both faces and in a mirror."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ParameterError
from indicators.core.aggressive_flow import AggressiveFlow
from indicators.core.auction_state import AuctionState
from indicators.core.context_row import COLUMNS
from indicators.core.gaps import GapFinder
from indicators.core.level_alert import LevelAlert
from indicators.core.market_context import MarketContext
from indicators.core.nodes import find_profile_nodes
from indicators.core.volume_profile import VolumeProfile
from indicators.core.volume_zones import VolumeZones
from tests.indicators.context_reference import Alert
from tests.indicators.context_reference import Context
from tests.indicators.context_reference import state_of
from tests.indicators.market import quick
from tests.indicators.reference import MINUTE


HOUR = 60 * MINUTE
START = 28_000_020 * MINUTE
# Sessions of 12 minutes, a quarter of an hour apart from one another.
SPAN, EVERY = 12 * MINUTE, 27 * MINUTE
SHORT = {
    "state_lookback": 5,
    "mom_lookback": 3,
    "min_profile_minutes": 2,
    "flow_lookback": 2,
    "avg_lookback": 6,
}
VENUE = {1: 1, -1: 2, 0: 0}

prints = st.tuples(st.integers(-9, 9), st.integers(1, 9), st.sampled_from([1, -1, 0]))
minutes = st.lists(st.lists(prints, max_size=4), min_size=12, max_size=12)
markets = st.lists(minutes, min_size=1, max_size=3)


def sessions(ts):
    number = (ts - START) // EVERY
    if ts >= START + number * EVERY + SPAN:
        number += 1
    return START + number * EVERY, START + number * EVERY + SPAN


def context(**changes):
    return MarketContext("1", "1", **{"sessions": sessions, "side_source": "venue", **changes})


def events_of(market, base):
    """Return (ts, price, size, side) of each print; the first minute of all has one."""
    rows = [(START, base, 1, 1)]
    for number, session in enumerate(market):
        for minute, each in enumerate(session):
            ts = START + number * EVERY + minute * MINUTE
            rows.extend((ts + 1 + i, base + p, s, VENUE[d]) for i, (p, s, d) in enumerate(each))
    return rows


def columns_of(rows):
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    nothing = np.zeros(len(table), dtype=np.int64)
    ts, price, size, side = (table[:, i].copy() for i in range(4))
    kinds = np.ones(len(table), dtype=np.uint8)
    return kinds, ts, price, nothing, size, nothing, side.astype(np.uint8)


def stream(core, rows):
    for row in rows:
        core.update_trade(*row)


def named(values):
    return dict(zip(COLUMNS, values, strict=True))


@quick
@given(
    markets,
    st.sampled_from([2_000, 40, -30]),
    st.sampled_from([1, 2, 5]),
    st.sampled_from(["basic", "tiered"]),
)
def test_each_minute_equals_a_recount(market, base, bin_ticks, scoring):
    options = {"bin_ticks": bin_ticks, "flow_scoring": scoring, **SHORT}
    core, reference = context(**options), Context(**options)
    stream(core, events_of(market, base))
    core.close_until(START + (len(market) - 1) * EVERY + SPAN)
    rows = [named(values) for values, _ in core.closed]
    assert len(rows) == 12 * len(market)
    for number, session in enumerate(market):
        for minute, each in enumerate(session):
            shifted = [(base + price, size, side) for price, size, side in each]
            first = [(base, 1, 1)] if number == minute == 0 else []
            check(rows[12 * number + minute], reference.minute([*first, *shifted]))
        reference.end_session()


def check(row, expected):
    assert [row[name] for name in ("open", "high", "low", "close")] == expected["bar"]
    assert (row["volume"], row["buy"], row["sell"]) == tuple(
        expected[name] for name in ("vol", "buy", "sell")
    )
    assert row["unsigned"] == row["volume"] - row["buy"] - row["sell"]
    for name in ("poc", "val", "vah", "state"):
        assert row[name] == expected[name], name
    assert row["confidence"] == expected["conf"]
    for column, name in (("distance_pct", "dist_pct"), ("momentum_pct", "mom_pct")):
        assert row[column] == (None if expected[name] is None else float(expected[name]))
    assert row["lvn_count"] == len(expected["nodes"])
    lvn = expected["lvn"]
    assert row["lvn"] == (None if lvn is None else lvn["lvn"])
    if lvn is not None:
        assert row["lvn_low"] <= lvn["lvn"] <= row["lvn_high"]
        distance = lvn["dist_pct"]
        assert row["lvn_distance"] == (None if distance is None else float(distance))
        assert row["lvn_direction"] == lvn["direction"]
        assert row["lvn_approaching"] == lvn["approaching"]
    assert row["lvn_near"] == (lvn is not None and lvn["near"])
    assert row["lvn_alert"] == (lvn is not None and lvn["fire"])
    flow = expected["flow"]
    assert row["flow_score"] == flow["score"]
    assert row["flow_direction"] == flow["direction"]
    assert row["cvd_change"] == flow["cvd_change"]
    assert row["volume_ratio"] == float(flow["volume_ratio"])
    assert row["buy_pressure"] == float(flow["buy_pressure"])
    balance = [row[f"balance_{name}"] for name in ("val", "poc", "vah")]
    assert balance == (expected["balance"] or [None] * 3)


@quick
@given(markets, st.integers(0, 60))
def test_columns_give_the_rows_of_single_events_at_every_prefix(market, cut):
    rows = events_of(market, 500)
    cut = min(cut, len(rows))
    batch, single = context(**SHORT), context(**SHORT)
    batch.update_many(*columns_of(rows[:cut]))
    early = batch.values(batch.take_rows())
    stream(single, rows[:cut])
    assert early == [values for values, _ in single.closed]
    end = START + len(market) * EVERY
    batch.update_many(*columns_of(rows[cut:]))
    batch.close_many(end)
    stream(single, rows[cut:])
    single.close_until(end)
    late = batch.values(batch.take_rows())
    assert [*early, *late] == [values for values, _ in single.closed]


@quick
@given(markets)
def test_a_mirrored_market_gives_the_mirror_image(market):
    rows = events_of(market, 0)
    there, back = context(**SHORT), context(**SHORT)
    stream(there, rows)
    stream(back, [(ts, -price, size, (0, 2, 1)[side]) for ts, price, size, side in rows])
    end = START + len(market) * EVERY
    there.close_until(end)
    back.close_until(end)
    opposite = {"BUY": "SELL", "SELL": "BUY", "NEUTRAL": "NEUTRAL"}
    assert len(there.closed) == len(back.closed) > 0
    for (values, details), (other, mirrored) in zip(there.closed, back.closed, strict=True):
        row, image = named(values), named(other)
        assert [row["open"], row["high"], row["low"], row["close"]] == [
            -image["open"],
            -image["low"],
            -image["high"],
            -image["close"],
        ]
        assert (row["buy"], row["sell"]) == (image["sell"], image["buy"])
        for name in ("flow_score", "volume_ratio", "true_ranges", "lvn_count", "hvn_count"):
            assert row[name] == image[name], name
        assert row["flow_direction"] == opposite[image["flow_direction"]]
        assert row["cvd_change"] == -image["cvd_change"]
        assert row["longest_run"] == -image["longest_run"]
        assert row["buy_print"] == image["sell_print"]
        if row["buy_print"] is not None:
            assert row["buy_print_price"] == -image["sell_print_price"]
        for nodes, others in zip(details[1:], mirrored[1:], strict=True):
            zones = [(kind, low, high, volume) for kind, low, high, _, volume in nodes]
            assert sorted(zones) == sorted(
                (kind, -high, -low, volume) for kind, low, high, _, volume in others
            )


@quick
@given(*[st.integers(-60, 60)] * 5)
def test_a_mirrored_state_has_the_other_direction(close, poc, first, last, base):
    val, vah = min(first, last), max(first, last)
    state = AuctionState().of(close, poc, val, vah, base)
    mirrored = AuctionState().of(-close, -poc, -vah, -val, -base)
    assert state[:4] == state_of(close, poc, val, vah, base)
    opposite = {"IMBALANCE_UP": "IMBALANCE_DOWN", "IMBALANCE_DOWN": "IMBALANCE_UP"}
    assert mirrored.state == opposite.get(state.state, state.state)
    assert mirrored.confidence == state.confidence
    assert mirrored.momentum == state.momentum


@quick
@given(
    st.lists(
        st.tuples(
            st.integers(-400, 400),
            st.lists(st.one_of(st.integers(1, 400), st.integers(-400, -1)), max_size=5),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_alerts_equal_the_reference(sequence):
    alert, reference = LevelAlert(near="5", rearm="8"), Alert(Fraction(5), Fraction(8))
    for price, levels in sequence:
        nearest, expected = alert.update(price, levels), reference.update(price, levels)
        assert (None if nearest is None else tuple(nearest)) == (
            None if expected is None else tuple(expected.values())
        )


def test_distances_of_an_alert_in_ticks_and_in_true_ranges():
    ticks = LevelAlert("ticks", "10", "15")
    assert [ticks.update(price, [100]).fire for price in (110, 109, 110, 115, 91)] == [
        False,
        True,
        False,
        False,
        True,
    ]
    ranges = LevelAlert("atr", "0.5", "1")
    assert ranges.update(101, [100]).distance is None
    assert not ranges.update(101, [100]).near
    nearest = ranges.update(104, [100], Fraction(9))
    assert nearest.near
    assert nearest.fire
    assert nearest.distance == Fraction(4, 9)
    # Without a true range nothing is armed again.
    assert not ranges.update(150, [100]).near
    assert not ranges.update(104, [100], Fraction(9)).fire
    assert not ranges.update(109, [100], Fraction(9)).near
    assert ranges.update(104, [100], Fraction(9)).fire


@quick
@given(
    st.dictionaries(st.integers(-40, 40), st.integers(1, 60), max_size=30),
    st.integers(1, 6),
    st.sampled_from(["0.3", "1", "0.999"]),
)
def test_zones_are_the_nodes_of_the_profile(levels, width, ratio):
    profile = VolumeProfile()
    for tick, volume in levels.items():
        profile.add(tick, volume)
    expected = [
        (kind.upper(), *node.in_ticks(width), node.volume)
        for kind, share in (("lvn", ratio), ("hvn", "1.5"))
        for node in find_profile_nodes(profile, width, kind=kind, ratio=share)
    ]
    assert VolumeZones(ratio).of_profile(profile, width) == expected


@quick
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 25), st.integers(1, 9)), max_size=8),
        min_size=2,
        max_size=12,
    ),
    st.integers(1, 3),
    st.integers(1, 11),
)
def test_nodes_that_end_and_begin_make_up_those_of_the_session(minutes, width, again):
    core = context(bin_ticks=width)
    profile, alive = VolumeProfile(), set()
    for number, prints in enumerate(minutes):
        ts = START + number * MINUTE
        if number == again:
            # As after a gap: the nodes of before it end with the first minute after it.
            core.start_again(ts)
            profile = VolumeProfile()
        for tick, volume in prints:
            core.update_trade(ts, tick, volume, 1)
            profile.add(tick, volume)
        core.close_until(ts + MINUTE)
        for _, details in core.take():
            assert alive.issuperset(zone[:3] for zone in details.nodes_gone)
            alive.difference_update(zone[:3] for zone in details.nodes_gone)
            assert alive.isdisjoint(zone[:3] for zone in details.nodes_found)
            alive.update(zone[:3] for zone in details.nodes_found)
            assert alive == {zone[:3] for zone in VolumeZones().of_profile(profile, width)}


@quick
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20),
    st.sampled_from(["basic", "tiered"]),
)
def test_a_change_relative_to_what_is_usual(rows, scoring):
    flow = AggressiveFlow(scoring, 2, 4, cvd_min_rel="1.5")
    rows = [(5, 0), *rows]
    for number, (buy, sell) in enumerate(rows):
        reading = flow.update(buy + sell, buy, sell)
        before = [abs(b - s) for b, s in rows[max(0, number - 4) : number]]
        # Without a usual change none counts.
        usual = Fraction(3 * sum(before), 2 * len(before)) if any(before) else Fraction(10**9)
        absolute = AggressiveFlow(scoring, 2, 4, cvd_min=usual)
        expected = [absolute.update(b + s, b, s) for b, s in rows[: number + 1]]
        assert reading == expected[-1]


def test_no_change_counts_without_a_usual_one():
    flow = AggressiveFlow(cvd_min_rel="1")
    assert flow.update(100, 60, 40).score == 0
    tiered = AggressiveFlow("tiered", cvd_min_rel="1")
    assert tiered.update(100, 55, 45).score == 0


def test_acceleration_compares_with_the_minutes_before():
    flow = AggressiveFlow(lookback=2)
    found = [flow.update(10, 5 + d, 5 - d).cvd_accelerates for d in (1, 1, 2, -3, 0, 3)]
    assert found == [True, True, True, False, False, True]


def test_the_largest_print_of_equal_ones_lies_farthest_on_the_side_of_the_stop():
    core = context()
    stream(
        core,
        [
            (START, 10, 5, 1),
            (START + 1, 8, 5, 1),
            (START + 2, 9, 5, 1),
            (START + 3, 9, 4, 2),
            (START + 4, 12, 4, 2),
            (START + 5, 7, 9, 0),
        ],
    )
    core.close_until(START + MINUTE)
    row = named(core.closed[0][0])
    assert (row["buy_print"], row["buy_print_price"]) == (5, 8)
    assert (row["sell_print"], row["sell_print_price"]) == (4, 12)
    assert row["longest_run"] == 3


def test_prints_outside_of_sessions_are_left_out_and_counted():
    core = context()
    core.update_trade(START - 5 * MINUTE, 1, 1, 1)
    core.close_until(START)
    assert not core.has_inputs
    core.update_trade(START, 10, 1, 1)
    core.update_trade(START + SPAN, 99, 1, 1)
    core.update_trade(START + EVERY - 1, 98, 1, 1)
    core.update_trade(START + EVERY, 11, 2, 2)
    core.close_until(START + EVERY + MINUTE)
    rows = [named(values) for values, _ in core.closed]
    assert [row["outside_trades"] for row in rows] == [1, *[0] * 11, 2]
    assert rows[-1]["ts_min"] == START + EVERY
    assert rows[-1]["session_minutes"] == 1
    assert max(row["high"] for row in rows) == 11


def test_a_late_print_joins_the_minute_in_progress():
    core = context()
    core.update_trade(START, 10, 1, 1)
    core.close_until(START + MINUTE)
    core.update_trade(START + MINUTE - 1, 12, 3, 2)
    core.update_trade(START + MINUTE, 11, 1, 1)
    core.close_until(START + 2 * MINUTE)
    first, second = (named(values) for values, _ in core.closed)
    assert (first["volume"], first["late_trades"]) == (1, 0)
    assert (second["volume"], second["late_trades"], second["open"]) == (4, 1, 12)


def test_a_session_in_part_gives_no_balance():
    for first, whole in ((0, True), (60_000_000_000, True), (60_000_000_001, False)):
        core = context()
        core.update_trade(START + first, 10, 1, 1)
        core.update_trade(START + EVERY, 11, 2, 2)
        core.close_until(START + EVERY + MINUTE)
        row = named(core.closed[-1][0])
        assert (row["balance_poc"] == 10) is whole
        assert row["balance_start"] == (START if whole else None)


def test_a_gap_starts_everything_again():
    core = context(gaps=GapFinder(60.0), **SHORT)
    new = context(gaps=GapFinder(60.0), **SHORT)

    def quote_and_trade(each, ts, price):
        each.update_quote(ts, price, price + 1, 1, 1)
        each.update_trade(ts + 1, price, 2, 1)

    for number in range(12):
        quote_and_trade(core, START + number * 30_000_000_000, 100 + number)
    core.closed.clear()
    after = START + EVERY + 3 * MINUTE
    for number in range(8):
        quote_and_trade(core, after + number * 30_000_000_000, 50 + number)
        quote_and_trade(new, after + number * 30_000_000_000, 50 + number)
    gap = (START + 11 * 30_000_000_000, after)
    assert [found[:2] for found in core.gaps.found] == [gap]
    rows = [named(values) for values, _ in core.closed]
    silent = [row for row in rows if row["ts_min"] < after]
    assert silent
    assert not any(row["warm"] for row in silent[-3:])
    assert [values for values, _ in core.closed[len(silent) :]] == [
        values for values, _ in new.closed
    ]


def test_a_candle_is_spread_over_its_range_and_marked():
    core = context()
    core.update_bar(START, 10, 13, 10, 13, 11)
    core.update_bar(START + MINUTE, 12, 12, 12, 12, 5)
    core.close_until(START + 2 * MINUTE)
    (first, details), (second, flat) = core.closed
    row, other = named(first), named(second)
    assert row["estimated"]
    assert details.footprint == ([10, 11, 12, 13], [0] * 4, [0] * 4, [2, 3, 3, 3])
    # The body is the whole range: all bought. A flat candle: half and half, an odd lot has no side.
    assert (row["buy"], row["sell"], row["unsigned"]) == (11, 0, 0)
    assert (other["buy"], other["sell"], other["unsigned"]) == (2, 2, 1)
    assert flat.footprint == ([12], [0], [0], [5])
    assert row["trade_count"] == 0
    assert row["buy_print"] is None


@quick
@given(
    st.integers(-20, 20),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 50),
)
def test_an_estimate_keeps_the_volume_and_mirrors_its_sides(low, span, first, last, volume):
    high = low + span
    open_, close = low + min(first, span), low + min(last, span)
    there, back = context(), context()
    there.update_bar(START, open_, high, low, close, volume)
    back.update_bar(START, -open_, -low, -high, -close, volume)
    there.close_until(START + MINUTE)
    back.close_until(START + MINUTE)
    (values, details), (other, _) = there.closed[0], back.closed[0]
    row, image = named(values), named(other)
    assert row["volume"] == volume == sum(details.footprint[3])
    assert (row["buy"], row["sell"]) == (image["sell"], image["buy"])
    assert max(details.footprint[3], default=0) - min(details.footprint[3], default=0) <= 1
    if span and volume:
        share = Fraction(1, 2) + Fraction(close - open_, 2 * span)
        assert share * volume - 1 < row["buy"] <= share * volume


def test_a_candle_that_cannot_be_is_refused():
    core = context()
    for bar, text in (
        ((10, 12, 11, 12, 1), "outside"),
        ((10, 12, 9, 13, 1), "outside"),
        ((10, 12, 9, 11, -1), "volume"),
    ):
        with pytest.raises(ValueError, match=text):
            core.update_bar(START, *bar)
    core.update_trade(START, 10, 1, 1)
    with pytest.raises(ValueError, match="already"):
        core.update_bar(START, 10, 10, 10, 10, 1)
    core.update_bar(START + MINUTE, 10, 10, 10, 10, 1)
    with pytest.raises(ValueError, match="has a candle already"):
        core.update_trade(START + MINUTE + 1, 10, 1, 1)


def test_a_level_of_zero_has_no_distance_in_percent():
    nearest = LevelAlert().update(0, [0])
    assert nearest.distance is None
    assert not nearest.near


def test_a_minute_keeps_its_volume_when_its_profile_grows():
    core = context()
    prices = [100, 2_000, -3_000, 50_000, 100, 2_001, -60_000, 120_000, 100]
    stream(core, [(START + i, price, 2, 1 + i % 2) for i, price in enumerate(prices)])
    core.close_until(START + MINUTE)
    ticks, buy, sell, unsigned = core.closed[0][1].footprint
    assert ticks == sorted(set(prices))
    assert [sum(each) for each in zip(buy, sell, unsigned, strict=True)] == [
        2 * prices.count(tick) for tick in ticks
    ]
    # The next session begins with memory given back.
    core.update_trade(START + EVERY, 7, 3, 1)
    core.close_until(START + EVERY + MINUTE)
    assert core.closed[-1][1].footprint == ([7], [3], [0], [0])


def test_alerts_of_single_prints_are_reported_once():
    found = []
    core = context(
        alert_each_trade=True,
        alert_unit="ticks",
        alert_near="3",
        alert_rearm="6",
        on_alert=lambda *alert: found.append(alert),
    )
    for price, size in ((100, 50), (101, 50), (102, 1), (103, 50), (104, 50), (120, 50)):
        core.update_trade(START, price, size, 1)
    core.close_until(START + MINUTE)
    zones = [zone for zone in core.closed[0][1].nodes_found if zone.kind == "LVN"]
    assert [(zone.low, zone.high, zone.price) for zone in zones] == [
        (102, 102, 102),
        (105, 119, 112),
    ]
    at = START + MINUTE
    for place, price in enumerate((118, 114, 113, 114, 105, 104, 114, 110)):
        core.update_trade(at + place, price, 1, 2)
    core.close_until(at + MINUTE)
    assert found == [
        (at + 1, 114, 112, 105, 119, "DOWN", True),
        (at + 5, 104, 102, 102, 102, "DOWN", True),
        (at + 6, 114, 112, 105, 119, "DOWN", True),
    ]
    assert [named(values)["lvn_trade_alerts"] for values, _ in core.closed] == [0, 3]


def test_the_nodes_of_the_session_before_are_levels_on_request():
    rows = [
        (START + place, price, size, 1)
        for place, (price, size) in enumerate(((100, 50), (101, 1), (102, 50)))
    ]
    later = START + EVERY
    for asked, expected in ((False, None), (True, 101)):
        core = context(alert_previous_session=asked)
        stream(core, [*rows, (later, 300, 1, 1)])
        core.close_until(later + MINUTE)
        row = named(core.closed[-1][0])
        assert row["lvn_count"] == 0
        assert row["lvn"] == expected


def test_labels_are_those_in_force_at_the_close():
    asked = []

    def labels(ts):
        asked.append(ts)
        change = START + 3 * MINUTE
        if ts < change:
            return "LONDON", "NEW_YORK", START, change
        return "NEW_YORK", "CLOSED", change, 2**62

    core = context(labels=labels)
    core.update_trade(START, 10, 1, 1)
    core.close_until(START + 4 * MINUTE)
    rows = [named(values) for values, _ in core.closed]
    assert [row["market_session"] for row in rows] == ["LONDON", "LONDON", "NEW_YORK", "NEW_YORK"]
    assert [row["minutes_in_market_session"] for row in rows] == [1, 2, 0, 1]
    assert [row["closes_at"] for row in rows] == [START + SPAN] * 4
    assert [row["minutes_to_next"] for row in rows[:2]] == [2, 1]
    assert rows[0]["recommendation"] == "MEAN_REVERSION"
    assert rows[0]["next_market_session"] == "NEW_YORK"
    assert rows[2]["recommendation"] == "TREND_MODEL"
    assert asked == [START + MINUTE, START + 3 * MINUTE]


def test_a_bad_price_leaves_no_trace():
    core, clean = context(), context()
    stream(core, [(START, 10, 1, 1)])
    stream(clean, [(START, 10, 1, 1)])
    with pytest.raises(ValueError, match="too far away"):
        core.update_trade(START + 1, 10**9, 1, 1)
    core.close_until(START + MINUTE)
    clean.close_until(START + MINUTE)
    assert core.closed == clean.closed


def test_a_reset_context_is_as_new():
    used, new = context(**SHORT), context(**SHORT)
    stream(used, events_of([[[(1, 2, 1)]] * 12], 50))
    used.reset()
    for each in (used, new):
        assert not each.has_inputs
        stream(each, events_of([[[(3, 4, -1)]] * 12], 900))
        each.close_until(START + SPAN)
    assert used.closed == new.closed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tick_size", "0"),
        ("lot_size", "x"),
        ("bin_ticks", 0),
        ("va_fraction", "1.5"),
        ("state_lookback", 0),
        ("mom_lookback", 0),
        ("dist_max_pct", "-1"),
        ("mom_min_pct", "0"),
        ("min_profile_minutes", 0),
        ("lvn_ratio", "0"),
        ("hvn_ratio", "0"),
        ("alert_unit", "points"),
        ("alert_near", "0"),
        ("alert_rearm", "0.1"),
        ("flow_scoring", "best"),
        ("flow_lookback", 0),
        ("avg_lookback", 0),
        ("volume_ratio_min", "0"),
        ("cvd_min", "0"),
        ("cvd_min_rel", "0"),
        ("pressure_min", "101"),
        ("atr_period", 0),
        ("side_source", "quotes"),
        ("warmup_minutes", 0),
    ],
)
def test_a_wrong_parameter_is_named(name, value):
    with pytest.raises(ParameterError) as caught:
        MarketContext(**{"tick_size": "1", "lot_size": "1", name: value})
    assert caught.value.name == name


def test_a_parameter_is_compared_with_another_by_the_names_of_the_core():
    with pytest.raises(ParameterError) as caught:
        MarketContext("1", "1", alert_near="2", alert_rearm="1")
    text = "alert_rearm: must not be below `alert_near` 2, was 1"
    assert str(caught.value) == text
