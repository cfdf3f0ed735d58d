"""
`auction features btc_value_area` over a catalog of 10 M ticks.

The catalog holds five days, each of 1 M trades with a quote before each. The whole command is
timed by the clock on the wall from the start of the process to its end, as the user waits for it; a
first run, in which Python compiles the modules, does not count. The other figure has a process that
has done its imports: configuration, reading and decoding of the Parquet files, features, and the
file of 7,200 minutes. The CPU seconds of the command stand beside them, since another load on the
machine makes the clock run on.
"""

import os
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import in_own_process
from benchmarks.tapes import write_catalog


SYSTEM = "btc_value_area"
DAYS, TRADES = 5, 1_000_000
REPETITIONS = 5


def run() -> list[Row]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        catalog, out = Path(folder, "catalog"), Path(folder, "features.parquet")
        ticks = in_own_process(write_catalog, catalog, DAYS, TRADES)
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        cpu: list[float] = []
        command = partial(_command_seconds, catalog, out, environment, cpu)
        command()
        cpu.clear()
        seconds = alternate(
            {
                "command": command,
                "call": partial(in_own_process, _call_seconds, catalog, out),
            },
            REPETITIONS,
        )
    rates = {name: [ticks / value / 1e6 for value in values] for name, values in seconds.items()}
    return [
        Row.of(
            "features, with the start of the process", rates["command"], "M ticks/s", at_least=5
        ),
        Row.of("features, after the imports", rates["call"], "M ticks/s", at_least=5),
        Row.of(f"the command, {ticks:,} ticks", seconds["command"], "s"),
        Row.of(f"the command, {ticks:,} ticks", cpu, "s CPU"),
        Row.of("the call after the imports", seconds["call"], "s"),
    ]


def _command_seconds(
    catalog: Path,
    out: Path,
    environment: dict[str, str],
    cpu: list[float],
) -> float:
    before, began = _children_cpu(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "cli", "features", SYSTEM, "--catalog", catalog, "--out", out],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - began
    cpu.append(_children_cpu() - before)
    return seconds


def _call_seconds(catalog: Path, out: Path) -> float:
    from backtests.system_features import write_system_features

    began = time.perf_counter()
    write_system_features(SYSTEM, catalog, out)
    return time.perf_counter() - began


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
