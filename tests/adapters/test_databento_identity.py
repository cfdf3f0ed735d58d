"""Whose records they are: instrument ids mean a contract at a time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from databento import DBNStore

from adapters.databento.ingest import ingest_databento
from adapters.databento.symbology import IdSpan
from adapters.databento.symbology import Symbology
from catalog.layout import NS_PER_DAY
from errors import AuctionError
from errors import UsageError
from tests.adapters.dbn_files import IDS
from tests.adapters.dbn_files import records
from tests.adapters.dbn_files import write_dbn
from tests.adapters.dbn_files import write_definitions
from tests.adapters.ticks import all_ticks
from tests.adapters.ticks import is_empty


NUMBER = IDS["NQZ5"]
MARCH_2024 = 1_709_856_000 * 10**9  # 2024-03-08
MARCH_2025 = 1_741_392_000 * 10**9  # 2025-03-08


def trades(start: int, count: int = 5) -> np.ndarray[Any, Any]:
    rows = [
        {"ts_event": start + index * 10**9, "price": 18_000 + index / 4, "size": 1, "side": b"B"}
        for index in range(count)
    ]
    return records("trades", rows)


def continuous(path: Path, start: int) -> Path:
    names = {"NQ.v.0": NUMBER}
    return write_dbn(path, "trades", trades(start), stype_in="continuous", names=names)


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    """Return definitions of an id that was given to another contract a year later."""
    return write_definitions(
        tmp_path / "nq.definition.dbn.zst",
        [
            ("NQH4.XCME", NUMBER, MARCH_2024),
            ("NQM5.XCME", NUMBER, MARCH_2025),
        ],
    )


@pytest.mark.parametrize(
    ("start", "contract"), [(MARCH_2024 + 3600 * 10**9, "NQH4"), (MARCH_2025, "NQM5")]
)
@pytest.mark.parametrize("style", ["dbn", "csv"])
def test_a_record_takes_the_definition_in_force_at_its_time(
    start: int, contract: str, style: str, definition: Path, tmp_path: Path, catalog_path: Path
) -> None:
    path = continuous(tmp_path / "nq.trades.dbn", start)
    if style == "csv":
        store = DBNStore.from_file(path)
        path = tmp_path / "nq.trades.csv"
        store.to_csv(path)
        store.reader.close()

    report = ingest_databento(catalog_path, [path], definition=definition)

    assert report.instrument_ids == (f"{contract}.XCME",)
    assert len(all_ticks(catalog_path, f"{contract}.XCME")) == 5


def test_records_of_a_time_without_a_definition_are_refused(
    definition: Path, tmp_path: Path, catalog_path: Path
) -> None:
    # NQH4 has expired by then, and NQM5 is not listed under the id yet.
    path = continuous(tmp_path / "nq.trades.dbn", MARCH_2024 + 100 * NS_PER_DAY)

    with pytest.raises(AuctionError, match=r"5 records of instrument id 158704.*2024-06-16.*NQM5"):
        ingest_databento(catalog_path, [path], symbols=["NQM5"], definition=definition)
    with pytest.raises(UsageError, match="--definition"):
        ingest_databento(catalog_path, [path], definition=definition)

    assert is_empty(catalog_path)


def test_a_request_by_ids_names_its_contracts_itself(tmp_path: Path, catalog_path: Path) -> None:
    path = write_dbn(
        tmp_path / "x.trades.dbn", "trades", trades(MARCH_2024), names={"NQH4": NUMBER}, by_id=True
    )

    assert ingest_databento(catalog_path, [path]).instrument_ids == ("NQH4.XCME",)
    assert ingest_databento(catalog_path, [path], symbols=["NQH4"]).files_unchanged == 1


def test_ids_that_the_file_gives_no_symbol_are_damage(tmp_path: Path, catalog_path: Path) -> None:
    data = trades(MARCH_2024)
    data["instrument_id"][3] = 7
    path = write_dbn(tmp_path / "x.trades.dbn", "trades", data, names={"NQH4": NUMBER})

    for symbols in ([], ["NQH4"]):
        with pytest.raises(AuctionError, match=r"1 records have instrument ids .*\(7\)"):
            ingest_databento(catalog_path, [path], symbols=symbols)

    assert is_empty(catalog_path)


@pytest.mark.parametrize("count", [48, 50])
def test_records_with_a_time_of_sending_are_read_whole(
    count: int, tmp_path: Path, catalog_path: Path
) -> None:
    data = trades(MARCH_2024, count)
    path = write_dbn(tmp_path / "x.dbn", "trades", data, names={"NQH4": NUMBER}, ts_out=True)

    report = ingest_databento(catalog_path, [path], symbols=["NQH4"])

    assert [(f.rows, f.accepted, f.other_symbols) for f in report.files] == [(count, count, 0)]
    ticks = all_ticks(catalog_path, "NQH4.XCME")
    assert ticks.ts_event.tolist() == data["ts_event"].astype(np.int64).tolist()


@pytest.mark.parametrize("compressed", [False, True])
def test_the_content_decides_the_compression_and_not_the_name(
    compressed: bool, tmp_path: Path, catalog_path: Path
) -> None:
    defined = write_definitions(tmp_path / "d.dbn", [("NQH4.XCME", NUMBER, MARCH_2024)])
    path = continuous(tmp_path / "nq.dbn", MARCH_2024)
    if compressed:
        for file in (defined, path):
            file.write_bytes(zstandard.compress(file.read_bytes()))

    report = ingest_databento(catalog_path, [path, defined])

    assert report.instrument_ids == ("NQH4.XCME",)
    assert report.accepted == 5


def test_several_frames_of_one_file_are_read_whole(tmp_path: Path, catalog_path: Path) -> None:
    path = write_dbn(tmp_path / "x.dbn", "trades", trades(MARCH_2024), names={"NQH4": NUMBER})
    content = path.read_bytes()
    path.write_bytes(zstandard.compress(content[:200]) + zstandard.compress(content[200:]))

    assert ingest_databento(catalog_path, [path]).accepted == 5


@pytest.mark.parametrize("symbol", [b"", b"  ", b"\0QH4"])
def test_a_definition_at_which_nautilus_would_end_the_process_is_refused(
    symbol: bytes, definition: Path, catalog_path: Path, tmp_path: Path
) -> None:
    content = zstandard.ZstdDecompressor().stream_reader(definition.read_bytes()).read()
    # In the record, not among the symbols of the request.
    at = content.rindex(b"NQH4")
    path = tmp_path / "damaged.definition.dbn"
    path.write_bytes(content[:at] + symbol.ljust(4, b"\0") + content[at + 4 :])

    with pytest.raises(
        AuctionError, match=rf"damaged.*the definition of id {NUMBER} has no symbol"
    ):
        ingest_databento(catalog_path, [path])

    assert is_empty(catalog_path)


def test_definitions_alone_are_written_as_instruments(definition: Path, catalog_path: Path) -> None:
    report = ingest_databento(catalog_path, [definition])

    assert report.instrument_ids == ("NQH4.XCME", "NQM5.XCME")
    names = sorted(path.name for path in (catalog_path / "data/futures_contract").iterdir())
    assert names == ["NQH4.XCME", "NQM5.XCME"]


def test_another_contract_of_an_id_is_no_part_of_a_mask() -> None:
    symbology = Symbology([IdSpan(1, "A", 0, 10), IdSpan(1, "B", 10, 20), IdSpan(2, "B", 0, 10)])
    ids, ts = np.array([1, 1, 2, 2, 3]), np.array([9, 10, 9, 10, 5])

    assert symbology.mask(ids, ts, "A").tolist() == [True, False, False, False, False]
    assert symbology.mask(ids, ts, "B").tolist() == [False, True, True, False, False]
    assert symbology.mask(ids, ts).tolist() == [True, True, True, False, False]
