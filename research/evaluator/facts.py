"""What a system's actors publish over a window: computed once by Nautilus, then kept in files."""

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.common.config import resolve_config_path
from nautilus_trader.common.config import resolve_path
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import Message
from actors.messages import message_classes
from actors.protocols import published_by
from backtests.preflight import preflight
from catalog.layout import data_files
from configs.data_types import FOLDERS
from configs.data_types import kind_of
from configs.loader import RunConfig
from errors import AuctionError
from research.evaluator.fact_recorder import Fact
from research.evaluator.fact_recorder import FactRecorder
from research.evaluator.files import written_once


VERSION = 1
PLACE = ("fact_order", "fact_seen", "fact_within", "fact_now")


def fact_key(run: RunConfig, end_ns: int | None) -> str:
    """Return the key of a run's facts: its actors, its data and its window."""
    folders = sorted({FOLDERS[kind_of(name)] for name in run.document["data"]})
    files = [
        (str(file.path.relative_to(run.catalog)), file.path.stat().st_size, file.path.stat().st_mtime_ns)
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
    return read_facts(folder)


def _record(run: RunConfig, end_ns: int | None, folder: Path) -> None:
    config = run.until(end_ns)
    engine = msgspec.structs.replace(config.engine, strategies=[])
    config = msgspec.structs.replace(config, engine=engine)
    node = BacktestNode([config])
    try:
        node.build()
        built = node.get_engine(config.id)
        if built is None:
            raise AuctionError(f"{run.system}: no engine was built for the configuration")
        recorder = FactRecorder(published_by(built.trader.actors()))
        built.add_actor(recorder)
        recorder.listen()
        node.run()
        if not recorder.seen:
            raise AuctionError(f"{run.catalog}: the actors of {run.system} saw no event")
    finally:
        node.dispose()
    write_facts(recorder.facts, folder)


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


def read_facts(folder: Path) -> list[Fact]:
    """Return the facts of a folder, in the order of their publication."""
    classes = {cls.__name__: cls for cls in message_classes()}
    found: list[tuple[int, Fact]] = []
    ids: dict[str, InstrumentId] = {}
    for path in sorted(folder.glob("*.parquet")):
        cls = classes[path.stem]
        columns = pq.read_table(path).to_pydict()
        names = list(columns)
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(names, values, strict=True))
            order, seen, is_within, now = (row.pop(name) for name in PLACE)
            text = row.pop("instrument_id")
            instrument_id = ids.setdefault(text, InstrumentId.from_str(text))
            message = restored(cls, instrument_id, row.pop("ts_event"), row.pop("ts_init"), row)
            found.append((order, Fact(seen, is_within, now, message)))
    found.sort(key=lambda item: item[0])
    return [fact for _, fact in found]


def restored(
    cls: type[Message], instrument_id: InstrumentId, ts_event: int, ts_init: int, row: dict[str, Any]
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
    found = []
    for section in run.document["actors"]:
        actor = resolve_path(section["actor_path"])
        config = resolve_config_path(section["config_path"])
        built = actor(config.parse(msgspec.json.encode(section["config"])))
        interval = getattr(built, "interval_ns", None)
        if interval is not None:
            found.append(int(interval))
    return found
