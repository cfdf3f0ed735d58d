"""The report of an import: rows read, kept, rejected and written."""

import sys
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER
from catalog.write_report import WriteReport
from errors import LONGEST_LINE
from errors import LONGEST_ROW
from errors import shortened


EXAMPLES_KEPT = 10
# The two steps of an instrument.
TICK = "tick"
LOT = "lot"
NO_SIDES = "none given, a run infers them from the quotes"


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """
    Represents one rejected row.

    Attributes
    ----------
    row : int
        The line of the file (the header is line 1), or the record number from 1 in a binary file.
    text : str
        The values that were read, cut to 200 characters.

    """

    row: int
    text: str


@dataclass(slots=True)
class Rejection:
    """Represents the rows of one file rejected for one reason: their count and the first ten."""

    count: int = 0
    examples: list[RejectedRow] = field(default_factory=list)


@dataclass(slots=True)
class FileReport:
    """
    Counts the rows of one input file while they are read.

    Attributes
    ----------
    path : Path
        The input file.
    kind : str
        The kind of the rows: `trades`, `quotes` or `bars`, with the symbol where a file can hold
        several.
    rows : int
        The rows read for this kind and instrument.
    accepted : int
        The rows kept.
    other_symbols : int
        The rows of other instruments, skipped.
    rejected : dict[str, Rejection]
        The rejected rows by reason.
    warnings : list[str]
        Remarks about the whole file.
    columns : dict[str, str]
        The columns that were read: our names and the names in the file.
    skipped_columns : tuple[str, ...]
        The columns of the file that were not read.
    time_unit : str
        The format of times: `s`, `ms`, `us`, `ns` or `iso`.
    sides : Counter[int]
        The number of kept trades by `NO_SIDE`, `BUYER` and `SELLER`.
    rejected_sides : Counter[int]
        The number of rejected trades by side, for any reason.
    finer : dict[str, Counter[int]]
        For `TICK` and `LOT`, the number of values off the step by the part they lie on (2: a half).

    """

    path: Path
    kind: str
    rows: int = 0
    accepted: int = 0
    other_symbols: int = 0
    rejected: dict[str, Rejection] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    skipped_columns: tuple[str, ...] = ()
    time_unit: str = ""
    sides: Counter[int] = field(default_factory=Counter)
    rejected_sides: Counter[int] = field(default_factory=Counter)
    finer: dict[str, Counter[int]] = field(
        default_factory=lambda: {TICK: Counter(), LOT: Counter()}
    )

    @property
    def rejected_rows(self) -> int:
        """Return the number of rejected rows."""
        return sum(rejection.count for rejection in self.rejected.values())

    def reject(
        self,
        reason: str,
        rows: Sequence[int],
        text: Callable[[int], str],
        count: int | None = None,
    ) -> None:
        """
        Count rejected rows and keep the first ten of a reason as examples.

        Parameters
        ----------
        reason : str
            The reason of the rejection.
        rows : Sequence[int]
            The row numbers in the file; the first ten are enough where `count` is given.
        text : Callable[[int], str]
            Returns the values of the row at a position in `rows`.
        count : int, optional
            The number of rejected rows (default `len(rows)`).

        """
        rejection = self.rejected.setdefault(reason, Rejection())
        rejection.count += len(rows) if count is None else count
        room = EXAMPLES_KEPT - len(rejection.examples)
        rejection.examples.extend(
            RejectedRow(int(row), shortened(text(position), LONGEST_ROW))
            for position, row in enumerate(rows[:room])
        )

    def reading(self) -> list[str]:
        """Return lines on how the file was read, for comparison with its content."""
        lines = []
        if self.columns:
            used = ", ".join(
                header if header == ours else f"{ours} from {header}"
                for ours, header in self.columns.items()
            )
            unit = f"; times in {self.time_unit}" if self.time_unit else ""
            lines.append(f"read {used}{unit}")
        if self.skipped_columns:
            lines.append(f"skipped {', '.join(self.skipped_columns)}")
        if total := self.sides.total():
            bought, sold = (self.sides[side] / total for side in (BUYER, SELLER))
            none = self.sides[NO_SIDE] / total
            given = f"buyer {bought:.1%}, seller {sold:.1%}, none {none:.1%}"
            lines.append(f"sides of trades: {given if none < 1 else NO_SIDES}")
        return [shortened(f"{self.path.name}: {line}", LONGEST_LINE) for line in lines]

    def main_reason(self) -> str:
        """Return the most frequent reason with its first row, for a one-line error."""
        reason, rejection = max(self.rejected.items(), key=lambda item: item[1].count)
        example = rejection.examples[0]
        return f"{reason}: {rejection.count:,} rows, first row {example.row} ({example.text})"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """
    Represents the outcome of one import.

    Attributes
    ----------
    instrument_ids : tuple[str, ...]
        The instruments written.
    files : tuple[FileReport, ...]
        The counts of each input file.
    warnings : tuple[str, ...]
        Remarks about the import as a whole.
    repeats : int
        The rows dropped as repetitions of an earlier one.
    files_written, files_unchanged : int
        The catalog files that are new, and those that already held the same data.
    seconds : float
        The time taken.

    """

    instrument_ids: tuple[str, ...]
    files: tuple[FileReport, ...]
    warnings: tuple[str, ...]
    repeats: int
    files_written: int
    files_unchanged: int
    seconds: float

    @property
    def accepted(self) -> int:
        """Return the number of rows kept from all files."""
        return sum(file.accepted for file in self.files) - self.repeats

    @classmethod
    def of(
        cls,
        instrument_ids: Sequence[str],
        files: Sequence[FileReport],
        writes: Sequence[WriteReport],
        started: float,
        warnings: Sequence[str] = (),
    ) -> "IngestReport":
        """
        Combine the counts of the readers and the reports of the catalog writer.

        Parameters
        ----------
        instrument_ids : Sequence[str]
            The instruments written.
        files : Sequence[FileReport]
            The counts of the input files.
        writes : Sequence[WriteReport]
            The outcomes of the writes.
        started : float
            The value of `time.perf_counter()` at the start.
        warnings : Sequence[str]
            Remarks beyond those of the writer.

        Returns
        -------
        IngestReport

        """
        return cls(
            instrument_ids=tuple(instrument_ids),
            files=tuple(files),
            warnings=(*warnings, *(line for write in writes for line in write.warnings())),
            repeats=sum(write.repeats for write in writes),
            files_written=sum(write.files_written for write in writes),
            files_unchanged=sum(write.files_unchanged for write in writes),
            seconds=time.perf_counter() - started,
        )


def print_report(report: IngestReport, console: Console | None = None) -> None:
    """
    Print an import's counts, rejected rows and warnings.

    Parameters
    ----------
    report : IngestReport
        The outcome to print.
    console : Console, optional
        Where to print (default: standard output).

    """
    # Highlighting of text from files takes long on long lines.
    console = console or Console(file=sys.stdout, highlight=False)
    table = Table("file", "data", "rows", "kept", "rejected", "other symbols")
    table.columns[0].overflow = "fold"
    for column in table.columns[2:]:
        column.justify = "right"
    for file in report.files:
        counts = (file.rows, file.accepted, file.rejected_rows, file.other_symbols)
        table.add_row(escape(file.path.name), file.kind, *(f"{count:,}" for count in counts))
    console.print(table)
    for file in report.files:
        for line in file.reading():
            console.print(escape(line))
    for file in report.files:
        for reason, rejection in file.rejected.items():
            console.print(escape(f"{file.path.name}: {rejection.count:,} rejected, {reason}"))
            for example in rejection.examples:
                console.print(escape(f"  row {example.row}: {example.text}"), style="dim")
    for warning in (*(w for file in report.files for w in file.warnings), *report.warnings):
        console.print(escape(shortened(f"Warning: {warning}", LONGEST_LINE)), style="yellow")
    console.print(
        f"{', '.join(report.instrument_ids)}: {report.accepted:,} rows kept, "
        f"{report.files_written} catalog files written, {report.files_unchanged} unchanged, "
        f"{report.seconds:.1f} s",
    )
