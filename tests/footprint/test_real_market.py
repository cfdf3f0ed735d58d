"""Footprint bars of an hour of ES against a recount of the raw trades."""

import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nautilus_trader.model.identifiers import InstrumentId

from actors.footprint.config import FootprintActorConfig
from actors.footprint.features import FootprintFeatures
from actors.footprint.messages import FootprintBar


pytestmark = pytest.mark.skipif(
    "AUCTION_REAL_DATA" not in os.environ, reason="AUCTION_REAL_DATA is not set"
)

BAR = 300_000_000_000
TICK = 0.25


@pytest.fixture(scope="module")
def raw():
    folder = Path(os.environ["AUCTION_REAL_DATA"]) / "es_databento"
    trades = pd.read_parquet(folder / "ESH4_20231225_trades_with_bbo.parquet")
    return trades, pd.read_parquet(folder / "ESH4_20231225_bbo.parquet")


@pytest.fixture(scope="module")
def bars(raw):
    trades, quotes = raw
    config = FootprintActorConfig(instrument_id=InstrumentId.from_str("ESH4.XCME"))
    features = FootprintFeatures(config, Decimal("0.25"), Decimal(1))
    kinds = np.repeat(np.array([0, 1], dtype=np.uint8), (len(quotes), len(trades)))
    ts = np.concatenate([quotes["ts_event"], trades["ts_event"]]).astype(np.int64)
    order = np.argsort(ts, kind="stable")
    ticks = (trades["price"] / TICK).round().to_numpy(dtype=np.int64)
    side = trades["side"].map({"B": 1, "A": 2, "N": 0}).to_numpy(dtype=np.uint8)
    nothing = np.ones(len(quotes), dtype=np.int64)
    price = np.concatenate([nothing, ticks])[order]
    size = np.concatenate([nothing, trades["size"]]).astype(np.int64)[order]
    sides = np.concatenate([nothing.astype(np.uint8), side])[order]
    features.update_many(kinds[order], ts[order], price, price, size, size, sides)
    features.close_many(int(ts.max()) + BAR)
    rows = features.take_rows()
    return pd.DataFrame(rows, columns=list(FootprintBar.COLUMNS))


def test_levels_and_bars_are_those_of_a_recount(bars, raw):
    trades = raw[0].assign(bar=raw[0]["ts_event"] // BAR * BAR, tick=raw[0]["price"] / TICK)
    assert len(bars) == trades["bar"].nunique() > 10
    for row in bars.to_dict("records"):
        part = trades[trades["bar"] == row["ts_start"]]
        levels = part.groupby(["tick", "side"])["size"].sum().unstack(fill_value=0)
        levels = levels.reindex(columns=["B", "A", "N"], fill_value=0)
        assert row["levels"] == levels.index.tolist()
        assert row["level_buy"] == levels["B"].tolist()
        assert row["level_sell"] == levels["A"].tolist()
        assert row["level_unsigned"] == levels["N"].tolist()
        delta = part["size"] * part["side"].map({"B": 1, "A": -1, "N": 0})
        way = delta.cumsum()
        assert (row["delta"], row["trade_count"]) == (delta.sum(), len(part))
        assert (row["min_delta"], row["max_delta"]) == (min(0, way.min()), max(0, way.max()))
        ends = part["tick"].iloc[[0, -1]].tolist()
        assert [row["open"], row["close"]] == ends
        assert (row["high"], row["low"]) == (part["tick"].max(), part["tick"].min())


def test_the_hour_is_one_session_from_its_start(bars, raw):
    signs = raw[0]["side"].map({"B": 1, "A": -1, "N": 0})
    assert bars["cvd"].iloc[-1] == (raw[0]["size"] * signs).sum()
    assert bars["session_volume"].iloc[-1] == raw[0]["size"].sum()
    assert bars["session_whole"].all()
    assert bars["in_session"].all()
