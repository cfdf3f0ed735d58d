from collections.abc import Iterator
from decimal import Decimal

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import RealTimeMarket
from tests.live.live_node import free_port
from tests.live.live_node import market


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Iterator[RealTimeMarket]:
    """Run a market in real time; its nodes are told what to do with a token."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    with market(BybitLoopback(leverage=Decimal(25))) as found:
        yield found
