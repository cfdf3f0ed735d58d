"""Rows of times at which an instrument did not trade, and definitions that changed."""

from pathlib import Path

import pytest
from nautilus_trader.model.instruments import FuturesContract
from nautilus_trader.model.instruments import Instrument

from adapters.files.ingest import ingest_csv
from adapters.instruments import definition_notes
from catalog.definitions import read_instrument
from catalog.definitions import write_instrument
from catalog.instruments import resolve_instrument
from catalog.instruments import trading_life
from catalog.layout import END_OF_TIME
from errors import AuctionError
from tests.adapters.ticks import BTC
from tests.adapters.ticks import is_empty


NQ = "NQU4.XCME"


def trades(folder: Path, *times: str, price: str = "18000.5") -> Path:
    path = folder / "in.csv"
    path.write_text("ts,price,size\n" + "".join(f"{time},{price},1\n" for time in times))
    return path


def with_values(instrument: FuturesContract, **values: object) -> Instrument:
    return FuturesContract.from_dict({**FuturesContract.to_dict(instrument), **values})


@pytest.mark.parametrize(
    ("instrument", "time", "reason"),
    [
        (BTC, "2019-06-01T00:00:00Z", r"before the instrument's launch \(2020-03-15 00:00"),
        (BTC, "1975-06-01T00:00:00Z", "time before 1980 or in the future"),
        (NQ, "1971-06-01T00:00:00Z", "time before 1980 or in the future"),
        (BTC, "2201-06-01T00:00:00Z", "time before 1980 or in the future"),
        (NQ, "2024-09-21T00:00:00Z", r"after the contract's last day \(2024-09-20 23:59:59"),
    ],
)
def test_time_at_which_nothing_was_traded_is_refused(
    instrument: str, time: str, reason: str, tmp_path: Path, catalog_path: Path
) -> None:
    good = [f"2024-09-02T00:00:{second:02}Z" for second in range(10)]

    report = ingest_csv(catalog_path, instrument, trades=[trades(tmp_path, *good, time)])
    with pytest.raises(AuctionError, match=reason):
        ingest_csv(catalog_path / "b", instrument, trades=[trades(tmp_path, good[0], *[time] * 10)])

    assert (report.accepted, report.files[0].rejected_rows) == (10, 1)
    assert is_empty(catalog_path / "b")


def test_stray_time_does_not_choose_the_contract(tmp_path: Path, catalog_path: Path) -> None:
    times = ["1975-06-01T00:00:00Z", *(f"2024-09-02T00:00:{second:02}Z" for second in range(10))]

    assert ingest_csv(catalog_path, NQ, trades=[trades(tmp_path, *times)]).accepted == 10


def test_launch_is_kept_with_the_definition(catalog_path: Path) -> None:
    launched = 1_584_230_400_000_000_000
    write_instrument(catalog_path, resolve_instrument(BTC))

    assert trading_life(read_instrument(catalog_path, BTC)) == (launched, END_OF_TIME)


def test_definition_without_an_activation_has_none(catalog_path: Path) -> None:
    known = with_values(resolve_instrument(NQ), activation_ns=2**64 - 1)

    begin, end = trading_life(known)

    assert (begin, end) == (0, trading_life(resolve_instrument(NQ))[1])


def test_other_multiplier_is_said_at_the_ingest(tmp_path: Path, catalog_path: Path) -> None:
    write_instrument(catalog_path, with_values(resolve_instrument(NQ), multiplier="2"))

    report = ingest_csv(catalog_path, NQ, trades=[trades(tmp_path, "2024-09-02T00:00:00Z")])

    assert report.warnings == (
        f"{NQ}: the built-in definition and the one used differ: multiplier 20 and 2",
    )
    notes = definition_notes(catalog_path, resolve_instrument(NQ))
    assert notes == [
        f"{NQ}: the catalog's definition until now and the one used differ: multiplier 2 and 20"
    ]


def test_contract_of_another_decade_wants_another_catalog(
    tmp_path: Path, catalog_path: Path
) -> None:
    ingest_csv(catalog_path, NQ, trades=[trades(tmp_path, "2024-09-02T00:00:00Z")])

    with pytest.raises(AuctionError, match=r"the contract that ended on 2024-09-20, .*2014-09-19"):
        ingest_csv(catalog_path, NQ, trades=[trades(tmp_path, "2014-09-02T00:00:00Z")])
