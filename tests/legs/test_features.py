"""Features of legs from a catalog: of bars, of trades, and what is refused."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from actors.legs.messages import LegMinute
from backtests.results.message_tables import message_schema
from backtests.system_features import write_system_features
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.writer import write_bars
from errors import AuctionError
from errors import UsageError
from tests.indicators.leg_market import MINUTE
from tests.indicators.leg_market import TICK
from tests.indicators.leg_market import bars
from tests.markets import write_catalog


SYSTEM = str(Path(__file__).parent / "legs.yaml")
CL = "CLZ4.XNYM"
COUNT = 700


@pytest.fixture
def rows():
    return [column[:COUNT].copy() for column in bars()]


def test_bars_of_a_catalog_become_minutes_of_legs(tmp_path, rows):
    ts, high, low, close, volume = rows
    # The second half comes after three hours of silence on the same trading day.
    ts[350:] += 180 * MINUTE
    batch = BarBatch(ts + MINUTE, close, high, low, close, volume)
    instrument = resolve_instrument(CL)
    write_bars(tmp_path, instrument, [batch], f"{CL}-1-MINUTE-LAST-EXTERNAL", "synthetic")
    out = tmp_path / "features.parquet"
    count, notes = write_system_features(SYSTEM, tmp_path, out)
    table = pq.read_table(out)
    assert (count, table.schema) == (COUNT, message_schema(LegMinute))
    assert table.column("is_estimated").unique().to_pylist() == [True]
    assert sum(map(len, table.column("lvn_prices").to_pylist())) > 10
    (note,) = notes
    assert "the features start anew after each" in note
    fast = table.column("ema_fast")[350].as_py()
    assert fast == close[350] * float(TICK)


def test_trades_of_a_catalog_become_minutes_of_exact_legs(tmp_path, rows):
    ts, high, low, *_ = (column.tolist() for column in rows)
    events = [
        (1, at + number * 20_000_000_000, tick, 3)
        for at, *ends in zip(ts, high, low, strict=True)
        for number, tick in enumerate(ends)
    ]
    write_catalog(tmp_path, events, CL, 1, resolve_instrument(CL))
    out = tmp_path / "features.parquet"
    settings = ["actors.0.config.legs.profile=ticks"]
    count, notes = write_system_features(SYSTEM, tmp_path, out, overrides=settings)
    table = pq.read_table(out)
    # The last minute is not over.
    assert count == COUNT - 1
    assert table.column("is_estimated").unique().to_pylist() == [False]
    assert np.unique(table.column("volume").to_numpy()).tolist() == [6]
    assert notes == []


def test_a_catalog_without_bars_and_a_wrong_rule_are_refused_in_one_line(tmp_path, rows):
    ts, high, *_ = (column.tolist() for column in rows)
    events = [(1, at, tick, 3) for at, tick in zip(ts, high, strict=True)]
    write_catalog(tmp_path, events, CL, 1, resolve_instrument(CL))
    out = tmp_path / "features.parquet"
    with pytest.raises(AuctionError, match="no bars CLZ4.XNYM-1-MINUTE-LAST-EXTERNAL"):
        write_system_features(SYSTEM, tmp_path, out)
    for setting, text in (
        ("reversal_pct=0", "reversal_pct"),
        ("preset=new", "preset"),
        ("smooth=2", "smooth"),
    ):
        overrides = [f"actors.0.config.legs.{setting}"]
        with pytest.raises(UsageError, match=text) as caught:
            write_system_features(SYSTEM, tmp_path, out, overrides=overrides)
        assert "\n" not in str(caught.value)
    assert not out.exists()
