"""The data and execution clients of a node: those of the venues of its instruments."""

from pathlib import Path
from typing import Any

from configs.checks import named_class
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import class_of
from configs.documents import convert
from configs.documents import mapping
from configs.documents import one_line
from errors import UsageError


# What a file writes where a client gets the instruments that it serves.
INSTRUMENTS = "$instruments"
SECRETS = ("api_key", "api_secret")
CLIENTS = ("data", "execution")


def client_sections(
    venues: Any,
    instrument_ids: tuple[str, ...],
    mode: str,
    path: Path,
) -> dict[str, dict[str, Any]]:
    """
    Return the sections `data_clients` and `exec_clients` of a node.

    Parameters
    ----------
    venues : Any
        The `venues` section of the environment.
    instrument_ids : tuple[str, ...]
        The instruments of all actors and strategies.
    mode : str
        The mode of the environment; `dry_run` alone has no execution client.
    path : Path
        The file that the errors name.

    Raises
    ------
    UsageError
        If a venue or a key is missing or unknown, a value has the wrong type, the configuration
        contains a key of an account, or prices and orders belong to different markets.

    """
    venues = mapping(venues, "venues", path)
    served: dict[str, list[str]] = {}
    for instrument_id in instrument_ids:
        name = instrument_id.rpartition(".")[2]
        if name not in venues:
            raise UsageError(
                f"{path.name}: no venue `{name}` for {instrument_id}; there are "
                f"{', '.join(sorted(map(str, venues)))}; futures trade on paper alone"
            )
        served.setdefault(name, []).append(instrument_id)
    found: dict[str, dict[str, Any]] = {"data": {}, "execution": {}}
    wanted: dict[str, list[str]] = {}
    for name in served:
        venue = mapping(venues[name], f"venues.{name}", path)
        check_known(venue, set(CLIENTS), path)
        check_complete(venue, set(CLIENTS), path)
        for kind in CLIENTS:
            where = f"venues.{name}.{kind}"
            if venue[kind] is None:
                _check_absent(kind, mode, where, path)
                continue
            client = mapping(venue[kind], where, path)
            if set(client) != {"name", "path", "factory", "config"}:
                raise UsageError(f"{path.name}: `{where}` must hold name, path, factory, config")
            if not isinstance(client["name"], str):
                raise UsageError(f"{path.name}: `{where}.name`: {client['name']!r} must be text")
            # Clients of several venues may be one, which then serves the instruments of all.
            ids = wanted.setdefault(f"{kind} {client['name']}", [])
            ids += [text for text in served[name] if text not in ids]
            config = filled(client["config"], {INSTRUMENTS: ids})
            _check_client(client, config, kind, where, path)
            found[kind][client["name"]] = {
                "path": client["path"],
                "factory": client["factory"],
                "config": config,
            }
        _check_one_market(venue, f"venues.{name}", path)
    return {"data_clients": found["data"], "exec_clients": found["execution"]}


def _check_one_market(venue: dict[str, Any], where: str, path: Path) -> None:
    if venue["execution"] is None or "environment" not in venue["execution"]["config"]:
        return
    data, execution = (
        venue[kind]["config"].get("environment") or "MAINNET" for kind in ("data", "execution")
    )
    if data != execution:
        raise UsageError(
            f"{path.name}: `{where}`: prices of {data} and orders to {execution}: set both to one"
        )


def _check_absent(kind: str, mode: str, where: str, path: Path) -> None:
    if kind == "data":
        raise UsageError(f"{path.name}: `{where}`: null: a node without data would do nothing")
    if mode != "dry_run":
        raise UsageError(f"{path.name}: `{where}`: null: {mode} cannot send orders to the venue")


def _check_client(
    client: dict[str, Any],
    config: Any,
    kind: str,
    where: str,
    path: Path,
) -> None:
    config = mapping(config, f"{where}.config", path)
    for key in SECRETS:
        if config.get(key) is not None:
            raise UsageError(
                f"{path.name}: `{where}.config.{key}`: a configuration is written to the run "
                "folder: set the environment variable instead"
            )
    cls = named_class(client["path"], kind, path, f"{where}.path")
    try:
        factory = class_of(mapping(client["factory"], f"{where}.factory", path).get("path"))
    except ValueError as e:
        raise UsageError(f"{path.name}: `{where}.factory.path`: {one_line(e)}") from e
    # Nautilus wants a function that returns the class, and fails late with a class itself.
    if isinstance(factory, type) or not callable(factory):
        raise UsageError(f"{path.name}: `{where}.factory.path` is no function of no arguments")
    convert(config, cls, path, f"{where}.config")


def filled(value: Any, meanings: dict[str, Any]) -> Any:
    """Return a value of a file with its variables (`$instruments`, `$environment`) resolved."""
    if isinstance(value, str):
        return meanings.get(value, value)
    if isinstance(value, dict):
        return {key: filled(item, meanings) for key, item in value.items()}
    return value
