"""One configuration: a system file, an environment file and overrides become Nautilus structs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
from nautilus_trader.backtest.config import BacktestRunConfig
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.common.config import msgspec_encoding_hook
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from configs.checks import check_engine
from configs.checks import check_environment
from configs.checks import check_identifiers
from configs.checks import resolve_venues
from configs.data_types import data_sections
from configs.data_types import market_of
from configs.descriptors import load_descriptor
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import class_of
from configs.documents import convert
from configs.documents import find
from configs.documents import mapping
from configs.documents import override
from configs.documents import read
from configs.extends import read_environment
from configs.preset import DEFAULT
from configs.preset import apply_preset
from configs.preset import models_of
from errors import UsageError
from errors import shortened


# A date, a month or a year; what follows is a time.
ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?|\d{4})?([T ]|$)")
SYSTEM_KEYS = {"system", "instrument_id", "actors", "strategies"}
BACKTEST_KEYS = {"environment", "catalog", "data", "chunk_size", "start", "end", "engine", "venues"}
COMPONENTS = {
    "actors": ("actor_path", Actor, ActorConfig),
    "strategies": ("strategy_path", Strategy, StrategyConfig),
}


@dataclass(frozen=True, slots=True)
class RunConfig:
    """
    Represents one resolved configuration.

    Attributes
    ----------
    system : str
        The name of the system.
    document : dict[str, Any]
        The merged configuration as plain values: what `config.yaml` of the run folder shows.
    catalog : Path
        The catalog the run reads.
    instrument_ids : tuple[str, ...]
        The instruments of all actors and strategies.
    start_ns, end_ns : int or None
        The window asked for (ns UTC, the end excluded); None is all the data.
    node : BacktestRunConfig
        The same configuration as Nautilus's own struct.
    preset : str
        The preset of market assumptions, `default` for the environment's own.

    """

    system: str
    document: dict[str, Any]
    catalog: Path
    instrument_ids: tuple[str, ...]
    start_ns: int | None
    end_ns: int | None
    node: BacktestRunConfig
    preset: str = DEFAULT

    def until(self, end_ns: int | None) -> BacktestRunConfig:
        """Return the configuration of the node with another end (ns UTC, excluded)."""
        if end_ns is None or end_ns == self.end_ns:
            return self.node
        return msgspec.structs.replace(self.node, end=last_instant(end_ns))


def load_system(system: str, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return descriptor, actors and strategies of a system, every parameter checked and resolved.

    Parameters
    ----------
    system : str
        The name of a file in `configs/systems`, or the path of a file.
    overrides : Iterable[str]
        `dotted.key=value` settings; the value is YAML.

    Raises
    ------
    UsageError
        If the system or a key is unknown, or a value has the wrong type or is out of range.

    """
    path = find("systems", system)
    document = read(path, SYSTEM_KEYS)
    override(document, overrides)
    check_known(document, SYSTEM_KEYS, path)
    return _resolve_system(document, path)


def load_backtest(
    system: str,
    environment: str = "backtest",
    overrides: Iterable[str] = (),
    preset: str = DEFAULT,
) -> RunConfig:
    """
    Merge a system with a backtest environment, a preset and overrides into a `BacktestRunConfig`.

    What an override says wins over the preset, and the preset over the environment.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Iterable[str]
        `dotted.key=value` settings for either file; the value is YAML.
    preset : str, default 'default'
        The name of a file in `configs/presets`, or the path of a file; `default` lays none over the
        environment.

    Raises
    ------
    UsageError
        If a file or a key is unknown, or a value has the wrong type or is out of range.

    """
    system_path, environment_path = find("systems", system), find("environments", environment)
    merged = {**read_environment(environment_path, BACKTEST_KEYS), **read(system_path, SYSTEM_KEYS)}
    if preset != DEFAULT:
        apply_preset(merged.get("venues"), preset, environment_path)
    override(merged, overrides)
    check_known(merged, SYSTEM_KEYS | BACKTEST_KEYS, environment_path)
    resolved = _resolve_system(
        {key: merged.pop(key) for key in SYSTEM_KEYS if key in merged},
        system_path,
    )
    check_complete(merged, BACKTEST_KEYS, environment_path)
    check_environment(merged, environment_path)
    document = {**resolved, **merged, "preset": preset}
    start, end = (parse_time(merged[key], key) for key in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise UsageError(f"end: {merged['end']} is not after the start {merged['start']}")
    instrument_ids = instrument_ids_of(resolved)
    touch, spec = market_of(merged["data"])
    venues = resolve_venues(merged["venues"], instrument_ids, environment_path)
    for venue in venues:
        for _, config in models_of(venue, f"venues.{venue['name']}", environment_path):
            if "catalog_path" in config and config["catalog_path"] is None:
                config["catalog_path"] = merged["catalog"]
            if "touch" in config and config["touch"] is None:
                config["touch"] = touch
            if config.get("touch") == "bar":
                config["bar_spec"] = spec
                # A bar hides every latency: an order sent after it meets the open of the next.
                venue["latency_model"] = None
    document["venues"] = {venue["name"]: venue for venue in venues}
    node = {
        "engine": {
            **check_engine(merged["engine"], environment_path),
            "actors": resolved["actors"],
            "strategies": resolved["strategies"],
        },
        "venues": venues,
        "data": data_sections(merged["data"], instrument_ids, merged["catalog"]),
        "chunk_size": merged["chunk_size"],
        "start": None if start is None else pd.Timestamp(start, tz="UTC").isoformat(),
        "end": None if end is None else last_instant(end),
        "raise_exception": True,
        "dispose_on_completion": False,
    }
    return RunConfig(
        system=system_path.stem,
        document=document,
        catalog=Path(merged["catalog"]),
        instrument_ids=instrument_ids,
        start_ns=start,
        end_ns=end,
        node=convert(node, BacktestRunConfig, environment_path, ""),
        preset=preset,
    )


def parse_time(text: Any, key: str) -> int | None:
    """
    Return a time as ns UTC, or None for None.

    Parameters
    ----------
    text : Any
        An ISO 8601 date or time; without an offset it is UTC, a date alone is its midnight.
    key : str
        What the error names.

    Raises
    ------
    UsageError
        If the text is no time, or one before 1971 or after 2261.

    """
    if text is None:
        return None
    try:
        if isinstance(text, bool | float):
            raise TypeError
        if isinstance(text, str | int) and not ISO_DATE.match(str(text)):
            # pandas would take 06.01.2026 for the first of June.
            raise ValueError
        time = pd.Timestamp(str(text) if isinstance(text, int) else text)
    except (TypeError, ValueError) as e:
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time") from e
    if pd.isna(time):
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time")
    if not 1971 <= time.year <= 2261:
        raise UsageError(f"{key}: {text} does not lie in the years 1971 to 2261")
    utc = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return int(utc.as_unit("ns").value)


def last_instant(end_ns: int) -> str:
    """Return the last time before an excluded end (ns UTC) as text: Nautilus includes its end."""
    return pd.Timestamp(end_ns - 1, tz="UTC").isoformat()


def _resolve_system(document: dict[str, Any], path: Path) -> dict[str, Any]:
    load_descriptor(document, path)
    check_complete(document, SYSTEM_KEYS, path)
    resolved: dict[str, Any] = {
        "system": document["system"],
        "instrument_id": _instrument_id(document["instrument_id"]),
    }
    for section in ("actors", "strategies"):
        entries = document[section]
        if not isinstance(entries, list):
            raise UsageError(f"{path.name}: `{section}` must be a list")
        resolved[section] = [
            _resolve_entry(entry, section, resolved["instrument_id"], path, f"{section}.{i}")
            for i, entry in enumerate(entries)
        ]
    if not resolved["strategies"]:
        raise UsageError(f"{path.name}: no strategies: there is nothing to run")
    _check_instruments(resolved, path)
    return resolved


def _instrument_id(text: Any) -> str:
    try:
        return str(InstrumentId.from_str(str(text)))
    except ValueError as e:
        raise UsageError(
            f"instrument_id: {text!r} must be SYMBOL.VENUE, like BTCUSDT-LINEAR.BYBIT"
        ) from e


def _resolve_entry(
    entry: Any,
    section: str,
    instrument_id: str,
    path: Path,
    where: str,
) -> dict[str, Any]:
    path_key, base, config_base = COMPONENTS[section]
    keys = {path_key, "config_path", "config"}
    if not isinstance(entry, dict) or set(entry) != keys:
        raise UsageError(f"{path.name}: `{where}` must hold {', '.join(sorted(keys))}")
    _resolve_class(entry[path_key], base, path, f"{where}.{path_key}")
    cls = _resolve_class(entry["config_path"], config_base, path, f"{where}.config_path")
    given = mapping(entry["config"], f"{where}.config", path)
    check_identifiers(given, path, f"{where}.config")
    fields = {"instrument_id": instrument_id, **given}
    if section == "strategies":
        # A restart must find its own orders and position at the venue.
        fields = {"external_order_claims": [fields["instrument_id"]], **fields}
    typed = convert(fields, cls, path, f"{where}.config")
    # Every field, also those the file leaves at their defaults, stands in the resolved config.
    fields = msgspec.to_builtins(typed, enc_hook=msgspec_encoding_hook)
    return {**entry, "config": fields}


def _resolve_class(text: Any, base: type, path: Path, where: str) -> type:
    try:
        cls = class_of(text)
    except ValueError as e:
        raise UsageError(f"{path.name}: `{where}`: {shortened(repr(text))}: {e}") from e
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise UsageError(f"{path.name}: `{where}` is not a {base.__name__}")
    return cls


def _check_instruments(resolved: dict[str, Any], path: Path) -> None:
    served: set[tuple[str, str]] = set()
    for i, entry in enumerate(resolved["actors"]):
        pair = (entry["actor_path"], entry["config"]["instrument_id"])
        if pair in served:
            raise UsageError(f"{path.name}: `actors.{i}` is a second {pair[0]} for {pair[1]}")
        served.add(pair)
    published = {instrument_id for _, instrument_id in served}
    traded: set[str] = set()
    for i, entry in enumerate(resolved["strategies"]):
        if entry["config"]["instrument_id"] in traded:
            raise UsageError(
                f"{path.name}: `strategies.{i}` is a second strategy on "
                f"{entry['config']['instrument_id']}: the venue nets both into one position; run "
                "them apart"
            )
        traded.add(entry["config"]["instrument_id"])
        if entry["config"]["instrument_id"] not in published:
            raise UsageError(
                f"{path.name}: `strategies.{i}.config.instrument_id`: no actor publishes for "
                f"{entry['config']['instrument_id']}: add one to `actors`"
            )


def instrument_ids_of(resolved: dict[str, Any]) -> tuple[str, ...]:
    """Return the instruments of all actors and strategies of a resolved system, each once."""
    found = {
        entry["config"]["instrument_id"]: None
        for section in ("actors", "strategies")
        for entry in resolved[section]
    }
    return tuple(found)
