"""Refuses an import whose rows are mostly bad, before anything is in the catalog."""

from collections.abc import Iterable
from collections.abc import Iterator

from adapters.checks import ONE_SIDED
from adapters.report import FileReport
from catalog.batches import BarBatch
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.errors import AuctionError


LARGEST_REJECTED_SHARE = 0.5


def accepted_batches[B: (TradeBatch, QuoteBatch, BarBatch)](
    streams: Iterable[tuple[FileReport, Iterator[B]]],
    *,
    may_be_empty: bool = False,
) -> Iterator[B]:
    """
    Chain the batches of several files while counting the accepted rows.

    A catalog writer that consumes the iterator writes nothing when it raises. Quotes without one
    side are what a thin book looks like and do not count as bad rows.

    Parameters
    ----------
    streams : Iterable[tuple[FileReport, Iterator[B]]]
        The counts of each file and its batches.
    may_be_empty : bool
        Whether it is no error that no row is accepted.

    Yields
    ------
    TradeBatch, QuoteBatch or BarBatch
        The batches that are not empty.

    Raises
    ------
    AuctionError
        If more than half of the rows of a file are rejected, or no row of any file is accepted.

    """
    reports = []
    for report, batches in streams:
        for batch in batches:
            report.accepted += len(batch)
            if len(batch) > 0:
                yield batch
        _refuse_mostly_bad(report)
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


def _refuse_mostly_bad(report: FileReport) -> None:
    one_sided = report.rejected[ONE_SIDED].count if ONE_SIDED in report.rejected else 0
    bad = report.rejected_rows - one_sided
    if bad > LARGEST_REJECTED_SHARE * report.rows:
        raise AuctionError(
            f"{report.path}: {bad:,} of {report.rows:,} rows rejected, mostly for "
            f"{report.main_reason()}: nothing was written, check the instrument and the columns",
        )
