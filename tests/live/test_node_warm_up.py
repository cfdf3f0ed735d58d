"""A node that starts beside a fresh catalog is warm at once; an old catalog does not help."""

import socket
import time
from decimal import Decimal

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from tests.adapters.bybit_server import wait_until
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import live_node
from tests.live.live_node import market
from tests.live.test_warm_up import S
from tests.live.test_warm_up import rows
from tests.markets import MINUTE
from tests.markets import write_catalog


pytestmark = pytest.mark.node


WARMUP = 4


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)


@pytest.mark.parametrize(("age_s", "is_warm"), [(0, True), (200, False)])
def test_a_catalog_up_to_now_makes_a_node_warm(tmp_path, age_s, is_warm):
    catalog = tmp_path / "catalog"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with market(BybitLoopback(leverage=Decimal(25))) as moving:
        end = time.time_ns() - age_s * S
        write_catalog(catalog, rows(end - (WARMUP + 3) * MINUTE, end))
        settings = (
            f"catalog={catalog}",
            f"actors.0.config.warmup_minutes={WARMUP}",
            f"actors.0.config.rolling_window_minutes={WARMUP}",
        )
        with live_node(moving, tmp_path, "paper", port, *settings) as node:
            wait_until(lambda: not node.tell("status")["missing"], 30.0, node.said)
            if is_warm:
                wait_until(lambda: len(node.rows("features")) >= WARMUP, 30.0)
                features = node.rows("features")
                assert features[WARMUP]["warm"]
                assert features[-1]["trade_count"] > 50
                starts = [row["ts_min"] for row in features]
                assert starts == list(range(starts[0], starts[-1] + 1, MINUTE))
            else:
                # The minute that goes on is the first.
                wait_until(lambda: node.rows("features"), 70.0)
                assert not any(row["warm"] for row in node.rows("features"))
