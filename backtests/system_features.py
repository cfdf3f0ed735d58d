"""The features of a configured system, computed in one pass over a catalog."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from backtests.features import bar_features
from backtests.features import catalog_features
from backtests.features import write_table
from backtests.results.gaps import gaps_text
from catalog.increments import read_increments
from catalog.layout import utc_text
from catalog.recording.snapshot import recorded_snapshot
from configs.descriptors import load_descriptor
from configs.documents import class_of
from configs.documents import decode_hook
from configs.documents import find
from configs.system_file import load_system
from configs.times import parse_time
from errors import UsageError
from strategies.common.system import BatchFeatures


NANOS_PER_SECOND = 1_000_000_000
SECONDS_PER_MINUTE = 60


def write_system_features(
    system: str,
    catalog: Path,
    out: Path,
    start: str | None = None,
    end: str | None = None,
    overrides: Iterable[str] = (),
) -> tuple[int, list[str]]:
    """
    Write the features that an actor of a system would publish to one Parquet file.

    Parameters
    ----------
    system : str
        The name of the system.
    catalog : Path
        The catalog.
    out : Path
        The file to write.
    start, end : str, optional
        The window (ISO 8601, the end excluded).
    overrides : Iterable[str]
        `dotted.key=value` settings of the system.

    Returns
    -------
    tuple[int, list[str]]
        The number of minutes written, and in words the gaps in the data and the minutes without a
        quote.

    Raises
    ------
    UsageError
        If the configuration is wrong or the system has no batch features.
    AuctionError
        If the catalog cannot serve it.

    """
    window = parse_time(start, "start"), parse_time(end, "end")
    if None not in window and window[1] <= window[0]:  # type: ignore[operator]
        raise UsageError(f"end: {end} is not after the start {start}")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: the folder {out.parent} does not exist")
    if out.is_dir():
        raise UsageError(f"--out {out}: is a folder: name the file to write")
    resolved = load_system(system, overrides)
    features = load_descriptor(resolved, find("systems", system)).batch_features
    if features is None:
        raise UsageError(f"{system}: its descriptor {resolved['system']} names no batch features")
    entries = [e for e in resolved["actors"] if e["actor_path"] == features.actor]
    if len(entries) != 1:
        raise UsageError(f"{system}: features need one {features.actor}, there are {len(entries)}")
    config = msgspec.convert(
        entries[0]["config"],
        class_of(entries[0]["config_path"]),
        dec_hook=decode_hook,
    )
    instrument_id = config.instrument_id.value
    increments = read_increments(catalog, instrument_id)
    core: Any = features.core(config, increments.tick_size, increments.lot_size)
    with recorded_snapshot(catalog, [instrument_id]) as recorded_ns:
        table = _table(config, catalog, features, core, window, recorded_ns)
    write_table(table, out)
    finder = core.gaps
    gaps = [] if finder is None else [*finder.found, *filter(None, [finder.unended()])]
    notes = []
    if recorded_ns is not None and (window[1] is None or window[1] > recorded_ns):
        notes.append(
            f"the catalog is being recorded: what it had before {utc_text(recorded_ns)} counts"
        )
    if gaps:
        text = gaps_text(len(gaps), sum(gap[2] for gap in gaps) / NANOS_PER_SECOND)
        notes.append(f"{text}: the features start anew after each")
    unquoted = 0 if features.quoted is None else table.column(features.quoted).null_count
    if unquoted * SECONDS_PER_MINUTE > config.gap_after_s:
        notes.append(f"{unquoted:,} minutes before the first quote: no part of the warm-up")
    return int(table.num_rows), notes


def _table(
    config: Any,
    catalog: Path,
    features: BatchFeatures,
    core: Any,
    window: tuple[int | None, int | None],
    recorded_ns: int | None,
) -> pa.Table:
    start_ns, end_ns = window
    if recorded_ns is not None:
        end_ns = recorded_ns if end_ns is None else min(end_ns, recorded_ns)
    given = [kind for kind in config.bar_types if kind.is_externally_aggregated()]
    if given:
        return bar_features(catalog, str(given[0]), core, features.message, start_ns, end_ns)
    return catalog_features(
        catalog,
        config.instrument_id.value,
        core,
        features.message,
        start_ns,
        end_ns,
        needs_quotes=features.quoted is not None,
    )
