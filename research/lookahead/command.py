"""The command `auction lookahead`: does a system see what comes later?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.progress import show_progress
from backtests.history import history_begin
from catalog.layout import TICK_TYPES
from catalog.layout import data_files
from catalog.layout import utc_text
from catalog.sample import write_sample
from catalog.sample.markets import find_markets
from configs.loader import RunConfig
from errors import UsageError
from research.evaluation import Evaluation
from research.lookahead.check import Comparison
from research.lookahead.check import check_later_data
from research.lookahead.check import compare_reasons
from research.lookahead.check import compared_from
from research.lookahead.check import cuts_of
from research.nautilus_evaluator import NautilusEvaluator
from research.points import PointConfig


MOST_CUTS = 100
# Sample days: the second session of a future needs the levels of the first.
SAMPLE_DAYS = 2
COPIED = "Copied are trades and quotes; bars, funding rates and other data are in none of the runs."
REASONS = (
    "Shorter warm-ups: the reasons of decisions in the last third of the window; actions depend on "
    "the open trade and the balance."
)


@dataclass(frozen=True, kw_only=True)
class LookaheadOptions:
    """
    Represents the arguments of the command.

    Attributes
    ----------
    system, environment : str
        As `configs.loader.load_backtest` takes them.
    overrides : tuple[str, ...]
        `dotted.key=value`.
    catalog : Path or None
        The catalog; a sample market of two days if None.
    start, end : str or None
        The window; all data if None.
    cuts, seed : int
        How many cuts, and the seed of their times.

    """

    system: str
    environment: str
    overrides: tuple[str, ...]
    catalog: Path | None
    start: str | None
    end: str | None
    cuts: int
    seed: int


def run_lookahead(options: LookaheadOptions, console: Console | None = None) -> bool:
    """
    Search a system for look-ahead and print what was compared; return True if none was found.

    Raises
    ------
    UsageError
        If an argument is wrong, or the window has no trades and quotes.
    AuctionError
        If a run fails, or the runs show nothing.

    """
    if not 1 <= options.cuts <= MOST_CUTS:
        raise UsageError(f"--cuts {options.cuts}: 1 to {MOST_CUTS}")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: zero or more")
    base = _base(options)
    run = base.run({})
    with TemporaryDirectory() as name, _source(options.catalog, run, Path(name)) as source:
        window = _window(source, run)
        need = history_begin(run.document["actors"], compared_from(window))
        starts = [] if need <= window[0] else sorted({need, (need + window[0]) // 2})
        nautilus = NautilusEvaluator(base)
        with show_progress("running", 1 + options.cuts + len(starts)) as advance:

            def evaluate(catalog: Path, window: tuple[int, int]) -> Evaluation:
                found = nautilus.evaluate({"catalog": json.dumps(str(catalog))}, window)
                advance(1)
                return found

            cuts = cuts_of(window, options.cuts, options.seed)
            copies = Path(name) / "copies"
            reference, later_data = check_later_data(
                evaluate, source, run.instrument_ids, window, cuts, copies
            )
            since = compared_from(window)
            warm_ups = [
                compare_reasons(
                    at, since, reference, evaluate(copies / "unchanged", (at, window[1]))
                )
                for at in starts
            ]
    _print(console or Console(highlight=False), run, window, later_data, warm_ups)
    return all(row.difference is None for row in (*later_data, *warm_ups))


def _base(options: LookaheadOptions) -> PointConfig:
    found: dict[str, str] = {}
    for text in options.overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {text}: must be of the form dotted.key=value")
        found[key] = value
    for key in ("catalog", "start", "end"):
        value = getattr(options, key)
        if value is not None:
            found[key] = json.dumps(str(value), ensure_ascii=False)
    return PointConfig(options.system, options.environment, found)


@contextmanager
def _source(catalog: Path | None, run: RunConfig, folder: Path) -> Iterator[Path]:
    if catalog is not None:
        yield catalog
        return
    find_markets(run.instrument_ids)
    write_sample(folder / "sample", days=SAMPLE_DAYS, instruments=run.instrument_ids)
    yield folder / "sample"


def _window(source: Path, run: RunConfig) -> tuple[int, int]:
    files = [
        file
        for instrument_id in run.instrument_ids
        for data_type in TICK_TYPES
        for file in data_files(source, data_type, instrument_id)
    ]
    if not files:
        raise UsageError(f"catalog {source}: no trades and no quotes of the system's instruments")
    first, last = min(file.start_ns for file in files), max(file.end_ns for file in files) + 1
    start = first if run.start_ns is None else max(first, run.start_ns)
    end = last if run.end_ns is None else min(last, run.end_ns)
    if start >= end:
        raise UsageError(f"no data between --start and --end: the catalog ends {utc_text(last)}")
    return start, end


def _print(
    console: Console,
    run: RunConfig,
    window: tuple[int, int],
    later_data: list[Comparison],
    warm_ups: list[Comparison],
) -> None:
    title = f"{run.system}  {', '.join(run.instrument_ids)}"
    console.print(Text(title, style="bold"))
    console.print(Text(f"{utc_text(window[0])} to {utc_text(window[1])}"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Check", "Time, UTC", "Decisions", "Fills", "Result"):
        table.add_column(heading, justify="right" if heading in ("Decisions", "Fills") else "left")
    for name, rows in (("other data after", later_data), ("begun later", warm_ups)):
        for row in rows:
            fills = f"{row.fills:,}" if rows is later_data else "-"
            result = "equal" if row.difference is None else "different"
            if not row.decisions:
                result = "no decision"
            table.add_row(name, utc_text(row.ts_ns), f"{row.decisions:,}", fills, result)
    console.print(table)
    for line in _lines(later_data, warm_ups):
        console.print(Text(line), soft_wrap=True)


def _lines(later_data: list[Comparison], warm_ups: list[Comparison]) -> Iterator[str]:
    for row in (*later_data, *warm_ups):
        if row.difference is not None:
            yield f"{utc_text(row.ts_ns)}: {row.difference}"
    found = sum(row.difference is not None for row in later_data)
    if found:
        yield f"Look-ahead: data after {found} of {len(later_data)} cuts change what came before."
    else:
        yield f"No look-ahead: nothing before {len(later_data)} of {len(later_data)} cuts changed."
    if not any(row.fills for row in later_data):
        yield "No fill lies before a cut: only decisions were compared."
    for row in warm_ups:
        if not row.decisions:
            yield f"Begun {utc_text(row.ts_ns)} it decides nothing: it needs earlier data as well."
    if not warm_ups:
        yield "Warm-ups were not compared: the window is shorter than the history the actors need."
    elif any(row.difference is not None for row in warm_ups):
        yield "The history that the actors state does not make the system warm."
    yield COPIED
    if warm_ups:
        yield REASONS
