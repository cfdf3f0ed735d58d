import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.instruments import resolve_instrument
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.reader import read_ticks
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import DAY
from tests.catalog.market import START
from tests.catalog.market import contents
from tests.catalog.market import quotes
from tests.catalog.market import read_all
from tests.catalog.market import trades


def write_with_nautilus(
    catalog: Path,
    instrument: Instrument,
    trade_times: list[int],
    quote_times: list[int],
    price: str = "60000.00",
) -> None:
    catalog.mkdir(exist_ok=True)
    lot = Quantity.from_str("0.002")
    ticks = [
        TradeTick(
            instrument.id,
            Price.from_str(price),
            lot,
            AggressorSide.SELLER,
            TradeId(str(at)),
            START + ts,
            START + ts,
        )
        for at, ts in enumerate(trade_times)
    ]
    bid, ask = Price.from_str("59999.90"), Price.from_str("60000.10")
    ticks += [
        QuoteTick(instrument.id, bid, ask, lot, lot, START + ts, START + ts) for ts in quote_times
    ]
    ParquetDataCatalog(catalog, max_rows_per_group=3).write_data([instrument, *ticks])


def test_values_come_back_in_ticks_and_lots(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(
        catalog,
        perpetual,
        [trades([7], price=-3, size=2**40, side=2)],
        [quotes([4], bid=-(2**40), ask=2**40)],
        "venue side",
    )

    ticks = read_all(catalog)

    assert ticks.kind.tolist() == [QUOTE, TRADE]
    assert ticks.a.tolist() == [-(2**40), -3]
    assert ticks.b.tolist() == [2**40, 0]
    assert ticks.a_size.tolist() == [3, 2**40]
    assert ticks.b_size.tolist() == [4, 0]
    assert ticks.side.tolist() == [0, 2]
    for name in ticks.__slots__:
        values = getattr(ticks, name)
        assert values.flags.c_contiguous
        assert values.dtype == (np.uint8 if name in ("kind", "side") else np.int64)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 6), max_size=12).map(sorted),
    st.lists(st.integers(0, 6), max_size=12).map(sorted),
    st.integers(1, 5),
)
def test_catalog_of_nautilus_with_equal_times_is_read_quotes_first(
    tmp_path_factory: pytest.TempPathFactory,
    trade_times: list[int],
    quote_times: list[int],
    batch_rows: int,
) -> None:
    catalog = tmp_path_factory.mktemp("catalog")
    trade_times = [0, *trade_times]
    write_with_nautilus(catalog, resolve_instrument(BTC), trade_times, quote_times)

    ticks = read_all(catalog, batch_rows=batch_rows)

    expected = sorted(
        [(ts, QUOTE) for ts in quote_times] + [(ts, TRADE) for ts in trade_times],
    )
    assert list(zip((ticks.ts_init - START).tolist(), ticks.kind.tolist(), strict=True)) == expected
    assert set(ticks.a[ticks.kind == TRADE].tolist()) == {600_000}
    assert set(ticks.a_size.tolist()) == {2}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=30),
    st.lists(st.integers(0, 40), max_size=30),
    st.integers(1, 7),
    st.integers(-1, 45),
    st.integers(0, 20),
)
def test_window_includes_both_ends_whatever_the_batches(
    tmp_path_factory: pytest.TempPathFactory,
    trade_times: list[int],
    quote_times: list[int],
    batch_rows: int,
    start: int,
    length: int,
) -> None:
    catalog = tmp_path_factory.mktemp("catalog")
    step = DAY // 16
    write_ticks(
        catalog,
        resolve_instrument(BTC),
        [trades([at * step for at in trade_times])],
        [quotes([at * step for at in quote_times])],
        "venue side",
    )
    everything = read_all(catalog)
    start_ns, end_ns = START + start * step, START + (start + length) * step
    inside = (everything.ts_init >= start_ns) & (everything.ts_init <= end_ns)

    parts = list(read_ticks(catalog, BTC, start_ns, end_ns, batch_rows))

    assert all(0 < len(part) <= 2 * batch_rows for part in parts)
    for name in everything.__slots__:
        values = [value for part in parts for value in getattr(part, name).tolist()]
        assert values == getattr(everything, name)[inside].tolist()


def test_price_off_the_tick_is_refused(catalog: Path, perpetual: Instrument) -> None:
    write_with_nautilus(catalog, perpetual, [0], [], price="60000.05")

    with pytest.raises(AuctionError, match=r"column price .* increment 0\.10 of BTCUSDT-LINEAR"):
        read_all(catalog)


def test_instrument_without_ticks_is_refused(catalog: Path, perpetual: Instrument) -> None:
    write_with_nautilus(catalog, perpetual, [], [])

    with pytest.raises(AuctionError, match="has no trades and no quotes of BTCUSDT-LINEAR"):
        read_ticks(catalog, BTC)


def test_unknown_instrument_is_refused(catalog: Path) -> None:
    with pytest.raises(AuctionError, match="has no instrument BTCUSDT-LINEAR"):
        read_ticks(catalog, BTC)


@pytest.mark.parametrize("content", [b"", b"no Parquet", None])
def test_damaged_file_is_named(
    catalog: Path,
    perpetual: Instrument,
    content: bytes | None,
) -> None:
    write_ticks(catalog, perpetual, [trades(range(5000))], None, "venue side")
    name = next(name for name in contents(catalog) if "trade_tick" in name)
    file = catalog / name
    # None: the page data is damaged, the footer is not.
    file.write_bytes(
        file.read_bytes()[:4] + b"\xff" * 400 + file.read_bytes()[404:]
        if content is None
        else content
    )

    with pytest.raises(AuctionError, match=r"\.parquet cannot be read .* ingest its day again"):
        read_all(catalog)


def test_file_without_the_expected_columns_is_named(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    file = catalog / next(name for name in contents(catalog) if "trade_tick" in name)
    pq.write_table(pq.read_table(file).drop_columns("size"), file)

    with pytest.raises(AuctionError, match=r"\.parquet cannot be read"):
        read_all(catalog)


def test_reading_and_checking_do_not_import_nautilus() -> None:
    code = (
        "import sys, catalog.reader, catalog.contents, catalog.checks\n"
        "sys.exit('nautilus_trader' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
