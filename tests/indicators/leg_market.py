"""The bars of the vectors of the leg system, and plain versions of its rules."""

from fractions import Fraction

import numpy as np

from tests.vectors import load


MINUTE = 60_000_000_000
TICK = "0.01"
# 2024-10-27 18:00 in New York.
START = 1_730_066_400_000_000_000


def bars():
    """Return times (ns UTC), highs, lows, closes (ticks) and volumes of the vectors."""
    rows = load("001", "bars.json.gz")
    columns = [np.array(rows[name], dtype=np.int64) for name in ("high", "low", "close", "volume")]
    return START + MINUTE * np.array(rows["minute"], dtype=np.int64), *columns


def columns_of(values):
    """Return contiguous columns of some bars (high, low, volume)."""
    table = np.array(values, dtype=np.int64).reshape(-1, 3)
    ts = MINUTE * np.arange(len(table), dtype=np.int64)
    return ts, *(np.ascontiguousarray(column) for column in table.T)


def plain_pivots(high, low, pct, keep_opposite=False):
    """Return rows (bar, price, confirming bar) by the rule in exact fractions."""
    share = Fraction(str(pct)) / 100
    rows = [(0, low[0], 0)]
    up, at, extreme = True, 0, high[0]
    for i in range(1, len(high)):
        edge, other = (high[i], low[i]) if up else (low[i], high[i])
        beats = edge >= extreme if up else edge <= extreme
        if beats or (not keep_opposite and at <= rows[-1][0]):
            at, extreme = i, edge
        move = extreme - other if up else other - extreme
        if move > 0 and move >= share * abs(extreme):
            rows.append((at, extreme, i))
            up, at, extreme = not up, i, other
    return rows


def plain_legs(rows):
    """Return the places (start, end) of legs among pivots of `plain_pivots`."""
    labels = []
    for number, (_, price, _) in enumerate(rows):
        earlier = [rows[k][1] for k in range(number - 2, -1, -2)]
        is_higher = not earlier or price > earlier[0]
        labels.append(("H" if is_higher else "L") + ("H" if number % 2 else "L"))
    pairs = {("HL", "HH"), ("LH", "LL")}
    return [(k - 1, k) for k in range(1, len(rows)) if (labels[k - 1], labels[k]) in pairs]
