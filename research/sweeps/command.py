"""The command `auction sweep`: many points of a system, and an honest word on the best."""

import hashlib
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from rich.console import Console
from rich.text import Text

from errors import AuctionError
from errors import UsageError
from research.evaluator.evaluator import FastEvaluator
from research.evaluator.evaluator import why_not
from research.points import PointConfig
from research.sweeps.jobs import Plan
from research.sweeps.jobs import run_batch
from research.sweeps.jobs import workers
from research.sweeps.options import SweepOptions
from research.sweeps.options import check_options
from research.sweeps.options import check_values
from research.sweeps.options import data_key
from research.sweeps.options import folds_of_options
from research.sweeps.options import new_id
from research.sweeps.options import pairs_of
from research.sweeps.options import parts_of
from research.sweeps.options import settings_of
from research.sweeps.progress import SweepProgress
from research.sweeps.registry import Registry
from research.sweeps.results import show_results
from research.sweeps.sampling import make_sampler
from research.sweeps.space import parse_parameter
from research.sweeps.store import SweepStore
from research.sweeps.trials import Trial


MARKETS = ("default", "pessimistic")


def run_sweep(options: SweepOptions) -> None:
    """
    Evaluate the points of a sweep, keep them, run the best again by Nautilus, and print them.

    Raises
    ------
    UsageError
        If an argument is wrong; nothing is evaluated then.
    AuctionError
        If the data cannot serve the sweep, all points fail, or Nautilus finds another result.

    """
    check_options(options)
    base = PointConfig(options.system, options.environment, pairs_of(options.overrides))
    run = base.run({})
    parameters = [parse_parameter(text, run.document) for text in options.parameters]
    sampler, count = make_sampler(
        options.method, parameters, options.budget, options.objectives, options.seed
    )
    check_values(base, parameters)
    reason = why_not(run)
    if reason is not None and options.walk_forward is not None:
        raise UsageError(f"--walk-forward: needs the evaluator, which cannot run this: {reason}")
    cache = options.folder / "cache"
    folds = (
        []
        if options.walk_forward is None
        else folds_of_options(options, FastEvaluator(base, cache))
    )
    plan = Plan(base, cache, MARKETS, parts_of(folds), reason is None)
    settings = settings_of(options, run, parameters)
    sweep_id = options.resume or new_id(run, settings)
    store = SweepStore(options.folder / sweep_id)
    known = known_trials(store, settings) if options.resume else {}
    store.write_settings(settings)
    console = Console(highlight=False)
    if reason is not None:
        text = f"Each point is a backtest by Nautilus: the evaluator cannot run it: {reason}"
        console.print(Text(text), soft_wrap=True)
    trials: list[Trial] = []
    progress = SweepProgress(count, options.objectives[0])
    registry, key = Registry(options.folder), data_key(run)
    # The values that are not swept make a point another one as well.
    configuration = hashlib.sha256(repr(run.document).encode()).hexdigest()[:12]
    with workers(options.workers, options.scheduler) as executor:
        try:
            for batch in sampler.batches():
                numbered = list(enumerate(batch, len(trials) + 1))
                found = list(_evaluated(executor, plan, numbered, known, progress))
                trials += found
                sampler.learn(found)
                store.write(trials)
                registry.add(run.system, key, sweep_id, found, configuration)
        except KeyboardInterrupt:
            raise AuctionError(
                f"interrupted: {len(trials)} of {count} points are kept: go on with "
                f"--resume {sweep_id}"
            ) from None
    progress.end()
    show_results(console, options, plan, run, parameters, folds, trials, store, registry)


def known_trials(store: SweepStore, settings: dict[str, Any]) -> dict[str, Trial]:
    before = store.settings()
    names = ("budget", "configuration")
    differing = [n for n in settings if n not in names and before.get(n) != settings[n]]
    if differing:
        raise UsageError(
            f"--resume {store.folder.name}: was begun with another {', '.join(differing)}"
        )
    return {repr(trial.point): trial for trial in store.read() if not trial.error}


def _evaluated(
    executor: Executor,
    plan: Plan,
    batch: Sequence[tuple[int, dict[str, Any]]],
    known: dict[str, Trial],
    progress: SweepProgress,
) -> Iterator[Trial]:
    missing = [(number, point) for number, point in batch if repr(point) not in known]
    fresh = run_batch(executor, plan, missing)
    for number, point in batch:
        kept = known.get(repr(point))
        if kept is None:
            trial = next(fresh)
        else:
            trial = Trial(number, point, kept.results, kept.error, kept.seconds)
        progress.add(trial)
        yield trial
