"""The first decision in which two runs of one system differ."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any


# What the system wants, what the gate made of it, and what the money in the account allows.
DECISION = ("reason", "flags", "events", "setup", "side", "entry", "stop", "tp1", "tp2")
ACTION = ("action", "why")
SIZE = ("quantity",)
# What reaches the venue: a shadow node watches these.
INTENT = ("action", "side", "quantity", "stop", "tp1", "tp2")


def first_difference(
    row_a: Mapping[str, Any],
    row_b: Mapping[str, Any],
    columns: Sequence[str],
    size_tolerance: float = 0.0,
) -> str | None:
    """
    Return the first column in which two rows differ, or None.

    Values are equal in every bit or they differ. Sizes alone may be allowed to differ by a share of
    the larger one, since they follow the money in two accounts; a size beside none always differs.

    Parameters
    ----------
    row_a, row_b : Mapping[str, Any]
        Two messages of the same time, as plain values; a missing column is None.
    columns : Sequence[str]
        The columns, the most significant one first.
    size_tolerance : float, default 0
        The share of the larger size by which sizes may differ.

    """
    for name in columns:
        a, b = row_a.get(name), row_b.get(name)
        if a == b:
            continue
        if name in SIZE and a is not None and b is not None:
            larger = max(abs(a), abs(b))
            if abs(a - b) <= size_tolerance * larger:
                continue
        return name
    return None
