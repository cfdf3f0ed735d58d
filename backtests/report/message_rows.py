"""Reads the table of a message class, in units of the instrument."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyarrow as pa

from actors.messages import Message
from actors.messages.schema import Kind
from backtests.report.table_files import NUMBER
from backtests.report.table_files import TEXT
from backtests.report.table_files import TIME
from backtests.report.table_files import read_table


SCALED = (Kind.TICKS, Kind.LOTS)
UNITS = ("tick_size", "lot_size")
# The tick has a few decimals only: what the product has beyond nine is noise.
DECIMALS = 9


def table_path(folder: Path, message: type[Message]) -> Path:
    """
    Return the file of a message class in the folder of a run.

    Raises
    ------
    ValueError
        If a run keeps no table of it.

    """
    if message.TABLE is None:
        raise ValueError(f"{message.__name__}: a run keeps no table of it")
    return folder / f"{message.TABLE.name}.parquet"


def read_rows(folder: Path, message: type[Message], columns: Collection[str]) -> pd.DataFrame:
    """
    Return columns of the table of a message class; ticks are prices, lots are sizes.

    Beside those named it has `instrument_id`, the units, and `ts` where the table has it. Lots stay
    lots if the message has no lot size.

    Parameters
    ----------
    folder : Path
        The folder of a run.
    message : type[Message]
        The class.
    columns : Collection[str]
        The columns.

    Raises
    ------
    AuctionError
        If the file is missing, cannot be read or was written by another version.

    """
    path = table_path(folder, message)
    units = [name for name in UNITS if name in message.COLUMNS]
    names = [name for name in message.COLUMNS if name in columns or name in units]
    assert message.TABLE is not None
    first = {} if message.TABLE.ts == "none" else {"ts": TIME}
    kinds = {name: message.TYPES[name].kind for name in names}
    types = {n: NUMBER if k in SCALED else message.TYPES[n].arrow for n, k in kinds.items()}
    schema = pa.schema({**first, "instrument_id": TEXT, **types})
    frame = read_table(path, schema)
    scaled = {}
    for name, kind in kinds.items():
        if kind is Kind.TICKS:
            scaled[name] = (frame[name] * frame["tick_size"]).round(DECIMALS)
        elif kind is Kind.LOTS and "lot_size" in units:
            scaled[name] = frame[name] * frame["lot_size"]
    return frame.assign(**scaled)
