from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.instruments import resolve_instrument
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError
from tests.catalog.market import BTC
from tests.catalog.market import DAY
from tests.catalog.market import HOUR
from tests.catalog.market import MINUTE_BARS
from tests.catalog.market import SECOND
from tests.catalog.market import START
from tests.catalog.market import bars
from tests.catalog.market import contents
from tests.catalog.market import quotes
from tests.catalog.market import read_all
from tests.catalog.market import trades


def test_quotes_come_first_at_equal_times_without_sequence(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([5, 5, 9])], [quotes([5, 9])], "venue side")

    ticks = read_all(catalog)
    assert ticks.kind.tolist() == [QUOTE, TRADE, TRADE, QUOTE, TRADE]
    assert (ticks.ts_event - START).tolist() == [5, 5, 5, 9, 9]
    assert (ticks.ts_init - START).tolist() == [5, 6, 7, 9, 10]


def test_sequence_orders_trades_and_quotes_of_equal_times(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(
        catalog,
        perpetual,
        [trades([5, 5, 5], seq=[1, 3, 4])],
        [quotes([5, 5], seq=[2, 4])],
        "venue side",
    )

    assert read_all(catalog).kind.tolist() == [TRADE, QUOTE, TRADE, QUOTE, TRADE]


def test_ts_init_stays_unique_across_hours_days_and_long_ties(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    edge = DAY - 2
    times = [0] * 5 + [HOUR - 1] * 4 + [HOUR] * 3 + [edge] * 6 + [DAY] * 3

    write_ticks(catalog, perpetual, [trades(times)], [quotes(times)], "venue side")

    ticks = read_all(catalog)
    assert len(ticks) == 2 * len(times)
    assert np.all(np.diff(ticks.ts_init) > 0)
    assert np.all(ticks.ts_init >= ticks.ts_event)
    assert (ticks.ts_event - START).tolist() == sorted(2 * times)


def test_rows_of_a_day_are_in_one_file_named_by_their_first_and_last_ts_init(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    report = write_ticks(
        catalog,
        perpetual,
        [trades([1, 2, DAY - 1, DAY, 2 * DAY + 7])],
        None,
        "venue side",
    )

    folder = catalog / "data" / "trade_tick" / BTC
    assert sorted(path.name for path in folder.iterdir()) == [
        "2024-08-09T00-00-00-000000001Z_2024-08-09T23-59-59-999999999Z.parquet",
        "2024-08-10T00-00-00-000000000Z_2024-08-10T00-00-00-000000000Z.parquet",
        "2024-08-11T00-00-00-000000007Z_2024-08-11T00-00-00-000000007Z.parquet",
    ]
    assert report.rows == {"quote_tick": 0, "trade_tick": 5}
    assert (report.files_written, report.files_unchanged) == (3, 0)
    assert (report.start_ns, report.end_ns) == (START + 1, START + 2 * DAY + 7)


def test_nautilus_reads_what_was_written(catalog: Path, perpetual: Instrument) -> None:
    rows = 250_000
    times = np.sort(np.random.default_rng(1).integers(0, DAY, rows))
    prices = 600_000 + np.arange(rows) % 700
    sides = np.arange(rows) % 3
    batch = trades(times, price=prices, size=1 + np.arange(rows) % 50, side=sides)
    write_ticks(catalog, perpetual, [batch], [quotes([3, DAY])], "venue side")
    write_bars(catalog, perpetual, [bars([60 * SECOND])], MINUTE_BARS, "venue side")

    nautilus = ParquetDataCatalog(catalog)
    read = nautilus.query(TradeTick, identifiers=[BTC])

    assert [int(tick.ts_event) for tick in read] == batch.ts_event.tolist()
    assert [tick.price.raw for tick in read] == [int(price) * 10**15 for price in prices]
    assert [tick.size.raw for tick in read] == [int(size) * 10**13 for size in batch.size]
    assert [tick.aggressor_side.value for tick in read] == sides.tolist()
    assert [tick.trade_id.value for tick in read] == batch.trade_id.to_pylist()
    assert read[0].price.precision == 2
    assert [str(quote.bid_price) for quote in nautilus.query(QuoteTick)] == ["59999.90"] * 2
    assert [str(bar.volume) for bar in nautilus.query(Bar)] == ["0.007"]
    assert nautilus.instruments() == [perpetual]
    file = next((catalog / "data" / "trade_tick" / BTC).iterdir())
    groups = pq.ParquetFile(file).metadata
    assert [groups.row_group(at).num_rows for at in range(3)] == [100_000, 100_000, 50_000]


def test_differing_quality_labels_do_not_keep_nautilus_from_reading(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "synthetic")
    write_ticks(catalog, perpetual, [trades([DAY])], None, "venue side", unique_trade_ids=True)

    assert len(ParquetDataCatalog(catalog).query(TradeTick)) == 2


def test_rows_out_of_order_are_sorted_stably_and_counted(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    batches = [
        trades([3 * DAY, 3 * DAY, HOUR], ids=["a", "b", "c"]),
        trades([HOUR, 0], ids=["d", "e"]),
    ]

    report = write_ticks(catalog, perpetual, batches, None, "venue side")

    ids = [tick.trade_id.value for tick in ParquetDataCatalog(catalog).query(TradeTick)]
    assert ids == ["e", "c", "d", "a", "b"]
    assert report.unordered == 3
    assert report.warnings() == ["rows not in order of time, now sorted: 3"]


ticks_of_a_day = st.lists(st.integers(0, 20), max_size=15).map(
    lambda times: [at * DAY // 8 for at in times],
)


@settings(max_examples=15, deadline=None)
@given(ticks_of_a_day, ticks_of_a_day, st.integers(1, 4))
def test_files_do_not_depend_on_the_size_of_the_batches(
    tmp_path_factory: pytest.TempPathFactory,
    trade_times: list[int],
    quote_times: list[int],
    size: int,
) -> None:
    instrument = resolve_instrument(BTC)
    trade_times = [0, *trade_times]
    ids = [str(at) for at in range(len(trade_times))]
    one, many = (tmp_path_factory.mktemp("catalog") for _ in range(2))

    write_ticks(
        one,
        instrument,
        [trades(trade_times, ids=ids)],
        [quotes(quote_times)],
        "inferred",
    )
    write_ticks(
        many,
        instrument,
        (
            trades(trade_times[at : at + size], ids=ids[at : at + size])
            for at in range(0, len(ids), size)
        ),
        (quotes(quote_times[at : at + size]) for at in range(0, len(quote_times), size)),
        "inferred",
    )

    assert contents(one) == contents(many)


def test_file_of_trades_does_not_depend_on_the_quotes_beside_them(
    tmp_path: Path,
    perpetual: Instrument,
) -> None:
    rows = 120_000
    rng = np.random.default_rng(2)
    ids = [text.tobytes().hex() for text in rng.integers(0, 256, (rows, 16), dtype=np.uint8)]
    batch = trades(range(0, 10 * rows, 10), ids=ids)

    write_ticks(tmp_path / "alone", perpetual, [batch], None, "venue side")
    quote_times = range(5, 10 * rows, 7_770)
    write_ticks(tmp_path / "beside", perpetual, [batch], [quotes(quote_times)], "venue side")

    (name,) = (path for path in contents(tmp_path / "alone") if "data/trade_tick" in path)
    assert contents(tmp_path / "alone")[name] == contents(tmp_path / "beside")[name]


def test_repeats_of_the_feed_are_dropped_where_ids_are_unique(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    batch = trades([1, 1, 1, 2], ids=["a", "a", "b", "b"], seq=[1, 2, 3, 4])

    report = write_ticks(catalog, perpetual, [batch], None, "venue side", unique_trade_ids=True)

    ids = [tick.trade_id.value for tick in ParquetDataCatalog(catalog).query(TradeTick)]
    assert ids == ["a", "b", "b"]
    assert report.repeats == 1
    assert report.rows["trade_tick"] == 3
    assert report.warnings() == ["rows dropped as repetitions of an earlier row: 1"]


def test_equal_trades_are_kept_where_ids_are_shared(catalog: Path, perpetual: Instrument) -> None:
    report = write_ticks(catalog, perpetual, [trades([1, 1], ids=["a", "a"])], None, "venue side")

    assert report.repeats == 0
    assert len(read_all(catalog)) == 2


def test_empty_input_is_refused(catalog: Path, perpetual: Instrument) -> None:
    with pytest.raises(AuctionError, match="no rows; nothing was written"):
        write_ticks(catalog, perpetual, None, [], "venue side")


def test_unknown_quality_is_refused(catalog: Path, perpetual: Instrument) -> None:
    with pytest.raises(UsageError, match="'good' is unknown: use one of venue side, inferred"):
        write_ticks(catalog, perpetual, [trades([0])], None, "good")


def test_bars_are_sorted_and_repeated_bars_dropped(catalog: Path, perpetual: Instrument) -> None:
    batch = bars([120 * SECOND, 60 * SECOND, 60 * SECOND])

    report = write_bars(catalog, perpetual, [batch], MINUTE_BARS, "estimated from bars")

    times = [bar.ts_event - START for bar in ParquetDataCatalog(catalog).query(Bar)]
    assert times == [60 * SECOND, 120 * SECOND]
    assert (report.rows, report.repeats) == ({"bar": 2}, 1)


def test_bar_that_closes_at_midnight_is_in_the_file_of_the_day_it_covers(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    batch = bars([60 * SECOND, DAY, DAY + 60 * SECOND, 2 * DAY])

    write_bars(catalog, perpetual, [batch], MINUTE_BARS, "estimated from bars")

    assert sorted(path.name for path in (catalog / "data" / "bar" / MINUTE_BARS).iterdir()) == [
        "2024-08-09T00-01-00-000000000Z_2024-08-10T00-00-00-000000000Z.parquet",
        "2024-08-10T00-01-00-000000000Z_2024-08-11T00-00-00-000000000Z.parquet",
    ]


def test_two_different_bars_of_one_time_are_refused(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    batch = bars([60 * SECOND, 60 * SECOND], close=[600_000, 600_001])

    with pytest.raises(AuctionError, match="two different bars close at 2024-08-09 00:01:00"):
        write_bars(catalog, perpetual, [batch], MINUTE_BARS, "estimated from bars")


@pytest.mark.parametrize("bar_type", ["nonsense", "ESH4.XCME-1-MINUTE-LAST-EXTERNAL"])
def test_bar_type_of_no_or_another_instrument_is_refused(
    catalog: Path,
    perpetual: Instrument,
    bar_type: str,
) -> None:
    with pytest.raises(UsageError, match="bar type"):
        write_bars(catalog, perpetual, [bars([0])], bar_type, "venue side")
