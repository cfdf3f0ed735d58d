"""
A recorded day through the live node, as fast as the node takes it.

`auction replay` plays the first day of the sample market through Bybit's protocol to a paper node
with `btc_value_area`, journal and alerts included, in a process of its own. In the figures: the
time from the first closed minute to the last, by the clock, with the loopback server that sends the
day in the same process; the minutes of the day that no actor has closed; and the resident memory
of that process, server included, over the same time. Not in them: the start of process and node,
and the day's last minute, which no later event closes.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.node.replay import run_replay
from benchmarks.measure import Row
from benchmarks.measure import in_own_process
from benchmarks.tapes import START_NS
from catalog.layout import NS_PER_DAY
from catalog.sample import write_sample


MINUTE_NS = 60_000_000_000
MINUTES = NS_PER_DAY // MINUTE_NS
SAMPLE_S = 0.1
BYTES_PER_PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    Represents what a replay has shown.

    Attributes
    ----------
    minutes : list[int]
        The minutes that were closed (ns UTC), in the order of their closing.
    memory : list[tuple[float, float]]
        Seconds of the clock and resident megabytes at them, from the first closed minute on.

    """

    minutes: list[int]
    memory: list[tuple[float, float]]


def run() -> list[Row]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        catalog = Path(folder, "catalog")
        in_own_process(_sample, catalog)
        day = in_own_process(_replay, catalog, Path(folder))
    missed = missed_minutes(day.minutes, START_NS, MINUTES - 1)
    seconds = day.memory[-1][0] - day.memory[0][0]
    span_s = (day.minutes[-1] - day.minutes[0]) / 1e9
    first, last = quarters([megabytes for _, megabytes in day.memory])
    return [
        Row.of("replay, from the first minute to the last", [seconds], "s"),
        Row.of("replay / real time", [span_s / seconds], "times", at_least=20),
        Row.of(f"minutes missed of {MINUTES - 1:,}", [missed], "minutes", at_most=0),
        Row.of("memory, first quarter", first, "MB"),
        Row.of("memory, last quarter", last, "MB"),
        Row.of(
            "memory, last quarter / first",
            [statistics.median(last) / statistics.median(first)],
            "times",
            at_most=1.1,
        ),
    ]


def missed_minutes(minutes: Sequence[int], start_ns: int, count: int) -> int:
    """
    Return how many of the minutes from a start on were not closed exactly once.

    Parameters
    ----------
    minutes : Sequence[int]
        The minutes that were closed (ns UTC).
    start_ns : int
        The first minute that must be there (ns UTC).
    count : int
        How many there must be.

    """
    wanted = range(start_ns, start_ns + count * MINUTE_NS, MINUTE_NS)
    return sum(minutes.count(minute) != 1 for minute in wanted)


def quarters(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """
    Return the first and the last quarter of a series.

    Raises
    ------
    ValueError
        If there are fewer than four values.

    """
    size = len(values) // 4
    if not size:
        raise ValueError(f"four values are needed for quarters, there are {len(values)}")
    return values[:size], values[-size:]


def _replay(catalog: Path, folder: Path) -> Replayed:
    # The journal's database goes where the variable says.
    os.environ["DATABASE_DIR"] = str(folder / "journal")
    runs = folder / "runs"
    with _sampled(runs) as memory:
        run_folder = run_replay(
            "btc_value_area",
            "paper",
            [f"catalog={catalog}", "node.logging.log_level=ERROR"],
            runs,
            _say_nothing,
            speed=None,
            start=_iso(START_NS),
            end=_iso(START_NS + NS_PER_DAY),
        )
    with (run_folder / "features.jsonl").open() as lines:
        return Replayed([json.loads(line)["ts_min"] for line in lines], memory)


@contextmanager
def _sampled(runs: Path) -> Iterator[list[tuple[float, float]]]:
    memory: list[tuple[float, float]] = []
    over = threading.Event()

    def sample() -> None:
        last_size = 0
        while not over.wait(SAMPLE_S):
            size = sum(path.stat().st_size for path in runs.glob("*/features.jsonl"))
            # A day that is over, and a node that ends, are no part of the time.
            if size > last_size:
                last_size = size
                memory.append((time.perf_counter(), _resident_megabytes()))

    sampler = threading.Thread(target=sample, name="memory")
    sampler.start()
    try:
        yield memory
    finally:
        over.set()
        sampler.join()


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * BYTES_PER_PAGE / MEGABYTE


def _iso(ts_ns: int) -> str:
    return datetime.fromtimestamp(ts_ns / 1e9, UTC).isoformat()


def _say_nothing(_: str) -> None:
    return


def _sample(catalog: Path) -> None:
    write_sample(catalog)
