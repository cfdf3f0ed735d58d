"""Checks the trades, quotes and bars of a Parquet catalog for defects that affect a backtest."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import rich
from rich.markup import escape
from rich.table import Table

from catalog.columns import CONVERT
from catalog.contents import stored_data
from catalog.file_stats import FileStats
from catalog.file_stats import Gap
from catalog.file_stats import count_common_ts_init
from catalog.increments import contract_life
from catalog.increments import read_increments
from catalog.layout import BARS
from catalog.layout import DATA_TYPES
from catalog.layout import END_OF_TIME
from catalog.layout import NOUNS
from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import DataFile
from catalog.layout import bar_step_ns
from catalog.layout import data_folder
from catalog.layout import instrument_of
from catalog.layout import misnamed_files
from catalog.layout import utc_text
from catalog.recording.locks import FILES
from catalog.recording.locks import reading
from errors import AuctionError


GAP_LIMIT = timedelta(minutes=15)
UNKNOWN_SIDES_LIMIT = 0.01


@dataclass(frozen=True, slots=True)
class Problem:
    """
    Represents a defect of the data.

    Attributes
    ----------
    severity : {"error", "warn"}
        An error makes a backtest fail or wrong; a warning is for the user to judge.
    identifier : str
        The instrument id, or the bar type.
    text : str
        A description of the defect, in one line.

    """

    severity: Literal["error", "warn"]
    identifier: str
    text: str


@dataclass(frozen=True, slots=True)
class CatalogCheck:
    """
    Represents the result of checking a catalog.

    Attributes
    ----------
    tallies : tuple[FileStats, ...]
        The counts for each instrument and data type.
    problems : tuple[Problem, ...]
        The problems, errors first.

    """

    tallies: tuple[FileStats, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Return True if there is no error (there may be warnings)."""
        return all(problem.severity != "error" for problem in self.problems)


def check_catalog(
    catalog_path: Path,
    instrument_id: str | None = None,
    gap_limit: timedelta = GAP_LIMIT,
    data_types: Collection[str] = DATA_TYPES,
    window: tuple[int, int] = (0, END_OF_TIME),
) -> CatalogCheck:
    """
    Check the trades, quotes and bars of a catalog.

    Silence while a venue is closed by its timetable (`catalog.market_hours`) is not a gap.

    Parameters
    ----------
    catalog_path : Path
        The catalog.
    instrument_id : str, optional
        Check this instrument only.
    gap_limit : timedelta
        The longest time between two rows that is not a gap. For bars, the shortest distance of two
        bars counts if it is longer.
    data_types : Collection[str], default `DATA_TYPES`
        Check these types only.
    window : tuple[int, int], default all
        Check the rows of files with a `ts_init` in this interval (ns UTC), both ends included.

    Returns
    -------
    CatalogCheck
        The counts and problems.

    Raises
    ------
    AuctionError
        If the catalog is missing or empty or has no such data.

    """
    gap_ns = gap_limit // timedelta(microseconds=1) * 1000
    files: dict[tuple[str, str], list[DataFile]] = {
        (identifier, data_type): found
        for data_type, identifier, found in stored_data(catalog_path)
        if data_type in data_types and instrument_id in (None, instrument_of(data_type, identifier))
    }
    if not files:
        what = instrument_id or "any instrument"
        raise AuctionError(
            f"catalog {catalog_path} has no trades, quotes or bars of {what}: ingest them first",
        )
    tallies = []
    problems: list[Problem] = []
    for (identifier, data_type), found in files.items():
        increments = None
        try:
            increments = read_increments(catalog_path, instrument_of(data_type, identifier))
        except AuctionError as e:
            problems.append(Problem("error", identifier, str(e)))
        step_ns = bar_step_ns(identifier) if data_type == BARS else 0
        tally = FileStats(identifier, data_type)
        for file in found:
            if file.overlaps(*window):
                tally.add_file(file, increments, max(gap_ns, step_ns))
        tallies.append(tally)
        problems.extend(_misnamed(catalog_path, identifier, data_type))
        problems.extend(_overlaps(identifier, data_type, found))
        problems.extend(_problems(tally, max(gap_ns, step_ns)))
        problems.extend(_outside_life(catalog_path, tally))
        if data_type == TRADES and not tally.file_errors:
            inside = [file for file in found if file.overlaps(*window)]
            problems.extend(_unsettled(identifier, inside, files.get((identifier, QUOTES), [])))
    problems.sort(key=lambda problem: problem.severity)
    return CatalogCheck(tuple(tallies), tuple(problems))


def print_check(
    catalog_path: Path,
    instrument_id: str | None = None,
    gap_limit: timedelta = GAP_LIMIT,
) -> CatalogCheck:
    """
    Check a catalog as `check_catalog` does and print the counts, the gaps and the problems.

    Returns
    -------
    CatalogCheck
        The result; the command succeeds if `CatalogCheck.ok` is True.

    """
    with reading(catalog_path, FILES):
        check = check_catalog(catalog_path, instrument_id, gap_limit)
    table = Table(title=escape(f"Check of catalog {catalog_path}"))
    table.add_column("instrument", overflow="fold")
    table.add_column("data")
    for heading in ("rows", "gaps", "crossed", "locked", "no side"):
        table.add_column(heading, justify="right", no_wrap=True)
    for tally in check.tallies:
        table.add_row(
            escape(tally.identifier),
            NOUNS[tally.data_type],
            f"{tally.rows:,}",
            f"{tally.gap_count:,}",
            f"{tally.crossed:,}" if tally.data_type == QUOTES else "",
            f"{tally.locked:,}" if tally.data_type == QUOTES else "",
            f"{tally.unknown_side_share:.2%}" if tally.data_type == TRADES else "",
        )
    rich.print(table)
    for tally in check.tallies:
        for gap in tally.gaps:
            rich.print(
                escape(f"{tally.identifier} {NOUNS[tally.data_type]}: gap of {_gap_text(gap)}")
            )
    for problem in check.problems:
        colour = "red" if problem.severity == "error" else "yellow"
        line = escape(f"{problem.identifier}: {problem.text}")
        rich.print(f"[{colour}]{problem.severity}[/{colour}] {line}")
    if not check.problems:
        rich.print("No problems found.")
    return check


def _problems(tally: FileStats, gap_ns: int) -> Iterator[Problem]:
    nouns = NOUNS[tally.data_type]
    for text in tally.file_errors:
        yield Problem("error", tally.identifier, text)
    findings: list[tuple[Literal["error", "warn"], int, str]] = [
        ("error", tally.falling_ts_init, "with a ts_init earlier than that of the row before"),
        ("error", tally.outside_name, "outside the interval in the name of their file"),
        ("error", tally.impossible_times, "with a time of before 1980 or of the future"),
        ("error", tally.off_increment, "off the instrument's tick or lot"),
        ("error", tally.no_size, "with a size that is not above zero"),
        ("error", tally.wrong_sides, "with a side that is none of 0, 1 and 2"),
        ("error", tally.wrong_ids, "with an id that is blank, too long or not printable"),
        ("warn", tally.repeated_ts_init, "with the ts_init of the row before"),
        (
            "warn",
            tally.repeated_ids if tally.ids_unique else 0,
            "with an id that another trade of the day has",
        ),
        ("warn", tally.crossed, "with a bid above the ask"),
    ]
    for severity, count, finding in findings:
        if count:
            cure = f": {CONVERT}" if severity == "error" else ""
            yield Problem(severity, tally.identifier, f"{nouns} {finding}: {count:,}{cure}")
    if tally.unknown_side_share > UNKNOWN_SIDES_LIMIT:
        share = f"{tally.unknown_side_share:.1%}"
        yield Problem("warn", tally.identifier, f"trades without an aggressor side: {share}")
    if tally.gaps:
        limit = timedelta(microseconds=gap_ns // 1000)
        text = (
            f"times without {nouns} for more than {limit}: {tally.gap_count:,}, the longest "
            + _gap_text(tally.gaps[0])
        )
        yield Problem("warn", tally.identifier, text)


def _misnamed(catalog_path: Path, identifier: str, data_type: str) -> Iterator[Problem]:
    for path in misnamed_files(data_folder(catalog_path, data_type, identifier)):
        text = (
            f"{path}: its name is not that of an interval of time, and NautilusTrader would read "
            f"it: move it away, or {CONVERT}"
        )
        yield Problem("error", identifier, text)


def _outside_life(catalog_path: Path, tally: FileStats) -> Iterator[Problem]:
    life = contract_life(catalog_path, instrument_of(tally.data_type, tally.identifier))
    if life is None or tally.high < 0:
        return
    if tally.low < life[0] or tally.high > life[1]:
        text = (
            f"{NOUNS[tally.data_type]} from {utc_text(tally.low)} to {utc_text(tally.high)}: the "
            f"contract lives from {utc_text(life[0])} to {utc_text(life[1])}: its definition is "
            "that of another contract, ingest the one in force"
        )
        yield Problem("error", tally.identifier, text)


def _overlaps(identifier: str, data_type: str, files: Sequence[DataFile]) -> Iterator[Problem]:
    for before, after in pairwise(files):
        if before.overlaps(after.start_ns, after.end_ns):
            text = f"{before.path} and {after.path.name} overlap in time: delete one of them"
            yield Problem("error", identifier, text)


def _unsettled(
    identifier: str,
    trades: Sequence[DataFile],
    quotes: Sequence[DataFile],
) -> Iterator[Problem]:
    try:
        count = count_common_ts_init(trades, quotes)
    except AuctionError:
        # The tally of the quotes reports the damaged file.
        return
    if count:
        text = (
            f"trades with the ts_init of a quote: {count:,}; their order is not settled: ingest "
            f"trades and quotes in one command, or {CONVERT}"
        )
        yield Problem("error", identifier, text)


def _gap_text(gap: Gap) -> str:
    length = timedelta(microseconds=gap.length_ns // 1000)
    return f"{length} from {utc_text(gap.start_ns)} to {utc_text(gap.end_ns)} UTC"
