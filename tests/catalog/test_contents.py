from pathlib import Path

import pytest
from nautilus_trader.model.instruments import Instrument

from catalog.contents import data_quality
from catalog.contents import list_contents
from catalog.contents import print_contents
from catalog.layout import TICK_TYPES
from catalog.writer import write_bars
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import BTC
from tests.catalog.market import DAY
from tests.catalog.market import MINUTE_BARS
from tests.catalog.market import SECOND
from tests.catalog.market import START
from tests.catalog.market import bars
from tests.catalog.market import contents
from tests.catalog.market import quotes
from tests.catalog.market import trades


@pytest.fixture
def filled(catalog: Path, perpetual: Instrument, future: Instrument) -> Path:
    write_ticks(catalog, perpetual, [trades([0, 1, DAY])], [quotes([5])], "synthetic")
    write_bars(catalog, perpetual, [bars([60 * SECOND])], MINUTE_BARS, "estimated from bars")
    write_ticks(catalog, future, [trades([DAY])], None, "venue side")
    return catalog


def test_every_type_is_listed_with_rows_range_and_quality(filled: Path) -> None:
    listed = {
        (content.identifier, content.data_type): (
            content.rows,
            content.start_ns - START,
            content.end_ns - START,
            content.quality,
        )
        for content in list_contents(filled)
        if content.quality
    }

    assert listed == {
        (BTC, "trade_tick"): (3, 0, DAY, ("synthetic",)),
        (BTC, "quote_tick"): (1, 5, 5, ("synthetic",)),
        (MINUTE_BARS, "bar"): (1, 60 * SECOND, 60 * SECOND, ("estimated from bars",)),
        ("NQZ5.XCME", "trade_tick"): (1, DAY, DAY, ("venue side",)),
    }
    assert ("NQZ5.XCME", "futures_contract") in {
        (content.identifier, content.data_type) for content in list_contents(filled)
    }


def test_quality_of_an_instrument_includes_its_bars_only(filled: Path) -> None:
    assert data_quality(filled, BTC) == {"synthetic", "estimated from bars"}
    assert data_quality(filled, BTC, TICK_TYPES) == {"synthetic"}
    assert data_quality(filled, "NQZ5.XCME") == {"venue side"}


def test_table_names_everything(
    filled: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_contents(filled)

    text = capsys.readouterr().out
    for expected in (BTC, MINUTE_BARS, "NQZ5.XCME", "synthetic", "2024-08-10 00:00"):
        assert expected in text


def test_missing_catalog_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AuctionError, match=r"does not exist: fill it with `auction catalog"):
        list_contents(tmp_path / "none")


def test_empty_catalog_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AuctionError, match=r"is empty: fill it with `auction catalog"):
        list_contents(tmp_path)


def test_damaged_file_is_named(filled: Path) -> None:
    name = next(name for name in contents(filled) if "trade_tick" in name)
    (filled / name).write_bytes(b"")

    with pytest.raises(AuctionError, match=r"\.parquet cannot be read"):
        list_contents(filled)
