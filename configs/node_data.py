"""Which market data a node reads, and what its simulated venues fill by."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from configs.data_types import BAR
from configs.data_types import check_data
from configs.data_types import kind_of
from configs.needed_data import TICKS
from configs.needed_data import check_needed_data
from configs.needed_data import default_data
from configs.needed_data import needed_data
from errors import UsageError


def node_data(
    names: Any, resolved: dict[str, Any], mode: str, path: Path, *, is_replay: bool = False
) -> list[str]:
    """
    Return the types of data that a node reads.

    Parameters
    ----------
    names : Any
        The key `data` of the environment; null is quotes, trades and what the actors need.
    resolved : dict[str, Any]
        The resolved system.
    mode : str
        The mode of the environment.
    path : Path
        The file that the errors name.
    is_replay : bool, default False
        If it is a replay: null is then what a backtest takes.

    Raises
    ------
    UsageError
        If an actor needs others, or orders could not be judged by them.

    """
    if names is None:
        taken = default_data(resolved) if is_replay else (*TICKS, *needed_data(resolved))
        names = list(dict.fromkeys(taken))
    check_data(names, path.name)
    kinds = set(map(kind_of, names))
    if kinds != {BAR} and not kinds.issuperset(TICKS):
        raise UsageError(
            f"{path.name}: `data`: {names}: a node reads quotes and trades, or bars alone: "
            "`data: null` takes what it needs"
        )
    if kinds == {BAR} and mode == "live":
        raise UsageError(
            f"{path.name}: `data`: {names}: real orders need quotes and trades: stops, targets and "
            "the watchdog go by them; `data: null` takes them beside the bars of the actors"
        )
    check_needed_data(names, resolved)
    return list(names)


def set_market(clients: dict[str, Any], market: str, spec: str | None) -> None:
    """
    Let the simulated venues of a node fill by bars, where those are all the data it has.

    Parameters
    ----------
    clients : dict[str, Any]
        The sections of the execution clients, changed in place.
    market : str
        What moves the market: `quote`, or `bar`.
    spec : str or None
        The bars that do, like ``1-MINUTE-LAST-EXTERNAL``.

    """
    if market != "bar":
        return
    for client in clients.values():
        # Venues may share a part of their sections.
        client["config"] = config = deepcopy(client["config"])
        modules = [module["config"] for module in config.get("modules", ())]
        for rules in modules:
            if "queue" in rules:
                rules |= {"touch": market, "bar_spec": spec}
        if modules:
            # A bar hides every latency: an order sent after it meets the open of the next.
            config["latency_model"]["config"]["base_latency_nanos"] = 0
