"""Pivots, legs and low volume nodes as CSV files, in the columns of the original's exporter."""

import numpy as np

from actors.legs.messages import LegMinute
from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.node_messages import LegLvn
from indicators.core.zigzag import auto_reversal_pct
from strategies.common.exports import Columns
from strategies.common.exports import Export
from strategies.common.exports import ExportNote


_MEASURES = ("leg_return_pct", "leg_bars", "leg_duration_sec")
# What the original has, then when it was known.
EXPORTS = (
    Export(
        name="pivots",
        message=LegPivot,
        columns=(
            "pivot_ts:pivot_time",
            "pivot_price",
            "pivot_type",
            "structure",
            "pivot_idx",
            *_MEASURES,
            "confirmed_ts",
        ),
        sort=("pivot_ts",),
    ),
    Export(
        name="legs",
        message=PriceLeg,
        columns=(
            "leg_id",
            "start_ts",
            "end_ts",
            "start_price",
            "end_price",
            "leg_pattern",
            "leg_direction",
            *_MEASURES,
            "confirmed_ts",
        ),
        sort=("start_ts",),
    ),
    Export(
        name="lvns",
        message=LegLvn,
        columns=(
            "timeframe",
            "leg_id",
            "start_ts",
            "end_ts",
            "bin_size",
            "lvn_price",
            "lvn_volume",
            "lvn_raw_volume",
            "pct_of_max",
            "depth_pct",
            "pct_of_total",
            "within_value_area",
            "distance_to_poc",
            "poc_price",
            "value_area_low",
            "value_area_high",
            "lvn_rank",
            "leg_pattern",
            "leg_direction",
            *_MEASURES,
            "confirmed_ts",
        ),
        sort=("start_ts", "lvn_rank"),
        # A row a node: its later life is no part of what was found.
        only=("event", "FOUND"),
    ),
)


def auto_batch(columns: Columns) -> str:
    """
    Return in words the reversal that the original takes from the minutes of a whole sample.

    It needs them all, later ones included: for files to compare with the original's, and no rule by
    which anything is traded. No minutes give its ceiling.
    """
    unit = columns["tick_size"]
    high, low, close = (
        np.rint(columns[name] / unit).astype(np.int64) for name in ("high", "low", "close")
    )
    pct = auto_reversal_pct(high, low, close, str(unit[0]) if len(unit) else "0.01")
    return (
        f"auto_batch, the original's reversal by the median range of all {len(unit):,} minutes, is "
        f"{pct!r} %. It needs the future: for files like the original's, run again with "
        f"--set actors.0.config.legs.reversal_pct={pct!r}"
    )


NOTES = (
    ExportNote(message=LegMinute, columns=("high", "low", "close", "tick_size"), text=auto_batch),
)
