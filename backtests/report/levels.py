"""The daily levels as spans: each from when it was known to when another took its place."""

from typing import Any

import pandas as pd

from backtests.report.impulse_data import LEVEL_NAMES


def level_spans(levels: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """
    Return the spans of the levels of one instrument.

    Parameters
    ----------
    levels : pd.DataFrame
        The rows of daily_levels.parquet in their order.
    end : pd.Timestamp
        The end of the last span.

    Returns
    -------
    pd.DataFrame
        Columns name, price, begin, finish, and in_force: whether the level could be broken.

    """
    spans: list[dict[str, Any]] = []
    running: dict[str, dict[str, Any]] = {}
    for row in levels.to_dict(orient="records"):
        in_force = pd.isna(row["reason"])
        for name in LEVEL_NAMES:
            price, span = row[name], running.get(name)
            if span is not None:
                span["finish"] = row["ts"]
                if (span["price"], span["in_force"]) == (price, in_force):
                    continue
                del running[name]
            if not pd.isna(price):
                running[name] = {
                    "name": name.upper(),
                    "price": price,
                    "begin": row["ts"],
                    "finish": end,
                    "in_force": in_force,
                }
                spans.append(running[name])
    for span in running.values():
        span["finish"] = end
    frame = pd.DataFrame(spans, columns=["name", "price", "begin", "finish", "in_force"])
    return frame[frame["finish"] > frame["begin"]]


def day_starts(levels: pd.DataFrame) -> list[pd.Timestamp]:
    """Return when trading days began: impulses and nodes of the day before end there."""
    first = levels[levels["day"] != levels["day"].shift()]
    return list(first["ts"])


def daily_rows(levels: pd.DataFrame) -> pd.DataFrame:
    """Return one row a trading day: the levels as they were known last on it."""
    return levels.groupby("day", sort=False).tail(1)
