"""Merges the files of a recorder's minutes into those of ten minutes, an hour and a day."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import ROW_GROUP_ROWS
from catalog.arrow import parquet_writer
from catalog.columns import open_parquet
from catalog.layout import DATA_TYPES
from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.layout import DataFile
from catalog.layout import file_name
from catalog.layout import files_in
from catalog.quality import quality_labels
from catalog.recording.disk import sync_file
from catalog.recording.locks import FILES
from catalog.recording.locks import changing
from catalog.recording.merge_journal import commit_merge
from catalog.recording.merge_journal import staged_merge


TEN_MINUTES_NS = 600_000_000_000
SETTLED_NS = 120_000_000_000


def compact(catalog: Path, now_ns: int) -> int:
    """
    Merge the files of every ten minutes, hour and day (UTC) that are over.

    A warm-up then reads some twenty files of each kind for four hours. Nothing is merged while
    another process reads (`locks.FILES`), and nothing of the last two minutes: a segment may still
    be folded.

    Parameters
    ----------
    catalog : Path
        The catalog of a recorder.
    now_ns : int
        The time of the recording (ns UTC).

    Returns
    -------
    int
        The number of files that were merged.

    """
    merged = 0
    with changing(catalog, FILES) as is_alone:
        for group in _mergeable(catalog, now_ns) if is_alone else ():
            _merge(catalog, group)
            merged += len(group)
    return merged


def _mergeable(catalog: Path, now_ns: int) -> Iterator[list[DataFile]]:
    settled_ns = now_ns - SETTLED_NS
    for data_type in DATA_TYPES:
        for folder in sorted((catalog / "data" / data_type).glob("*")):
            for span_ns in (NS_PER_DAY, NS_PER_HOUR, TEN_MINUTES_NS):
                files = files_in(folder)
                for span, found in groupby(files, key=lambda f: f.start_ns // span_ns):
                    group = list(found)
                    if (span + 1) * span_ns <= settled_ns and len(group) > 1:
                        yield group


def _merge(catalog: Path, group: list[DataFile]) -> None:
    staged = staged_merge(catalog)
    data_type, labels = group[0].path.parents[1].name, set[str]()
    schemas = []
    for file in group:
        with open_parquet(file.path) as parquet:
            schemas.append(parquet.schema_arrow)
            labels |= quality_labels(file.path, parquet.schema_arrow)
    if any(schema != schemas[0] for schema in schemas):
        # The venue has changed its tick meanwhile: a definition in force rewrites them all.
        return
    with parquet_writer(str(staged), data_type, schemas[0]) as writer:
        waiting: list[pa.Table] = []
        for file in group:
            waiting.append(pq.read_table(file.path, schema=schemas[0]))
            if sum(map(len, waiting)) >= ROW_GROUP_ROWS:
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
    sync_file(staged)
    target = group[0].path.with_name(file_name(group[0].start_ns, group[-1].end_ns))
    plan = {
        "target": str(target.relative_to(catalog)),
        "labels": sorted(labels),
        "old": [str(file.path.relative_to(catalog)) for file in group],
    }
    commit_merge(catalog, plan)
