"""Search for look-ahead: what comes later must change nothing that was decided before."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from catalog.layout import utc_text
from errors import AuctionError
from research.evaluation import EvaluatedDecision
from research.evaluation import EvaluatedFill
from research.evaluation import Evaluation
from research.lookahead.altered import AnotherFuture
from research.lookahead.altered import rewrite
from research.lookahead.altered import unchanged


# Much of the window lies before each cut, and some of it after.
FIRST_CUT, LAST_CUT = 0.25, 0.9
# Runs that begin later must decide alike in the last part of the window.
COMPARED_FROM = 2 / 3

type WindowEvaluator = Callable[[Path, tuple[int, int]], Evaluation]


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Represents the comparison of a run with one over other data.

    Attributes
    ----------
    ts_ns : int
        The time of the cut, or the later start (ns UTC).
    decisions, fills : int
        How many of the first run were compared.
    difference : str or None
        The first difference in words; None if there is none.

    """

    ts_ns: int
    decisions: int
    fills: int
    difference: str | None


def cuts_of(window: tuple[int, int], count: int, seed: int) -> list[int]:
    """
    Return seeded random times of cuts (ns UTC), in order.

    Parameters
    ----------
    window : tuple[int, int]
        The window (ns UTC, the end excluded).
    count, seed : int
        How many, and the seed.

    """
    start, end = window
    shares = np.random.default_rng(seed).uniform(FIRST_CUT, LAST_CUT, count)
    return sorted(start + int(share * (end - start)) for share in shares)


def copy_window(
    source: Path,
    target: Path,
    instrument_ids: Sequence[str],
    window: tuple[int, int],
    future: AnotherFuture | None = None,
) -> None:
    """Write the ticks of a window of several instruments, with another future if one is given."""
    for instrument_id in instrument_ids:
        rewrite(source, target, instrument_id, window, future or unchanged)


def compare_before(at: int, reference: Evaluation, altered: Evaluation) -> Comparison:
    """
    Compare the decisions and fills before a cut.

    Parameters
    ----------
    at : int
        The time of the cut (ns UTC).
    reference, altered : Evaluation
        The run over the data as they are, and over those with another future.

    Raises
    ------
    AuctionError
        If nothing was decided before the cut, or nothing is decided otherwise after it: such runs
        show nothing.

    """
    if not any(row.ts_ns < at for row in reference.decisions):
        raise AuctionError(f"no decision before {utc_text(at)}: choose a longer window")
    if (reference.decisions, reference.fills) == (altered.decisions, altered.fills):
        raise AuctionError(
            f"other data after {utc_text(at)} change no decision and no fill: choose a window in "
            "which the system is warm and trades, or other settings"
        )
    own, other = (
        ([d for d in e.decisions if d.ts_ns < at], [f for f in e.fills if f.ts_ns < at])
        for e in (reference, altered)
    )
    found = _first(own[0], other[0]) or _first(own[1], other[1])
    return Comparison(at, len(own[0]), len(own[1]), found)


def _first(
    own: Sequence[EvaluatedDecision | EvaluatedFill],
    other: Sequence[EvaluatedDecision | EvaluatedFill],
) -> str | None:
    for one, two in zip_longest(own, other):
        if one != two:
            return f"{_described(one)}; with other data later: {_described(two)}"
    return None


def _described(row: EvaluatedDecision | EvaluatedFill | None) -> str:
    if row is None:
        return "nothing"
    if isinstance(row, EvaluatedFill):
        return f"{utc_text(row.ts_ns)} {row.role} {row.side} {row.lots} lots at tick {row.ticks}"
    return f"{utc_text(row.ts_ns)} {row.reason} {row.action} {row.why or ''}".rstrip()


def compared_from(window: tuple[int, int]) -> int:
    """Return from when on runs with shorter warm-ups are compared (ns UTC)."""
    return window[0] + int(COMPARED_FROM * (window[1] - window[0]))


def compare_reasons(start: int, since: int, reference: Evaluation, later: Evaluation) -> Comparison:
    """
    Compare the reasons of the decisions of a run that began later.

    A warm system sees the same signals whatever its warm-up was. Actions are left out: they depend
    on the open trade and the balance, which a run carries along. A later run without any decision
    is not warm: nothing is compared.

    Parameters
    ----------
    start, since : int
        The later start, and from when on it is warm (ns UTC).
    reference, later : Evaluation
        The run over the whole window and the later one.

    """
    own, other = (
        {(d.ts_ns, d.instrument_id): d.reason for d in e.decisions if d.ts_ns >= since}
        for e in (reference, later)
    )
    if not other:
        # Not warm, as with the levels of an earlier session: it trades nothing, which is safe.
        return Comparison(start, 0, 0, None)
    differing = sorted(key for key in own.keys() | other.keys() if own.get(key) != other.get(key))
    found = None
    if differing:
        key = differing[0]
        found = (
            f"{len(differing)} of {len(own)}, first {utc_text(key[0])} "
            f"{own.get(key, 'no decision')}; begun later: {other.get(key, 'no decision')}"
        )
    return Comparison(start, len(own), 0, found)


def check_later_data(
    evaluate: WindowEvaluator,
    source: Path,
    instrument_ids: Sequence[str],
    window: tuple[int, int],
    cuts: Sequence[int],
    folder: Path,
) -> tuple[Evaluation, list[Comparison]]:
    """
    Alter, drop and insert data after each cut; return the first run and the comparisons.

    Parameters
    ----------
    evaluate : WindowEvaluator
        Evaluates the system over a window of a catalog.
    source : Path
        The catalog.
    instrument_ids : Sequence[str]
        Its instruments.
    window : tuple[int, int]
        The window (ns UTC, the end excluded).
    cuts : Sequence[int]
        The times of the cuts (ns UTC).
    folder : Path
        Gets the copy without a change, `unchanged`, and the altered ones.

    Raises
    ------
    AuctionError
        If the runs show nothing (`compare_before`).

    """
    copy_window(source, folder / "unchanged", instrument_ids, window)
    reference = evaluate(folder / "unchanged", window)

    def comparisons() -> Iterator[Comparison]:
        for number, at in enumerate(cuts):
            altered = folder / f"altered-{number}"
            future = AnotherFuture(at, is_higher=number % 2 == 0)
            copy_window(source, altered, instrument_ids, window, future)
            yield compare_before(at, reference, evaluate(altered, window))

    return reference, list(comparisons())
