"""The study of the verdict on sweeps."""

from typing import Annotated

import typer


def study(
    markets: Annotated[int, typer.Option(help="Markets of each row, seeds from 1 on.")] = 200,
    trials: Annotated[int, typer.Option(help="Trials of each sweep.")] = 50,
    days: Annotated[
        list[int] | None, typer.Option(help="Length; repeatable; 90, 180, 365 by default.")
    ] = None,
    edge: Annotated[
        list[float] | None,
        typer.Option(help="Sharpe ratio a year that is planted; repeatable; 4, 8, 12 by default."),
    ] = None,
) -> None:
    """
    Study how often the verdict on a sweep finds a planted edge, and one that is not there.

    The markets are synthetic hourly returns; docs/research.md shows and explains the table.
    """
    from research.power.command import StudyOptions
    from research.power.command import run_study

    run_study(
        StudyOptions(markets, trials, tuple(days or (90, 180, 365)), tuple(edge or (4, 8, 12)))
    )
