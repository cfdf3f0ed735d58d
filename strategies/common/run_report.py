"""The report of a strategy about itself in the summary of a run."""

from collections import Counter
from typing import Protocol
from typing import runtime_checkable

from strategies.common.records import Alert
from strategies.common.records import AlertKind


CAPPED = "LEVERAGE_CAP: the size by risk was cut to what leverage and margin allow"


@runtime_checkable
class RunReport(Protocol):
    """
    Declares what a report takes from a strategy of ours; a strategy of another kind has none.

    Attributes
    ----------
    notices : Counter[str]
        Notices for a reader of the result, and how often each occurred.
    closes_seen, closes_cold : int
        The closed bars that have reached it, and those since the first gap at which it was cold.

    """

    notices: Counter[str]
    closes_seen: int
    closes_cold: int

    def describe_progress(self) -> list[str]:
        """Return the progress of its rule, for a reader of a run without a candidate."""


def notice_of(alert: Alert) -> str:
    """Return an alert of a trade book as a notice, without figures so that it can be counted."""
    if alert.kind is AlertKind.LEVERAGE_CAP:
        return CAPPED
    return f"{alert.kind}: {alert.message}".removesuffix(": ")
