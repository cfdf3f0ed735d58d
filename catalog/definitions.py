"""Stores the definition of an instrument in a catalog and reads it back."""

from pathlib import Path

import pyarrow.parquet as pq
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.persistence.funcs import class_to_filename
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog.errors import AuctionError
from catalog.increments import contract_life
from catalog.increments import instrument_files
from catalog.increments import read_increments
from catalog.instruments import trading_life
from catalog.layout import END_OF_TIME
from catalog.layout import NS_PER_DAY
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.layout import has_data
from catalog.layout import utc_text
from catalog.refining import refined_files
from catalog.staging import StagedFile
from catalog.staging import move_into_place
from catalog.staging import staging_folder
from catalog.units import in_catalog_unit
from catalog.units import order_steps


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
        If data in the catalog and the new definition have no unit in common, or are of two
        contracts with one symbol.

    """
    check_contract(catalog_path, instrument)
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


def definition_changes(before: Instrument, after: Instrument) -> list[str]:
    """Return in what two definitions of one id differ that a result depends on, as text."""
    pairs = [
        (name, str(getattr(before, name, None)), str(getattr(after, name, None)))
        for name in ("multiplier", "quote_currency", "underlying")
    ]
    steps = order_steps(before), order_steps(after)
    pairs += [
        (
            name,
            f"{getattr(steps[0], name).normalize():f}",
            f"{getattr(steps[1], name).normalize():f}",
        )
        for name in ("tick", "lot")
    ]
    ends = [trading_life(known)[1] for known in (before, after)]
    if END_OF_TIME not in ends:
        pairs.append(("last day", utc_text(ends[0] - 1)[:10], utc_text(ends[1] - 1)[:10]))
    return [f"{name} {old} and {new}" for name, old, new in pairs if old != new]


def check_contract(catalog_path: Path, instrument: Instrument) -> None:
    """
    Refuse a contract where a catalog holds data of an earlier one with the same symbol.

    Symbols come again after ten years.

    Raises
    ------
    AuctionError
        If the last days lie more than a year apart.

    """
    instrument_id = str(instrument.id)
    life = contract_life(catalog_path, instrument_id)
    end_ns = trading_life(instrument)[1]
    if life is None or end_ns == END_OF_TIME or not has_data(catalog_path, instrument_id):
        return
    if abs(life[1] - end_ns) > 366 * NS_PER_DAY:
        raise AuctionError(
            f"{instrument_id}: the catalog {catalog_path} holds data of the contract that ended on "
            f"{utc_text(life[1] - 1)[:10]}, this one ends on {utc_text(end_ns - 1)[:10]}: use "
            "another catalog"
        )


def stage_instrument(folder: Path, catalog_path: Path, instrument: Instrument) -> StagedFile:
    """Write the definition of an instrument into a staging folder."""
    data_type = class_to_filename(type(instrument))
    name = file_name(instrument.ts_init, instrument.ts_init)
    path = folder / f"{data_type}.parquet"
    pq.write_table(ArrowSerializer.serialize_batch([instrument], type(instrument)), path)
    target = data_folder(catalog_path, data_type, str(instrument.id)) / name
    return StagedFile(path, target, data_type, instrument.ts_init, instrument.ts_init)
