"""The tables of a sweep."""

from collections.abc import Sequence
from datetime import UTC
from datetime import datetime

from backtests.report.figures import number
from backtests.report.figures import percent
from research.sweeps.judgement import FoldChoice
from research.sweeps.judgement import Judgement
from research.sweeps.judgement import Plateau
from research.sweeps.trials import Trial
from research.sweeps.trials import as_text
from research.tables import TextTable


NONE = "-"


def best_table(
    best: Sequence[Trial],
    plateaus: Sequence[Plateau],
    trials: Sequence[Trial],
    folds: int,
    currency: str,
) -> TextTable:
    """Return the best points of the trials: in-sample, later and under pessimistic fills."""
    names = [key.rpartition(".")[2] for key in best[0].point]
    heads = ["Trial", *names, "Sharpe", f"Net, {currency}", "Trades", "Profit factor", "Drawdown"]
    heads += ["Sharpe, pessimistic", "Net, pessimistic"]
    if folds:
        heads += ["Sharpe, later", "Net, later", "Net, later, pessimistic"]
    heads += ["Neighbours' Sharpe", "Neighbours in profit, %"]
    rows = []
    for trial, plateau in zip(best, plateaus, strict=True):
        row = [str(trial.number), *(str(value) for value in trial.point.values())]
        row += [_value(trial.figure("sharpe", "default"))]
        row += [_value(trial.figure("net", "default"))]
        row += [_value(trial.figure("trades", "default"), 0)]
        row += [_value(trial.figure("profit_factor", "default"))]
        row += [_value(trial.figure("drawdown", "default"))]
        row += [_value(trial.figure("sharpe", "pessimistic"))]
        row += [_value(trial.figure("net", "pessimistic"))]
        if folds:
            row += [
                _value(mean_of(trial, "sharpe", "default", folds)),
                _value(sum_of(trial, "net", "default", folds)),
                _value(sum_of(trial, "net", "pessimistic", folds)),
            ]
        row += [_value(plateau.sharpe), _share(plateau.profitable)]
        rows.append(tuple(row))
    notes = [
        "Sharpe of a year, from hourly results of closed trades. All figures but those called "
        "later are in-sample: the points were chosen by them."
    ]
    if folds:
        notes.append(
            "Later: the parts of the folds after those that they were chosen on, "
            "each begun flat; the mean of their Sharpe ratios and the sum of their results."
        )
    else:
        notes.append("Nothing here is out-of-sample: give --walk-forward, like 30d/7d.")
    results = {trial.results["default"].hours.tobytes() for trial in trials}
    if equal := len(trials) - len(results):
        notes.append(
            f"{equal:,} of {len(trials):,} points brought what another one did: what differs in "
            "them had no effect on these data."
        )
    return TextTable("Best points", tuple(heads), tuple(rows), tuple(notes))


def judgement_table(found: Judgement) -> TextTable:
    """Return what chance and selection make of the best point."""
    overfitting = found.overfitting
    rows = (
        ("Hourly returns", number(found.hours, 0)),
        ("Trades", number(found.trades, 0)),
        ("Points ever tried on these data", number(found.tried.count, 0)),
        ("Best Sharpe to expect of them without an edge", number(found.expected_best)),
        ("Probability of a Sharpe above zero", _probability(found.probabilistic)),
        ("Deflated: above the best to expect", _probability(found.deflated)),
        (
            "Days that prove it above zero (95 %)",
            NONE if found.needed_hours is None else number(found.needed_hours / 24, 0),
        ),
        (
            "Probability of overfitting",
            overfitting if isinstance(overfitting, str) else number(overfitting),
        ),
        ("Sharpe, 95 % of a bootstrap", _interval(found.sharpe_interval)),
        ("Return of the window, %, 95 % of a bootstrap", _interval(found.total_interval, 100.0)),
    )
    return TextTable("Chance and selection", ("", "Best point"), rows, (found.verdict,))


def fold_table(choices: Sequence[FoldChoice], currency: str) -> TextTable:
    """Return the folds: what was chosen, and what it brought afterwards."""
    heads = ("Chosen on", "Point", "Sharpe", f"Net, {currency}", "Judged on")
    later_heads = ("Sharpe, later", "Net, later", "Net, later, pessimistic")
    rows = []
    total = pessimistic = 0.0
    for fold, trial in ((choice.fold, choice.trial) for choice in choices):
        chosen, judged = f"default {fold.number} chosen", f"{fold.number} judged"
        later = trial.figure("net", f"default {judged}")
        worse = trial.figure("net", f"pessimistic {judged}")
        total += later
        pessimistic += worse
        rows.append(
            (
                f"{_day(fold.chosen_on.start_ns)} to {_day(fold.chosen_on.end_ns)}",
                as_text(trial.point),
                _value(trial.figure("sharpe", chosen)),
                _value(trial.figure("net", chosen)),
                f"{_day(fold.judged_on.start_ns)} to {_day(fold.judged_on.end_ns)}",
                _value(trial.figure("sharpe", f"default {judged}")),
                _value(later),
                _value(worse),
            )
        )
    note = (
        f"Choosing again in each fold brought {number(total)} {currency} afterwards, "
        f"{number(pessimistic)} with pessimistic fills."
    )
    return TextTable("Walk-forward", (*heads, *later_heads), tuple(rows), (note,) if rows else ())


def mean_of(trial: Trial, name: str, market: str, folds: int) -> float:
    """Return the mean of a figure over the later parts of the folds."""
    return sum_of(trial, name, market, folds) / folds


def sum_of(trial: Trial, name: str, market: str, folds: int) -> float:
    """Return the sum of a figure over the later parts of the folds."""
    wheres = (f"{market} {fold} judged" for fold in range(1, folds + 1))
    return sum(trial.figure(name, where) for where in wheres)


def _value(value: float, digits: int = 2) -> str:
    return NONE if value != value else number(value, digits)


def _share(value: float) -> str:
    return NONE if value != value else percent(value)


def _probability(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _interval(found: tuple[float, float] | None, factor: float = 1.0) -> str:
    return NONE if found is None else f"{found[0] * factor:.2f} to {found[1] * factor:.2f}"


def _day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1e9, UTC).strftime("%d %b %Y %H:%M")
