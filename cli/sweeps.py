"""Commands that sweep the parameters of a system."""

import os
from pathlib import Path
from typing import Annotated
from typing import Any

import typer
from typer.core import TyperGroup

from cli.options import Overrides
from cli.options import System


SWEEPS = Path("sweeps")
HALF_THE_CORES = max(1, (os.cpu_count() or 2) // 2)


class _SystemFirst(TyperGroup):
    """Takes the name of a system for `run SYSTEM`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["run", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_SystemFirst, help="Many points of a system, judged honestly.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Option(help="Folder of all sweeps.")]


@app.command("run")
def sweep_run(
    system: System,
    param: Annotated[
        list[str] | None,
        typer.Option(help="KEY=2,3,4 or KEY=FIRST:LAST:STEP or KEY=true,false (repeatable)."),
    ] = None,
    method: Annotated[str, typer.Option(help="grid, random or tpe (Optuna).")] = "grid",
    budget: Annotated[int | None, typer.Option(help="The most points.")] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            help="sharpe (if left out), net, trades, win_rate, profit_factor, drawdown or average; "
            "repeatable for tpe, the first ranks.",
            show_default=False,
        ),
    ] = None,
    walk_forward: Annotated[
        str | None, typer.Option(help="Choose on the first, judge on the next: 30d/7d.")
    ] = None,
    anchored: Annotated[
        bool, typer.Option("--anchored", help="All parts to choose on begin with the window.")
    ] = False,
    embargo: Annotated[str, typer.Option(help="Left out between the two, like 4h.")] = "4h",
    warm_up: Annotated[str, typer.Option(help="Rows seen before each part, like 1d.")] = "1d",
    top: Annotated[int, typer.Option(help="The best shown, and run again by Nautilus.")] = 3,
    workers: Annotated[int, typer.Option(help="Processes.")] = HALF_THE_CORES,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler, like tcp://127.0.0.1:8786.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all chance.")] = 7,
    environment: Annotated[str, typer.Option(help="Name in configs/environments.")] = "backtest",
    overrides: Overrides = None,
    resume: Annotated[str | None, typer.Option(help="Go on with this sweep.")] = None,
    sweeps: Folder = SWEEPS,
) -> None:
    """Evaluate points of a system and judge the best of them."""
    from research.sweeps.command import run_sweep
    from research.sweeps.options import SweepOptions

    run_sweep(
        SweepOptions(
            system=system,
            environment=environment,
            overrides=tuple(overrides or ()),
            parameters=tuple(param or ()),
            method=method,
            budget=budget,
            objectives=tuple(objective or ("sharpe",)),
            walk_forward=walk_forward,
            anchored=anchored,
            embargo=embargo,
            warm_up=warm_up,
            top=top,
            workers=workers,
            scheduler=scheduler,
            seed=seed,
            folder=sweeps,
            resume=resume,
        )
    )


@app.command("list")
def sweep_list(sweeps: Folder = SWEEPS) -> None:
    """List the sweeps."""
    from research.sweeps.results import list_sweeps

    list_sweeps(sweeps)


@app.command("show")
def sweep_show(
    sweep: Annotated[str, typer.Argument(help="Its id.", metavar="SWEEP")],
    top: Annotated[int, typer.Option(help="The best shown.")] = 10,
    sweeps: Folder = SWEEPS,
) -> None:
    """Show the best points of a sweep."""
    from research.sweeps.results import show_sweep

    show_sweep(sweeps / sweep, top)


@app.command("export")
def sweep_export(
    sweep: Annotated[str, typer.Argument(help="Its id.", metavar="SWEEP")],
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, the only form.")] = True,
    sweeps: Folder = SWEEPS,
) -> None:
    """Write all points of a sweep to standard output."""
    from research.sweeps.results import export_sweep

    export_sweep(sweeps / sweep)
