"""The configuration of a recorder: instruments, catalog and clients as a `TradingNodeConfig`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from adapters.bar_types import bar_spec
from adapters.bar_types import parse_bar_step
from configs.checks import check_catalog_path
from configs.checks import check_engine
from configs.clients import client_sections
from configs.clients import filled
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import convert
from configs.documents import find
from configs.documents import override
from configs.extends import read_environment
from configs.live import ENVIRONMENT
from configs.live import NODE_KEYS
from configs.live import LiveConfig
from configs.live import node_config
from configs.node_settings import NodeSettings
from errors import UsageError
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt


MODE = "record"
OWN_KEYS = {"instruments", "bars", "recorder"}
ACTOR = "actors.recording.actor:RecordingActor"
ACTOR_CONFIG = "actors.recording.config:RecordingActorConfig"


class RecorderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Configures what a recorder keeps.

    Parameters
    ----------
    days : PositiveInt, default 30
        How many UTC days before the present one are kept.
    most_gigabytes : PositiveFloat, default 50
        The size of the Parquet files (10^9 bytes) above which the oldest are removed.
    sync_s : PositiveFloat, default 1
        The time between two moments at which all records are brought to the disk (s).
    standby_s : PositiveFloat, default 120
        How much a recorder that waits for another one's end keeps in memory (s).

    """

    days: PositiveInt = 30
    most_gigabytes: PositiveFloat = 50.0
    sync_s: PositiveFloat = 1.0
    standby_s: PositiveFloat = 120.0


@dataclass(frozen=True, slots=True)
class RecorderConfig:
    """
    Represents the resolved configuration of a recorder.

    Attributes
    ----------
    live : LiveConfig
        Its node, which has data clients alone.
    recorder : RecorderSettings
        What it keeps.

    """

    live: LiveConfig
    recorder: RecorderSettings


def load_recorder(name: str, overrides: Iterable[str] = ()) -> RecorderConfig:
    """
    Read the configuration of a recorder.

    Parameters
    ----------
    name : str
        The name of a file in `configs/recorders`, or the path of a file.
    overrides : Iterable[str]
        `dotted.key=value` settings; the value is YAML.

    Raises
    ------
    UsageError
        If a key is unknown or missing, or a value has the wrong type or is out of range.

    """
    path = find("recorders", name)
    known = NODE_KEYS | OWN_KEYS
    document = read_environment(path, known)
    override(document, overrides)
    check_known(document, known, path)
    check_complete(document, known, path)
    check_catalog_path(document, path)
    if document["environment"] != MODE:
        raise UsageError(f"{path.name}: `environment`: must be {MODE} for a recorder")
    instrument_ids = tuple(dict.fromkeys(_texts(document, "instruments", path)))
    if not instrument_ids:
        raise UsageError(f"{path.name}: `instruments`: name at least one")
    for text in instrument_ids:
        symbol, _, venue = text.rpartition(".")
        if not symbol or not venue:
            raise UsageError(f"{path.name}: `instruments`: {text!r} must be SYMBOL.VENUE")
    bars = [bar_spec(parse_bar_step(step)) for step in _texts(document, "bars", path)]
    if not isinstance(document["actors"], list):
        raise UsageError(f"{path.name}: `actors` must be a list")
    actors = [filled(entry, {ENVIRONMENT: MODE}) for entry in document["actors"]]
    actors += [_actor(text, bars) for text in instrument_ids]
    # Without an execution client no order could go anywhere.
    clients = client_sections(document["venues"], instrument_ids, "dry_run", path)
    if clients["exec_clients"]:
        raise UsageError(f"{path.name}: `venues`: a recorder has no execution client: set null")
    section = {**check_engine(document["node"], path, "node"), **clients, "cache": None}
    node = node_config({**section, "actors": actors, "strategies": []}, path)
    live = LiveConfig(
        system="recorder",
        mode=MODE,
        document={**document, "actors": actors},
        catalog=Path(document["catalog"]),
        instrument_ids=instrument_ids,
        market_bars={},
        settings=convert(document["settings"], NodeSettings, path, "settings"),
        node=node,
    )
    settings = convert(document["recorder"], RecorderSettings, path, "recorder")
    return RecorderConfig(live, settings)


def _texts(document: dict[str, Any], key: str, path: Path) -> list[str]:
    found = document[key]
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise UsageError(f"{path.name}: `{key}`: {found!r} must be a list of texts")
    return found


def _actor(instrument_id: str, bars: list[str]) -> dict[str, Any]:
    config = {
        "component_id": f"RECORDING-{instrument_id}",
        "instrument_id": instrument_id,
        "bars": bars,
    }
    return {"actor_path": ACTOR, "config_path": ACTOR_CONFIG, "config": config}
