"""Trades made up from one-minute bars: their bars are the given ones again."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from adapters.files.ingest import ingest_csv
from adapters.files.synthesis import MINUTE_NS
from adapters.files.synthesis import synthetic_trades
from backtests.report.figures import quality_labels
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.batches import BarBatch
from catalog.contents import data_quality
from catalog.layout import data_files
from errors import UsageError


START = 1_767_571_200_000_000_000


def bars(count: int = 200, seed: int = 1) -> BarBatch:
    rng = np.random.default_rng(seed)
    open_ = 20_000 + rng.integers(-50, 51, count)
    close = open_ + rng.integers(-20, 21, count)
    high = np.maximum(open_, close) + rng.integers(0, 9, count)
    low = np.minimum(open_, close) - rng.integers(0, 9, count)
    volume = rng.integers(0, 3_000, count)
    # Also bars of no volume, and of fewer lots than turning points.
    volume[:6] = range(6)
    ts = START + np.arange(1, count + 1, dtype=np.int64) * MINUTE_NS
    return BarBatch(ts, open_, high, low, close, volume)


def test_the_bars_of_the_trades_are_the_given_ones() -> None:
    given = bars()
    (trades,) = synthetic_trades(iter([given]), seed=7)
    minutes = (trades.ts_event - START) // MINUTE_NS
    assert (np.diff(trades.ts_event) >= 0).all()
    assert (trades.size > 0).all()
    assert len(set(trades.trade_id.to_pylist())) == len(trades)
    for i in range(len(given)):
        of_bar = minutes == i
        price, size = trades.price[of_bar], trades.size[of_bar]
        assert size.sum() == given.volume[i]
        if len(price) < 4:
            assert len(price) == given.volume[i]
            continue
        ohlc = price[0], price.max(), price.min(), price[-1]
        assert ohlc == (given.open[i], given.high[i], given.low[i], given.close[i])
        low_first = int(price.argmin()) < int(price.argmax())
        if given.close[i] > given.open[i] and given.high[i] - given.low[i] > 4:
            assert low_first
        step = np.diff(price)
        sides = trades.side[of_bar][1:]
        assert (sides[step > 0] == BUYER).all()
        assert (sides[step < 0] == SELLER).all()


def test_a_bar_has_the_same_trades_in_any_batch_and_others_by_another_seed() -> None:
    given = bars(40)
    (whole,) = synthetic_trades(iter([given]), seed=7)
    columns = [getattr(given, name) for name in ("ts_event", "open", "high", "low", "close")]
    halves = [
        BarBatch(*(column[part] for column in [*columns, given.volume]))
        for part in (slice(0, 13), slice(13, 40))
    ]
    parts = list(synthetic_trades(iter(halves), seed=7))
    for name in ("ts_event", "price", "size", "side"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert (joined == getattr(whole, name)).all()
    ids = [i for part in parts for i in part.trade_id.to_pylist()]
    assert ids == whole.trade_id.to_pylist()
    (other,) = synthetic_trades(iter([given]), seed=8)
    assert len(other) != len(whole) or (other.price != whole.price).any()


def write_csv(path: Path, step: int = 60) -> Path:
    lines = ["ts,open,high,low,close,volume"]
    for i in range(30):
        ts = 1_767_623_400 + i * step
        lines.append(f"{ts},6900.25,6902.5,6899,6901.75,{1_000 + i}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_catalog_labels_them_as_estimated_and_keeps_the_volume(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    source = write_csv(tmp_path / "bars.csv")
    report = ingest_csv(catalog, "ESH6.XCME", bars=[source], synthesize_seed=7)
    assert any("made up" in text for text in report.warnings)
    assert data_quality(catalog, "ESH6.XCME", ["trade_tick"]) == {"estimated from bars"}
    files = data_files(catalog, "trade_tick", "ESH6.XCME")
    rows = sum(pq.ParquetFile(file.path).metadata.num_rows for file in files)
    assert rows > 30 * 10
    assert not data_files(catalog, "bar", "ESH6.XCME-1-MINUTE-LAST-EXTERNAL")


def test_a_proxy_is_labelled_and_named_in_words(tmp_path: Path) -> None:
    catalog, source = tmp_path / "catalog", write_csv(tmp_path / "bars.csv")
    report = ingest_csv(catalog, "SPY.XNAS", bars=[source], synthesize_seed=7, proxy_for="ES")
    assert any(
        "a proxy for ES: prices, ticks and volumes are those of SPY" in text
        for text in report.warnings
    )
    labels = data_quality(catalog, "SPY.XNAS", ["trade_tick"])
    assert labels == {"estimated from bars", "proxy for ES"}
    texts = quality_labels({"data_quality": sorted(labels)})
    assert texts == [
        "order flow estimated from bars",
        "proxy for ES: prices, ticks and volumes are those of another instrument",
    ]


def test_a_common_proxy_without_its_name_is_pointed_out(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "bars.csv")
    report = ingest_csv(tmp_path / "c", "SPY.XNAS", bars=[source], synthesize_seed=7)
    assert any("ingest it with --proxy-for ES" in text for text in report.warnings)
    for other in ("SPY", "es", "", "E" * 21):
        with pytest.raises(UsageError, match="name the symbol of another instrument, like ES"):
            ingest_csv(
                tmp_path / "d", "SPY.XNAS", bars=[source], synthesize_seed=7, proxy_for=other
            )
    with pytest.raises(UsageError, match="--proxy-for needs --synthesize-ticks"):
        ingest_csv(tmp_path / "d", "SPY.XNAS", bars=[source], proxy_for="ES")


def test_only_bars_of_a_minute_stand_in_for_ticks(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "bars.csv", 300)
    with pytest.raises(UsageError, match="one minute"):
        ingest_csv(tmp_path / "c", "ESH6.XCME", bars=[source], synthesize_seed=7)
    with pytest.raises(UsageError, match="--synthesize-ticks needs --bars alone"):
        ingest_csv(tmp_path / "c", "ESH6.XCME", trades=[source], synthesize_seed=7)
    with pytest.raises(UsageError, match="--synthesize-ticks"):
        ingest_csv(tmp_path / "c", "ES.v.0.XCME", bars=[source], synthesize_seed=7)
