"""Stages a definition, and the files of the catalog that change to its finer unit."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import parquet_writer
from catalog.codec import definition_table
from catalog.columns import UNREADABLE
from catalog.columns import damaged
from catalog.columns import open_parquet
from catalog.layout import BARS
from catalog.layout import DATA_TYPES
from catalog.layout import DataFile
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.layout import files_in
from catalog.protocols import Instrument
from catalog.staging import StagedFile


def stage_instrument(folder: Path, catalog_path: Path, instrument: Instrument) -> StagedFile:
    """Write the definition of an instrument into a staging folder."""
    data_type, table = definition_table(instrument)
    name = file_name(instrument.ts_init, instrument.ts_init)
    path = folder / f"{data_type}.parquet"
    pq.write_table(table, path)
    target = data_folder(catalog_path, data_type, str(instrument.id)) / name
    return StagedFile(path, target, data_type, instrument.ts_init, instrument.ts_init)


def refined_files(folder: Path, catalog_path: Path, instrument: Instrument) -> list[StagedFile]:
    """
    Rewrite the files of an instrument with other decimals, into a staging folder.

    Prices and sizes are stored with 16 decimals, so that no value changes. NautilusTrader reads the
    files of a folder as one table and requires the same decimals in all of them.

    Parameters
    ----------
    folder : Path
        The staging folder.
    catalog_path : Path
        The catalog.
    instrument : Instrument
        The instrument in the finer unit.

    Returns
    -------
    list[StagedFile]
        The files to move into place together with the definition.

    Raises
    ------
    AuctionError
        If a file cannot be read.

    """
    decimals = {
        b"price_precision": str(instrument.price_precision).encode(),
        b"size_precision": str(instrument.size_precision).encode(),
    }
    staged: list[StagedFile] = []
    for data_type, file in _files_of(catalog_path, str(instrument.id)):
        with open_parquet(file.path) as parquet:
            schema = parquet.schema_arrow
            metadata = {**(schema.metadata or {}), **decimals}
            if metadata == schema.metadata:
                continue
            path = folder / f"refined-{len(staged)}.parquet"
            try:
                with parquet_writer(str(path), data_type, schema.with_metadata(metadata)) as writer:
                    for group in range(parquet.num_row_groups):
                        table: pa.Table = parquet.read_row_group(group)
                        writer.write_table(table.replace_schema_metadata(metadata))
            except UNREADABLE as e:
                raise damaged(file.path, e) from e
        staged.append(StagedFile(path, file.path, data_type, file.start_ns, file.end_ns))
    return staged


def _files_of(catalog_path: Path, instrument_id: str) -> list[tuple[str, DataFile]]:
    found: list[tuple[str, DataFile]] = []
    for data_type in DATA_TYPES:
        own = data_folder(catalog_path, data_type, instrument_id)
        folders = own.parent.glob(f"{own.name}-*") if data_type == BARS else [own]
        found += [(data_type, file) for folder in sorted(folders) for file in files_in(folder)]
    return found
