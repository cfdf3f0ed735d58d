"""The market context and its parts give what the specification's vectors say, exactly."""

from fractions import Fraction

import numpy as np
import pytest

from indicators.core.aggressive_flow import DIRECTIONS as FLOW_DIRECTIONS
from indicators.core.aggressive_flow import AggressiveFlow
from indicators.core.auction_state import STATES
from indicators.core.auction_state import AuctionState
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS
from indicators.core.level_alert import LevelAlert
from indicators.core.market_context import MarketContext
from indicators.core.true_range import SessionTrueRange
from indicators.core.value_area import ValueArea
from indicators.core.volume_profile import VolumeProfile
from indicators.core.volume_zones import VolumeZones
from tests.indicators.reference import MINUTE
from tests.vectors import load


DAY = 86_400_000_000_000
START = 20_000 * DAY
MINUTES = 390


def exact(value):
    return None if value is None else Fraction(*value)


@pytest.mark.parametrize("case", load("003", "state_cases.json"), ids=lambda case: case["name"])
def test_state(case):
    reading = AuctionState().of(
        case["close"], case["poc"], case["val"], case["vah"], case["close_20_ago"]
    )
    expected = case["expected"]
    assert reading[:4] == (
        expected["state"],
        expected["confidence"],
        exact(expected["dist_pct"]),
        exact(expected["mom_pct"]),
    )


@pytest.mark.parametrize("case", load("003", "lvn_cases.json"), ids=lambda case: case["name"])
def test_zones_and_value_area_of_a_profile(case):
    width = case["bin_ticks"]
    profile = VolumeProfile()
    for level, volume in case["hist"]:
        profile.add(level * width + volume % width, volume)
    zones = VolumeZones(Fraction(*case["lvn_frac"])).of_profile(profile, width)
    assert [zone[1:] for zone in zones if zone.kind == "LVN"] == [
        (node["lo"], node["hi"], node["price"], node["volume"]) for node in case["nodes"]
    ]
    bins = [
        level
        for zone in zones
        if zone.kind == "HVN"
        for level in range(zone.low // width, zone.high // width + 1)
    ]
    assert bins == [level // width for level in case["hvn"]]
    levels = ValueArea("0.7", 1).of_profile(profile, width)
    found = [levels.poc, levels.val, levels.vah, levels.volume, levels.total]
    assert (found if levels.total else None) == case["value_area_bins"]


@pytest.mark.parametrize("case", load("003", "lvn_alert_cases.json"), ids=lambda case: case["name"])
def test_alert(case):
    alert = LevelAlert()
    for (price, levels), expected in zip(case["seq"], case["expected"], strict=True):
        nearest = alert.update(price, levels)
        assert (None if nearest is None else tuple(nearest)) == (
            None
            if expected is None
            else (
                expected["lvn"],
                exact(expected["dist_pct"]),
                expected["near"],
                expected["fire"],
                expected["direction"],
                expected["approaching"],
            )
        )


@pytest.mark.parametrize("scoring", ["basic", "tiered"])
@pytest.mark.parametrize("case", load("003", "flow_cases.json"), ids=lambda case: case["name"])
def test_flow(case, scoring):
    flow = AggressiveFlow(scoring)
    reading = [flow.update(*row) for row in case["rows"]][-1]
    expected = case[scoring]
    assert reading.score == expected["score"]
    assert reading.direction == expected["direction"]
    assert reading.volume_ratio == exact(expected["volume_ratio"])
    assert reading.cvd_change == expected["cvd_change"]
    assert Fraction(reading.cvd_change, flow.lookback) == exact(expected["cvd_per_min"])
    assert reading.buy_pressure == exact(expected["buy_pressure"])
    assert 100 - reading.buy_pressure == exact(expected["sell_pressure"])
    assert (reading.volume_ratio > 2) == expected["volume_spike"]
    assert reading.is_aggressive == expected["aggressive"]
    assert reading.label == expected["label"]


@pytest.mark.parametrize("case", load("003", "misc_cases.json")["atr"])
def test_true_range(case):
    true_range = SessionTrueRange()
    for _, high, low, close in case["bars"]:
        true_range.update(high, low, close)
    assert true_range.value == exact(case["atr14"])


@pytest.mark.parametrize("case", load("003", "misc_cases.json")["tick_rule"])
def test_tick_rule(case):
    # A print a minute: the volume of its side says how it was signed.
    context = MarketContext("1", "1")
    for number, price in enumerate(case["prices"]):
        context.update_trade(START + number * MINUTE, price, 1)
    context.close_until(START + len(case["prices"]) * MINUTE)
    rows = [
        dict(zip(("volume", "buy", "sell"), row[5:8], strict=True)) for row, _ in context.closed
    ]
    assert [row["buy"] - row["sell"] for row in rows] == case["signs"]


def ticks_of(name):
    """Return the columns of a stream: sessions of 390 minutes, one a day."""
    stream = load("003", name)
    rows = []
    for day, minutes in enumerate(stream["days"]):
        for number, prints in enumerate(minutes):
            start = START + day * DAY + number * MINUTE
            rows.extend(
                (start + place, price, size, 1 if side > 0 else 2)
                for place, (price, size, side) in enumerate(prints)
            )
    return np.array(rows, dtype=np.int64).T.copy()


def sessions(ts):
    day = (ts - START) // DAY
    if ts >= START + day * DAY + MINUTES * MINUTE:
        day += 1
    return START + day * DAY, START + day * DAY + MINUTES * MINUTE


def rows_of(name, **parameters):
    ts, price, size, side = ticks_of(name)
    context = MarketContext("0.01", "1", sessions=sessions, **parameters)
    nothing = np.zeros_like(ts)
    kinds = np.ones(len(ts), dtype=np.uint8)
    context.update_many(kinds, ts, price, nothing, size, nothing, side.astype(np.uint8))
    context.close_many(START + 3 * DAY + MINUTES * MINUTE)
    return context.take_rows()


@pytest.mark.parametrize(
    ("stream", "expected", "parameters"),
    [
        ("stream.json.gz", "expected.json.gz", {}),
        ("stream_mirror.json.gz", "expected_mirror.json.gz", {}),
        (
            "stream.json.gz",
            "expected_tiered.json.gz",
            {"bin_ticks": 2, "flow_scoring": "tiered"},
        ),
    ],
)
def test_every_minute_of_the_sessions(stream, expected, parameters):
    content = load("003", expected)
    rows = rows_of(stream, **parameters)
    assert len(rows) == len(content["rows"]) == 4 * MINUTES
    for row, wanted in zip(rows, content["rows"], strict=True):
        check_row(row, wanted)
    for day, balance in enumerate(content.get("balances", [])[:-1]):
        row = rows[(day + 1) * MINUTES]
        found = {name: int(row[f"balance_{name}"]) for name in ("poc", "val", "vah")}
        assert found == balance


def check_row(row, wanted):
    at = wanted["day"], wanted["i"]
    levels, state = bool(row["has_levels"]), int(row["state"])
    known = state != 0
    close, poc, base = int(row["close"]), int(row["poc"]), int(row["base"])
    assert row["ts_min"] == START + at[0] * DAY + at[1] * MINUTE
    assert row["session_minutes"] == at[1] + 1
    found = {
        "bar": [int(row[name]) for name in ("open", "high", "low", "close")],
        "vol": row["volume"],
        "buy": row["buy"],
        "sell": row["sell"],
        "poc": poc if levels else None,
        "val": row["val"] if levels else None,
        "vah": row["vah"] if levels else None,
        "state": STATES[state],
        "conf": row["confidence"],
        "lvn_count": row["lvn_count"],
        "balance": [int(row[f"balance_{name}"]) for name in ("val", "poc", "vah")]
        if row["has_balance"]
        else None,
        "lvn": [
            int(row["lvn"]),
            bool(row["lvn_near"]),
            bool(row["lvn_alert"]),
            LEVEL_DIRECTIONS[int(row["lvn_direction"])],
            bool(row["lvn_approaching"]) if row["lvn_approaching"] >= 0 else None,
        ]
        if row["has_lvn"]
        else None,
    }
    for name, value in found.items():
        assert value == wanted[name], (name, at)
    distance = Fraction(100 * abs(close - poc), abs(poc)) if known else None
    assert distance == exact(wanted["dist_pct"]), at
    momentum = Fraction(100 * (close - base), abs(base)) if known else None
    assert momentum == exact(wanted["mom_pct"]), at
    signed = int(row["buy"] + row["sell"])
    prior = int(row["prior_volume"])
    score, direction, ratio, change, pressure = wanted["flow"]
    assert (row["flow_score"], FLOW_DIRECTIONS[int(row["flow_direction"])]) == (score, direction)
    assert row["cvd_change"] == change, at
    volume = int(row["volume"]) * int(row["prior_minutes"])
    assert (Fraction(volume, prior) if prior else 1) == exact(ratio), at
    assert (Fraction(100 * int(row["buy"]), signed) if signed else 50) == exact(pressure), at
