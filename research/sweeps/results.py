"""What a sweep prints, writes as a page, and exports."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from backtests.report.figures import SYNTHETIC_NOTICE
from backtests.report.whole_files import whole_files
from catalog.contents import data_quality
from catalog.layout import TICK_TYPES
from configs.loader import RunConfig
from errors import AuctionError
from errors import UsageError
from research.evaluation import difference
from research.evaluator.evaluator import FastEvaluator
from research.nautilus_evaluator import NautilusEvaluator
from research.sweeps.folds import Fold
from research.sweeps.jobs import Plan
from research.sweeps.judgement import judge
from research.sweeps.judgement import plateau_of
from research.sweeps.judgement import walk_forward
from research.sweeps.options import SweepOptions
from research.sweeps.options import data_key
from research.sweeps.page import render_sweep
from research.sweeps.registry import Registry
from research.sweeps.space import Parameter
from research.sweeps.store import SweepStore
from research.sweeps.tables import best_table
from research.sweeps.tables import fold_table
from research.sweeps.tables import judgement_table
from research.sweeps.trials import FIGURES
from research.sweeps.trials import Trial
from research.sweeps.trials import as_text
from research.sweeps.trials import better
from research.tables import TextTable
from research.tables import print_tables


PAGE = "sweep.html"


def show_results(
    console: Console,
    options: SweepOptions,
    plan: Plan,
    run: RunConfig,
    parameters: Sequence[Parameter],
    folds: Sequence[Fold],
    trials: Sequence[Trial],
    store: SweepStore,
    registry: Registry,
) -> None:
    valid = [trial for trial in trials if not trial.error]
    if not valid:
        raise AuctionError(f"all {len(trials)} points failed; the first: {trials[0].error}")
    objective = options.objectives[0]
    ranked = sorted(valid, key=lambda t: better(objective, t.figure(objective, "default")))
    best = ranked[::-1][: options.top]
    if plan.is_fast:
        prove(plan, best)
    tried = registry.tried(run.system, data_key(run))
    judgement = judge(best[0], valid, tried, options.seed)
    currency = _currency(run)
    plateaus = [plateau_of(trial, valid, parameters) for trial in best]
    tables = [
        best_table(best, plateaus, valid, len(folds), currency),
        judgement_table(judgement),
        fold_table(walk_forward(valid, folds, objective), currency),
    ]
    failed = [trial for trial in trials if trial.error]
    if failed:
        note = f"{len(failed)} of {len(trials)} points failed; the first: {failed[0].error}"
        tables.append(TextTable("Failed points", (), (), (note,)))
    labels = _labels(run, len(trials))
    for label in labels:
        console.print(Text(label), soft_wrap=True)
    print_tables(console, tables)
    title = f"Sweep of {run.system}"
    with whole_files(store.folder) as staged:
        page = render_sweep(title, labels, tables, parameters, valid)
        (staged / PAGE).write_text(page, encoding="utf-8", newline="\n")
    console.print()
    console.print(Text(f"Page: {store.folder / PAGE}"), soft_wrap=True)


def prove(plan: Plan, best: Sequence[Trial]) -> None:
    fast, reference = FastEvaluator(plan.base, plan.cache), NautilusEvaluator(plan.base)
    for trial in best:
        found = difference(fast.evaluate(trial.point), reference.evaluate(trial.point))
        if found is not None:
            raise AuctionError(
                f"{as_text(trial.point)}: Nautilus finds another result, so nothing is shown: "
                f"{found}"
            )


def _currency(run: RunConfig) -> str:
    (section, *_) = run.document["venues"].values()
    return str(section["starting_balances"][0]).rpartition(" ")[2]


def _labels(run: RunConfig, count: int) -> list[str]:
    labels = [f"{run.system}  {', '.join(run.instrument_ids)}", f"{count:,} points"]
    quality = {
        label
        for instrument_id in run.instrument_ids
        for label in data_quality(run.catalog, instrument_id, list(TICK_TYPES))
    }
    labels += sorted(quality)
    if "synthetic" in quality:
        labels.append(SYNTHETIC_NOTICE)
    return labels


def list_sweeps(folder: Path) -> None:
    """Print the sweeps of a folder, the latest first."""
    console = Console(highlight=False)
    rows = []
    for path in sorted(folder.glob("*/sweep.yaml"), reverse=True):
        store = SweepStore(path.parent)
        settings = store.settings()
        names = ", ".join(key.rpartition(".")[2] for key in settings["parameters"])
        rows.append((path.parent.name, settings["system"], str(len(store.read())), names))
    if not rows:
        raise UsageError(
            f"{folder}: no sweep yet: make one with `auction sweep SYSTEM --param KEY=VALUES`"
        )
    heads = ("Sweep", "System", "Points", "Parameters")
    print_tables(console, [TextTable("Sweeps", heads, tuple(rows))])


def export_sweep(folder: Path) -> None:
    """Write the trials of a sweep to standard output as CSV."""
    import csv

    trials = SweepStore(folder).read()
    if not trials:
        raise UsageError(f"{folder}: no trials")
    keys = list(trials[0].point)
    wheres = list(dict.fromkeys(where for trial in trials for where in trial.results))
    writer = csv.writer(sys.stdout)
    writer.writerow(["trial", *keys, *(f"{w} {n}" for w in wheres for n in FIGURES), "error"])
    for trial in trials:
        figures = [trial.figure(name, where) for where in wheres for name in FIGURES]
        shown = ["" if value != value else repr(value) for value in figures]
        writer.writerow([trial.number, *trial.point.values(), *shown, trial.error])


def show_sweep(folder: Path, top: int) -> None:
    """Print the best points of a sweep that was run."""
    store = SweepStore(folder)
    settings = store.settings()
    trials = [trial for trial in store.read() if not trial.error]
    if not trials:
        raise UsageError(f"{folder}: no trial without an error")
    objective = settings["objectives"][0]
    parameters = [Parameter(key, tuple(v)) for key, v in settings["parameters"].items()]
    ranked = sorted(trials, key=lambda t: better(objective, t.figure(objective, "default")))
    best = ranked[::-1][:top]
    tried = Registry(folder.parent).tried(settings["system"], settings["data"])
    folds = len({w for t in trials for w in t.results if w.startswith("default ")}) // 2
    plateaus = [plateau_of(trial, trials, parameters) for trial in best]
    tables = [
        best_table(best, plateaus, trials, folds, ""),
        judgement_table(judge(best[0], trials, tried, settings["seed"])),
    ]
    tables.append(
        TextTable("Proof", (), (), ("Shown as kept: Nautilus has run none of it again here.",))
    )
    print_tables(Console(highlight=False), tables)
