"""The market context of real days of gold and the Nasdaq future, recounted from the raw files."""

import csv
from collections import Counter
from datetime import UTC
from datetime import datetime
from fractions import Fraction
from zipfile import ZipFile

import numpy as np
import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.market_context.config import MarketContextConfig
from indicators.core.context_row import COLUMNS
from indicators.core.market_context import MarketContext
from tests.checks import some
from tests.gc_ticks import DAYS
from tests.gc_ticks import EXPIRY
from tests.indicators.context_reference import low_nodes
from tests.strategies.test_impulse_lvn_real_data import trades_of


MINUTE = 60_000_000_000


def gold(folder):
    """Return the prints of two days, which have no side; those without a size are no trades."""
    rows = []
    for day in DAYS:
        midnight = int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp())
        with ZipFile(folder / "gc_ticks" / "tick" / f"{day}_trade.zip") as archive:
            text = archive.read(f"{day}_gc_tick_trade_{EXPIRY}.csv").decode()
        rows += [
            (midnight * 10**9 + int(ms) * 10**6, round(float(price) * 10), int(size), 0)
            for ms, price, size, *_ in csv.reader(text.splitlines())
            if int(size)
        ]
    return rows


def context(instrument, rows, bin_ticks):
    config = MarketContextConfig(
        instrument_id=InstrumentId.from_str(instrument), bin_ticks=bin_ticks
    )
    core = MarketContext("1", "1", **config.feature_parameters())
    table = np.array(rows, dtype=np.int64)
    ts, price, size, sign = (table[:, i].copy() for i in range(4))
    nothing = np.zeros_like(ts)
    side = np.where(sign > 0, 1, np.where(sign < 0, 2, 0)).astype(np.uint8)
    core.update_many(np.ones(len(ts), dtype=np.uint8), ts, price, nothing, size, nothing, side)
    core.close_many(int(ts[-1]) + MINUTE)
    values = core.values(core.take_rows())
    return [dict(zip(COLUMNS, row, strict=True)) for row in values]


@pytest.mark.parametrize(
    ("instrument", "bin_ticks", "minutes", "signed"),
    [("GCZ3.XCEC", 1, 2_500, False), ("NQZ5.XCME", 4, 400, True)],
)
def test_each_minute_is_that_of_the_raw_file(real_data, instrument, bin_ticks, minutes, signed):
    prints = trades_of("20251128") if signed else gold(real_data)
    by_minute: dict[int, list[tuple[int, int, int]]] = {}
    for ts, price, size, sign in prints:
        by_minute.setdefault(ts // MINUTE * MINUTE, []).append((price, size, sign))
    rows = context(instrument, prints, bin_ticks)
    assert len(rows) > minutes
    close = None
    for row in rows:
        each = by_minute.pop(row["ts_min"], [])
        prices = [price for price, _, _ in each] or [close]
        close = prices[-1]
        found = [row[name] for name in ("open", "high", "low", "close")]
        assert found == [prices[0], max(prices), min(prices), close]
        assert row["volume"] == sum(size for _, size, _ in each)
        assert row["trade_count"] == len(each)
        if signed:
            assert row["buy"] == sum(size for _, size, sign in each if sign > 0)
            assert row["sell"] == sum(size for _, size, sign in each if sign < 0)
            assert row["buy_print"] == max((s for _, s, side in each if side > 0), default=None)
        else:
            assert row["unclear_share"] == (1.0 if each else 0.0)
    # No print is missing but those of hours in which the market is closed.
    assert sum(len(each) for each in by_minute.values()) == sum(r["outside_trades"] for r in rows)
    check_profiles(prints, rows, bin_ticks)


def check_profiles(prints, rows, width):
    times = np.array([ts for ts, *_ in prints])
    for row in some(rows[9::60]):
        end, inside = row["ts_min"] + MINUTE, row["session_minutes"]
        levels: Counter[int] = Counter()
        for _, price, size, _ in stretch(prints, times, end, min(60, inside)):
            levels[price // width * width] += size
        if inside >= 10 and levels:
            assert row["poc"] == min(levels, key=lambda level: (-levels[level], level))
            held = sum(v for level, v in levels.items() if row["val"] <= level <= row["vah"])
            assert held >= Fraction(7, 10) * sum(levels.values())
        whole: Counter[int] = Counter()
        for _, price, size, _ in stretch(prints, times, end, inside):
            whole[price] += size
        assert row["lvn_count"] == len(low_nodes(dict(whole), width, Fraction(3, 10)))


def stretch(prints, times, end, minutes):
    first, last = np.searchsorted(times, [end - minutes * MINUTE, end])
    return prints[first:last]
