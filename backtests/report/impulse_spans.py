"""The impulses as spans: each from its breakout to its end, with marks and outcome."""

from bisect import bisect_right
from collections.abc import Hashable
from collections.abc import Sequence
from typing import Any

import pandas as pd

from backtests.report.impulse_data import MARKS


SECOND = pd.Timedelta(seconds=1)
COLUMNS = [
    "source",
    "impulse_id",
    "direction",
    "level",
    "start",
    "finish",
    "outcome",
    "bars",
    "volume",
    "start_price",
    "extreme",
    "price",
    "score",
    *MARKS,
    "nodes",
    "hunt_end",
    "hunt_outcome",
]
UNFINISHED = "UNFINISHED"
ENDS = ("COMPLETE", "INVALID_TIMEOUT", "INVALID_RETRACE", "SWITCHED")
HUNT_ENDS = ("HUNT_TIMEOUT", "SWITCHED")
# What the last transition says of the impulse itself; the reset comes a bar later.
_OWN = ("bars", "volume", "extreme", "price", "score", *MARKS, "nodes")


def impulse_spans(
    transitions: pd.DataFrame,
    days: Sequence[pd.Timestamp],
    end: pd.Timestamp,
) -> pd.DataFrame:
    """
    Return one row for each impulse of one instrument, by time.

    Parameters
    ----------
    transitions : pd.DataFrame
        The rows of impulses.parquet in their order.
    days : Sequence[pd.Timestamp]
        When trading days began; an impulse ends with its day.
    end : pd.Timestamp
        The end of the data.

    Returns
    -------
    pd.DataFrame
        Columns `COLUMNS`. `outcome` is COMPLETE, INVALID_TIMEOUT, INVALID_RETRACE, SWITCHED or
        UNFINISHED; `finish` the end of the second that brought it; `hunt_end` and `hunt_outcome`
        (HUNT_TIMEOUT, SWITCHED) are missing where the hunt ended with a trade or the day.

    """
    impulses: dict[tuple[Hashable, Hashable], dict[str, Any]] = {}
    for row in transitions.to_dict(orient="records"):
        key = (row["source"], row["impulse_id"])
        impulse = impulses.get(key)
        if impulse is None:
            impulse = {name: row.get(name) for name in COLUMNS}
            impulse |= {"finish": pd.NaT, "outcome": UNFINISHED}
            impulse |= {"hunt_end": pd.NaT, "hunt_outcome": None}
            impulses[key] = impulse
        moment = row["ts_second"] + SECOND
        if impulse["outcome"] == UNFINISHED and row["event"] in ENDS:
            impulse |= {name: row[name] for name in _OWN}
            impulse |= {"outcome": row["event"], "finish": moment}
        elif impulse["outcome"] == "COMPLETE" and row["event"] in HUNT_ENDS:
            impulse |= {"hunt_end": moment, "hunt_outcome": row["event"]}
    for impulse in impulses.values():
        if impulse["outcome"] == UNFINISHED:
            impulse["finish"] = end_of_day(impulse["start"], days, end)
    frame = pd.DataFrame(list(impulses.values()), columns=COLUMNS)
    return frame.sort_values(["start", "source"], kind="stable", ignore_index=True)


def end_of_day(time: pd.Timestamp, days: Sequence[pd.Timestamp], end: pd.Timestamp) -> pd.Timestamp:
    """Return when the trading day of a time ended, the end of the data at the latest."""
    later = bisect_right(days, time)
    return min(days[later], end) if later < len(days) else end
