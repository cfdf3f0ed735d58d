"""Writes Bybit's funding rates to the catalog."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.codec import FUNDING
from catalog.codec import StoredRate
from catalog.codec import funding_table
from catalog.layout import data_files
from catalog.layout import data_folder
from catalog.layout import file_name
from catalog.staging import StagedFile
from catalog.staging import move_into_place
from catalog.staging import staging_folder


NS_PER_MS = 1_000_000


def funding_updates(
    settlements: Sequence[Mapping[str, str]],
    interval_minutes: int,
) -> list[StoredRate]:
    """
    Convert Bybit's funding history to the rates of a catalog.

    The history holds rate and time of each payment. The update is 1 ns before its payment, which
    is its `next_funding_ns`: the rate is final only then, and a simulated venue must know it when
    the payment is due.

    Parameters
    ----------
    settlements : Sequence[Mapping[str, str]]
        `fundingRate` and `fundingRateTimestamp` (ms) of each settlement.
    interval_minutes : int
        The time between payments.

    Returns
    -------
    list[StoredRate]

    """
    updates = []
    for settlement in settlements:
        due_ns = int(settlement["fundingRateTimestamp"]) * NS_PER_MS
        updates.append(
            StoredRate(
                ts_init=due_ns - 1,
                next_funding_ns=due_ns,
                rate=Decimal(settlement["fundingRate"]),
                interval_minutes=interval_minutes,
            ),
        )
    return updates


def write_funding(
    catalog_path: Path,
    instrument_id: str,
    updates: Sequence[StoredRate],
) -> bool:
    """
    Add funding rates to the catalog, in one file with those already there.

    Parameters
    ----------
    catalog_path : Path
        The catalog; created if missing.
    instrument_id : str
        The instrument.
    updates : Sequence[StoredRate]
        The rates in the order of time, at least one. They replace stored ones of the same time.

    Returns
    -------
    bool
        Whether anything new was written.

    """
    old = data_files(catalog_path, FUNDING, instrument_id)
    new = funding_table(instrument_id, updates)
    tables = [new, *(pq.read_table(file.path).cast(new.schema) for file in old)]
    table = pa.concat_tables(tables)
    times, first = np.unique(table["ts_init"].to_numpy(), return_index=True)
    table = table.take(pa.array(first))
    if len(old) == 1 and pq.read_table(old[0].path).equals(table):
        return False
    start_ns, end_ns = int(times[0]), int(times[-1])
    name = file_name(start_ns, end_ns)
    target = data_folder(catalog_path, FUNDING, instrument_id) / name
    with staging_folder(catalog_path) as folder:
        pq.write_table(table, folder / name)
        move_into_place([StagedFile(folder / name, target, FUNDING, start_ns, end_ns)])
    for file in old:
        if file.path != target:
            file.path.unlink()
    return True
