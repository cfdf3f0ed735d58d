"""Writes and reads the definitions of instruments in a catalog."""

from pathlib import Path

from catalog.codec import stored_definition
from catalog.increments import read_increments
from catalog.protocols import Instrument
from catalog.transaction import CatalogWrites
from catalog.transaction import catalog_writes


def write_instrument(catalog: Path | CatalogWrites, instrument: Instrument) -> Path:
    """
    Write the definition of an instrument, replacing an earlier one.

    If the catalog holds data on another step, both are stored in their common unit.

    Parameters
    ----------
    catalog : Path or CatalogWrites
        The catalog, created if missing; or a transaction of several writes.
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
    with catalog_writes(catalog) as writes:
        return writes.define(instrument)


def read_instrument(catalog_path: Path, instrument_id: str) -> Instrument:
    """
    Read an instrument from a catalog.

    Raises
    ------
    AuctionError
        If the catalog has no such instrument or its definition cannot be read.

    """
    read_increments(catalog_path, instrument_id)
    return stored_definition(catalog_path, instrument_id)
