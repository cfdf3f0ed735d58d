"""A node that starts beside a fresh catalog is warm at once; an old catalog does not help."""

import socket
import time
from decimal import Decimal

import numpy as np
import pytest
from nautilus_trader.model.instruments import CryptoPerpetual

from actors.history import QUOTE
from actors.history import TRADE
from adapters.bybit.loopback.server import BybitLoopback
from adapters.node.warm_up import stretch
from catalog.errors import AuctionError
from catalog.instruments import resolve_instrument
from tests.adapters.bybit_server import wait_until
from tests.adapters.live_node import TOKEN
from tests.adapters.live_node import VARIABLE
from tests.adapters.live_node import live_node
from tests.adapters.live_node import market
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import write_catalog


pytestmark = pytest.mark.node


S = 1_000_000_000
GAP = 60 * S
WARMUP = 4


def rows(first_ns, last_ns, step_ns=S):
    found = []
    for number, ts in enumerate(np.arange(first_ns, last_ns, step_ns).tolist()):
        price = 600_000 + number % 40
        found.append((0, ts, price, 1_000, price + 1, 1_500))
        found.append((1, ts + 1_000_000, price, 10 + number % 5, 1 + number % 2))
    return found


def test_the_last_stretch_without_a_gap_is_found(tmp_path):
    t0 = 1_767_600_000 * S
    write_catalog(tmp_path, [*rows(t0, t0 + 100 * S), *rows(t0 + 200 * S, t0 + 230 * S)])
    found = stretch(tmp_path, resolve_instrument(BTC), t0, GAP)
    ticks = list(found.ticks())
    assert found.last_ns == ticks[-1].ts == t0 + 229 * S + 1_000_000
    assert ticks[0].ts == t0 + 200 * S
    assert [tick.kind for tick in ticks[:2]] == [QUOTE, TRADE]
    assert (ticks[0].a, ticks[0].b, ticks[0].a_size, ticks[0].b_size) == (
        600_000,
        600_001,
        1000,
        1500,
    )
    assert (ticks[1].a, ticks[1].a_size, ticks[1].side) == (600_000, 10, 1)
    assert stretch(tmp_path, resolve_instrument(BTC), t0 + 300 * S, GAP) is None
    before = stretch(tmp_path, resolve_instrument(BTC), t0 + 10 * S, GAP, t0 + 99 * S)
    assert (before.first_ns, before.last_ns) == (t0 + 10 * S, t0 + 99 * S)
    assert [tick.ts for tick in before.ticks()][-1] == t0 + 99 * S


def test_a_catalog_of_another_tick_is_refused(tmp_path):
    here = resolve_instrument(BTC)
    other = CryptoPerpetual.from_dict({**CryptoPerpetual.to_dict(here), "price_increment": "0.50"})
    write_catalog(tmp_path, rows(S, 10 * S), instrument=other)
    with pytest.raises(AuctionError, match="another tick or lot"):
        stretch(tmp_path, here, 0, GAP)


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
                time.sleep(3.0)
                assert not any(row["warm"] for row in node.rows("features"))
