"""One configuration: a system file, an environment file and overrides become Nautilus structs."""

from collections.abc import Iterable
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import yaml
from nautilus_trader.backtest.config import BacktestRunConfig
from nautilus_trader.backtest.config import BacktestVenueConfig
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.common.config import msgspec_decoding_hook
from nautilus_trader.common.config import msgspec_encoding_hook
from nautilus_trader.common.config import resolve_config_path
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.config import StrategyConfig

from catalog.errors import UsageError


FOLDER = Path(__file__).parent
SYSTEM_KEYS = {"instrument_id", "actors", "strategies"}
BACKTEST_KEYS = {"environment", "catalog", "data", "chunk_size", "start", "end", "engine", "venues"}
DATA_TYPES = {
    "QuoteTick": "nautilus_trader.model.data:QuoteTick",
    "TradeTick": "nautilus_trader.model.data:TradeTick",
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

    """

    system: str
    document: dict[str, Any]
    catalog: Path
    instrument_ids: tuple[str, ...]
    start_ns: int | None
    end_ns: int | None
    node: BacktestRunConfig


def system_names() -> list[str]:
    """Return the names of the configured systems."""
    return sorted(path.stem for path in (FOLDER / "systems").glob("*.yaml"))


def load_system(system: str, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """
    Return the actors and strategies of a system, with every parameter checked and resolved.

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
    path = _find("systems", system)
    return _resolve_system(_override(_read(path), overrides, path), path)


def load_backtest(
    system: str,
    environment: str = "backtest",
    overrides: Iterable[str] = (),
) -> RunConfig:
    """
    Merge a system with a backtest environment and overrides into a `BacktestRunConfig`.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Iterable[str]
        `dotted.key=value` settings for either file; the value is YAML.

    Raises
    ------
    UsageError
        If a file or a key is unknown, or a value has the wrong type or is out of range.

    """
    system_path, environment_path = _find("systems", system), _find("environments", environment)
    merged = {**_read(environment_path), **_read(system_path)}
    merged = _override(merged, overrides, system_path)
    resolved = _resolve_system(
        {key: merged.pop(key) for key in SYSTEM_KEYS if key in merged},
        system_path,
    )
    _check_keys(merged, BACKTEST_KEYS, environment_path)
    if merged.get("environment") != "backtest":
        raise UsageError(f"{environment_path.name}: `environment` must be backtest to run one")
    document = {**resolved, **merged}
    start, end = (parse_time(merged[key], key) for key in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise UsageError(f"end: {merged['end']} is not after the start {merged['start']}")
    instrument_ids = _instrument_ids(resolved)
    venues = _venues(merged["venues"], instrument_ids, environment_path)
    document["venues"] = {venue["name"]: venue for venue in venues}
    node = {
        "engine": {
            **merged["engine"],
            "actors": resolved["actors"],
            "strategies": resolved["strategies"],
        },
        "venues": venues,
        "data": [
            {
                "catalog_path": str(merged["catalog"]),
                "data_cls": _data_class(name, environment_path),
                "instrument_id": instrument_id,
            }
            for name in merged["data"]
            for instrument_id in instrument_ids
        ],
        "chunk_size": merged["chunk_size"],
        "start": None if start is None else pd.Timestamp(start, tz="UTC").isoformat(),
        # Nautilus includes the end.
        "end": None if end is None else pd.Timestamp(end - 1, tz="UTC").isoformat(),
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
        node=_convert(node, BacktestRunConfig, environment_path, ""),
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
        If the text is no time.

    """
    if text is None:
        return None
    try:
        time = pd.Timestamp(text if not isinstance(text, int | float) else str(text))
    except ValueError as e:
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time") from e
    if pd.isna(time):
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time")
    utc = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return int(utc.as_unit("ns").value)


def _find(folder: str, name: str) -> Path:
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        return path
    path = FOLDER / folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in (FOLDER / folder).glob("*.yaml")))
        raise UsageError(f"{name}: no such {folder.removesuffix('s')}; there are {known}")
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text())
    except yaml.YAMLError as e:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(e).split())}") from e
    if not isinstance(document, dict):
        raise UsageError(f"{path}: must hold keys and values at the top")
    return document


def _override(document: dict[str, Any], overrides: Iterable[str], path: Path) -> dict[str, Any]:
    document = deepcopy(document)
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {override}: must be of the form dotted.key=value")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as e:
            raise UsageError(f"--set {override}: the value is not valid YAML") from e
        _set(document, key, value)
    return document


def _set(document: dict[str, Any], key: str, value: Any) -> None:
    target: Any = document
    parts = key.split(".")
    for depth, part in enumerate(parts):
        where = ".".join(parts[: depth + 1])
        if isinstance(target, list):
            if not part.isdigit() or int(part) >= len(target):
                raise UsageError(f"--set {key}: `{where}` must be an index below {len(target)}")
            index: Any = int(part)
        elif isinstance(target, dict):
            index = part
            if depth + 1 < len(parts) and part not in target:
                known = ", ".join(sorted(map(str, target)))
                raise UsageError(f"--set {key}: unknown key `{where}`; there are {known}")
        else:
            raise UsageError(f"--set {key}: `{where}` lies inside a single value")
        if depth + 1 == len(parts):
            target[index] = value
        else:
            target = target[index]


def _check_keys(document: Mapping[str, Any], known: set[str], path: Path) -> None:
    if unknown := sorted(set(document) - known):
        raise UsageError(
            f"{path.name}: unknown key `{unknown[0]}`; there are {', '.join(sorted(known))}"
        )
    if missing := sorted(known - set(document)):
        raise UsageError(f"{path.name}: missing key `{missing[0]}`")


def _resolve_system(document: dict[str, Any], path: Path) -> dict[str, Any]:
    _check_keys(document, SYSTEM_KEYS, path)
    instrument_id = document["instrument_id"]
    try:
        InstrumentId.from_str(str(instrument_id))
    except ValueError as e:
        raise UsageError(
            f"instrument_id: {instrument_id!r} must be SYMBOL.VENUE, like BTCUSDT-LINEAR.BYBIT"
        ) from e
    resolved: dict[str, Any] = {"instrument_id": instrument_id}
    for section, base in (("actors", ActorConfig), ("strategies", StrategyConfig)):
        entries = document[section]
        if not isinstance(entries, list):
            raise UsageError(f"{path.name}: `{section}` must be a list")
        resolved[section] = [
            _resolve_entry(entry, base, instrument_id, path, f"{section}.{i}")
            for i, entry in enumerate(entries)
        ]
    if not resolved["strategies"]:
        raise UsageError(f"{path.name}: no strategies: there is nothing to run")
    return resolved


def _resolve_entry(
    entry: Any,
    base: type,
    instrument_id: str,
    path: Path,
    where: str,
) -> dict[str, Any]:
    if not isinstance(entry, dict) or not {"config_path", "config"} <= set(entry):
        raise UsageError(f"{path.name}: `{where}` must hold a path, `config_path` and `config`")
    try:
        cls = resolve_config_path(entry["config_path"])
    except (ImportError, AttributeError, ValueError) as e:
        raise UsageError(f"{path.name}: `{where}.config_path`: {e}") from e
    if not issubclass(cls, base):
        raise UsageError(f"{path.name}: `{where}.config_path` is not a {base.__name__}")
    config = {"instrument_id": instrument_id, **entry["config"]}
    typed = _convert(config, cls, path, f"{where}.config")
    # Every field, also those the file leaves at their defaults, stands in the resolved config.
    fields = msgspec.to_builtins(typed, enc_hook=msgspec_encoding_hook)
    return {**entry, "config": fields}


def _convert(document: Any, cls: type, path: Path, where: str) -> Any:
    prefix = f"{where}." if where else ""
    try:
        return msgspec.convert(document, cls, dec_hook=msgspec_decoding_hook, strict=True)
    except msgspec.ValidationError as e:
        text, _, at = str(e).partition(" - at ")
        key = prefix + at.strip("`").removeprefix("$").removeprefix(".")
        raise UsageError(f"{path.name}: `{key.rstrip('.')}`: {text}") from e
    except UsageError as e:
        raise UsageError(f"{path.name}: {prefix}{e}") from e


def _instrument_ids(resolved: dict[str, Any]) -> tuple[str, ...]:
    found = {
        entry["config"]["instrument_id"]: None
        for section in ("actors", "strategies")
        for entry in resolved[section]
    }
    return tuple(found)


def _venues(
    venues: Mapping[str, Any],
    instrument_ids: tuple[str, ...],
    path: Path,
) -> list[dict[str, Any]]:
    needed = dict.fromkeys(InstrumentId.from_str(i).venue.value for i in instrument_ids)
    for name in needed:
        if name not in venues:
            raise UsageError(
                f"{path.name}: no venue `{name}` for {instrument_ids[0]}; there are "
                f"{', '.join(sorted(venues))}"
            )
    result = []
    for name in needed:
        venue = {"name": name, **venues[name]}
        _convert(venue, BacktestVenueConfig, path, f"venues.{name}")
        result.append(venue)
    return result


def _data_class(name: str, path: Path) -> str:
    if name not in DATA_TYPES:
        raise UsageError(
            f"{path.name}: `data`: unknown type {name}; there are {', '.join(sorted(DATA_TYPES))}"
        )
    return DATA_TYPES[name]
