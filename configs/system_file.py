"""A system file: descriptor, actors and strategies, every parameter checked and resolved."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from configs.checks import check_identifiers
from configs.checks import named_class
from configs.descriptors import load_descriptor
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import convert
from configs.documents import find
from configs.documents import mapping
from configs.documents import override
from configs.documents import plain
from configs.documents import read
from configs.published import COMPONENTS
from configs.published import check_published
from errors import UsageError


SYSTEM_KEYS = {"system", "instrument_id", "actors", "strategies"}


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
    return resolve_system(document, path)


def resolve_system(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """
    Return a system's document with every parameter checked and resolved.

    Parameters
    ----------
    document : dict[str, Any]
        What the file holds, after overrides.
    path : Path
        The file that the errors name.

    Raises
    ------
    UsageError
        If a key is unknown or missing, or a value has the wrong type or is out of range.

    """
    system = load_descriptor(document, path)
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
    check_published(system, resolved, path)
    _name_actors(resolved["actors"])
    _check_names(resolved, path)
    return resolved


def _instrument_id(text: Any) -> str:
    symbol, _, venue = str(text).rpartition(".")
    if not symbol.strip() or not venue.strip():
        raise UsageError(f"instrument_id: {text!r} must be SYMBOL.VENUE, like BTCUSDT-LINEAR.BYBIT")
    return f"{symbol}.{venue}"


def _resolve_entry(
    entry: Any,
    section: str,
    instrument_id: str,
    path: Path,
    where: str,
) -> dict[str, Any]:
    path_key = COMPONENTS[section]
    keys = {path_key, "config_path", "config"}
    if not isinstance(entry, dict) or set(entry) != keys:
        raise UsageError(f"{path.name}: `{where}` must hold {', '.join(sorted(keys))}")
    named_class(entry[path_key], path_key, path, f"{where}.{path_key}")
    cls = named_class(entry["config_path"], section, path, f"{where}.config_path")
    given = mapping(entry["config"], f"{where}.config", path)
    check_identifiers(given, path, f"{where}.config")
    fields = {"instrument_id": instrument_id, **given}
    if section == "strategies":
        # A restart must find its own orders and position at the venue.
        fields = {"external_order_claims": [fields["instrument_id"]], **fields}
    typed = convert(fields, cls, path, f"{where}.config")
    # The resolved config has every field, also those the file leaves at their defaults.
    return {**entry, "config": plain(typed)}


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


def _name_actors(actors: list[dict[str, Any]]) -> None:
    """Give actors whose classes have one name, or of one class, names of their own."""
    paths = [entry["actor_path"] for entry in actors]
    of_name = Counter(path.rpartition(":")[2] for path in set(paths))
    for entry in actors:
        path, config = entry["actor_path"], entry["config"]
        name = path.rpartition(":")[2]
        is_shared = of_name[name] > 1
        if config["component_id"] is None and (is_shared or paths.count(path) > 1):
            own = path.replace(":", ".") if is_shared else name
            config["component_id"] = f"{own}-{config['instrument_id']}"


def _check_names(resolved: Mapping[str, Any], path: Path) -> None:
    named: dict[str, str] = {}
    for i, entry in enumerate(resolved["actors"]):
        where = f"actors.{i}"
        name = entry["config"]["component_id"] or entry["actor_path"].rpartition(":")[2]
        if (other := named.setdefault(name, where)) != where:
            raise UsageError(
                f"{path.name}: `{where}.config.component_id`: {name} is the name of `{other}` "
                "already: give it another"
            )


def instrument_ids_of(resolved: dict[str, Any]) -> tuple[str, ...]:
    """Return the instruments of all actors and strategies of a resolved system, each once."""
    found = {
        entry["config"]["instrument_id"]: None
        for section in ("actors", "strategies")
        for entry in resolved[section]
    }
    return tuple(found)
