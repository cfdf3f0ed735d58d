"""Backtests, features, reports and the comparison of runs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.options import CATALOG
from cli.options import RUNS
from cli.options import Catalog
from cli.options import End
from cli.options import Overrides
from cli.options import Start
from cli.options import System
from errors import UsageError


def backtest(
    system: System,
    catalog: Annotated[Path | None, typer.Option(help="Folder of the Parquet catalog.")] = None,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
    environment: Annotated[str, typer.Option(help="Name in configs/environments.")] = "backtest",
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
    pessimistic: Annotated[
        bool, typer.Option("--pessimistic", help="Cautious market assumptions.")
    ] = False,
    optimistic: Annotated[
        bool, typer.Option("--optimistic", help="The best market assumptions to hope for.")
    ] = False,
    single: Annotated[
        bool, typer.Option("--single", help="No second run under the pessimistic assumptions.")
    ] = False,
    days: Annotated[
        str | None,
        typer.Option(help="Days of trading, like 2025-07-01..2025-11-28 or 2025-07-01,2025-07-03."),
    ] = None,
) -> None:
    """
    Run a system over a catalog and write a run folder with a report.

    The same run under the pessimistic assumptions is computed as well, and the report compares the
    figures of both. With --days each range of days has a run of its own, which goes on from the
    balance and the state of the range before and is warm from the days before where the catalog has
    them; only the chosen assumptions are run.
    """
    from backtests.preflight import check_runs_folder
    from backtests.results.summary_table import print_summary
    from backtests.scenarios import compared_with
    from backtests.scenarios import run_compared
    from configs.loader import load_backtest
    from configs.preset import DEFAULT

    if pessimistic and optimistic:
        raise UsageError("--pessimistic and --optimistic exclude each other: choose one")
    preset = "pessimistic" if pessimistic else "optimistic" if optimistic else DEFAULT

    window = {"catalog": catalog, "start": start, "end": end}
    options = [
        f"{key}={json.dumps(str(value), ensure_ascii=False)}"
        for key, value in window.items()
        if value is not None
    ]
    settings = [*(set_ or []), *options]
    if days is not None:
        from backtests.batch.command import run_days

        check_runs_folder(runs)
        run_days(system, environment, settings, preset, days, runs)
        return
    run = load_backtest(system, environment, settings, preset)
    check_runs_folder(runs)
    others = [
        load_backtest(system, environment, settings, name)
        for name in (() if single else compared_with(preset))
    ]
    print_summary(*run_compared(run, others, runs))


def random_walk(
    system: System,
    walks: Annotated[int, typer.Option(help="Number of markets, seeds from 1 on.")] = 8,
    days: Annotated[int, typer.Option(help="Trading days of each from 5 January 2026 on.")] = 5,
    beside: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a run to compare (repeatable).", metavar="RUN"),
    ] = None,
    set_: Overrides = None,
    environment: Annotated[str, typer.Option(help="Name in configs/environments.")] = "backtest",
    processes: Annotated[int, typer.Option(help="Runs at a time.")] = 1,
) -> None:
    """
    Run a system on driftless random walks: what it earns there is chance and costs.

    The markets have the hours, spreads and orders of the sample. A run whose trades do not differ
    from those on the walks has shown nothing.
    """
    from backtests.random_walks import Walks
    from backtests.random_walks import report_random_walks

    report_random_walks(
        Walks(system, environment, tuple(set_ or ()), walks, days), beside or (), processes
    )


def parity(
    run_a: Annotated[Path, typer.Argument(help="Folder of a run.", metavar="RUN_A")],
    run_b: Annotated[Path, typer.Argument(help="Folder of another.", metavar="RUN_B")],
) -> None:
    """Show the first difference of two runs of one stretch; exit code 1 if it is significant."""
    from backtests.results.parity import print_parity

    if not print_parity(run_a, run_b, typer.echo):
        raise typer.Exit(1)


def certify(
    run: Annotated[Path, typer.Argument(help="Folder of a node's run, or of runs.", metavar="RUN")],
    catalog: Annotated[
        Path | None, typer.Option(help="The recording; by default that of the run.")
    ] = None,
    lookback_minutes: Annotated[
        int | None,
        typer.Option(
            help="How long features differ after a start or a gap; by default the history that "
            "the actors need."
        ),
    ] = None,
) -> None:
    """
    Replay the recorded data of a run, compare, and write a certificate; exit code 1 if it fails.

    A folder of runs: each that has decided something since its last certificate.
    AUCTION_CERTIFICATE_KEY, or the file that AUCTION_CERTIFICATE_KEY_FILE names, signs them.
    """
    from live.certify import run_certify
    from live.certify_folder import certify_folder
    from live.certify_folder import holds_runs

    if not run.is_dir():
        raise UsageError(f"{run}: no such folder")
    certify_all = certify_folder if holds_runs(run) else run_certify
    if not certify_all(run, catalog, lookback_minutes, typer.echo):
        raise typer.Exit(1)


def features(
    system: System,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    catalog: Catalog = CATALOG,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
) -> None:
    """Compute the minute features of a system from the catalog."""
    from backtests.system_features import write_system_features

    rows, notes = write_system_features(system, catalog, out, start, end, set_ or [])
    typer.echo(f"{rows:,} minutes written to {out}")
    for note in notes:
        typer.echo(note)


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folder of a run, or several.", metavar="RUN")],
    out: Annotated[
        Path | None,
        typer.Option(help="Page of a comparison; comparison.html beside the first run."),
    ] = None,
    diagnostics: Annotated[
        bool, typer.Option("--diagnostics", help="Write the CSV files that the system exports.")
    ] = False,
    by_month: Annotated[
        bool,
        typer.Option("--by-month", help="Write equity and trades of each month in New York."),
    ] = False,
) -> None:
    """
    Rewrite the report.html of a run and print its result, or compare several runs.

    For the run of a node: print a summary, and write its tables as Parquet files.
    """
    from backtests.reporting import report_diagnostics
    from backtests.reporting import report_months
    from backtests.reporting import report_runs

    if not (diagnostics or by_month):
        report_runs(runs, out)
        return
    lines = report_diagnostics(runs, out) if diagnostics else []
    for line in [*lines, *(report_months(runs, out) if by_month else [])]:
        typer.echo(line)


def stress(
    runs: Annotated[list[Path], typer.Argument(help="Folder of a run, or several.", metavar="RUN")],
    ticks: Annotated[
        list[float] | None,
        typer.Option(help="Further slippage of each fill (repeatable); 1, 1.5 and 2 by default."),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Paths of the Monte Carlo test.")] = 1_000,
    seed: Annotated[int, typer.Option(help="Seed of the Monte Carlo test.")] = 7,
    ruin: Annotated[float, typer.Option(help="Loss from the start that ruins a path.")] = 5_000.0,
    balance: Annotated[
        str | None,
        typer.Option(help="Balance before the first trade, for the capital tiers; theirs if none."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of stress.json and stress.html; the first run's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """
    Test the closed trades of runs: costs, clock, streaks, drawdowns, chance, capital tiers.

    The trades of several runs are one list in the order of time. Those of one run become a section
    of its report as well.
    """
    from research.stress.command import stress_runs

    stress_runs(
        runs,
        out,
        ticks=ticks or (),
        iterations=iterations,
        seed=seed,
        ruin=ruin,
        balance=balance,
        as_json=as_json,
    )
