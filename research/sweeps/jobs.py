"""Evaluates the points of a sweep in other processes, here or on a cluster."""

import time
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import Executor
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from errors import AuctionError
from errors import UsageError
from research.evaluation import Evaluator
from research.evaluator.evaluator import FastEvaluator
from research.evaluator.run import Part
from research.nautilus_evaluator import NautilusEvaluator
from research.points import PointConfig
from research.sweeps.trials import Measured
from research.sweeps.trials import Trial
from research.sweeps.trials import measure


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Represents how every point is evaluated.

    Attributes
    ----------
    base : PointConfig
        What holds for all points.
    cache : Path
        The folder of the caches.
    markets : tuple[str, ...]
        The presets of market assumptions.
    parts : tuple[tuple[str, Part], ...]
        The parts of the window, by their names; the whole window is always evaluated.
    is_fast : bool
        If the evaluator runs it, and not Nautilus.

    """

    base: PointConfig
    cache: Path
    markets: tuple[str, ...]
    parts: tuple[tuple[str, Part], ...]
    is_fast: bool


# One for each plan in a process: it holds the facts of the last set of features.
_EVALUATORS: dict[str, Evaluator] = {}


def evaluate(plan: Plan, number: int, point: dict[str, Any]) -> Trial:
    """Return the trial of a point; an error of the point is a part of it."""
    began = time.process_time()
    results: dict[str, Measured] = {}
    try:
        for market in plan.markets:
            for where, found in _evaluations(plan, point, market):
                results[f"{market}{where}"] = found
    except AuctionError as error:
        return Trial(number, point, {}, str(error), time.process_time() - began)
    return Trial(number, point, results, "", time.process_time() - began)


def _evaluations(plan: Plan, point: dict[str, Any], market: str) -> Iterator[tuple[str, Measured]]:
    evaluator = _evaluator(plan)
    yield "", measure(evaluator.evaluate(point, market=market))
    if isinstance(evaluator, FastEvaluator):
        for name, part in plan.parts:
            yield f" {name}", measure(evaluator.evaluate(point, market=market, part=part))


def _evaluator(plan: Plan) -> Evaluator:
    key = f"{plan.base} {plan.cache} {plan.is_fast}"
    if key not in _EVALUATORS:
        made = FastEvaluator(plan.base, plan.cache) if plan.is_fast else None
        _EVALUATORS[key] = made or NautilusEvaluator(plan.base)
    return _EVALUATORS[key]


def prepare(plan: Plan, point: dict[str, Any]) -> None:
    """Record the facts of a point; what is wrong with it is the error of its trial."""
    with suppress(AuctionError):
        FastEvaluator(plan.base, plan.cache).prepare(point)


def run_batch(
    executor: Executor, plan: Plan, batch: Sequence[tuple[int, dict[str, Any]]]
) -> Iterator[Trial]:
    """Yield the trials of a batch, in its order whatever the number of workers."""
    if plan.is_fast:
        # Each set of features once: workers that meet a new one together would all record it.
        features = {
            repr({key: value for key, value in point.items() if key.startswith("actors.")}): point
            for _, point in batch
        }
        for done in [executor.submit(prepare, plan, point) for point in features.values()]:
            done.result()
    futures = [executor.submit(evaluate, plan, number, point) for number, point in batch]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


@contextmanager
def workers(count: int, scheduler: str | None) -> Iterator[Executor]:
    """
    Yield an executor of so many processes, or that of a cluster at an address.

    Raises
    ------
    UsageError
        If the cluster's library is missing or its scheduler does not answer.

    """
    if scheduler is None:
        # A forked process would inherit Nautilus's runtime and hang.
        with ProcessPoolExecutor(
            count, get_context("spawn"), initializer=_ignore_interrupt
        ) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            f"--scheduler {scheduler}: install the extra `cluster` (dask.distributed)"
        ) from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler {scheduler}: no answer: {error}") from None
    with client:
        yield client.get_executor()


def _ignore_interrupt() -> None:
    # The coordinator alone answers Ctrl-C.
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
