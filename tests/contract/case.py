"""One system under the contract: its sample market, its runs, its parts."""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from actors.messages import Message
from backtests.runner import run_backtest
from configs.descriptors import load_descriptor
from configs.documents import class_of
from configs.loader import RunConfig
from configs.loader import load_backtest
from configs.preset import DEFAULT
from configs.system_file import load_system
from configs.times import parse_time
from live.replay_databento import VENUES
from research.evaluator.evaluator import FastEvaluator
from research.points import PointConfig
from strategies.common.system import System
from tests.contract.entry import Entry
from tests.contract.entry import entry_of


class Case:
    """
    Represents a system, and the runs of it that several tests need.

    Parameters
    ----------
    path : Path
        Its file.
    catalog : Path
        The sample market.
    folder : Path
        Gets all that is written.

    """

    def __init__(self, path: Path, catalog: Path, folder: Path) -> None:
        self.path, self.catalog, self.folder = path, catalog, folder
        self.entry: Entry = entry_of(path)
        self.prepared = self.prepare(catalog)

    @cached_property
    def system(self) -> System:
        """Return the descriptor."""
        return load_descriptor(load_system(str(self.path)), self.path)

    @cached_property
    def document(self) -> dict[str, Any]:
        """Return the resolved actors and strategies."""
        return load_system(str(self.path))

    @property
    def instrument_id(self) -> str:
        """Return the instrument of the system."""
        return str(self.document["instrument_id"])

    @property
    def is_future(self) -> bool:
        """Return True if it trades a future, whose venue speaks Databento's protocol."""
        return self.instrument_id.rpartition(".")[2] in VENUES

    @property
    def window(self) -> tuple[int, int]:
        """Return start and end of its runs (ns UTC)."""
        start, end = parse_time(self.entry.start, "start"), parse_time(self.entry.end, "end")
        assert start is not None
        assert end is not None
        return start, end

    @property
    def since(self) -> int:
        """Return from when on the market matters to what is prepared (ns UTC)."""
        since = parse_time(self.entry.since or self.entry.start, "since")
        assert since is not None
        return since

    @property
    def change(self) -> int:
        """Return when the future is changed (ns UTC)."""
        change = parse_time(self.entry.change, "change")
        assert change is not None
        assert self.window[0] < change < self.window[1]
        return change

    @property
    def published(self) -> list[type[Message]]:
        """Return the messages that its components publish."""
        found: list[type[Message]] = []
        for section, key in (("actors", "actor_path"), ("strategies", "strategy_path")):
            for part in self.document[section]:
                found += getattr(class_of(part[key]), "PUBLISHES", ())
        return list(dict.fromkeys(found))

    @property
    def tables(self) -> list[type[Message]]:
        """Return those of them that a backtest keeps as tables."""
        found = [cls for cls in self.published if cls.TABLE is not None]
        return [cls for cls in found if cls.TABLE is not None and not cls.TABLE.of_nodes]

    def prepare(self, catalog: Path) -> list[str]:
        """Return the settings that are made of a catalog."""
        folder = self.folder / f"prepared-{catalog.name}"
        folder.mkdir(parents=True)
        return self.entry.prepare(catalog, folder)

    def config(
        self, *settings: str, catalog: Path | None = None, preset: str = DEFAULT
    ) -> RunConfig:
        """Return the configuration of a backtest over the window."""
        overrides = [*self.overrides(catalog), *settings]
        return load_backtest(str(self.path), overrides=overrides, preset=preset)

    def overrides(self, catalog: Path | None = None) -> list[str]:
        """Return the overrides of a backtest over the window."""
        window = [f"start={self.entry.start}", f"end={self.entry.end}"]
        return [f"catalog={catalog or self.catalog}", *window, *self.entry.settings, *self.prepared]

    @cached_property
    def evaluator(self) -> FastEvaluator:
        """Return the evaluator of its window."""
        base = dict(text.split("=", 1) for text in self.overrides())
        return FastEvaluator(PointConfig(str(self.path), overrides=base), self.folder / "cache")

    def backtest(self, *settings: str, catalog: Path | None = None, report: bool = False) -> Path:
        """Run a backtest, and return its folder."""
        runs = self.folder / "runs"
        config = self.config(*settings, catalog=catalog)
        return run_backtest(config, runs, report=report)[1]

    @cached_property
    def run(self) -> Path:
        """Return the run by which all others are judged, with its report."""
        return self.backtest(report=True)


def table(run: Path, name: str) -> pd.DataFrame:
    """Return a table of a run."""
    return pq.read_table(run / f"{name}.parquet").to_pandas()
