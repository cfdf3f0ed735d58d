"""Stores the definition of an instrument in a catalog and reads it back."""

from pathlib import Path

import pyarrow.parquet as pq
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.persistence.funcs import class_to_filename
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog.increments import instrument_files
from catalog.increments import read_increments
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.refining import refined_files
from catalog.staging import StagedFile
from catalog.staging import move_into_place
from catalog.staging import staging_folder
from catalog.units import in_catalog_unit


def write_instrument(catalog_path: Path, instrument: Instrument) -> Path:
    """
    Store the definition of an instrument, in place of an earlier one.

    Where the catalog holds data on another step, both are counted in their common unit.

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
        If data in the catalog and the new definition have no unit in common.

    """
    instrument = in_catalog_unit(catalog_path, instrument)
    instrument_id = str(instrument.id)
    old = instrument_files(catalog_path, instrument_id)
    with staging_folder(catalog_path) as folder:
        file = stage_instrument(folder, catalog_path, instrument)
        move_into_place([file, *refined_files(folder, catalog_path, instrument)])
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


def stage_instrument(folder: Path, catalog_path: Path, instrument: Instrument) -> StagedFile:
    """Write the definition of an instrument into a staging folder."""
    data_type = class_to_filename(type(instrument))
    name = file_name(instrument.ts_init, instrument.ts_init)
    path = folder / f"{data_type}.parquet"
    pq.write_table(ArrowSerializer.serialize_batch([instrument], type(instrument)), path)
    target = data_folder(catalog_path, data_type, str(instrument.id)) / name
    return StagedFile(path, target, data_type, instrument.ts_init, instrument.ts_init)
