"""Refuses an import with mostly bad rows, before anything is written to the catalog."""

from collections.abc import Iterable
from collections.abc import Iterator
from math import lcm

import numpy as np

from adapters.checks import AFTER_LAST_DAY
from adapters.checks import ONE_SIDED
from adapters.checks import SIGNED_SIZE
from adapters.report import FileReport
from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.units import LARGEST_RATIO
from errors import AuctionError


# A reason shared by many rows means a misread file, not single bad rows.
LARGEST_SHARE_OF_REASON = 0.01
SINGLE_BAD_ROWS = 3
# The least number of trades of a lost side that means a misread file.
LEAST_OF_SIDE = 3
SIDES = {BUYER: "BUY", SELLER: "SELL"}
LARGEST_REJECTED_SHARE = 0.5
SIGNED_CURE = (
    "the sign seems to be the side of the aggressor: write a column `side` and sizes without a sign"
)


CONTINUOUS_CURE = (
    "check the instrument; bars of a continuous series are split into contracts by one like "
    "CL.v.0.XNYM"
)


class FinerStepError(AuctionError):
    """
    Represents rows on a finer step of prices or sizes than the instrument's.

    Attributes
    ----------
    parts : dict[str, int]
        For `TICK` and `LOT`, the part of the step on which the rows lie (2: a half, 1: the step).

    """

    def __init__(self, message: str, parts: dict[str, int]) -> None:
        super().__init__(message)
        self.parts = parts


def accepted_batches[B: (TradeBatch, QuoteBatch, BarBatch)](
    streams: Iterable[tuple[FileReport, Iterator[B]]],
    *,
    may_be_empty: bool = False,
    finer_rows: int | None = None,
) -> Iterator[B]:
    """
    Chain the batches of several files while counting the accepted rows.

    A catalog writer that consumes the iterator writes nothing when it raises. Quotes without one
    side are normal in a thin book and do not count as bad rows.

    Parameters
    ----------
    streams : Iterable[tuple[FileReport, Iterator[B]]]
        The counts of each file and its batches.
    may_be_empty : bool
        Whether an import without any accepted row is valid.
    finer_rows : int, optional
        The largest number of rows of a file on a finer step than the instrument's that count as
        single bad rows; by default as for any other reason.

    Yields
    ------
    TradeBatch, QuoteBatch or BarBatch
        The batches that are not empty.

    Raises
    ------
    FinerStepError
        If more rows of a file lie on a finer step than the instrument's.
    AuctionError
        If more than 1 % of the rows of a file (and more than three) are rejected for one reason, or
        half of them for any, or all trades of one side (at least three, for one reason or several)
        while some of the other are accepted, or no row of any file is accepted.

    """
    reports = []
    for report, batches in streams:
        for batch in batches:
            report.accepted += len(batch)
            if isinstance(batch, TradeBatch):
                report.sides.update(dict(enumerate(np.bincount(batch.side).tolist())))
            if len(batch) > 0:
                yield batch
        refuse_misread(report, finer_rows)
        reports.append(report)
    if not may_be_empty and not any(report.accepted for report in reports):
        names = ", ".join(str(report.path) for report in reports)
        raise AuctionError(f"{names}: no row to import{_why(reports)}: nothing was written")


def _why(reports: list[FileReport]) -> str:
    for report in reports:
        if report.rejected:
            return f" ({report.main_reason()})"
    others = sum(report.other_symbols for report in reports)
    return f" (all {others:,} rows are of other instruments)" if others else ""


def refuse_misread(report: FileReport, finer_rows: int | None = None) -> None:
    """
    Refuse a file that is misread as a whole, by its rejected rows.

    Raises
    ------
    AuctionError
        See `accepted_batches`.

    """
    counts = {r: found.count for r, found in report.rejected.items() if r != ONE_SIDED}
    bad, worst = sum(counts.values()), max(counts.values(), default=0)
    lost = _lost_side(report)
    whole = (
        f", all {report.rejected_sides[lost]:,} {SIDES[lost]} trades of the file" if lost else ""
    )
    refused = (
        f"{report.path}: {bad:,} of {report.rows:,} rows rejected{whole}, mostly for "
        f"{report.main_reason() if bad else ''}: nothing was written"
    )
    most = max(SINGLE_BAD_ROWS, LARGEST_SHARE_OF_REASON * report.rows)
    most_finer = most if finer_rows is None else finer_rows
    most_finer = min(most_finer, report.rejected_sides[lost] - 1) if lost else most_finer
    if any(found.total() > most_finer for found in report.finer.values()):
        parts = {step: lcm(*found) for step, found in report.finer.items()}
        if max(parts.values()) <= LARGEST_RATIO:
            raise FinerStepError(f"{refused}, check the instrument and the columns", parts)
    if lost or worst > most or bad > LARGEST_REJECTED_SHARE * report.rows:
        cure = SIGNED_CURE if SIGNED_SIZE in counts else "check the instrument and the columns"
        if max(counts, key=lambda reason: counts[reason], default="").startswith(AFTER_LAST_DAY):
            cure = CONTINUOUS_CURE
        raise AuctionError(f"{refused}, {cure}")


def _lost_side(report: FileReport) -> int | None:
    for side, other in ((BUYER, SELLER), (SELLER, BUYER)):
        dropped = report.rejected_sides[side]
        if dropped >= LEAST_OF_SIDE and not report.sides[side] and report.sides[other]:
            return side
    return None
