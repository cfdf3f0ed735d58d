"""A system file, a backtest environment and overrides become a `BacktestRunConfig`."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
from nautilus_trader.backtest.config import BacktestRunConfig

from configs.checks import check_engine
from configs.checks import check_environment
from configs.checks import check_position_modes
from configs.checks import resolve_venues
from configs.data_types import data_sections
from configs.data_types import market_of
from configs.documents import check_complete
from configs.documents import check_known
from configs.documents import convert
from configs.documents import find
from configs.documents import override
from configs.documents import read
from configs.extends import read_environment
from configs.needed_data import default_data
from configs.preset import DEFAULT
from configs.preset import apply_preset
from configs.preset import models_of
from configs.system_file import SYSTEM_KEYS
from configs.system_file import instrument_ids_of
from configs.system_file import resolve_system
from configs.times import instant_text
from configs.times import last_instant
from configs.times import parse_time
from errors import UsageError


BACKTEST_KEYS = {"environment", "catalog", "data", "chunk_size", "start", "end", "engine", "venues"}


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
        The requested window (ns UTC, the end excluded); None is all the data.
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

    def cut(self, end_ns: int | None) -> "RunConfig":
        """Return the configuration with an end no later than a time (ns UTC, excluded)."""
        if end_ns is None or (self.end_ns is not None and self.end_ns <= end_ns):
            return self
        document = {**self.document, "end": instant_text(end_ns)}
        return replace(self, document=document, end_ns=end_ns, node=self.until(end_ns))


def load_backtest(
    system: str,
    environment: str = "backtest",
    overrides: Iterable[str] = (),
    preset: str = DEFAULT,
) -> RunConfig:
    """
    Merge a system with a backtest environment, a preset and overrides into a `BacktestRunConfig`.

    An override takes precedence over the preset, and the preset over the environment.

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
    resolved = resolve_system(
        {key: merged.pop(key) for key in SYSTEM_KEYS if key in merged},
        system_path,
    )
    check_complete(merged, BACKTEST_KEYS, environment_path)
    if merged["data"] is None:
        merged["data"] = default_data(resolved)
    check_environment(merged, environment_path)
    document = {**resolved, **merged, "preset": preset}
    start, end = (parse_time(merged[key], key) for key in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise UsageError(f"end: {merged['end']} is not after the start {merged['start']}")
    instrument_ids = instrument_ids_of(resolved)
    touch, spec = market_of(merged["data"])
    venues = resolve_venues(merged["venues"], instrument_ids, environment_path)
    modes = {venue["name"]: venue["oms_type"] for venue in venues}
    check_position_modes(resolved["strategies"], modes, system_path)
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
