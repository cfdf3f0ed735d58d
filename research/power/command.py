"""The command `auction study`: power and false edges of the verdict on sweeps."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.progress import show_progress
from errors import UsageError
from research.power.study import Verdicts
from research.power.study import verdicts
from research.power.synthetic import SyntheticMarket
from research.statistics.selection import NEEDED


MOST_MARKETS = 10_000
MOST_TRIALS = 10_000
NOTES = (
    "Synthetic hourly returns: no market, no orders, no costs. An edge is the Sharpe ratio a year "
    "of five neighbouring trials; 0 is none, and what passes there is a false edge.",
    f"A best trial passes with a deflated Sharpe ratio above {NEEDED}.",
)


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """
    Represents the arguments of a study.

    Attributes
    ----------
    markets, trials : int
        The markets of each row (seeds from 1 on), and the trials of each sweep.
    days : tuple[int, ...]
        The lengths.
    edges : tuple[float, ...]
        The sizes of the planted edge (Sharpe ratio a year).

    """

    markets: int
    trials: int
    days: tuple[int, ...]
    edges: tuple[float, ...]


def run_study(options: StudyOptions, console: Console | None = None) -> None:
    """
    Print how often the verdict on a sweep finds a planted edge, and how often one without it.

    Raises
    ------
    UsageError
        If an argument is out of range.

    """
    _check(options)
    rows: list[tuple[int, float, Verdicts]] = []
    cases = [(days, edge) for days in options.days for edge in (0.0, *options.edges)]
    with show_progress("markets", len(cases) * options.markets) as advance:
        for days, edge in cases:
            market = SyntheticMarket(days, options.trials, edge)
            rows.append((days, edge, verdicts(market, range(1, options.markets + 1))))
            advance(options.markets)
    console = console or Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Days", "Edge", "Passed", "Of markets", "95 %"):
        table.add_column(heading, justify="right")
    for days, edge, found in rows:
        low, high = (f"{100 * bound:.1f}" for bound in found.interval())
        share = f"{100 * found.share:.1f} %"
        table.add_row(str(days), f"{edge:g}", share, str(found.markets), f"{low} to {high} %")
    console.print(Text(f"Sweeps of {options.trials} trials", style="bold"))
    console.print(table)
    for line in (*_lines(rows), *NOTES):
        console.print(Text(line), soft_wrap=True)


def _check(options: StudyOptions) -> None:
    for name, value, least, most in (
        ("--markets", options.markets, 20, MOST_MARKETS),
        ("--trials", options.trials, 5, MOST_TRIALS),
        *(("--days", days, 2, 3_650) for days in options.days),
    ):
        if not least <= value <= most:
            raise UsageError(f"{name} {value}: {least} to {most:,}")
    for edge in options.edges:
        if not 0 < edge <= 100:
            raise UsageError(f"--edge {edge:g}: above 0, at most 100")


def _lines(rows: list[tuple[int, float, Verdicts]]) -> list[str]:
    lines = []
    for length, _, driftless in (row for row in rows if row[1] == 0):
        noise = driftless.markets - driftless.edges
        lines.append(
            f"{length} days: in {noise} of {driftless.markets} markets without an edge no winner "
            "passed."
        )
    return lines
