"""Where the data of a catalog come from."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog.contents import data_quality
from catalog.contents import list_contents
from catalog.protocols import Instrument
from catalog.quality import labels_path
from catalog.writer import write_ticks
from errors import AuctionError
from tests.catalog.market import contents
from tests.catalog.market import trades
from tests.markets import BTC


def written(catalog: Path, perpetual: Instrument, quality: str = "synthetic") -> Path:
    write_ticks(catalog, perpetual, [trades([0])], None, quality)
    (path,) = (catalog / "data" / "trade_tick" / BTC).iterdir()
    return path


def as_before(path: Path, quality: str = "synthetic") -> None:
    """Keep the labels in the metadata of the Parquet file alone, as older catalogs do."""
    table = pq.read_table(path)
    key = f"auction.quality.{quality}".encode()
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, key: b"true"}), path)
    labels_path(path).unlink()


def test_labels_stand_in_a_file_of_their_own(catalog: Path, perpetual: Instrument) -> None:
    path = written(catalog, perpetual)
    labels = catalog / "quality" / "trade_tick" / BTC / f"{path.stem}.json"
    assert labels_path(path) == labels
    assert json.loads(labels.read_text()) == ["synthetic"]
    assert not any(b"quality" in key for key in pq.read_schema(path).metadata)
    assert data_quality(catalog, BTC) == {"synthetic"}
    qualities = {content.data_type: content.quality for content in list_contents(catalog)}
    assert qualities["trade_tick"] == ("synthetic",)


def test_labels_of_an_older_catalog_count_and_its_data_are_known(
    catalog: Path, perpetual: Instrument
) -> None:
    as_before(written(catalog, perpetual))
    assert data_quality(catalog, BTC) == {"synthetic"}
    before = contents(catalog)
    report = write_ticks(catalog, perpetual, [trades([0])], None, "synthetic")
    assert (report.files_written, report.files_unchanged) == (0, 1)
    assert contents(catalog) == before


@pytest.mark.parametrize("is_old", [False, True])
def test_the_same_rows_of_other_origin_are_refused(
    catalog: Path, perpetual: Instrument, is_old: bool
) -> None:
    path = written(catalog, perpetual)
    if is_old:
        as_before(path)
    with pytest.raises(AuctionError, match="to replace them delete .* and ingest again"):
        write_ticks(catalog, perpetual, [trades([0])], None, "venue side")
    assert data_quality(catalog, BTC) == {"synthetic"}


def test_data_whose_file_was_deleted_can_come_again_from_elsewhere(
    catalog: Path, perpetual: Instrument
) -> None:
    written(catalog, perpetual).unlink()
    written(catalog, perpetual, "venue side")
    assert data_quality(catalog, BTC) == {"venue side"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '["made up"]', "[[]]"])
def test_labels_that_cannot_be_read_are_refused_with_what_to_do(
    catalog: Path, perpetual: Instrument, text: str
) -> None:
    path = written(catalog, perpetual)
    labels_path(path).write_text(text)
    with pytest.raises(AuctionError) as caught:
        data_quality(catalog, BTC)
    message = str(caught.value)
    assert message.startswith(f"{labels_path(path)}: the quality labels cannot be read (")
    assert message.endswith(f"delete it and {path.name}, and ingest that day again")
