from datetime import date
from pathlib import Path

import pytest
from nautilus_trader.model.instruments import Instrument

from catalog.instruments import resolve_instrument
from tests.catalog.market import BTC


@pytest.fixture(scope="session")
def perpetual() -> Instrument:
    return resolve_instrument(BTC)


@pytest.fixture(scope="session")
def future() -> Instrument:
    return resolve_instrument("NQZ5.XCME", date(2025, 11, 28))


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return tmp_path / "catalog"
