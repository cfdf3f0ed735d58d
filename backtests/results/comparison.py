"""Several runs side by side: their figures and what differs in their configurations."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from backtests.report.figures import MISSING
from backtests.report.figures import Figure
from backtests.report.figures import key_figures
from backtests.report.run_data import read_config
from backtests.report.run_data import read_equity
from backtests.results.run_folder import read_summary
from configs.plain_yaml import YamlError
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from errors import UsageError


MOST = 26
ABSENT = "not set"


@dataclass(frozen=True)
class ComparedRun:
    """
    Represents one run of a comparison.

    Attributes
    ----------
    letter : str
        Its short name in the comparison.
    summary : dict[str, Any]
        The content of summary.json.
    config : dict[str, str]
        The resolved configuration, each value under its dotted key.
    equity : pd.DataFrame
        The equity of the run.

    """

    letter: str
    summary: dict[str, Any]
    config: dict[str, str]
    equity: pd.DataFrame


def read_runs(folders: Sequence[Path]) -> list[ComparedRun]:
    """
    Read the runs of a comparison.

    Parameters
    ----------
    folders : Sequence[Path]
        Two to 26 different run folders.

    Raises
    ------
    UsageError
        If a folder is no run, is given twice, or there are too many.
    AuctionError
        If a file of a run is missing, cannot be read or was written by another version.

    """
    if len(folders) > MOST:
        raise UsageError(f"RUN: {len(folders)} runs: compare at most {MOST} at a time")
    seen: set[Path] = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise UsageError(f"RUN: {folder} is given twice: name different runs to compare")
        seen.add(folder.resolve())
    return [
        ComparedRun(
            letter=chr(ord("A") + number),
            summary=read_summary(folder),
            config=_flat_config(folder),
            equity=read_equity(folder),
        )
        for number, folder in enumerate(folders)
    ]


def figure_rows(runs: Sequence[ComparedRun]) -> list[tuple[str, str, list[Figure]]]:
    """Return heading, label and one figure for each run; a dash where a run has none of it."""
    grouped = [key_figures(run.summary) for run in runs]
    rows = []
    for heading in grouped[0]:
        by_label = [{figure.label: figure for figure in groups[heading]} for groups in grouped]
        for label in dict.fromkeys(label for figures in by_label for label in figures):
            missing = Figure(label, MISSING)
            rows.append((heading, label, [figures.get(label, missing) for figures in by_label]))
    return rows


def differing_keys(runs: Sequence[ComparedRun]) -> dict[str, list[str]]:
    """Return the configuration keys whose values differ, with the value of each run."""
    keys = dict.fromkeys(key for run in runs for key in run.config)
    values = {key: [run.config.get(key, ABSENT) for run in runs] for key in keys}
    return {key: texts for key, texts in values.items() if len(set(texts)) > 1}


def _flat_config(folder: Path) -> dict[str, str]:
    try:
        document = parse_yaml(read_config(folder))
    except YamlError as error:
        raise AuctionError(
            f"{folder / 'config.yaml'}: not readable as YAML ({error}); run the backtest again"
        ) from error
    return dict(_leaves(document, ""))


def _leaves(value: Any, path: str) -> list[tuple[str, str]]:
    items: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        items = [(str(key), below) for key, below in value.items()]
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        items = [(str(number), below) for number, below in enumerate(value)]
    if isinstance(value, str):
        return [(path, value)]
    if not items:
        return [(path, yaml.safe_dump(value, default_flow_style=True).partition("\n")[0])]
    return [
        leaf for key, below in items for leaf in _leaves(below, f"{path}.{key}" if path else key)
    ]
