"""What a certificate is about: the system of a run, the history it needs, and its data."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from backtests.history import history_begin
from backtests.results.declared import known_classes
from backtests.results.node_runs import is_node_run
from backtests.results.recording import Row
from backtests.results.recording import read_lines
from catalog.bars import bar_rows
from catalog.layout import BARS
from catalog.layout import END_OF_TIME
from catalog.layout import TICK_TYPES
from catalog.layout import data_files
from catalog.layout import data_folder
from catalog.layout import files_in
from catalog.reader import read_ticks
from configs.loader import RunConfig
from configs.loader import load_backtest
from configs.plain_yaml import parse_yaml
from configs.system_file import load_system
from configs.times import instant_text
from errors import AuctionError
from errors import UsageError


NS_PER_MINUTE = 60_000_000_000
SYSTEM_KEYS = ("system", "instrument_id", "actors", "strategies")
# Actors of an environment: no part of the system.
ENVIRONMENT_ACTORS = ("actors.journal", "actors.alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    Represents the run of a node that is certified.

    Attributes
    ----------
    run, catalog, folder : Path
        Its folder, the recording, and the folder that gets the replays.
    document : dict[str, Any]
        Its configuration.
    system : str
        The file of its system.
    config : RunConfig
        The backtest over its time.
    span : tuple[int, int]
        Its first and its last time (ns UTC), without the history that it has read.
    began_ns : int
        When it had read that: until then its strategies only observed (ns UTC).
    window : dict[str, str]
        Its `start` and `end` as texts, the end excluded.
    lookback_ns : int
        How long its features need to be equal.

    """

    run: Path
    catalog: Path
    folder: Path
    document: dict[str, Any]
    system: str
    config: RunConfig
    span: tuple[int, int]
    began_ns: int
    window: dict[str, str]
    lookback_ns: int

    @property
    def is_warm(self) -> bool:
        """Return True if it has read a history."""
        return self.began_ns != self.span[0]

    @property
    def overrides(self) -> list[str]:
        """Return the setting that names the recording."""
        return _of_catalog(self.catalog)


def read_subject(run: Path, catalog: Path | None, lookback_minutes: int | None) -> Subject:
    """
    Read the run of a node, and make the folder of its replays.

    Parameters
    ----------
    run, catalog, lookback_minutes
        As for `live.certify.run_certify`.

    Raises
    ------
    UsageError
        If the folder is no run of a node, or no recording is known.
    AuctionError
        If the run has decided nothing.

    """
    if not is_node_run(run):
        raise UsageError(f"{run}: not the run of a node: name a folder that `auction live` wrote")
    document = parse_yaml((run / "config.yaml").read_text())
    named = catalog or document.get("settings", {}).get("recorded")
    if named is None or not Path(named).is_dir():
        raise UsageError(f"{run}: no recording at {named}: name one with --catalog")
    rows = read_lines(run / "signals.jsonl")
    if not rows:
        raise AuctionError(f"{run}: it has decided nothing: there is nothing to certify")
    first_ns, began_ns = _begin(run, rows)
    last_ns = max(row["ts_event"] for row in rows)
    folder = run / "certificate"
    folder.mkdir(exist_ok=True)
    system = _write_system(document, folder, run)
    window = {"start": instant_text(first_ns), "end": instant_text(last_ns + 1)}
    needed_ns = first_ns - history_begin(load_system(system)["actors"], began_ns)
    return Subject(
        run=run,
        catalog=Path(named),
        folder=folder,
        document=document,
        system=system,
        config=load_window(system, _of_catalog(Path(named)), window),
        span=(first_ns, last_ns),
        began_ns=began_ns,
        window=window,
        lookback_ns=needed_ns if lookback_minutes is None else lookback_minutes * NS_PER_MINUTE,
    )


def load_window(system: str, overrides: Sequence[str], window: Mapping[str, str]) -> RunConfig:
    """Return the configuration of a backtest of a system between two times."""
    bounds = [f"{name}={json.dumps(text)}" for name, text in window.items()]
    return load_backtest(system, overrides=[*overrides, *bounds])


def _begin(run: Path, rows: Sequence[Row]) -> tuple[int, int]:
    # A node publishes the rows of its history when it has read them: all are older by then.
    began_ns = min(row["ts_init"] for row in rows)
    is_cold = min(row["ts_event"] for row in rows) >= began_ns - NS_PER_MINUTE
    starts = [
        (row["ts_event"], row[cls.PARITY[0].key[0]])
        for cls in known_classes(run)
        if cls.TABLE is not None and cls.TABLE.bars and cls.PARITY
        for path in [run / f"{cls.TABLE.name}.jsonl"]
        if path.is_file()
        for row in read_lines(path)
    ]
    live = [start for ts_event, start in starts if is_cold or ts_event > began_ns]
    first_ns = min(live, default=min(row["ts_min"] for row in rows))
    return first_ns, first_ns if is_cold else began_ns


def _of_catalog(catalog: Path) -> list[str]:
    return [f"catalog={json.dumps(str(catalog))}"]


def _write_system(document: dict[str, Any], folder: Path, run: Path) -> str:
    # A name of its own, from which the replays take theirs.
    path = folder / f"{run.name.partition('-')[2].rpartition('-')[0] or 'system'}.yaml"
    parts = {key: document[key] for key in SYSTEM_KEYS}
    parts["actors"] = [
        actor for actor in parts["actors"] if not actor["actor_path"].startswith(ENVIRONMENT_ACTORS)
    ]
    path.write_text(yaml.safe_dump(parts, sort_keys=False))
    return str(path)


def first_time(catalog: Path, instrument_id: str) -> int:
    """Return the first `ts_init` (ns UTC) of an instrument in a catalog."""
    name = instrument_id.replace("/", "")
    folders = [data_folder(catalog, data_type, instrument_id) for data_type in TICK_TYPES]
    folders += (catalog / "data" / BARS).glob(f"{name}-*")
    return min((files[0].start_ns for f in folders if (files := files_in(f))), default=END_OF_TIME)


def data_hash(
    catalog: Path, instrument_ids: Iterable[str], start_ns: int, end_ns: int
) -> dict[str, str]:
    """Return the SHA-256 of the data of each instrument, both ends included, however stored."""
    found = {}
    for name in instrument_ids:
        digests = {column: sha256() for column in ("kind", "ts_event", "a", "b", "a_size", "side")}
        has_ticks = any(data_files(catalog, data_type, name) for data_type in TICK_TYPES)
        for part in read_ticks(catalog, name, start_ns, end_ns) if has_ticks else ():
            for column, digest in digests.items():
                digest.update(getattr(part, column).tobytes())
        bars = sha256()
        for folder in sorted((catalog / "data" / BARS).glob(f"{name.replace('/', '')}-*")):
            for row in bar_rows(catalog, folder.name, start_ns, end_ns):
                bars.update(repr(row).encode())
        whole = "".join(digest.hexdigest() for digest in (*digests.values(), bars))
        found[name] = sha256(whole.encode()).hexdigest()
    return found
