"""The cores against the specification's vectors, fed one event at a time and as arrays."""

import math
from fractions import Fraction

import numpy as np
import pytest

from indicators.core.minute import MinuteFeatures
from indicators.core.order_flow import OrderFlow
from indicators.core.order_flow import bulk_buy_fraction
from indicators.core.quotes import QuoteImbalance
from indicators.core.value_area import ValueArea
from indicators.core.volatility import BinWidth
from indicators.core.volatility import MinuteVolatility
from indicators.core.volume_profile import VolumeProfile
from tests.checks import some
from tests.vectors import close
from tests.vectors import load


MS = 1_000_000


def test_value_area_equals_every_case():
    cases = load("004", "value_area_cases.json")

    for case in some(cases):
        hist = dict(case["hist"])
        expected = case["expected"]
        area = ValueArea(Fraction(*case["va_fraction"]), case["min_bins"])
        first = min(hist, default=0)
        volumes = np.zeros(max(hist, default=-1) - first + 1, dtype=np.int64)
        profile = VolumeProfile()
        for level, volume in hist.items():
            volumes[level - first] = volume
            profile.add(level, volume)

        for levels in (area.of_volumes(volumes, first), area.of_profile(profile)):
            assert levels.valid == expected["valid"], case["name"]
            assert levels.reason == expected["reason"], case["name"]
            if expected["reason"] != "EMPTY":
                for name in ("poc", "val", "vah"):
                    assert getattr(levels, name) == expected[name], case["name"]
                assert levels.volume == expected["cum"], case["name"]
                assert levels.total == expected["total"], case["name"]
                assert list(area.order) == expected["order"], case["name"]
                assert levels.populated == expected["populated"], case["name"]
                assert levels.bins == expected["bins_in_va"], case["name"]


def test_bins_are_whole_multiples_anchored_at_price_zero():
    vector = load("004", "binning_cases.json")

    for case in some(vector["cases"]):
        ticks = Fraction(case["price"]) / Fraction(vector["tick"])
        assert ticks == case["ticks"]
        bin_ticks = case["base_bin_ticks"] * case["k"]
        levels = ValueArea("1", 1).of_volumes(np.array([5]), case["ticks"], bin_ticks)
        assert levels.poc == case["agg_bin"]
        assert levels.poc * bin_ticks == case["key_ticks"]


def test_sigma_equals_every_case():
    for case in some(load("004", "sigma_cases.json")):
        volatility = MinuteVolatility(240)
        for mid2, expected in zip(case["mid2"], case["sigma"], strict=True):
            volatility.close(mid2)
            assert close(volatility.value, expected), case["name"]
        assert volatility.count == min(case["returns"], 240)


def test_width_equals_every_case():
    for case in some(load("004", "width_cases.json")["width"]):
        width = BinWidth(float(case["alpha"]), case["base_bin_ticks"], case["max_ticks"])
        assert width.propose(case["mid2"], float(case["sigma"])) == case["width_ticks"]
        assert close(width.raw, case["raw_ticks"])


def test_rebucket_equals_every_case():
    for case in some(load("004", "width_cases.json")["rebucket"]):
        width = BinWidth()
        if case["old"] is not None:
            width.value = case["old"]
        reason = width.decide(case["new"], 60 * 24 * 365 + case["minute_of_epoch_mod_60"])
        assert reason == case["reason"], case
        assert width.value == (case["new"] if reason else case["old"])


def flow_columns(events):
    columns = {name: [] for name in ("kind", "ts", "price", "ask", "size", "side")}
    for event in events:
        quote = event[0] == "q"
        columns["kind"].append(0 if quote else 1)
        columns["ts"].append(event[1] * MS)
        columns["price"].append(event[2])
        columns["ask"].append(event[4] if quote else 0)
        columns["size"].append(event[3])
        columns["side"].append(0)
    return {
        name: np.array(values, dtype=np.uint8 if name in ("kind", "side") else np.int64)
        for name, values in columns.items()
    }


@pytest.mark.parametrize("side_source", ["auto", "inferred"])
@pytest.mark.parametrize("face", ["stream", "batch"])
def test_order_flow_equals_every_case(face, side_source):
    for case in some(load("004", "orderflow_cases.json")):
        flow = OrderFlow(side_source, case["tick_rule"], 250)
        expected = case["expected"]
        if face == "batch":
            columns = flow_columns(case["events"])
            signs = flow.update_many(*columns.values())
            assert [s[0] for s in expected["signs"]] == signs[columns["kind"] == 1].tolist()
        else:
            signs = iter(expected["signs"])
            for event in case["events"]:
                if event[0] == "q":
                    flow.update_quote(event[1] * MS, event[2], event[4])
                    continue
                sign, before, rule, age = next(signs)
                assert flow.update_trade(event[1] * MS, event[2], event[3]) == sign
                assert flow.quote_sign == before
                assert flow.rule == rule
                assert flow.quote_age_ns == (None if age is None else age * MS)
        assert flow.delta == expected["of"], case["name"]
        assert flow.volume == expected["total"]
        assert flow.ambiguous == expected["ambiguous"]
        assert Fraction(flow.delta, flow.volume or 1) == Fraction(*expected["of_norm"])
        assert Fraction(flow.ambiguous, flow.volume or 1) == Fraction(*expected["amb_frac"])
        assert flow.group_count == expected["groups"]
        assert flow.stale_trades == expected["stale_trades"]


@pytest.mark.parametrize("face", ["stream", "batch"])
def test_quote_imbalance_equals_every_case(face):
    for case in some(load("004", "qimb_cases.json")):
        imbalance = QuoteImbalance(case["span_s"])
        start = 60_000 * MS
        if case["before"]:
            imbalance.update(start - MS, *case["before"])
        imbalance.start_minute(start)
        if face == "stream":
            for ms, bid, ask in case["quotes"]:
                imbalance.update(start + ms * MS, bid, ask)
        else:
            quotes = np.array(case["quotes"], dtype=np.int64).reshape(-1, 3)
            imbalance.update_many(
                start + quotes[:, 0] * MS,
                np.ascontiguousarray(quotes[:, 1]),
                np.ascontiguousarray(quotes[:, 2]),
            )
        expected = case["qimb_close"]
        if expected is not None and not isinstance(expected, str | float):
            expected = expected[0] / expected[1]
        assert close(imbalance.value, expected), case["name"]
        actual = imbalance.value_at(start + 60_000 * MS)
        if case["qimb_ema"] is not None and float(case["qimb_ema"]) == 0.0:
            assert actual == 0.0
        else:
            assert close(actual, case["qimb_ema"]), case["name"]


def test_bulk_volume_equals_every_case():
    for case in some(load("004", "bvc_cases.json")):
        fraction = bulk_buy_fraction(np.diff(np.array(case["closes"])))
        net = case["volume"] * (2 * fraction - 1)
        assert math.isclose(fraction, case["buy_frac"], rel_tol=1e-6)
        assert math.isclose(net, case["bvc_net"], rel_tol=1e-6, abs_tol=1e-9)


def stream_columns(events, t0):
    kinds = np.array([e[0] for e in events], dtype=np.uint8)
    quote = kinds == 0
    ts = np.array([(t0 + e[1]) * MS for e in events], dtype=np.int64)
    price = np.array([e[2] for e in events], dtype=np.int64)
    size = np.array([e[3] for e in events], dtype=np.int64)
    ask = np.array([e[4] if e[0] == 0 else 0 for e in events], dtype=np.int64)
    ask_size = np.array([e[5] if e[0] == 0 else 0 for e in events], dtype=np.int64)
    assert quote.sum() + (~quote).sum() == len(events)
    return kinds, ts, price, ask, size, ask_size, np.zeros(len(events), dtype=np.uint8)


def feed(features, columns):
    for kind, ts, price, ask, size, ask_size, side in zip(
        *(column.tolist() for column in columns),
        strict=True,
    ):
        if kind == 0:
            features.update_quote(ts, price, ask, size, ask_size)
        else:
            features.update_trade(ts, price, size, side)


def test_feature_rows_equal_the_vector_in_the_batch_face():
    stream = load("004", "stream.json.gz")
    meta = stream["meta"]
    features = MinuteFeatures("0.1", "0.001")
    features.update_many(*stream_columns(stream["events"], meta["t0"]))
    features.close_many((meta["t0"] + meta["minutes"] * 60_000) * MS)
    rows = features.take_rows()

    expected_rows = load("004", "features.json.gz")["rows"]
    assert len(rows) == len(expected_rows) == 720
    for row, expected in zip(rows, expected_rows, strict=True):
        check_row(row, expected)


def check_row(row, expected):
    width = int(row["width"])
    area = row["va_bins"] > 0
    exact = {
        "ts_min": row["ts_min"] // MS,
        "o": row["open"] if row["has_bar"] else None,
        "h": row["high"] if row["has_bar"] else None,
        "l": row["low"] if row["has_bar"] else None,
        "c": row["close"] if row["has_bar"] else None,
        "vol": row["volume"],
        "trades": row["trade_count"],
        "groups": row["group_count"],
        "quotes": row["quote_count"],
        "bid": row["bid"] if row["has_quote"] else None,
        "bid_sz": row["bid_size"] if row["has_quote"] else None,
        "ask": row["ask"] if row["has_quote"] else None,
        "ask_sz": row["ask_size"] if row["has_quote"] else None,
        "quote_age_ms": row["quote_age_ms"] if row["has_quote"] else None,
        "mid2": row["bid"] + row["ask"] if row["has_quote"] else None,
        "spread": row["ask"] - row["bid"] if row["has_quote"] else None,
        "ret_count": row["return_count"],
        "width_new": row["proposed_width"] or None,
        "rebucket": (None, "INITIAL", "CHANGE", "INTERVAL")[row["rebucket"]],
        "width": width or None,
        "va_valid": row["va_reason"] == 0,
        "va_reason": (None, "EMPTY", "NO_WIDTH", "MIN_BINS")[row["va_reason"]],
        "populated_bins": row["populated_bins"],
        "total": row["total"],
        "va_volume": row["va_volume"] if area else None,
        "va_bins": row["va_bins"] if area else None,
        "poc": row["poc"] if area else None,
        "val": row["val"] if area else None,
        "vah": row["vah"] if area else None,
        "vah_outer": row["vah"] + width if area else None,
        "poc_mid2": 2 * row["poc"] + width if area else None,
        "buy": row["buy"],
        "sell": row["sell"],
        "unsigned": row["unsigned_volume"],
        "ambiguous": row["ambiguous"],
        "of": row["buy"] - row["sell"],
        "stale_trades": row["stale_trades"],
        "warm": bool(row["warm"]),
    }
    for name, value in exact.items():
        assert value == expected[name], (name, expected["ts_min"])
    fractions = {
        "spread_avg": (row["spread_sum"], row["spread_count"]),
        "of_norm": (row["buy"] - row["sell"], row["volume"]),
        "amb_frac": (row["ambiguous"], row["volume"]),
    }
    for name, (numerator, denominator) in fractions.items():
        if expected[name] is None:
            assert denominator == 0
        else:
            actual = Fraction(int(numerator), int(denominator) or 1)
            assert actual == Fraction(*expected[name]), (name, expected["ts_min"])
    decimals = {
        "vwap_ticks": row["turnover"] / row["volume"] if row["volume"] else None,
        "ret": row["last_return"],
        "sigma": row["sigma"],
        "width_raw_ticks": row["raw_width"],
        "qimb_ema": row["qimb_ema"],
    }
    for name, value in decimals.items():
        if expected[name] is None:
            assert value is None or math.isnan(value), name
        elif float(expected[name]) == 0.0:
            assert value == 0.0
        else:
            assert close(float(value), expected[name]), (name, expected["ts_min"], value)
    if expected["qimb_close"] is not None:
        numerator, denominator = expected["qimb_close"]
        assert row["qimb_close"] == numerator / denominator


def test_streaming_rows_are_the_bits_of_the_batch_rows():
    stream = load("004", "stream.json.gz")
    meta = stream["meta"]
    columns = stream_columns(stream["events"], meta["t0"])
    end = (meta["t0"] + meta["minutes"] * 60_000) * MS
    batch = MinuteFeatures("0.1", "0.001")
    batch.update_many(*columns)
    batch.close_many(end)
    streaming = MinuteFeatures("0.1", "0.001")
    feed(streaming, columns)
    streaming.close_until(end)

    rows = batch.take_rows()
    assert batch.values(rows) == [values for values, _ in streaming.closed]
    assert streaming.row.tobytes() == rows[-1].tobytes()
