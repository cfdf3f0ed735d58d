"""Clocks, rows and tables that all benchmarks share."""

import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


PACKAGES = ("nautilus_trader", "numpy", "pyarrow", "databento")


@dataclass(frozen=True, slots=True)
class Row:
    """
    Represents one figure of a table.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        The median of the repetitions.
    unit : str
        The unit.
    low, high : float
        The least and the greatest repetition.
    at_most, at_least : float, optional
        The target, if there is one.

    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    at_most: float | None = None
    at_least: float | None = None

    @classmethod
    def of(
        cls,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> "Row":
        """Return the row of some repetitions."""
        middle = statistics.median(values)
        return cls(name, middle, unit, min(values), max(values), at_most, at_least)

    @property
    def target(self) -> str:
        """Return the target as text, empty if there is none."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return "" if self.at_least is None else f">= {self.at_least:g}"

    @property
    def met(self) -> bool | None:
        """Return whether the median meets the target, None if there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least


def markdown(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| figure | median | range | unit | target | met |", "|---|---:|---:|---|---:|---|"]
    for row in rows:
        met = {None: "", True: "yes", False: "**no**"}[row.met]
        span = f"{_number(row.low)} to {_number(row.high)}" if row.low < row.high else ""
        cells = (row.name, _number(row.value), span, row.unit, row.target, met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> str:
    """Return one line about the machine, the versions and the day."""
    model = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        found = [line for line in facts.read_text().splitlines() if line.startswith("model name")]
        model = found[0].partition(":")[2].strip() if found else model
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, {versions}, {datetime.now(UTC):%Y-%m-%d}"
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process, all threads together, that a call takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def alternate(
    works: Mapping[str, Callable[[], float]],
    repetitions: int,
) -> dict[str, list[float]]:
    """
    Take measurements in turn, every second round backwards, so that a drift meets all alike.

    Parameters
    ----------
    works : Mapping[str, Callable[[], float]]
        Each does its work once and returns its figure.
    repetitions : int
        The rounds.

    Returns
    -------
    dict[str, list[float]]
        The figures by name, one for each round.

    """
    figures: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(repetitions):
        for name in list(works)[:: -1 if turn % 2 else 1]:
            figures[name].append(works[name]())
    return figures


def in_own_process[T](function: Callable[..., T], *arguments: Any) -> T:
    """
    Return what a module-level function returns when a fresh process runs it.

    The process is spawned: it shares neither memory nor caches with any other run.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def peak_megabytes() -> float:
    """Return the largest memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the resource usage, this does not begin with the memory of the parent.
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
