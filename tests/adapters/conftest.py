import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.live_node import TOKEN
from tests.adapters.live_node import VARIABLE
from tests.adapters.live_node import RealTimeMarket
from tests.adapters.live_node import free_port
from tests.adapters.live_node import market


@pytest.fixture
def real_data() -> Path:
    folder = os.environ.get("AUCTION_REAL_DATA")
    if not folder:
        pytest.skip("AUCTION_REAL_DATA is not set")
    return Path(folder)


@pytest.fixture
def catalog_path(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Iterator[RealTimeMarket]:
    """Run a market in real time; its nodes are told what to do with a token."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    with market(BybitLoopback(leverage=Decimal(25))) as found:
        yield found
