"""Walk-forward: parts of a window to choose on, each with a later one to judge on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from errors import UsageError
from research.evaluator.run import Part


UNITS = {"h": 3_600_000_000_000, "d": 86_400_000_000_000}
_LENGTH = re.compile(r"([1-9]\d*)([hd])")


@dataclass(frozen=True, slots=True)
class Fold:
    """
    Represents a part to choose on and the part after it.

    Attributes
    ----------
    number : int
        Its number, from 1 on.
    chosen_on, judged_on : Part
        The parts. A trade that reaches beyond the first is no part of either (purge), and the
        second begins a while later (embargo).

    """

    number: int
    chosen_on: Part
    judged_on: Part


def parse_length(text: str, option: str) -> int:
    """
    Return a length of time like `30d` or `12h` (ns).

    Raises
    ------
    UsageError
        If it is none.

    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise UsageError(f"{option} {text}: write a number of days or hours, like 30d or 12h")
    return int(found[1]) * UNITS[found[2]]


def parse_walk_forward(text: str) -> tuple[int, int]:
    """Return the two lengths of `30d/7d` (ns), or raise UsageError."""
    first, slash, second = text.partition("/")
    if not slash:
        raise UsageError(f"--walk-forward {text}: write two lengths, like 30d/7d")
    return parse_length(first, "--walk-forward"), parse_length(second, "--walk-forward")


def folds_of(
    window: tuple[int, int],
    lengths: tuple[int, int],
    embargo_ns: int,
    warm_up_ns: int,
    *,
    anchored: bool = False,
) -> list[Fold]:
    """
    Return the folds of a window.

    Parameters
    ----------
    window : tuple[int, int]
        The window (ns UTC, the end excluded).
    lengths : tuple[int, int]
        The lengths of the part to choose on and of the one to judge on (ns).
    embargo_ns : int
        How much later the second begins than the first ends (ns).
    warm_up_ns : int
        How long before each part the machine sees rows (ns).
    anchored : bool, default False
        If the first part always begins with the window, and so grows.

    Raises
    ------
    UsageError
        If the window holds no fold.

    """
    folds = list(_folds(window, lengths, embargo_ns, warm_up_ns, anchored=anchored))
    if not folds:
        days = (window[1] - window[0]) / UNITS["d"]
        needed = (sum(lengths) + embargo_ns + warm_up_ns) / UNITS["d"]
        raise UsageError(
            f"--walk-forward: a fold takes {needed:g} days with warm-up and embargo, and the "
            f"window has {days:.3g}"
        )
    return folds


def _folds(
    window: tuple[int, int],
    lengths: tuple[int, int],
    embargo_ns: int,
    warm_up_ns: int,
    *,
    anchored: bool,
) -> Iterator[Fold]:
    begin, end = window[0] + warm_up_ns, window[1]
    choose, judge = lengths
    number = 0
    while (last := begin + number * judge + choose + embargo_ns + judge) <= end:
        start = begin if anchored else begin + number * judge
        middle = begin + number * judge + choose
        number += 1
        yield Fold(
            number,
            Part(start, middle, warm_up_ns),
            Part(middle + embargo_ns, last, warm_up_ns),
        )
