"""Unattended operation: digests, the watchdog process, checks before a start."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import RUNS
from cli.options import Overrides
from cli.options import System
from errors import UsageError


Environment = Annotated[
    str | None, typer.Option(help="The environment of the node: paper, shadow or live.")
]


def digest(
    target: Annotated[
        str,
        typer.Argument(
            help="Run folder of a node, or a system with --environment.",
            metavar="RUN_FOLDER|SYSTEM",
        ),
    ],
    environment: Environment = None,
    date: Annotated[
        str | None, typer.Option(help="Date of the session; the last one that is over.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Deliver it to the receivers of alerts, once a date.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --send: also if it was sent before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    set_: Overrides = None,
    runs: Annotated[Path, typer.Option(help="Folder of the node's runs.")] = RUNS,
) -> None:
    """
    Print the digest of a date from the journal of a node, which may be dead.

    It holds result, trades, refusals by reason, market states, alerts and health. Only the journal
    is read, and nothing is written to it.
    """
    from live.operations.digest_command import print_digest

    if again and not send:
        raise UsageError("--again is an option of --send")
    print_digest(
        target,
        environment,
        set_ or [],
        runs,
        typer.echo,
        date=date,
        sends=send,
        again=again,
        as_json=as_json,
    )


def watchdog(
    system: System,
    environment: Annotated[str, typer.Option(help="paper, shadow, live or dry_run.")],
    set_: Overrides = None,
    check_interval: Annotated[
        float,
        typer.Option(
            help="Time between two checks (s).", envvar="WATCHDOG_CHECK_INTERVAL", min=1.0
        ),
    ] = 60.0,
    stale_minutes: Annotated[
        float,
        typer.Option(
            help="Age of the last sign of life (min).", envvar="HEARTBEAT_STALE_MINUTES", min=0.1
        ),
    ] = 5.0,
    tick_age: Annotated[
        float, typer.Option(help="Age of the last quote in a session (s).", min=1.0)
    ] = 60.0,
    memory_percent: Annotated[
        float,
        typer.Option(
            help="Memory in use (%).", envvar="MEMORY_WARNING_PERCENT", min=1.0, max=100.0
        ),
    ] = 85.0,
    disk_mb: Annotated[
        float, typer.Option(help="Least free disk (MB).", envvar="DISK_CRITICAL_MB", min=0.0)
    ] = 500.0,
) -> None:
    """
    Watch a node from a process of its own, with the settings that the node was started with.

    It reads the health file of the node beside its journal, and reports a node that is gone or
    silent, stale quotes, lost connections, memory and disk to the receivers of alerts; a status at
    the start of the session and a summary at its end.
    """
    from configs.live import load_live
    from live.operations.watchdog_process import run_watchdog
    from live.operations.watchdog_rules import WatchdogLimits

    limits = WatchdogLimits(
        stale_minutes=stale_minutes,
        tick_age_s=tick_age,
        memory_percent=memory_percent,
        disk_mb=disk_mb,
    )
    run_watchdog(load_live(system, environment, set_ or []), limits, check_interval, typer.echo)


def preflight(
    system: System,
    environment: Annotated[str, typer.Option(help="paper, shadow, live or dry_run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    set_: Overrides = None,
) -> None:
    """
    Check everything that a node needs before it is started; exit code 1 if a check fails.

    Configuration, credentials, contracts, connection to the venue (30 s), instruments, kill switch,
    a test message to the receivers of alerts, journal, state, control port, calendar, clock, and
    catalog. A running node and its journal are not touched.
    """
    from live.preflight.command import print_preflight

    if not print_preflight(system, environment, set_ or [], typer.echo, as_json=as_json):
        raise typer.Exit(1)
