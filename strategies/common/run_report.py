"""What a strategy says of itself to those who report on a run."""

from collections import Counter
from typing import Protocol
from typing import runtime_checkable


@runtime_checkable
class RunReport(Protocol):
    """
    Declares what a report takes from a strategy of ours; a strategy of another kind has none.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.
    closes_seen, closes_cold : int
        The closed bars that have reached it, and those since the first gap at which it was cold.

    """

    notices: Counter[str]
    closes_seen: int
    closes_cold: int

    def describe_progress(self) -> list[str]:
        """Return, for a reader of a run without a candidate, how far its rule has come."""
