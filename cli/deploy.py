"""Deployment of nodes as services."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.options import RUNS
from cli.options import Overrides
from cli.options import System


app = typer.Typer(help="Deploy a node as services.", no_args_is_help=True)


@app.callback()
def deploy() -> None:
    """Deploy a node as services."""


@app.command()
def systemd(
    system: System,
    environment: Annotated[str, typer.Option(help="paper, shadow, live or dry_run.")],
    secrets: Annotated[
        Path, typer.Option(help="Folder with a file for each secret, named as its variable.")
    ],
    of_system: Annotated[
        bool,
        typer.Option("--system/--user", help="Services of the system, or of your own user."),
    ] = False,
    run_as: Annotated[
        str, typer.Option(help="With --system: the user of the services.")
    ] = "auction",
    directory: Annotated[
        Path, typer.Option(help="Folder in which the node runs: catalog, journal, runs.")
    ] = Path(),
    runs: Annotated[Path, typer.Option(help="Folder of the node's runs.")] = RUNS,
    recorder: Annotated[
        str | None, typer.Option(help="Deploy `auction record RECORDER` as well.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the units, instead of systemd's.")
    ] = None,
    set_: Overrides = None,
) -> None:
    """
    Write hardened systemd units: node under its supervisor, watchdog, digest timer, recorder.

    Secrets are handed over by LoadCredential. Nothing is started; the commands for that are shown.
    """
    from live.deploy.command import deploy_systemd

    deploy_systemd(
        system,
        environment,
        set_ or [],
        typer.echo,
        sys.stdin.readline,
        directory=directory,
        runs=runs,
        secrets=secrets,
        recorder=recorder,
        user=run_as if of_system else None,
        out=out,
    )
