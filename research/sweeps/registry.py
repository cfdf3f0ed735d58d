"""
The registry of all trials of all sweeps.

The best of many trials looks good by chance: how many were ever tried on a system and its data
counts, and not how many the last command tried.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from errors import AuctionError
from research.sweeps.trials import Trial


NAME = "registry.sqlite"
_TABLE = """
CREATE TABLE IF NOT EXISTS trials (
    system TEXT NOT NULL, data TEXT NOT NULL, point TEXT NOT NULL, sweep TEXT NOT NULL,
    sharpe REAL, PRIMARY KEY (system, data, point)
)
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """
    Represents what was tried of a system on its data.

    Attributes
    ----------
    count : int
        The different points.
    variance : float
        The variance of their hourly Sharpe ratios.

    """

    count: int
    variance: float


class Registry:
    """
    Keeps the points that were tried.

    Parameters
    ----------
    folder : Path
        The folder of all sweeps.

    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def add(
        self, system: str, data: str, sweep: str, trials: Iterable[Trial], base: str = ""
    ) -> None:
        """Add trials; a point of one configuration, `base`, counts once."""
        rows = []
        for trial in trials:
            found = trial.results.get("default")
            if found is None:
                continue
            deviation = float(found.hours.std(ddof=1)) if len(found.hours) > 1 else 0.0
            sharpe = float(found.hours.mean()) / deviation if deviation > 0 else None
            point = f"{base} {json.dumps(trial.point, sort_keys=True)}"
            rows.append((system, data, point, sweep, sharpe))
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?)", rows)

    def tried(self, system: str, data: str) -> Tried:
        """Return what was tried of a system on its data."""
        query = "SELECT sharpe FROM trials WHERE system = ? AND data = ?"
        with self._open() as database:
            rows = [row[0] for row in database.execute(query, (system, data))]
        ratios = [ratio for ratio in rows if ratio is not None]
        mean = sum(ratios) / len(ratios) if ratios else 0.0
        spread = sum((ratio - mean) ** 2 for ratio in ratios)
        return Tried(len(rows), spread / (len(ratios) - 1) if len(ratios) > 1 else 0.0)

    def _open(self) -> closing[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            database = sqlite3.connect(self._path, timeout=30)
            database.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            raise AuctionError(f"{self._path}: {error}: set the file aside") from None
        return closing(database)
