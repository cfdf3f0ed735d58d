import numpy as np

from indicators.core.aggressive_flow import DIRECTIONS as FLOW_DIRECTIONS
from indicators.core.auction_state import MOMENTUM_WORDS as MOMENTUM_WORDS
from indicators.core.auction_state import STATES as STATES
from indicators.core.level_alert import DIRECTIONS as LEVEL_DIRECTIONS

__all__ = ["FLOW_DIRECTIONS", "LEVEL_DIRECTIONS"]

LABELS: tuple[str | None, ...]
RECOMMENDATIONS: tuple[str | None, ...]
"""The setup recommended in each of `LABELS`."""
COLUMNS: tuple[str, ...]
"""The names of the values of a row, in order: the columns of `MarketContextMinute`."""
ROW_DTYPE: np.dtype[np.void]
"""The fields of a row in integers: ticks, lots, ns UTC. `label` and `next_label` are indices into
`LABELS`, `state` into `STATES`, `momentum` into `MOMENTUM_WORDS`. A missing field is 0, as flagged
by `has_levels`, `has_base`, `has_atr`, `has_lvn`, `has_balance`, `label`, `state` and
`lvn_distance_den`; `lvn_approaching` is -1 then."""
