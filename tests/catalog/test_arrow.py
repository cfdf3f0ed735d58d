from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.arrow import bar_table
from catalog.arrow import quote_table
from catalog.arrow import trade_table
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import MINUTE_BARS
from tests.catalog.market import SECOND
from tests.catalog.market import START
from tests.catalog.market import bars
from tests.catalog.market import quotes
from tests.catalog.market import trades


PRICE = Price.from_str("60000.00")
SIZE = Quantity.from_str("0.001")


def test_files_equal_those_that_nautilus_writes(
    catalog: Path,
    tmp_path: Path,
    perpetual: Instrument,
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    bar_type = BarType.from_str(MINUTE_BARS)
    high, low, volume = Price.from_str("60000.20"), Price.from_str("59999.90"), "0.007"
    ParquetDataCatalog(theirs).write_data(
        [
            TradeTick(perpetual.id, PRICE, SIZE, AggressorSide.BUYER, TradeId("t0"), START, START),
            QuoteTick(
                perpetual.id,
                Price.from_str("59999.90"),
                PRICE,
                Quantity.from_str("0.003"),
                Quantity.from_str("0.004"),
                START + SECOND,
                START + SECOND,
            ),
            Bar(bar_type, PRICE, high, low, PRICE, Quantity.from_str(volume), START, START),
        ],
    )

    write_ticks(catalog, perpetual, [trades([0])], [quotes([SECOND])], "venue side")
    write_bars(catalog, perpetual, [bars([0])], MINUTE_BARS, "venue side")

    expected = sorted(path.relative_to(theirs) for path in theirs.rglob("*.parquet"))
    assert len(expected) == 3
    for path in expected:
        written, reference = pq.read_table(catalog / path), pq.read_table(theirs / path)
        assert written.equals(reference)
        assert written.schema.equals(reference.schema)
        assert written.schema.metadata == reference.schema.metadata


@pytest.mark.parametrize("value", [0, -1])
def test_trade_without_a_size_is_refused(value: int) -> None:
    with pytest.raises(AuctionError, match=r"size is not positive: row 2 .* 2024-08-09 00:00:01"):
        trade_table(trades([0, SECOND], size=[1, value]))


@pytest.mark.parametrize("side", ["bid_size", "ask_size"])
def test_a_quote_with_a_negative_size_is_refused_with_its_row_and_time(side: str) -> None:
    batch = replace(quotes([0, SECOND]), **{side: np.array([1, -1], dtype=np.int64)})
    with pytest.raises(AuctionError, match="a quote's size is negative: row 2 of a batch, 20"):
        quote_table(batch)


@pytest.mark.parametrize("side", ["bid_size", "ask_size"])
def test_an_empty_side_of_a_quote_is_taken(side: str) -> None:
    sizes = np.array([0, 1], dtype=np.int64)
    table = quote_table(replace(quotes([0, SECOND]), **{side: sizes}))
    assert table.column(side).to_pylist() == [0, 1]


@pytest.mark.parametrize("trade_id", ["", "x" * 37])
def test_trade_id_that_nautilus_cannot_hold_is_refused(trade_id: str) -> None:
    with pytest.raises(AuctionError, match="1 to 36 characters"):
        trade_table(trades([0], ids=[trade_id]))


def test_unknown_side_code_is_refused() -> None:
    with pytest.raises(AuctionError, match="side is none of 0, 1 and 2"):
        trade_table(trades([0], side=3))


def test_time_before_1970_is_refused() -> None:
    with pytest.raises(AuctionError, match="before 1970"):
        quote_table(quotes([-START - 1]))


def test_bar_with_a_close_above_its_high_is_refused() -> None:
    batch = bars([0])

    with pytest.raises(AuctionError, match="outside its high and low"):
        bar_table(replace(batch, close=batch.high + 1))


def test_identifiers_of_the_files_are_those_of_the_instrument(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")

    folders = {path.parent.relative_to(catalog) for path in catalog.rglob("*.parquet")}
    assert folders == {Path("data/trade_tick") / BTC, Path("data/crypto_perpetual") / BTC}
