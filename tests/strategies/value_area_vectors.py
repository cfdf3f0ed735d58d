"""Reads the reference cases of the value area system."""

from fractions import Fraction
from functools import cache
from typing import Any

from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.engine import Signal
from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams
from tests.vectors import load


MINUTE_NS = 60_000_000_000
RUNS = ("default", "immediate_outer", "strict")
TICK = 0.1
LOT = 0.001


@cache
def prints_by_minute() -> dict[int, tuple[int, ...]]:
    stream = load("004", "stream.json.gz")
    found: dict[int, set[int]] = {}
    for event in stream["events"]:
        if event[0] == 1:
            ts = stream["meta"]["t0"] + event[1]
            found.setdefault(ts - ts % 60_000, set()).add(event[2])
    return {minute: tuple(sorted(ticks)) for minute, ticks in found.items()}


def params_from(config: dict[str, Any]) -> SignalParams:
    names = {"retest": "enable_retest_mode"}
    return SignalParams(**{names.get(key, key): value for key, value in config.items()})


def minute_from_case(bar: dict[str, Any], params: SignalParams) -> Minute:
    width = bar["width"] if params.va_edge == "outer" else 0
    return Minute(
        ts_min=bar["i"] * MINUTE_NS,
        bar=None if bar["c"] is None else _bar(bar, bar["prints"]),
        value_area=ValueArea(
            val=bar["val"], vah=bar["vah"] + width, poc_half=2 * bar["poc"] + width
        )
        if bar["valid"]
        else None,
        order_flow=bar["of"],
        ambiguous_share=_ratio(bar["amb"]) or 0.0,
        quote_imbalance=float(Fraction(bar["qimb"])),
        spread_avg=_ratio(bar["spread_avg"]),
    )


def minute_from_features(row: dict[str, Any], params: SignalParams) -> Minute:
    outer = params.va_edge == "outer"
    area = None
    if row["va_valid"]:
        area = ValueArea(
            val=row["val"],
            vah=row["vah_outer"] if outer else row["vah"],
            poc_half=row["poc_mid2"] if outer else 2 * row["poc"],
        )
    return Minute(
        ts_min=row["ts_min"] * 1_000_000,
        bar=None if row["c"] is None else _bar(row, prints_by_minute()[row["ts_min"]]),
        value_area=area,
        order_flow=row["of"],
        ambiguous_share=_ratio(row["amb_frac"]) or 0.0,
        quote_imbalance=_imbalance(row, params.qimb_source),
        spread_avg=_ratio(row["spread_avg"]),
    )


def message_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a feature message, computed with rounding errors on purpose."""

    def scaled(value: float | None, unit: float) -> float | None:
        return None if value is None else value * unit

    return {
        "ts_min": row["ts_min"] * 1_000_000,
        "open": scaled(row["o"], TICK),
        "high": scaled(row["h"], TICK),
        "low": scaled(row["l"], TICK),
        "close": scaled(row["c"], TICK),
        "volume": row["vol"] * LOT,
        "spread_avg_60m": scaled(_ratio(row["spread_avg"]), TICK),
        "bin_width": scaled(row["width"], TICK),
        "poc": scaled(row["poc"], TICK),
        "vah": scaled(row["vah"], TICK),
        "val": scaled(row["val"], TICK),
        "va_valid": row["va_valid"],
        "of_1m": row["of"] * LOT,
        "ambiguous_trade_frac_1m": _ratio(row["amb_frac"]),
        "qimb_close": _imbalance(row, "close"),
        "qimb_ema_60s": _imbalance(row, "ema"),
    }


def as_recorded(signal: Signal) -> dict[str, Any]:
    best = signal.best
    return {
        "flags": list(signal.flags),
        "reason": signal.reason,
        "events": list(signal.events),
        "best": best
        and {
            "setup": best.setup,
            "long": best.is_long,
            "entry": best.entry,
            "stop": best.stop,
            "tp1_2": best.tp1_half,
            "tp2": best.tp2,
            "tag": best.tag,
        },
        "rejected": [list(pair) for pair in signal.rejected],
        "seq": {"UP": _sequence(signal.up), "DOWN": _sequence(signal.down)},
    }


def _sequence(sequence: OutsideSequence | None) -> dict[str, Any]:
    return {
        "active": sequence is not None,
        "B": sequence and sequence.boundary,
        "closes": sequence.closes if sequence else 0,
        "count": sequence.count if sequence else 0,
        "validated": sequence is not None and sequence.validated,
        "accepted": sequence is not None and sequence.accepted,
        "pending": sequence is not None and sequence.pending,
        "extreme": sequence and sequence.extreme,
    }


def _bar(row: dict[str, Any], prints: Any) -> Bar:
    return Bar(
        open=row["o"],
        high=row["h"],
        low=row["l"],
        close=row["c"],
        volume=row["vol"],
        prints=prints,
    )


def _ratio(pair: list[int] | None) -> float | None:
    return None if pair is None else pair[0] / pair[1]


def _imbalance(row: dict[str, Any], source: str) -> float | None:
    if source == "close":
        return _ratio(row["qimb_close"])
    return None if row["qimb_ema"] is None else float(row["qimb_ema"])
