"""Merges tables of trades, quotes and bars by time: repeated rows, and initialization times."""

from collections.abc import Iterator
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from catalog.arrow import column
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.ordering import merge_positions
from catalog.ordering import merge_positions_by_sequence
from catalog.ordering import rising_ts_init


# An odd factor without a pattern in its bits (the golden ratio of 64 bits).
_MIXER = np.uint64(0x9E3779B97F4A7C15)


def in_intervals(streams: Mapping[str, Iterator[pa.Table]]) -> Iterator[dict[str, pa.Table]]:
    """
    Read several streams of rows together, in consecutive intervals of time.

    Parameters
    ----------
    streams : Mapping[str, Iterator[pa.Table]]
        By data type, tables that are not empty and in order of `ts_event`, with rows of equal
        time in one table.

    Yields
    ------
    dict[str, pa.Table]
        The rows of an interval by type, all rows of equal time together.

    """
    held: dict[str, pa.Table] = {}
    while True:
        for data_type, tables in streams.items():
            if data_type not in held and (table := next(tables, None)) is not None:
                held[data_type] = table
        if not held:
            return
        times = {data_type: column(table, "ts_event") for data_type, table in held.items()}
        end_ns = min(int(ts_event[-1]) for ts_event in times.values())
        piece = {}
        for data_type, ts_event in times.items():
            table = held.pop(data_type)
            count = int(np.searchsorted(ts_event, end_ns, side="right"))
            if count > 0:
                piece[data_type] = table.slice(0, count)
            if count < len(table):
                held[data_type] = table.slice(count)
        yield piece


def joint_ts_init(
    tables: Mapping[str, pa.Table],
    after: int,
) -> dict[str, NDArray[np.int64]]:
    """
    Return the `ts_init` of each type's rows: unique, and rising in the common order.

    Parameters
    ----------
    tables : Mapping[str, pa.Table]
        One table, or one of quotes and one of trades, in order of `ts_event`, not empty. If both
        have a column `seq` it decides at equal times, otherwise quotes come first.
    after : int
        The last assigned `ts_init` (ns UTC).

    Returns
    -------
    dict[str, NDArray[np.int64]]
        The times (ns UTC) by data type.

    """
    times = {data_type: column(table, "ts_event") for data_type, table in tables.items()}
    if len(times) == 1:
        return {data_type: rising_ts_init(ts, after) for data_type, ts in times.items()}
    quotes, trades = tables[QUOTES], tables[TRADES]
    if "seq" in quotes.column_names and "seq" in trades.column_names:
        quote_at, trade_at = merge_positions_by_sequence(
            times[QUOTES],
            times[TRADES],
            column(quotes, "seq"),
            column(trades, "seq"),
        )
    else:
        quote_at, trade_at = merge_positions(times[QUOTES], times[TRADES])
    joint = np.empty(len(quote_at) + len(trade_at), dtype=np.int64)
    joint[quote_at], joint[trade_at] = times[QUOTES], times[TRADES]
    ts_init = rising_ts_init(joint, after)
    return {QUOTES: ts_init[quote_at], TRADES: ts_init[trade_at]}


def drop_repeats(table: pa.Table) -> pa.Table:
    """
    Return a table without the rows that equal an earlier row in everything but `seq`.

    Rows of equal time are in one table, so a repetition is found at any position: after a reconnect
    a feed may send a burst again (A B C A B C).
    """
    names = [name for name in table.column_names if name != "seq"]
    numbers = [name for name in names if pa.types.is_integer(table.schema.field(name).type)]
    # Few rows share all their numbers; only their texts have to be compared.
    mixed = np.zeros(len(table), dtype=np.uint64)
    for name in numbers:
        mixed = mixed * _MIXER + column(table, name).astype(np.uint64)
    alike = pd.Series(mixed).duplicated(keep=False).to_numpy()
    if not alike.any():
        return table
    rows = np.flatnonzero(alike)
    repeated = table.select(names).take(pa.array(rows)).to_pandas().duplicated().to_numpy()
    if not repeated.any():
        return table
    kept = np.ones(len(table), dtype=np.bool_)
    kept[rows[repeated]] = False
    return table.filter(pa.array(kept))
