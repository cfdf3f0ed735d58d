"""Stores the definition of an instrument in a catalog and reads it back."""

from pathlib import Path

import pyarrow.parquet as pq
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.persistence.funcs import class_to_filename
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog.errors import AuctionError
from catalog.increments import find_increments
from catalog.increments import instrument_files
from catalog.increments import instrument_increments
from catalog.increments import read_increments
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.layout import has_data
from catalog.staging import StagedFile
from catalog.staging import move_into_place
from catalog.staging import staging_folder


def write_instrument(catalog_path: Path, instrument: Instrument) -> Path:
    """
    Store the definition of an instrument, in place of an earlier one.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    instrument : Instrument
        The instrument.

    Returns
    -------
    Path
        The file of the definition.

    Raises
    ------
    AuctionError
        If data in the catalog has other increments than the new definition.

    """
    check_increments(catalog_path, instrument)
    instrument_id = str(instrument.id)
    old = instrument_files(catalog_path, instrument_id)
    with staging_folder(catalog_path) as folder:
        file = stage_instrument(folder, catalog_path, instrument)
        move_into_place([file])
    for path in old:
        if path != file.target:
            path.unlink()
    return file.target


def read_instrument(catalog_path: Path, instrument_id: str) -> Instrument:
    """
    Read an instrument from a catalog.

    Raises
    ------
    AuctionError
        If the catalog has no such instrument or its definition cannot be read.

    """
    read_increments(catalog_path, instrument_id)
    catalog = ParquetDataCatalog(Path(catalog_path).resolve())
    return catalog.instruments(instrument_ids=[instrument_id])[-1]


def check_increments(catalog_path: Path, instrument: Instrument) -> None:
    """
    Refuse an instrument whose increments differ from those of the data in the catalog.

    Raises
    ------
    AuctionError
        If they differ.

    """
    instrument_id = str(instrument.id)
    before = find_increments(catalog_path, instrument_id)
    if (
        before is not None
        and before != instrument_increments(instrument)
        and has_data(catalog_path, instrument_id)
    ):
        raise AuctionError(
            f"{instrument_id}: the catalog {catalog_path} holds data with tick {before.tick_size} "
            f"and lot {before.lot_size}, the new definition has {instrument.price_increment} and "
            f"{instrument.size_increment}: use another catalog",
        )


def stage_instrument(folder: Path, catalog_path: Path, instrument: Instrument) -> StagedFile:
    """Write the definition of an instrument into a staging folder."""
    data_type = class_to_filename(type(instrument))
    name = file_name(instrument.ts_init, instrument.ts_init)
    path = folder / f"{data_type}.parquet"
    pq.write_table(ArrowSerializer.serialize_batch([instrument], type(instrument)), path)
    target = data_folder(catalog_path, data_type, str(instrument.id)) / name
    return StagedFile(path, target, data_type, instrument.ts_init, instrument.ts_init)
