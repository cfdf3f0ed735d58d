"""Runs a range of cases in this process: one line on standard output before and after each."""

import json
import resource
import shutil
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.fuzz import config_cases
from tests.fuzz import csv_cases
from tests.fuzz import dbn_cases


# What one input may take: seconds of processor time, and the memory of the process.
CPU_S = 5.0
MEMORY = 12 << 30
CASES: dict[str, Callable[[Random, Path], str]] = {
    "csv": csv_cases.run,
    "dbn": dbn_cases.run,
    "config": config_cases.run,
}


class TooSlow(BaseException):
    """Represents an input that takes more than its time."""


def run_case(kind: str, seed: int, index: int) -> dict[str, object]:
    """Return what became of one case: `outcome`, or the `failure` as a traceback."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{kind}-"))
    signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_S)
    began = time.process_time()
    found: dict[str, object] = {"index": index}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found["outcome"] = CASES[kind](Random(f"{kind}-{seed}-{index}"), folder)
    except (Exception, TooSlow):
        found["failure"] = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        shutil.rmtree(folder, ignore_errors=True)
    found["cpu_s"] = time.process_time() - began
    return found


def run_range(kind: str, seed: int, first: int, last: int) -> None:
    """Run the cases from one index to another, the last one excluded."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for index in range(first, last):
        print(json.dumps({"begin": index}), flush=True)
        print(json.dumps(run_case(kind, seed, index)), flush=True)


def _stop(*_: object) -> None:
    raise TooSlow
