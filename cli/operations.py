"""Unattended operation: digests, the watchdog process, checks before a start."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import RUNS
from cli.options import Overrides
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
