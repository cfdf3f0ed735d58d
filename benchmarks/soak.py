"""
A recorded day through the live node, as fast as the node takes it.

`auction replay` plays the first day of the sample market through Bybit's protocol to a paper node
with `btc_value_area`, without a journal, in a process of its own, and the day's first two
hours to a live node, whose orders go through sockets to a loopback venue. In the figures: the
time from the first closed minute to the last, by the clock, with the loopback server that sends the
tape in the same process; the minutes that no actor has closed; and the resident memory
of that process, server included, over the same time. Not in them: the start of process and node,
and the last minute, which no later event closes.
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

from benchmarks.measure import Row
from benchmarks.measure import in_own_process
from benchmarks.tapes import START_NS
from catalog.layout import NS_PER_DAY
from catalog.sample import write_sample
from live.replay import run_replay


MINUTE_NS = 60_000_000_000
MINUTES = NS_PER_DAY // MINUTE_NS
LIVE_MINUTES = 2 * 60
SAMPLE_S = 0.1
BYTES_PER_PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Represents what is replayed, from the day's first minute on.

    Parameters
    ----------
    environment : str
        `paper` or `live`.
    minutes : int
        The minutes.
    rate : float or None
        How many times faster than the market it has to be; None without a target.

    """

    environment: str
    minutes: int
    rate: float | None


# The indicators are warm after four hours, so that the stretch with orders to a venue begins there.
STRETCHES = (Stretch("paper", MINUTES, 20), Stretch("live", LIVE_MINUTES, None))


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
    entries : int
        The entries that were sent.

    """

    minutes: list[int]
    memory: list[tuple[float, float]]
    entries: int


def run() -> list[Row]:
    """Return the figures."""
    rows: list[Row] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        in_own_process(_sample, folder / "catalog")
        for stretch in STRETCHES:
            rows += _rows(stretch, in_own_process(_replay, folder, stretch))
    return rows


def _rows(stretch: Stretch, replayed: Replayed) -> list[Row]:
    environment = stretch.environment
    count = stretch.minutes - 1
    missed = missed_minutes(replayed.minutes, START_NS, count)
    seconds = replayed.memory[-1][0] - replayed.memory[0][0]
    span_s = (replayed.minutes[-1] - replayed.minutes[0]) / 1e9
    first, last = quarters([megabytes for _, megabytes in replayed.memory])
    ratio = statistics.median(last) / statistics.median(first)
    return [
        Row.of(f"{environment}, from the first minute to the last", [seconds], "s"),
        Row.of(f"{environment} / real time", [span_s / seconds], "times", at_least=stretch.rate),
        Row.of(f"{environment}, minutes missed of {count:,}", [missed], "minutes", at_most=0),
        Row.of(f"{environment}, entries sent", [replayed.entries], "entries"),
        Row.of(f"{environment}, memory, first quarter", first, "MB"),
        Row.of(f"{environment}, memory, last quarter", last, "MB"),
        Row.of(f"{environment}, memory, last quarter / first", [ratio], "times", at_most=1.1),
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


def _replay(folder: Path, stretch: Stretch) -> Replayed:
    runs = folder / f"runs-{stretch.environment}"
    with _sampled(runs) as memory:
        run_folder = run_replay(
            "btc_value_area",
            stretch.environment,
            [
                f"catalog={folder / 'catalog'}",
                "node.logging.log_level=ERROR",
                # Live trading does not start without one; this one is never reached.
                "strategies.0.config.max_daily_loss=1000000",
            ],
            runs,
            _say_nothing,
            speed=None,
            start=_iso(START_NS),
            end=_iso(START_NS + stretch.minutes * MINUTE_NS),
        )
    with (run_folder / "features.jsonl").open() as lines:
        minutes = [json.loads(line)["ts_min"] for line in lines]
    with (run_folder / "trade_events.jsonl").open() as lines:
        entries = sum(json.loads(line)["kind"] == "ENTRY_SUBMITTED" for line in lines)
    return Replayed(minutes, memory, entries)


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
