"""
One point of `btc_value_area` through the evaluator, beside the Nautilus run of the same window.

The evaluator reads features and market from its cache: recording them is in no figure, except in
the one that names it. A point is the configuration of the system as it is; the first one in a
process, which also reads the cache and makes the rows of the machine, has a row of its own.

- A month is 30 days of the sample market, 43,200 minutes. A tenth of it has its own features.
- The ratios divide the CPU time of `BacktestNode.run` by that of the point over the same window:
  the sample of two days with its 197 events a minute, and six hours with 2,000.
- Memory is the anonymous memory of a process that has evaluated points of a month, imports
  included: the mapped columns of the market, which all workers share, are not in it.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Row
from benchmarks.measure import in_own_process
from benchmarks.system import EVENTS_A_MINUTE
from benchmarks.system import SEED
from benchmarks.system import SYSTEMS
from benchmarks.system import System
from benchmarks.system import measure_run
from benchmarks.system import write_market
from catalog.sample import write_sample
from research.evaluator.evaluator import FastEvaluator
from research.points import PointConfig


REPETITIONS = 5
PAIRS = 3
MONTH, TENTH = 30, 3
FIRST_DAY = "2026-01-05T00:00:00Z"
TENTH_END = "2026-01-08T00:00:00Z"
SAMPLE = SYSTEMS[0]
BUSY = System(
    SAMPLE.name,
    SAMPLE.at_most,
    start="2026-01-05T12:00:00Z",
    end="2026-01-05T18:00:00Z",
    busy="BTCUSDT",
)


def run() -> list[Row]:
    """Return the figures."""
    rows = []
    with TemporaryDirectory() as folder:
        rows += month_rows(Path(folder))
    for system, events, at_least in ((SAMPLE, 197, 100), (BUSY, EVENTS_A_MINUTE, 400)):
        with TemporaryDirectory() as folder:
            rows += ratio_rows(Path(folder), system, events, at_least)
    return rows


def month_rows(folder: Path, days: int = MONTH, tenth_end: str = TENTH_END) -> list[Row]:
    """Return time and memory of points of a month and of its first tenth."""
    catalog, cache = folder / "catalog", folder / "cache"
    in_own_process(write_sample, catalog, SEED, days, ["BTCUSDT"])
    base = {"catalog": str(catalog), "start": f"'{FIRST_DAY}'"}
    began = time.perf_counter()
    in_own_process(measure_points, base, cache, 0)
    recording = time.perf_counter() - began
    first, month, memory = in_own_process(measure_points, base, cache, REPETITIONS)
    part = {**base, "end": f"'{tenth_end}'"}
    in_own_process(measure_points, part, cache, 0)
    _, tenth, tenth_memory = in_own_process(measure_points, part, cache, REPETITIONS)
    growth = [long / short for long, short in zip(month, tenth, strict=True)]
    return [
        Row.of("a point of a month", month, "s CPU", at_most=0.6),
        Row.of("the first point of a month in a process", [first], "s CPU"),
        Row.of("a point of a tenth of a month", tenth, "s CPU"),
        Row.of("a month / its tenth", growth, "times", at_most=10),
        Row.of("memory of a worker, a month", [memory], "MB", at_most=150),
        Row.of("memory of a worker, a tenth of a month", [tenth_memory], "MB"),
        Row.of("recording the features of a month, once, by the clock", [recording], "s"),
    ]


def ratio_rows(folder: Path, system: System, events: int, at_least: float) -> list[Row]:
    """Return how many times faster than its Nautilus run a point is."""
    catalog, cache = folder / "catalog", folder / "cache"
    in_own_process(write_market, catalog, system)
    base = {"catalog": str(catalog)}
    for key, text in (("start", system.start), ("end", system.end)):
        if text:
            base[key] = f"'{text}'"
    in_own_process(measure_points, base, cache, 0)
    points, runs = [], []
    for _ in range(PAIRS):
        _, seconds, _ = in_own_process(measure_points, base, cache, REPETITIONS)
        points.append(min(seconds))
        runs.append(in_own_process(measure_run, catalog, "system", system)[0])
    ratios = [full / fast for full, fast in zip(runs, points, strict=True)]
    rate = f"{events:,} events a minute"
    return [
        Row.of(f"Nautilus run / point, {rate}", ratios, "times", at_least=at_least),
        Row.of(f"a point, {rate}", points, "s CPU"),
        Row.of(f"Nautilus run, {rate}", runs, "s CPU"),
    ]


def measure_points(
    overrides: dict[str, str], cache: Path, count: int
) -> tuple[float, list[float], float]:
    """
    Return the CPU seconds of the first point and of further ones, and the memory after them (MB).

    Parameters
    ----------
    overrides : dict[str, str]
        The catalog and the window.
    cache : Path
        The folder of the caches.
    count : int
        The number of points after the first.

    """
    evaluator = FastEvaluator(PointConfig(SAMPLE.name, overrides=overrides), cache)
    seconds = []
    for _ in range(1 + count):
        began = time.process_time()
        evaluator.evaluate({})
        seconds.append(time.process_time() - began)
    return seconds[0], seconds[1:], anonymous_megabytes()


def anonymous_megabytes() -> float:
    """Return the memory of this process that is no part of a mapped file (Linux)."""
    status = Path("/proc/self/status").read_text().splitlines()
    line = next(text for text in status if text.startswith("RssAnon"))
    return int(line.split()[1]) / 1024
