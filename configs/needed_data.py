"""Which data the actors of a system need, and whether a run has them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from actors.config import BarActorConfig
from adapters.bar_types import step_text
from catalog.layout import NS_PER_SECOND
from configs.data_types import BAR
from configs.data_types import QUOTE_TICK
from configs.data_types import TRADE_TICK
from configs.data_types import bar_step
from configs.data_types import kind_of
from configs.documents import class_of
from configs.documents import convert
from errors import UsageError


TICKS = (QUOTE_TICK, TRADE_TICK)


def needed_data(resolved: dict[str, Any]) -> dict[str, str]:
    """
    Return the entries of `data` that the actors of a system need, with an actor that does.

    A bar of the venue or the vendor is `Bar 1m`; `Bar` where a configuration leaves the length
    open. Bars that an actor closes itself need quotes, which show the gaps, and trades.

    Parameters
    ----------
    resolved : dict[str, Any]
        The resolved system.

    Raises
    ------
    UsageError
        If an actor takes bars that are of no fixed length or of other prices than the last.

    """
    found: dict[str, str] = {}
    for entry in resolved["actors"]:
        actor = entry["actor_path"].rpartition(":")[2]
        cls = class_of(entry["config_path"])
        names = dict.fromkeys(getattr(cls, "DATA", ()))
        if issubclass(cls, BarActorConfig):
            config = convert(entry["config"], cls, Path(actor), "config")
            bars = [_entries(bar_type, actor) for bar_type in config.bar_types]
            if bars:
                names.pop(BAR, None)
            names |= dict.fromkeys(name for entries in bars for name in entries)
        found |= {name: found.get(name, actor) for name in names}
    # Quotes and trades first, in their usual order.
    return {name: found[name] for name in sorted(found, key=_rank)}


def default_data(resolved: dict[str, Any]) -> list[str]:
    """
    Return the entries of `data` for a run that names none: what its actors need.

    With trades come quotes, which show the gaps in them and fill orders, also for an actor that
    could do without. The parameter and the errors are those of `needed_data`.
    """
    needed = needed_data(resolved)
    return list(dict.fromkeys((*TICKS, *needed) if TRADE_TICK in needed else needed))


def check_needed_data(names: Iterable[str], resolved: dict[str, Any], where: str = "data") -> None:
    """
    Refuse a run that lacks data which an actor of its system needs.

    Parameters
    ----------
    names : Iterable[str]
        The entries of `data`.
    resolved : dict[str, Any]
        The resolved system.
    where : str, default 'data'
        The key that the error names.

    Raises
    ------
    UsageError
        If something is missing.

    """
    names = list(names)
    given = set(map(_key, names))
    for name, actor in needed_data(resolved).items():
        is_there = kind_of(name) in map(kind_of, names) if name == BAR else _key(name) in given
        if is_there:
            continue
        others = [step_text(bar_step(found)) for found in names if kind_of(found) == BAR]
        if kind_of(name) == BAR and others:
            raise UsageError(
                f"`{where}` lacks {name}, which {actor} needs: it has bars of {', '.join(others)}: "
                f"set `data` to [{name}] with bars of that step ingested, or the actor's step"
            )
        raise UsageError(f"`{where}` lacks {name}, which {actor} needs: `{where}: null` takes all")


def _entries(bar_type: Any, actor: str) -> tuple[str, ...]:
    spec = bar_type.spec
    step = spec.get_interval_ns() if spec.is_time_aggregated() else 0
    if step < NS_PER_SECOND or not str(spec).endswith("-LAST"):
        raise UsageError(f"{actor}: {bar_type}: take bars of last prices and a fixed time")
    if bar_type.is_internally_aggregated():
        return TICKS
    return (f"{BAR} {step_text(step)}",)


def _key(name: str) -> tuple[str, int]:
    is_bar = kind_of(name) == BAR
    return kind_of(name), bar_step(name) if is_bar else 0


def _rank(name: str) -> tuple[int, int]:
    kind = kind_of(name)
    return (TICKS.index(kind), 0) if kind in TICKS else (len(TICKS), bar_step(name))
