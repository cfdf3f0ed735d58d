from collections.abc import Iterator
from pathlib import Path

import pytest
from nautilus_trader.model.instruments import Instrument

from catalog import staging
from catalog.batches import TradeBatch
from catalog.reader import QUOTE
from catalog.reader import TRADE
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import DAY
from tests.catalog.market import contents
from tests.catalog.market import quotes
from tests.catalog.market import read_all
from tests.catalog.market import trades


def test_same_input_again_changes_nothing(catalog: Path, perpetual: Instrument) -> None:
    def write() -> tuple[int, int]:
        report = write_ticks(
            catalog,
            perpetual,
            [trades([0, 1, DAY])],
            [quotes([0, DAY])],
            "venue side",
        )
        return report.files_written, report.files_unchanged

    assert write() == (4, 0)
    before = contents(catalog)
    assert write() == (0, 4)
    assert contents(catalog) == before


def test_day_that_follows_is_added(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0, 9])], [quotes([0, 9])], "venue side")

    report = write_ticks(catalog, perpetual, [trades([DAY])], [quotes([DAY])], "venue side")

    assert report.files_written == 2
    assert len(read_all(catalog)) == 6


def test_other_rows_of_the_same_time_are_refused(catalog: Path, perpetual: Instrument) -> None:
    write_ticks(catalog, perpetual, [trades([0, 9])], None, "venue side")
    before = contents(catalog)

    for batch in (trades([5]), trades([0, 9], price=600_001), trades([9, 10])):
        with pytest.raises(AuctionError, match=r"has trades from .*: to replace them delete"):
            write_ticks(catalog, perpetual, [batch], None, "venue side")
    assert contents(catalog) == before


def test_quotes_for_trades_ingested_before_are_refused(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0, 9])], None, "venue side")
    before = contents(catalog)

    with pytest.raises(AuctionError, match="ingest trades and quotes in one command"):
        write_ticks(catalog, perpetual, None, [quotes([5])], "venue side")
    assert contents(catalog) == before


def test_quotes_join_trades_whose_order_comes_out_the_same(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0, 9])], None, "venue side")

    report = write_ticks(catalog, perpetual, [trades([0, 9])], [quotes([5])], "venue side")

    assert (report.files_written, report.files_unchanged) == (1, 1)
    assert read_all(catalog).kind.tolist() == [TRADE, QUOTE, TRADE]


def test_quotes_that_shift_known_trades_are_refused(
    catalog: Path,
    perpetual: Instrument,
) -> None:
    write_ticks(catalog, perpetual, [trades([0, 9])], None, "venue side")

    with pytest.raises(AuctionError, match="delete"):
        write_ticks(catalog, perpetual, [trades([0, 9])], [quotes([9])], "venue side")


def test_failing_input_leaves_nothing_behind(catalog: Path, perpetual: Instrument) -> None:
    def broken() -> Iterator[TradeBatch]:
        yield trades([0, DAY])
        raise AuctionError("line 7 is wrong")

    with pytest.raises(AuctionError, match="line 7 is wrong"):
        write_ticks(catalog, perpetual, broken(), None, "venue side")

    assert not catalog.exists()


def test_failing_move_takes_back_the_files_moved_before(
    catalog: Path,
    perpetual: Instrument,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    before = contents(catalog)
    move = Path.replace
    moved: list[Path] = []

    def full_disk(source: Path, target: Path) -> Path:
        if len(moved) == 2:
            raise OSError("disk full")
        moved.append(target)
        return move(source, target)

    monkeypatch.setattr(staging.Path, "replace", full_disk)
    with pytest.raises(OSError, match="disk full"):
        write_ticks(catalog, perpetual, [trades([DAY, 2 * DAY, 3 * DAY])], None, "venue side")

    assert len(moved) == 2
    assert contents(catalog) == before
