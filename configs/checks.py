"""Checks of the environment, the engine and the simulated venues before Nautilus builds them."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.backtest.config import BacktestVenueConfig
from nautilus_trader.backtest.models import FeeModel
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.backtest.modules import SimulationModule
from nautilus_trader.backtest.node import get_fee_model
from nautilus_trader.backtest.node import get_fill_model
from nautilus_trader.backtest.node import get_latency_model
from nautilus_trader.backtest.node import get_leverages
from nautilus_trader.backtest.node import get_margin_model
from nautilus_trader.backtest.node import get_starting_balances
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.common.config import ImportableActorConfig
from nautilus_trader.config import LiveDataClientConfig
from nautilus_trader.config import LiveExecClientConfig
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from catalog.contracts import contract_spec
from configs.data_types import check_data
from configs.documents import class_of
from configs.documents import convert
from configs.documents import mapping
from configs.documents import one_line
from configs.venue_rules import check_fill_rules
from configs.venue_rules import check_finite
from errors import UsageError


# Nautilus's core ends the process at a name it does not know: none may reach it.
LOG_LEVELS = ("OFF", "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR")
CHOICES = {
    "oms_type": ("NETTING", "HEDGING"),
    "account_type": ("MARGIN",),
    "book_type": ("L1_MBP",),
    "oto_trigger_mode": ("PARTIAL", "FULL"),
}
# Of a strategy; its positions are those of its venue.
MODES = {"oms_type": ("NETTING",), "position_mode": ("NETTING", "BY_TRADE")}
POSITION_MODES = {"NETTING": "NETTING", "HEDGING": "BY_TRADE"}
BUILDERS: dict[str, tuple[Callable[[BacktestVenueConfig], Any], type]] = {
    "starting_balances": (get_starting_balances, object),
    "leverages": (get_leverages, object),
    "margin_model": (get_margin_model, object),
    "fill_model": (get_fill_model, FillModel),
    "latency_model": (get_latency_model, LatencyModel),
    "fee_model": (get_fee_model, FeeModel),
}
# What a path in a configuration must name, by its key.
CLASSES: dict[str, type] = {
    "actor_path": Actor,
    "strategy_path": Strategy,
    "actors": ActorConfig,
    "strategies": StrategyConfig,
    "data": LiveDataClientConfig,
    "execution": LiveExecClientConfig,
}
# The data set of Databento and the group of exchanges: Nautilus's adapters name futures by them.
GROUP_VENUES = ("GLBX", "CME")
_NAME_TAG = re.compile(r"[!-~]*[!-,.-~]-[!-,.-~]+")
_NAME = re.compile(r"[!-~]+")
_BALANCE = re.compile(r"[0-9][0-9_]*(\.[0-9]+)? [A-Za-z0-9]+")


def check_environment(document: dict[str, Any], path: Path) -> None:
    """
    Check the keys of an environment that are no section.

    Raises
    ------
    UsageError
        If a value is wrong.

    """
    if document["environment"] != "backtest":
        raise UsageError(f"{path.name}: `environment` must be backtest to run one")
    check_catalog_path(document, path)
    check_data(document["data"], path.name)
    size = document["chunk_size"]
    if isinstance(size, int) and size < 1:
        raise UsageError(f"{path.name}: `chunk_size`: {size} is not positive; null reads all")


def check_catalog_path(document: dict[str, Any], path: Path) -> None:
    """Raise UsageError if the key `catalog` is no path."""
    text = document["catalog"]
    if not isinstance(text, str) or not text or "\0" in text:
        raise UsageError(f"{path.name}: `catalog`: {text!r} must be the path of a folder, as text")


def check_engine(engine: Any, path: Path, where: str = "engine") -> dict[str, Any]:
    """
    Return the section of an engine or a node if Nautilus can build it without its components.

    Parameters
    ----------
    engine : Any
        The section.
    path : Path
        The file that the errors name.
    where : str, default 'engine'
        The key of the section.

    Raises
    ------
    UsageError
        If the trader id or a log level is none.

    """
    section = mapping(engine, where, path)
    for key in ("actors", "strategies", "environment"):
        if key in section:
            raise UsageError(f"{path.name}: `{where}.{key}` must not be set here")
    if "trader_id" in section:
        trader_id = section["trader_id"]
        if not (isinstance(trader_id, str) and _NAME_TAG.fullmatch(trader_id)):
            raise UsageError(
                f"{path.name}: `{where}.trader_id`: {trader_id!r} must be NAME-TAG, "
                "like BACKTEST-001"
            )
    logging = section.get("logging")
    if logging is not None:
        logging = mapping(logging, f"{where}.logging", path)
        levels = {f"{where}.logging.{k}": logging.get(k) for k in ("log_level", "log_level_file")}
        components = logging.get("log_component_levels")
        if components is not None:
            at = f"{where}.logging.log_component_levels"
            components = mapping(components, at, path)
            levels |= {f"{at}.{name}": level for name, level in components.items()}
        for key, level in levels.items():
            if level is not None and str(level).upper() not in LOG_LEVELS:
                raise UsageError(
                    f"{path.name}: `{key}`: {level!r} must be one of {', '.join(LOG_LEVELS)}"
                )
    return section


def named_class(text: Any, kind: str, path: Path, where: str) -> type:
    """
    Return the class that a path in a configuration names.

    Parameters
    ----------
    text : Any
        The path, `package.module:Name`.
    kind : str
        What it must be: a component by its key (`actor_path`, `strategy_path`), or a configuration
        by its section (`actors`, `strategies`, `data`, `execution`).
    path : Path
        The file that the errors name.
    where : str
        The key of the path.

    Raises
    ------
    UsageError
        If it names nothing, or something else.

    """
    try:
        cls = class_of(text)
    except ValueError as e:
        raise UsageError(f"{path.name}: `{where}`: {e}") from e
    base = CLASSES[kind]
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise UsageError(f"{path.name}: `{where}` is not a {base.__name__}: {text}")
    # To Nautilus a strategy is an actor too; as one it would get no account and no order factory.
    if kind == "actor_path" and issubclass(cls, Strategy):
        raise UsageError(f"{path.name}: `{where}`: {text} is a strategy: name it in `strategies`")
    return cls


def check_identifiers(config: dict[str, Any], path: Path, where: str) -> None:
    """Raise UsageError if an actor or strategy has a name that Nautilus cannot carry."""
    for key, pattern, form in (
        ("component_id", _NAME, "letters, digits or signs of ASCII"),
        ("strategy_id", _NAME, "letters, digits or signs of ASCII"),
        ("order_id_tag", _NAME, "letters, digits or signs of ASCII"),
    ):
        name = config.get(key)
        if name is not None and not (isinstance(name, str) and pattern.fullmatch(name)):
            raise UsageError(f"{path.name}: `{where}.{key}`: {name!r} must be {form}")
    for key, choices in MODES.items():
        mode = config.get(key)
        if mode is not None and mode not in choices:
            raise UsageError(
                f"{path.name}: `{where}.{key}`: {mode!r} must be one of {', '.join(choices)}"
            )


def check_position_modes(
    strategies: list[dict[str, Any]],
    venues: dict[str, str],
    path: Path,
) -> None:
    """
    Check that strategies and venues keep the positions of an instrument in the same way.

    Parameters
    ----------
    strategies : list[dict[str, Any]]
        The strategies, resolved.
    venues : dict[str, str]
        The `oms_type` of each venue.
    path : Path
        The file that the errors name.

    Raises
    ------
    UsageError
        If a strategy expects one position for all trades and its venue keeps one for each, or the
        other way round: reduce-only orders would be rejected there.

    """
    for i, entry in enumerate(strategies):
        config = entry["config"]
        venue = str(config.get("instrument_id")).rpartition(".")[2]
        oms_type = venues.get(venue, "NETTING")
        expected = POSITION_MODES[oms_type]
        mode = config.get("position_mode", "NETTING")
        if mode != expected:
            raise UsageError(
                f"{path.name}: `strategies.{i}.config.position_mode`: {mode} does not fit "
                f"{oms_type} of {venue}: set it to {expected}"
            )
        if oms_type != "NETTING" and config.get("oms_type") is not None:
            raise UsageError(
                f"{path.name}: `strategies.{i}.config.oms_type`: leave it out at {venue}, which is "
                f"{oms_type}"
            )


def resolve_venues(
    venues: Any,
    instrument_ids: tuple[str, ...],
    path: Path,
) -> list[dict[str, Any]]:
    """
    Return the venues of the instruments.

    Parameters
    ----------
    venues : Any
        The `venues` section.
    instrument_ids : tuple[str, ...]
        The instruments of the run.
    path : Path
        The file that the errors name.

    Raises
    ------
    UsageError
        If a venue is missing or a value of it is wrong.

    """
    venues = mapping(venues, "venues", path)
    result: dict[str, dict[str, Any]] = {}
    for instrument_id in instrument_ids:
        name = instrument_id.rpartition(".")[2]
        if name in result:
            continue
        section = name if name in venues else _exchange_of(instrument_id)
        if section not in venues:
            raise UsageError(
                f"{path.name}: no venue `{name}` for {instrument_id}; there are "
                f"{', '.join(sorted(map(str, venues)))}: add a section `venues.{name}`"
            )
        where = f"venues.{section}"
        venue = mapping(venues[section], where, path)
        if "name" in venue:
            raise UsageError(f"{path.name}: `{where}.name`: the key above it is the name")
        result[name] = {"name": name, **venue}
        _check_venue(result[name], path, where)
    return list(result.values())


def _exchange_of(instrument_id: str) -> str:
    """Return the exchange of a future that a catalog keeps under its data set or group."""
    symbol, _, venue = instrument_id.rpartition(".")
    spec = contract_spec(symbol)
    return spec.venue if spec is not None and venue in GROUP_VENUES else ""


def _check_venue(venue: dict[str, Any], path: Path, where: str) -> None:
    check_finite(venue, path, where)
    if venue.get("base_currency") is not None:
        raise UsageError(
            f"{path.name}: `{where}.base_currency`: only null is supported: "
            "a run is booked in the settlement currency"
        )
    for key, choices in CHOICES.items():
        if key in venue and venue[key] not in choices:
            only = "must be one of" if len(choices) > 1 else "is not supported, only"
            raise UsageError(
                f"{path.name}: `{where}.{key}`: {venue[key]!r} {only} {', '.join(choices)}"
            )
    typed = convert(venue, BacktestVenueConfig, path, where)
    balances = typed.starting_balances
    if not balances or not all(_BALANCE.fullmatch(text) for text in balances):
        raise UsageError(
            f"{path.name}: `{where}.starting_balances`: {balances!r} must be a list of amounts "
            "with their currencies, like [10000 USDT]"
        )
    leverages = {"default_leverage": typed.default_leverage}
    leverages |= {f"leverages.{name}": value for name, value in (typed.leverages or {}).items()}
    for key, leverage in leverages.items():
        if not (math.isfinite(leverage) and leverage >= 1):
            raise UsageError(
                f"{path.name}: `{where}.{key}`: {leverage} is not finite and at least 1"
            )
    for i, module in enumerate(typed.modules or []):
        _check_module(module, path, f"{where}.modules.{i}")
    for key, (build, cls) in BUILDERS.items():
        try:
            built = build(typed)
        # A class named in the configuration may raise anything.
        except Exception as e:
            raise UsageError(f"{path.name}: `{where}.{key}`: {one_line(e)}") from e
        if built is not None and not isinstance(built, cls):
            raise UsageError(f"{path.name}: `{where}.{key}` is not a {cls.__name__}")
    check_fill_rules(venue, path, where)


def _check_module(module: ImportableActorConfig, path: Path, where: str) -> None:
    try:
        cls, config_cls = class_of(module.actor_path), class_of(module.config_path)
    except ValueError as e:
        raise UsageError(f"{path.name}: `{where}`: {one_line(e)}") from e
    if not (isinstance(cls, type) and issubclass(cls, SimulationModule)):
        raise UsageError(f"{path.name}: `{where}.actor_path` is not a SimulationModule")
    convert(module.config, config_cls, path, f"{where}.config")
