"""A system file and the environment of a node become a `TradingNodeConfig`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nautilus_trader.config import TradingNodeConfig

from configs.cache import cache_section
from configs.checks import check_catalog_path
from configs.checks import check_engine
from configs.checks import check_position_modes
from configs.clients import client_sections
from configs.clients import filled
from configs.data_types import market_of
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import convert
from configs.documents import find
from configs.documents import override
from configs.extends import read_environment
from configs.node_data import node_data
from configs.node_data import set_market
from configs.node_settings import NodeSettings
from configs.system_file import SYSTEM_KEYS
from configs.system_file import instrument_ids_of
from configs.system_file import load_system
from errors import UsageError


MODES = ("paper", "shadow", "live", "dry_run")
NODE_KEYS = {"environment", "catalog", "data", "cache", "node", "actors", "settings", "venues"}
# What a file writes where an actor gets the name of the environment.
ENVIRONMENT = "$environment"


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """
    Represents the resolved configuration of a node.

    Attributes
    ----------
    system : str
        The name of the system.
    mode : str
        `paper`, `shadow`, `live` or `dry_run`.
    document : dict[str, Any]
        The merged configuration as plain values.
    catalog : Path
        The catalog that the indicators are warmed up from.
    instrument_ids : tuple[str, ...]
        The instruments of all actors and strategies.
    market_bars : dict[str, str]
        The bars that move the market of each instrument, none where quotes and trades do.
    settings : NodeSettings
        What the runner watches, and where it listens.
    node : TradingNodeConfig
        The same configuration as Nautilus's own struct.

    """

    system: str
    mode: str
    document: dict[str, Any]
    catalog: Path
    instrument_ids: tuple[str, ...]
    market_bars: dict[str, str]
    settings: NodeSettings
    node: TradingNodeConfig


def load_live(
    system: str,
    environment: str,
    overrides: Iterable[str] = (),
    *,
    own_actors: bool = True,
) -> LiveConfig:
    """
    Merge a system with the environment of a node and overrides into a `TradingNodeConfig`.

    Only the clients of the venues of the system's instruments are built. Actors of the environment
    come after those of the system, which are the same as in a backtest.

    Parameters
    ----------
    system, environment : str
        The names of files in `configs/systems` and `configs/environments`, or paths of files.
    overrides : Iterable[str]
        `dotted.key=value` settings for either file; the value is YAML. `actors` and `strategies`
        are those of the system.
    own_actors : bool, default True
        If the actors and the cache of the environment are there. A replay leaves them out: journal
        and Redis of the real node must know nothing of it.

    Raises
    ------
    UsageError
        If a file or a key is unknown, a value has the wrong type or is out of range, the
        configuration contains a key of an account, or live trading has no limit of loss.

    """
    settings = list(overrides)
    of_system = [text for text in settings if text.partition("=")[0].split(".")[0] in SYSTEM_KEYS]
    path = find("environments", environment)
    document = read_environment(path, NODE_KEYS)
    override(document, [text for text in settings if text not in of_system])
    check_known(document, NODE_KEYS | SYSTEM_KEYS, path)
    check_complete(document, NODE_KEYS, path)
    mode = document["environment"]
    check_catalog_path(document, path)
    if mode not in MODES:
        raise UsageError(f"{path.name}: `environment`: {mode!r} must be one of {', '.join(MODES)}")
    resolved = load_system(system, of_system)
    document["data"] = node_data(document["data"], resolved, mode, path, is_replay=not own_actors)
    instrument_ids = instrument_ids_of(resolved)
    # The venues of all nodes net.
    check_position_modes(resolved["strategies"], {}, find("systems", system))
    if not isinstance(document["actors"], list):
        raise UsageError(f"{path.name}: `actors` must be a list")
    document["actors"] = [filled(entry, {ENVIRONMENT: mode}) for entry in document["actors"]]
    actors = resolved["actors"] + (document["actors"] if own_actors else [])
    clients = client_sections(document["venues"], instrument_ids, mode, path)
    market, spec = market_of(document["data"])
    set_market(clients["exec_clients"], market, spec)
    section = check_engine(document["node"], path, "node")
    for key in ("data_clients", "exec_clients"):
        if key in section:
            raise UsageError(f"{path.name}: `node.{key}`: name clients below `venues`")
    cache = cache_section(
        section.get("cache"), document["cache"] if own_actors else None, mode, path
    )
    node = node_config(
        {
            **section,
            **clients,
            "cache": cache,
            "actors": actors,
            "strategies": resolved["strategies"],
        },
        path,
    )
    if mode == "live":
        _check_live(node, resolved, find("systems", system), path)
    return LiveConfig(
        system=find("systems", system).stem,
        mode=mode,
        document={**resolved, **document, "actors": actors},
        catalog=Path(document["catalog"]),
        instrument_ids=instrument_ids,
        market_bars={name: f"{name}-{spec}" for name in instrument_ids} if spec else {},
        settings=convert(document["settings"], NodeSettings, path, "settings"),
        node=node,
    )


def node_config(section: dict[str, Any], path: Path) -> TradingNodeConfig:
    """
    Return the section of a node as Nautilus's own struct.

    Raises
    ------
    UsageError
        If a key is unknown, or a value has the wrong type or is out of range.

    """
    found: TradingNodeConfig = convert(section, TradingNodeConfig, path, "node")
    return found


def _check_live(
    node: TradingNodeConfig,
    resolved: dict[str, Any],
    system_path: Path,
    path: Path,
) -> None:
    for i, entry in enumerate(resolved["strategies"]):
        if entry["config"].get("max_daily_loss") is None:
            key = f"strategies.{i}.config.max_daily_loss"
            raise UsageError(
                f"{system_path.name}: `{key}`: live refuses to start without a limit of loss: "
                f"--set {key}=AMOUNT"
            )
    for name in ("reconciliation", "open_check_interval_secs", "position_check_interval_secs"):
        if not getattr(node.exec_engine, name):
            raise UsageError(
                f"{path.name}: `node.exec_engine.{name}`: is off, and fills during a lost "
                "connection would never arrive: switch it on"
            )
    if not node.exec_engine.open_check_open_only:
        raise UsageError(
            f"{path.name}: `node.exec_engine.open_check_open_only`: is off, and orders that work "
            "would be rejected while the venue does not answer: switch it on"
        )
    if node.exec_engine.inflight_check_interval_ms:
        raise UsageError(
            f"{path.name}: `node.exec_engine.inflight_check_interval_ms`: is on, and orders that "
            "work would be rejected while the venue does not answer: set it to 0"
        )
