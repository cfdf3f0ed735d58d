"""What a system's actors publish over a window: computed once by Nautilus, then kept in files."""

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from actors.messages import Message
from actors.messages import message_classes
from backtests.collector_actor import Fact
from backtests.preflight import preflight
from backtests.runner import record_facts
from catalog.definitions import read_instrument
from catalog.layout import data_files
from configs.data_types import FOLDERS
from configs.data_types import kind_of
from configs.loader import RunConfig
from research.evaluator.components import component
from research.evaluator.files import written_once


VERSION = 1
PLACE = ("fact_order", "fact_seen", "fact_within", "fact_now")


def fact_key(run: RunConfig, end_ns: int | None) -> str:
    """Return the key of a run's facts: its actors, its data and its window."""
    folders = sorted({FOLDERS[kind_of(name)] for name in run.document["data"]})
    files = [
        (
            str(file.path.relative_to(run.catalog)),
            file.path.stat().st_size,
            file.path.stat().st_mtime_ns,
        )
        for instrument_id in run.instrument_ids
        for folder in folders
        for file in data_files(run.catalog, folder, instrument_id)
    ]
    text = json.dumps(
        [
            VERSION,
            run.document["actors"],
            run.document["data"],
            run.document["chunk_size"],
            sorted(run.instrument_ids),
            str(run.catalog.resolve()),
            files,
            run.start_ns,
            end_ns,
        ],
        sort_keys=True,
        default=str,
    )
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def facts_of(run: RunConfig, end_ns: int | None, cache: Path) -> list[Fact]:
    """
    Return the facts of a run, from the cache where it has them.

    Parameters
    ----------
    run : RunConfig
        The resolved configuration.
    end_ns : int or None
        The end of its data as `preflight` gives it (ns UTC, excluded).
    cache : Path
        The folder of all caches.

    Raises
    ------
    AuctionError
        If the actors cannot run over the data.

    """
    folder = cache / "facts" / fact_key(run, end_ns)
    with written_once(folder) as staging:
        if staging is not None:
            # One engine per process.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                pool.submit(_record, run, end_ns, staging).result()
    ids = {name: read_instrument(run.catalog, name).id for name in run.instrument_ids}
    return read_facts(folder, ids)


def _record(run: RunConfig, end_ns: int | None, folder: Path) -> None:
    write_facts(record_facts(run, end_ns), folder)


def write_facts(facts: Sequence[Fact], folder: Path) -> None:
    """Write facts into a folder: a file for each class of messages."""
    rows: dict[type[Message], list[dict[str, Any]]] = {}
    for order, fact in enumerate(facts):
        place = dict(zip(PLACE, (order, fact.seen, fact.is_within, fact.now), strict=True))
        rows.setdefault(type(fact.message), []).append({**fact.message.to_dict(), **place})
    extra = [pa.field(PLACE[0], pa.int64()), pa.field(PLACE[1], pa.int64())]
    extra += [pa.field(PLACE[2], pa.bool_()), pa.field(PLACE[3], pa.int64())]
    for cls, items in rows.items():
        schema = pa.schema([*cls.schema(), *extra])
        table = pa.Table.from_pylist(items, schema=schema)
        pq.write_table(table, folder / f"{cls.__name__}.parquet", compression="zstd")


def read_facts(folder: Path, ids: Mapping[str, Any]) -> list[Fact]:
    """Return the facts of a folder about instruments of some ids, in the order they came."""
    classes = {cls.__name__: cls for cls in message_classes()}
    found: list[tuple[int, Fact]] = []
    for path in sorted(folder.glob("*.parquet")):
        cls = classes[path.stem]
        columns = pq.read_table(path).to_pydict()
        names = list(columns)
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(names, values, strict=True))
            order, seen, is_within, now = (row.pop(name) for name in PLACE)
            instrument_id = ids[row.pop("instrument_id")]
            message = restored(cls, instrument_id, row.pop("ts_event"), row.pop("ts_init"), row)
            found.append((order, Fact(seen, is_within, now, message)))
    found.sort(key=lambda item: item[0])
    return [fact for _, fact in found]


def restored(
    cls: type[Message],
    instrument_id: Any,
    ts_event: int,
    ts_init: int,
    row: dict[str, Any],
) -> Message:
    """Return a message of values that were checked when it was made."""
    message = cls.__new__(cls)
    message.instrument_id = instrument_id
    message._ts_event = ts_event
    message._ts_init = ts_init
    message.__dict__.update(row)
    return message


def run_end(run: RunConfig) -> int | None:
    """Return the end of a run's data (ns UTC, excluded), refusing what a run would refuse."""
    return preflight(run).end_ns


def timers_of(run: RunConfig) -> list[int]:
    """Return the intervals (ns) of the timers of a run's actors."""
    actors = [component(section, "actor") for section in run.document["actors"]]
    found = (getattr(actor, "interval_ns", None) for actor in actors)
    return [int(interval) for interval in found if interval is not None]
