from pathlib import Path

import pytest

from catalog.sample import MARKETS
from tests.contract.market import sample
from tests.ladder.runs import HEDGING
from tests.ladder.runs import HOURLY
from tests.ladder.runs import Run
from tests.ladder.runs import run_of


@pytest.fixture(scope="package")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a day of the sample market."""
    return sample(tmp_path_factory.mktemp("sample"), MARKETS["BTCUSDT"].instrument_id, 1)


@pytest.fixture(scope="package")
def netting(catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run at a venue with one position for all trades."""
    return run_of(catalog, tmp_path_factory.mktemp("netting"), HOURLY)


@pytest.fixture(scope="package")
def hedging(catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run at a venue with a position for each trade."""
    return run_of(catalog, tmp_path_factory.mktemp("hedging"), HOURLY, *HEDGING)
