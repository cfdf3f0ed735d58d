"""Named checks: each passes with a remark, or fails with one line."""

import json
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import dataclass

from configs.documents import one_line
from errors import LONGEST_LINE
from errors import AuctionError
from errors import shortened


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Represents the outcome of one check.

    Attributes
    ----------
    name : str
        What was checked.
    passed : bool
        If it passed.
    text : str
        What was found, or what to do.

    """

    name: str
    passed: bool
    text: str


def run_check(name: str, check: Callable[[], str]) -> Outcome:
    """
    Run one check; it passes with the text it returns, and fails with the error it raises.

    Only errors that a user can cause, and those of disks and sockets, are failures of the check.
    """
    try:
        return Outcome(name, True, check())
    except (AuctionError, OSError) as error:
        return Outcome(name, False, shortened(one_line(error), LONGEST_LINE))


def outcome_lines(outcomes: Iterable[Outcome]) -> list[str]:
    """Return outcomes as the lines of a table."""
    found = [*outcomes]
    width = max((len(outcome.name) for outcome in found), default=0)
    return [f"{'ok' if o.passed else 'FAILED':6}  {o.name:{width}}  {o.text}" for o in found]


def outcome_json(outcomes: Iterable[Outcome]) -> str:
    """Return outcomes as JSON."""
    found = [*outcomes]
    document = {"passed": all(o.passed for o in found), "checks": [asdict(o) for o in found]}
    return json.dumps(document, indent=2)
