"""The whole way on real data: files in, catalog, system, and a recount from the raw files."""

import csv
import json
import os
from collections import Counter
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from adapters.files.ingest import ingest_csv
from tests.engines import auction
from tests.gc_ticks import INSTRUMENT_ID
from tests.gc_ticks import write_gc_csv


TICK = Fraction(1, 10)
WINDOW = 240


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    data = os.environ.get("AUCTION_REAL_DATA")
    if not data:
        pytest.skip("AUCTION_REAL_DATA is not set")
    folder = tmp_path_factory.mktemp("gold")
    trades, quotes = write_gc_csv(Path(data), folder)
    ingest_csv(folder / "catalog", INSTRUMENT_ID, [trades], [quotes])
    done = auction(
        "backtest",
        "btc_value_area",
        "--catalog",
        folder / "catalog",
        "--set",
        f"instrument_id={INSTRUMENT_ID}",
        "--runs",
        folder / "runs",
        "--single",
    )
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "runs").iterdir()
    return raw_minutes(trades), run


def raw_minutes(trades: Path) -> dict[int, Counter[int]]:
    """Count the raw file's volume by minute and tick, in plain Python."""
    minutes: dict[int, Counter[int]] = {}
    with trades.open() as file:
        for row in csv.DictReader(file):
            minute = int(datetime.fromisoformat(row["ts"]).timestamp()) // 60
            tick = Fraction(row["price"]) / TICK
            assert tick.denominator == 1
            minutes.setdefault(minute, Counter())[int(tick)] += int(float(row["size"]))
    return minutes


def value_area(minutes: dict[int, Counter[int]], last: int, width: int):
    bins: Counter[int] = Counter()
    for minute in range(last - WINDOW + 1, last + 1):
        for tick, volume in minutes.get(minute, {}).items():
            bins[tick // width] += volume
    total = sum(bins.values())
    lowest, highest = min(bins), max(bins)
    poc = min(bin_ for bin_ in bins if bins[bin_] == max(bins.values()))
    low = high = poc
    held = bins[poc]
    while held * 10 < total * 7:
        below = bins[low - 1] if low > lowest else -1
        above = bins[high + 1] if high < highest else -1
        if below >= above:
            low -= 1
            held += below
        else:
            high += 1
            held += above
    return poc * width, low * width, high * width, held / total, total


def test_the_system_runs_on_gold_by_an_override_alone(gold):
    _, run = gold
    summary = json.loads((run / "summary.json").read_text())

    assert summary["instruments"] == [INSTRUMENT_ID]
    assert summary["currency"] == "USD"
    assert summary["data_quality"] == ["inferred"]
    assert not summary["synthetic"]
    assert summary["minutes_closed"] > 1400
    assert sum(summary["reasons"].values()) == summary["minutes_closed"]


def test_the_value_area_of_sampled_minutes_is_that_of_the_raw_file(gold):
    minutes, run = gold
    features = pd.read_parquet(run / "features.parquet")
    sampled = features[features["poc"].notna()].iloc[::37]
    assert len(sampled) > 30

    for row in sampled.itertuples():
        last = row.ts_min.value // 60_000_000_000
        width = round(row.bin_width * 10)
        poc, val, vah, coverage, total = value_area(minutes, last, width)
        assert (row.poc, row.val, row.vah) == (poc / 10, val / 10, vah / 10)
        assert row.va_coverage == coverage
        assert row.total_volume_4h == total


def test_bars_and_volume_are_those_of_the_raw_file(gold):
    minutes, run = gold
    features = pd.read_parquet(run / "features.parquet")

    assert features["volume"].sum() <= sum(sum(m.values()) for m in minutes.values())
    for row in features.iloc[::53].itertuples():
        levels = minutes.get(row.ts_min.value // 60_000_000_000, {})
        assert row.volume == sum(levels.values())
        if levels:
            assert (row.low, row.high) == (min(levels) / 10, max(levels) / 10)
