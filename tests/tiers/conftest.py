from pathlib import Path

import pytest

from catalog.sample import write_sample


@pytest.fixture(scope="package")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a day of both contracts of the sample market."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, days=1, instruments=["ES", "MES"])
    return folder
