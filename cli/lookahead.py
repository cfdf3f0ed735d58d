"""The search for look-ahead."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import End
from cli.options import Overrides
from cli.options import Start
from cli.options import System


def lookahead(
    system: System,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Folder of the Parquet catalog; by default two days of the sample."),
    ] = None,
    start: Start = None,
    end: End = None,
    set_: Overrides = None,
    environment: Annotated[str, typer.Option(help="Name in configs/environments.")] = "backtest",
    cuts: Annotated[int, typer.Option(help="Number of random times.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of these times.")] = 1,
) -> None:
    """
    Check that later data change no earlier decision or fill; exit code 1 if they do.

    After random times trades and quotes are altered, dropped and inserted, and each run is compared
    with the first one before the time. Runs that begin later must see the same signals once warm.
    """
    from research.lookahead.command import LookaheadOptions
    from research.lookahead.command import run_lookahead

    options = LookaheadOptions(
        system=system,
        environment=environment,
        overrides=tuple(set_ or ()),
        catalog=catalog,
        start=start,
        end=end,
        cuts=cuts,
        seed=seed,
    )
    if not run_lookahead(options):
        raise typer.Exit(1)
