"""The run of `btc_value_area` over the vector stream, by the command line."""

from dataclasses import dataclass
from pathlib import Path

from tests.engines import auction_process
from tests.markets import iso
from tests.markets import vector_stream
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES


RULES = [text for rule in SEED_RULES for text in ("--set", rule)]


@dataclass(frozen=True)
class VectorRun:
    """
    Represents the catalog of the vector stream, and its run.

    Parameters
    ----------
    folder : Path
        What `write_vector_run` has filled.

    """

    folder: Path

    @property
    def catalog(self) -> Path:
        """Return the catalog."""
        return self.folder / "catalog"

    @property
    def run(self) -> Path:
        """Return the folder of the run."""
        (run,) = (self.folder / "runs").iterdir()
        return run

    @property
    def printed(self) -> str:
        """Return what the command has printed."""
        return (self.folder / "printed.txt").read_text(encoding="utf-8")


def write_vector_run(folder: Path) -> None:
    """Fill a folder with the catalog, and the run that a process of its own makes."""
    catalog = write_vector_catalog(folder / "catalog")
    options = ["--catalog", catalog, "--end", iso(vector_stream()[1]), "--runs", folder / "runs"]
    done = auction_process("backtest", "btc_value_area", *options, *RULES)
    assert done.returncode == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
