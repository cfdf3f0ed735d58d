"""Quotes and prints of an instrument as memory-mapped columns, shared by all processes."""

import hashlib
import json
from pathlib import Path

import numpy as np

from catalog.layout import TICK_TYPES
from catalog.layout import data_files
from catalog.reader import read_ticks
from research.evaluator.files import identity
from research.evaluator.files import written_once
from research.evaluator.market import Columns
from research.evaluator.market import indexed


def stream_of(
    catalog: Path, instrument_id: str, start_ns: int, end_ns: int, cache: Path
) -> Columns:
    """
    Return the events of an instrument within an interval, written to the cache once.

    Parameters
    ----------
    catalog : Path
        The catalog.
    instrument_id : str
        The instrument.
    start_ns, end_ns : int
        The interval of `ts_init` (ns UTC), both ends included.
    cache : Path
        The folder of all caches.

    Raises
    ------
    AuctionError
        If the catalog has no ticks of it.

    """
    files = [
        identity(file.path)
        for kind in TICK_TYPES
        for file in data_files(catalog, kind, instrument_id)
    ]
    text = json.dumps([instrument_id, files])
    folder = cache / "streams" / hashlib.sha256(text.encode()).hexdigest()[:20]
    with written_once(folder) as staging:
        if staging is not None:
            _write(catalog, instrument_id, staging)
    # As plain arrays: those of the class for mapped memory are slow to slice.
    loaded = {
        name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in Columns._fields
    }
    columns = Columns(**loaded)
    first = int(np.searchsorted(columns.ts_init, start_ns, side="left"))
    last = int(np.searchsorted(columns.ts_init, end_ns, side="right"))
    if first == 0:
        return columns.part(0, last)
    part = columns.part(first, last)
    return part._replace(last_quote=np.maximum(part.last_quote - first, -1))


def _write(catalog: Path, instrument_id: str, folder: Path) -> None:
    parts = list(read_ticks(catalog, instrument_id))
    names = [name for name in Columns._fields if name != "last_quote"]
    for name in names:
        np.save(folder / f"{name}.npy", np.concatenate([getattr(part, name) for part in parts]))
    np.save(folder / "last_quote.npy", indexed(np.load(folder / "kind.npy")))
