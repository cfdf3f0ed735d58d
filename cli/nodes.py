"""Commands for live nodes: run, replay, control."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.options import RUNS
from cli.options import End
from cli.options import Overrides
from cli.options import Start
from cli.options import System
from errors import UsageError


def live(
    system: System,
    environment: Annotated[str, typer.Option(help="paper, shadow, live or dry_run.")],
    set_: Overrides = None,
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
    supervise: Annotated[
        bool, typer.Option("--supervise", help="Start the node again when it dies or hangs.")
    ] = False,
    heartbeat: Annotated[
        Path | None, typer.Option(help="Heartbeat file for a supervisor of the node.")
    ] = None,
    standby: Annotated[
        bool, typer.Option("--standby", hidden=True, help="Load, and wait for a line of input.")
    ] = False,
) -> None:
    """
    Run a system live. It observes until `auction control activate`.

    The token of the control channel comes from AUCTION_CONTROL_TOKEN, keys from BYBIT_API_KEY,
    BYBIT_API_SECRET and DATABENTO_API_KEY.
    """
    from live.live import run_live

    run_live(
        system,
        environment,
        set_ or [],
        runs,
        typer.echo,
        supervise=supervise,
        heartbeat=heartbeat,
        standby=standby,
    )


def replay(
    system: System,
    environment: Annotated[
        str, typer.Option(help="paper: simulated venue; live: the loopback venue.")
    ] = "paper",
    speed: Annotated[
        str, typer.Option(help="Seconds of the recording in one second, or `max`.")
    ] = "max",
    catalog: Annotated[Path | None, typer.Option(help="Folder of the Parquet catalog.")] = None,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
    runs: Annotated[Path, typer.Option(help="Folder that gets the run's folder.")] = RUNS,
) -> None:
    """Replay a recording through the live node by the venue's protocol, only on this machine."""
    from live.replay import run_replay

    try:
        factor = None if speed == "max" else float(speed)
    except ValueError:
        raise UsageError(f"--speed {speed}: use a positive number, or `max`") from None
    settings = [*(set_ or [])]
    if catalog is not None:
        settings.append(f"catalog={json.dumps(str(catalog))}")
    run_replay(system, environment, settings, runs, typer.echo, speed=factor, start=start, end=end)


def record(
    recorder: Annotated[
        str, typer.Argument(help="Name in configs/recorders, or a file.", metavar="RECORDER")
    ] = "default",
    set_: Overrides = None,
    heartbeat: Annotated[
        Path | None, typer.Option(help="Heartbeat file for a watchdog of the recorder.")
    ] = None,
) -> None:
    """
    Record live trades and quotes into a catalog, from which nodes warm up.

    A second recorder of the same catalog waits, and takes over without a loss when the first ends.
    """
    from live.record import run_record

    run_record(recorder, set_ or [], typer.echo, heartbeat)


def control(
    command: Annotated[
        str,
        typer.Argument(
            help="status, activate, deactivate, flatten, halt, resume, shutdown or set.",
            metavar="COMMAND",
        ),
    ],
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            help="For set: NAME=VALUE of parameters that may change while it runs.",
            metavar="[NAME=VALUE]...",
        ),
    ] = None,
    instrument: Annotated[
        str | None, typer.Option(help="For set: the instrument, like BTCUSDT-LINEAR.BYBIT.")
    ] = None,
    port: Annotated[int, typer.Option(help="Control port of the node.")] = 8712,
    token_variable: Annotated[
        str, typer.Option(help="Environment variable with the node's token.")
    ] = "AUCTION_CONTROL_TOKEN",
    trade: Annotated[
        str | None,
        typer.Option(
            help="flatten: close only this trade, by the id that `status` lists.", metavar="ID"
        ),
    ] = None,
) -> None:
    """Send a command to a running node, and print the resulting state as JSON."""
    from live.client import send
    from live.settings_command import settings_body

    body = settings_body(command, changes or [], instrument)
    typer.echo(json.dumps(send(command, port, token_variable, body, trade=trade), indent=2))
