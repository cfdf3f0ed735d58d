"""The sample market as it is, and mirrored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from catalog.reader import QUOTE
from catalog.sample import MARKETS
from catalog.sample import write_sample
from research.lookahead.altered import Columns


def sample(folder: Path, instrument_id: str, days: int) -> Path:
    """Write the sample market of an instrument, and return its catalog."""
    (name,) = (key for key, market in MARKETS.items() if market.instrument_id == instrument_id)
    write_sample(folder, days=days, instruments=[name])
    return folder


def mirrored(mirror: int) -> Callable[[Columns], Columns]:
    """Return the change of each price (ticks) into `mirror` minus it, with the sides swapped."""

    def change(columns: Columns) -> Columns:
        is_quote = columns["kind"] == QUOTE
        side = columns["side"]
        return columns | {
            "a": mirror - np.where(is_quote, columns["b"], columns["a"]),
            "b": np.where(is_quote, mirror - columns["a"], 0),
            "a_size": np.where(is_quote, columns["b_size"], columns["a_size"]),
            "b_size": np.where(is_quote, columns["a_size"], 0),
            "side": np.where(side > 0, 3 - side, 0),
        }

    return change
