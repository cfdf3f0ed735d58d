"""The arguments of a sweep, checked before anything is evaluated."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from configs.loader import RunConfig
from errors import UsageError
from research.evaluator.evaluator import FastEvaluator
from research.points import PointConfig
from research.sweeps.folds import Fold
from research.sweeps.folds import folds_of
from research.sweeps.folds import parse_length
from research.sweeps.folds import parse_walk_forward
from research.sweeps.space import Parameter
from research.sweeps.trials import FIGURES


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """
    Represents the arguments of a sweep.

    Attributes
    ----------
    system, environment : str
        As `configs.loader.load_backtest` takes them.
    overrides : tuple[str, ...]
        The same, for all points.
    parameters : tuple[str, ...]
        The parameters as they are written.
    method : str
        `grid`, `random` or `tpe`.
    budget : int or None
        How many points.
    objectives : tuple[str, ...]
        The figures that are to be large, small for a drawdown; the first ranks the points.
    walk_forward : str or None
        Like `30d/7d`.
    anchored : bool
        If the parts to choose on all begin with the window.
    embargo, warm_up : str
        Like `4h`.
    top : int
        How many of the best are shown, and run again by Nautilus.
    workers : int
        The processes.
    scheduler : str or None
        The address of a cluster.
    seed : int
        The seed of all chance.
    folder : Path
        The folder of all sweeps.
    resume : str or None
        The id of a sweep to go on with.

    """

    system: str
    environment: str
    overrides: tuple[str, ...]
    parameters: tuple[str, ...]
    method: str
    budget: int | None
    objectives: tuple[str, ...]
    walk_forward: str | None
    anchored: bool
    embargo: str
    warm_up: str
    top: int
    workers: int
    scheduler: str | None
    seed: int
    folder: Path
    resume: str | None


def check_options(options: SweepOptions) -> None:
    if not options.parameters:
        raise UsageError("--param: name at least one, like --param risk_pct=0.005,0.01")
    for name, value, least in (
        ("--top", options.top, 1),
        ("--workers", options.workers, 1),
        ("--seed", options.seed, 0),
        ("--budget", 1 if options.budget is None else options.budget, 1),
    ):
        if value < least:
            raise UsageError(f"{name} {value}: at least {least}")
    for objective in options.objectives:
        if objective not in FIGURES:
            raise UsageError(f"--objective {objective}: choose one of {', '.join(FIGURES)}")


def pairs_of(overrides: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {text}: must be of the form dotted.key=value")
        found[key] = value
    return found


def check_values(base: PointConfig, parameters: Sequence[Parameter]) -> None:
    for parameter in parameters:
        for value in parameter.values:
            base.run({parameter.key: value})


def folds_of_options(options: SweepOptions, evaluator: FastEvaluator) -> list[Fold]:
    return folds_of(
        evaluator.window(),
        parse_walk_forward(options.walk_forward or ""),
        parse_length(options.embargo, "--embargo"),
        parse_length(options.warm_up, "--warm-up"),
        anchored=options.anchored,
    )


def parts_of(folds: Sequence[Fold]) -> tuple[Any, ...]:
    return tuple(
        item
        for fold in folds
        for item in (
            (f"{fold.number} chosen", fold.chosen_on),
            (f"{fold.number} judged", fold.judged_on),
        )
    )


def settings_of(
    options: SweepOptions, run: RunConfig, parameters: Sequence[Parameter]
) -> dict[str, Any]:
    return {
        "system": run.system,
        "environment": options.environment,
        "overrides": list(options.overrides),
        "parameters": {parameter.key: list(parameter.values) for parameter in parameters},
        "method": options.method,
        "budget": options.budget,
        "objectives": list(options.objectives),
        "walk_forward": options.walk_forward,
        "anchored": options.anchored,
        "embargo": options.embargo,
        "warm_up": options.warm_up,
        "seed": options.seed,
        "instruments": list(run.instrument_ids),
        "data": data_key(run),
        "configuration": run.document,
    }


def data_key(run: RunConfig) -> str:
    text = f"{run.catalog.resolve()} {' '.join(run.instrument_ids)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def new_id(run: RunConfig, settings: dict[str, Any]) -> str:
    digest = hashlib.sha256(repr(settings).encode()).hexdigest()[:6]
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{run.system}-{digest}"
