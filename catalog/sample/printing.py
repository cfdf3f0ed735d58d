"""Prints a summary of the sample market."""

from dataclasses import fields

from rich.console import Console
from rich.table import Table

from catalog.layout import QUOTES
from catalog.layout import TRADES
from catalog.layout import utc_text
from catalog.sample.stated import STATED_MARKETS
from catalog.sample.statistics import MarketStatistics
from catalog.sample.writing import SampleReport


def print_sample(report: SampleReport, console: Console | None = None) -> None:
    """
    Print rows, period and statistics of each market beside the stated ranges of two days.

    Parameters
    ----------
    report : SampleReport
        The result of `write_sample`.
    console : Console, optional
        Where to print, standard output if None.

    """
    console = console or Console()
    kind = "driftless random walk" if report.is_random_walk else "sample market"
    console.print(f"Synthetic {kind}, seed {report.seed}: generated, never traded.")
    for market in report.markets:
        written, stated = market.written, STATED_MARKETS[market.instrument_id]
        state = "written" if written.files_written else "in the catalog already, left as it was"
        console.print(
            f"\n{market.instrument_id}: {written.rows[TRADES]:,} trades and "
            f"{written.rows[QUOTES]:,} quotes, {utc_text(written.start_ns)[:16]} to "
            f"{utc_text(written.end_ns)[:16]} UTC, {state}",
        )
        console.print(f"Hours: {stated.hours}. Modelled on: {stated.source}.", soft_wrap=True)
        table = Table(box=None, pad_edge=False)
        for name, justify in (
            ("statistic", "left"),
            ("measured", "right"),
            ("two days of the sample", "right"),
        ):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        for field in fields(MarketStatistics):
            low, high = stated.ranges[field.name]
            table.add_row(
                field.name.replace("_", " "),
                f"{getattr(market.statistics, field.name):.4g}",
                f"{low:g} to {high:g}",
            )
        console.print(table)
        played = ", ".join(f"{name} {count}" for name, count in sorted(market.scenes.items()))
        console.print(f"Scenes: {played}")
