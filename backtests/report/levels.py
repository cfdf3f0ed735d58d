"""Levels as spans: each from when it was known to when another took its place."""

from collections.abc import Sequence
from typing import Any

import pandas as pd


def level_spans(
    messages: pd.DataFrame, names: Sequence[str], blocked: str, end: pd.Timestamp
) -> pd.DataFrame:
    """
    Return the spans of the levels of one instrument.

    Parameters
    ----------
    messages : pd.DataFrame
        The messages in their order.
    names : Sequence[str]
        The columns of the levels.
    blocked : str
        The column with a code while they are not in force; empty for none.
    end : pd.Timestamp
        The end of the last span.

    Returns
    -------
    pd.DataFrame
        Columns name (the column), price, begin, finish, and in_force.

    """
    spans: list[dict[str, Any]] = []
    running: dict[str, dict[str, Any]] = {}
    for row in messages.to_dict(orient="records"):
        in_force = not blocked or bool(pd.isna(row[blocked]))
        for name in names:
            price, span = row[name], running.get(name)
            if span is not None:
                span["finish"] = row["ts"]
                if (span["price"], span["in_force"]) == (price, in_force):
                    continue
                del running[name]
            if not pd.isna(price):
                running[name] = {
                    "name": name,
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
