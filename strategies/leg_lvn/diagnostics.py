"""Pivots, legs and low volume nodes as CSV files, in the columns of the original's exporter."""

from actors.legs.messages import LegPivot
from actors.legs.messages import PriceLeg
from actors.legs.node_messages import LegLvn
from strategies.common.exports import Export


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
