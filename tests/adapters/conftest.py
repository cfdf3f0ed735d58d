import os
from pathlib import Path

import pytest


@pytest.fixture
def real_data() -> Path:
    folder = os.environ.get("AUCTION_REAL_DATA")
    if not folder:
        pytest.skip("AUCTION_REAL_DATA is not set")
    return Path(folder)


@pytest.fixture
def catalog_path(tmp_path: Path) -> Path:
    return tmp_path / "catalog"
