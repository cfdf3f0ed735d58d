"""The rules of the market context in plain Python, minute by minute, as literal as can be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from fractions import Fraction
from typing import Any

from tests.indicators.reference import Histogram
from tests.indicators.reference import bins_of
from tests.indicators.reference import value_area


Print = tuple[int, int, int]
Zone = tuple[int, int, int, int]


def low_nodes(levels: Histogram, width: int, share: Fraction) -> list[Zone]:
    """Return lowest tick, highest tick, middle and volume of each low volume node."""
    bins = bins_of(levels, width)
    if not bins:
        return []
    limit = share * Fraction(sum(bins.values()), len(bins))
    low = [level for level in range(min(bins), max(bins) + 1) if bins.get(level, 0) < limit]
    nodes = []
    for first in low:
        last = first
        while last + 1 in low:
            last += 1
        if first - 1 not in low and min(bins) < first and last < max(bins):
            bottom, top = first * width, (last + 1) * width - 1
            volume = sum(bins.get(level, 0) for level in range(first, last + 1))
            nodes.append((bottom, top, (bottom + top) // 2, volume))
    return nodes


def state_of(
    close: int,
    poc: int | None,
    val: int | None,
    vah: int | None,
    base: int | None,
    dist_max: Fraction = Fraction(1),
    mom_min: Fraction = Fraction(1, 2),
) -> tuple[str, int, Fraction | None, Fraction | None]:
    """Return state, confidence, distance and momentum (percent)."""
    if not poc or val is None or vah is None or not base:
        return "UNKNOWN", 0, None, None
    distance = Fraction(abs(close - poc), abs(poc)) * 100
    momentum = Fraction(close - base, abs(base)) * 100
    if distance < dist_max and val <= close <= vah:
        return "BALANCE", int(50 + 50 * (1 - distance / dist_max)), distance, momentum
    outside = close - vah if momentum > 0 else val - close
    if abs(momentum) > mom_min and outside > 0:
        far = Fraction(outside, vah - val) if vah > val else Fraction(1)
        confidence = 50 + min(25, 25 * (abs(momentum) - mom_min) / mom_min) + min(25, 25 * far)
        state = "IMBALANCE_UP" if momentum > 0 else "IMBALANCE_DOWN"
        return state, int(confidence), distance, momentum
    return "BALANCE", 25, distance, momentum


@dataclass
class Alert:
    """Fires once at each level, and again when the price has been away from it."""

    near: Fraction = Fraction(1, 2)
    rearm: Fraction = Fraction(3, 4)
    fired: set[int] = field(default_factory=set)
    previous: int | None = None

    def update(self, price: int, levels: Sequence[int]) -> dict[str, Any] | None:
        """Return what is known of the nearest level; None without one."""
        before, self.previous = self.previous, price
        if not levels:
            return None

        def distance(level: int) -> Fraction:
            return Fraction(abs(price - level), abs(level)) * 100

        kept = {level for level in self.fired if level in levels}
        self.fired = {level for level in kept if distance(level) < self.rearm}
        lvn = min(levels, key=lambda level: (abs(price - level), level))
        near = distance(lvn) < self.near
        fire = near and lvn not in self.fired
        if fire:
            self.fired.add(lvn)
        return {
            "lvn": lvn,
            "dist_pct": distance(lvn),
            "near": near,
            "fire": fire,
            "direction": "UP" if price < lvn else "DOWN" if price > lvn else "AT",
            "approaching": None if before is None else abs(price - lvn) < abs(before - lvn),
        }


def flow_of(
    rows: Sequence[tuple[int, int, int]],
    scoring: str = "basic",
    lookback: int = 5,
    average: int = 60,
    ratio_min: Fraction = Fraction(2),
    delta_min: Fraction = Fraction(1000),
    pressure_min: Fraction = Fraction(70),
) -> dict[str, Any]:
    """Return the flow of the last minute; rows are volume, buy and sell, the oldest first."""
    volume, buy, sell = rows[-1]
    before = [row[0] for row in rows[-average - 1 : -1]]
    ratio = Fraction(volume * len(before), sum(before)) if sum(before) else Fraction(1)
    change = sum(row[1] - row[2] for row in rows[-lookback:])
    buys = Fraction(100 * buy, buy + sell) if buy + sell else Fraction(50)
    own = buys if change > 0 else 100 - buys
    score = 0
    if scoring == "basic":
        score += 30 * (ratio > ratio_min)
        score += 40 * (abs(Fraction(change, lookback)) > delta_min)
        score += 30 * (change != 0 and own > pressure_min)
    else:
        score += next((p for at, p in ((3, 30), (2, 20), (1.5, 10)) if ratio >= at), 0)
        tiers = ((2, 40), (1, 30), (Fraction(1, 2), 20), (Fraction(1, 10), 10))
        score += next((p for at, p in tiers if abs(change) >= at * delta_min), 0)
        if change:
            score += next((p for at, p in ((80, 30), (70, 20), (60, 10)) if own >= at), 0)
    return {
        "score": score,
        "direction": "BUY" if change > 0 else "SELL" if change < 0 else "NEUTRAL",
        "volume_ratio": ratio,
        "cvd_change": change,
        "buy_pressure": buys,
    }


class Context:
    """All minutes of sessions, each counted anew from its prints."""

    def __init__(self, **changes: Any) -> None:
        self.bin_ticks = changes.get("bin_ticks", 1)
        self.scoring = changes.get("flow_scoring", "basic")
        self.lookback = changes.get("state_lookback", 60)
        self.momentum = changes.get("mom_lookback", 20)
        self.least = changes.get("min_profile_minutes", 10)
        self.flow_lookback = changes.get("flow_lookback", 5)
        self.average = changes.get("avg_lookback", 60)
        self.minutes: list[list[Print]] = []
        self.closes: list[int] = []
        self.flow: list[tuple[int, int, int]] = []
        self.alert = Alert()
        self.balance: list[int | None] | None = None
        self.last = 0

    def minute(self, prints: Sequence[Print]) -> dict[str, Any]:
        """Close a minute of the session."""
        prices = [price for price, _, _ in prints] or [self.last]
        self.last = close = prices[-1]
        self.minutes.append(list(prints))
        self.closes.append(close)
        buy = sum(size for _, size, side in prints if side > 0)
        sell = sum(size for _, size, side in prints if side < 0)
        volume = sum(size for _, size, _ in prints)
        self.flow.append((volume, buy, sell))
        poc, val, vah = self._levels() if len(self.minutes) >= self.least else (None,) * 3
        base = None
        if len(self.closes) > self.momentum:
            base = self.closes[-1 - self.momentum]
        state, confidence, distance, momentum = state_of(close, poc, val, vah, base)
        nodes = low_nodes(self._histogram(len(self.minutes)), self.bin_ticks, Fraction(3, 10))
        return {
            "bar": [prices[0], max(prices), min(prices), close],
            "vol": volume,
            "buy": buy,
            "sell": sell,
            "poc": poc,
            "val": val,
            "vah": vah,
            "state": state,
            "conf": confidence,
            "dist_pct": distance,
            "mom_pct": momentum,
            "nodes": nodes,
            "lvn": self.alert.update(close, [node[2] for node in nodes]),
            "flow": flow_of(self.flow, self.scoring, self.flow_lookback, self.average),
            "balance": self.balance,
        }

    def end_session(self) -> None:
        """Make the profile of the session the balance of the next one."""
        area = self._levels(len(self.minutes))
        if None not in area:
            self.balance = [area[1], area[0], area[2]]
        self.minutes, self.closes, self.alert = [], [], Alert()

    def _histogram(self, minutes: int) -> Histogram:
        levels: Counter[int] = Counter()
        for price, size, _ in (p for minute in self.minutes[-minutes:] for p in minute):
            levels[price] += size
        return dict(levels)

    def _levels(self, minutes: int | None = None) -> tuple[int | None, int | None, int | None]:
        area = value_area(
            bins_of(self._histogram(minutes or self.lookback), self.bin_ticks), Fraction(7, 10), 1
        )
        if area is None:
            return None, None, None
        poc, low, high, _ = (level * self.bin_ticks for level in area)
        return poc, low, high
