from pathlib import Path

import pytest

from configs.system_file import load_system
from tests.contract.case import Case
from tests.contract.entry import SYSTEMS
from tests.contract.entry import entry_of
from tests.contract.market import sample


@pytest.fixture(scope="session")
def samples() -> dict[tuple[str, int], Path]:
    """Hold the sample markets that were written."""
    return {}


@pytest.fixture(scope="module", params=SYSTEMS, ids=lambda path: path.stem)
def case(
    request: pytest.FixtureRequest,
    samples: dict[tuple[str, int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Case:
    """Return one system under the contract."""
    instrument_id = load_system(str(request.param))["instrument_id"]
    market = instrument_id, entry_of(request.param).days
    if market not in samples:
        samples[market] = sample(tmp_path_factory.mktemp("sample"), *market)
    return Case(request.param, samples[market], tmp_path_factory.mktemp(request.param.stem))
