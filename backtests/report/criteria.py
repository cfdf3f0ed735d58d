"""The criteria of a system as a table: met or not."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.figures import MISSING
from backtests.report.figures import number
from backtests.report.figures import percent
from strategies.common.views import Criterion


WORDS = {True: "met", False: "not met", None: "not known"}
NOTE = (
    "Named with the rules of the system before any run, and never fitted to one. A figure that "
    "does not exist yet is not known."
)


def criteria_table(criteria: Sequence[Criterion], summary: Mapping[str, Any]) -> str:
    """
    Return the results of a run against the criteria of its system, as HTML.

    Parameters
    ----------
    criteria : Sequence[Criterion]
        The criteria.
    summary : Mapping[str, Any]
        The summary of the run.

    """
    rows = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th>{cell(_wanted(one))}'
        f"{cell(_shown(one, one.value(summary)))}<td>{WORDS[one.is_met(summary)]}</td></tr>"
        for one in criteria
    )
    labels = [("Criterion", False), ("Wanted", True), ("Run", True), ("", False)]
    return (
        f'<p class="note">{escape(NOTE)}</p><table class="figures">{head(labels)}'
        f"<tbody>{rows}</tbody></table>"
    )


def _wanted(criterion: Criterion) -> str:
    if criterion.above is not None:
        return f"> {_shown(criterion, criterion.above)}"
    return f"< {_shown(criterion, criterion.below)}"


def _shown(criterion: Criterion, value: float | None) -> str:
    if value is None:
        return MISSING
    return f"{percent(value)} %" if criterion.is_share else number(value)
