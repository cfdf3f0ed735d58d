"""Runs the benchmarks: `python -m benchmarks [module ...]`."""

import argparse
import sys
import time
from importlib import import_module

from benchmarks.measure import machine
from benchmarks.measure import markdown


MODULES = (
    "kernels",
    "legs",
    "indicator",
    "trade_manager",
    "system",
    "memory",
    "evaluator",
    "ingest",
    "features",
    "latency",
    "soak",
)


def main() -> None:
    """Print one Markdown table for each module, and a line about the machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "modules",
        nargs="*",
        metavar="module",
        help=f"{', '.join(MODULES)}; all if left out",
    )
    chosen = parser.parse_args().modules or MODULES
    if unknown := sorted(set(chosen) - set(MODULES)):
        parser.error(f"no benchmark {unknown[0]}; there are {', '.join(MODULES)}")
    print(machine(), flush=True)
    for name in chosen:
        began = time.perf_counter()
        rows = import_module(f"benchmarks.{name}").run()
        print(f"\n### {name}\n\n{markdown(rows)}", flush=True)
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
