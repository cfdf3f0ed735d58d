"""Tables of trades, quotes and bars in order of time: repeated rows, and the times of arrival."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.arrow import column
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.ordering import merge_positions
from catalog.ordering import merge_positions_by_sequence
from catalog.ordering import rising_ts_init


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
        The last `ts_init` given out before (ns UTC).

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
    """Return a table without the rows that equal the row before in everything but `seq`."""
    same = np.ones(len(table) - 1, dtype=np.bool_)
    for name in table.column_names:
        if name != "seq":
            values = table[name].combine_chunks()
            same &= pc.equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return table.filter(pa.array(np.concatenate(([True], ~same)))) if same.any() else table
