"""The folder of a sweep: its settings, its trials and their returns, whole after each batch."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtests.results.run_folder import write_yaml
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from errors import UsageError
from research.sweeps.trials import FIGURES
from research.sweeps.trials import Measured
from research.sweeps.trials import Trial


SETTINGS, TRIALS, RETURNS = "sweep.yaml", "trials.parquet", "returns.parquet"


class SweepStore:
    """
    Reads and writes the folder of one sweep.

    Parameters
    ----------
    folder : Path
        The folder.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write what the sweep is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_yaml(settings, self.folder / SETTINGS)

    def settings(self) -> dict[str, Any]:
        """
        Return what the sweep is.

        Raises
        ------
        UsageError
            If the folder holds no sweep.

        """
        path = self.folder / SETTINGS
        if not path.is_file():
            raise UsageError(f"{self.folder}: no sweep: it has no {SETTINGS}")
        found = parse_yaml(path.read_text())
        if not isinstance(found, dict):
            raise AuctionError(f"{path}: holds no settings")
        return found

    def write(self, trials: Sequence[Trial]) -> None:
        """Write all trials so far, in place of those before."""
        rows = []
        hours = []
        for trial in trials:
            row: dict[str, Any] = {
                "trial": trial.number,
                "point": json.dumps(trial.point, sort_keys=True),
                "error": trial.error,
                "seconds": trial.seconds,
            }
            for where, found in trial.results.items():
                row |= {f"{where} {name}": found.figures[name] for name in FIGURES}
                hours.append(
                    {"trial": trial.number, "where": where, "returns": found.hours.tolist()}
                )
            rows.append(row)
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {name: [row.get(name) for row in rows] for name in names}
        schema = pa.schema(
            [("trial", pa.int64()), ("where", pa.string()), ("returns", pa.list_(pa.float64()))]
        )
        # A trial counts once its row is there: its returns come first.
        self._replace(pa.Table.from_pylist(hours, schema=schema), RETURNS)
        self._replace(pa.table(columns), TRIALS)

    def read(self) -> list[Trial]:
        """
        Return the trials.

        Raises
        ------
        AuctionError
            If a file is damaged.

        """
        if not (self.folder / TRIALS).is_file():
            return []
        try:
            rows = pq.read_table(self.folder / TRIALS).to_pylist()
            hours = pq.read_table(self.folder / RETURNS).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise AuctionError(f"{self.folder}: a file of the sweep is damaged: {error}") from None
        returns = {(row["trial"], row["where"]): np.array(row["returns"]) for row in hours}
        trials = []
        for row in rows:
            number = row["trial"]
            results = {}
            for own, where in returns:
                if own == number:
                    figures = {name: _figure(row, f"{where} {name}") for name in FIGURES}
                    results[where] = Measured(figures, returns[own, where])
            point = json.loads(row["point"])
            trials.append(Trial(number, point, results, row["error"], row["seconds"]))
        return trials

    def _replace(self, table: pa.Table, name: str) -> None:
        part = self.folder / f".{name}.part"
        pq.write_table(table, part, compression="zstd")
        part.replace(self.folder / name)


def _figure(row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None else float(value)
