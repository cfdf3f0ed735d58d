"""The node that a digest is about: its journal, files and calendar, by configuration or by run."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actors.journal import JournalActor
from actors.journal.database import journal_places
from actors.journal.reading import JournalReader
from configs.documents import class_of
from configs.live import LiveConfig
from errors import UsageError
from live.operations.days import Days
from live.operations.days import days_of
from live.operations.state_files import StateFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSource:
    """
    Represents the node that a digest is about.

    Attributes
    ----------
    system, mode : str
        Its system and mode.
    reader : JournalReader
        Its journal.
    files : StateFiles
        Its files beside the journal.
    days : Days
        Its dates.
    runs : Path
        The folder of its runs, for the certificate of the last one.

    """

    system: str
    mode: str
    reader: JournalReader
    files: StateFiles
    days: Days
    runs: Path


def source_of_config(config: LiveConfig, runs: Path) -> DigestSource:
    """
    Return the source of the digests of a configured node.

    Raises
    ------
    UsageError
        If its environment has no journal.

    """
    actors = {class_of(actor.actor_path): actor.config for actor in config.node.actors}
    if JournalActor not in actors:
        raise UsageError(f"{config.mode}: the environment has no JournalActor among its actors")
    return _source(
        config.system,
        config.mode,
        str(config.node.trader_id),
        actors[JournalActor],
        config.instrument_ids,
        runs,
    )


def source_of_run(folder: Path) -> DigestSource:
    """
    Return the source of the digests of the node that wrote a run folder.

    Raises
    ------
    UsageError
        If it is no folder of a node with a journal.

    """
    try:
        document = yaml.safe_load((folder / "config.yaml").read_text())
        journals = [
            actor["config"]
            for actor in document["actors"]
            if class_of(actor["actor_path"]) is JournalActor
        ]
        parts = [*document["actors"], *document["strategies"]]
        instruments = [
            part["config"]["instrument_id"] for part in parts if "instrument_id" in part["config"]
        ]
        mode, trader_id = document["environment"], document["node"]["trader_id"]
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}: name the run folder of a node") from None
    except (KeyError, TypeError, ValueError, yaml.YAMLError):
        raise UsageError(f"{folder}: config.yaml is not that of a node: name another run") from None
    if not journals:
        raise UsageError(f"{folder}: the node of this run had no journal")
    system = folder.name.partition("-")[2].removesuffix(f"-{mode}")
    return _source(system, mode, trader_id, journals[0], instruments, folder.parent)


def _source(
    system: str,
    mode: str,
    trader_id: str,
    journal: Mapping[str, Any],
    instrument_ids: Iterable[str],
    runs: Path,
) -> DigestSource:
    database, fallback = journal_places(journal)
    reader = JournalReader(database=database, fallback=fallback, trader_id=trader_id, mode=mode)
    files = StateFiles(fallback, trader_id, mode)
    return DigestSource(
        system=system,
        mode=mode,
        reader=reader,
        files=files,
        days=days_of(instrument_ids),
        runs=runs,
    )
