"""One market in the backtest and through a node: regimes, patterns, decisions and fills."""

from backtests.results.parity import compare
from backtests.runner import run_backtest
from configs.loader import load_backtest
from live.replay import run_replay
from tests.markets import BTC
from tests.markets import write_catalog
from tests.order_flow.market import SETTINGS
from tests.order_flow.market import rows


# The venue of the future can only be played to a process of its own; this one's is a perpetual.
OF_BTC = (
    f"instrument_id={BTC}",
    "strategies.0.config.fee_per_contract=null",
)


def test_a_node_decides_and_fills_what_the_backtest_does(tmp_path):
    catalog = write_catalog(tmp_path / "catalog", rows(minutes=24))
    overrides = [f"catalog={catalog}", *SETTINGS, *OF_BTC]
    config = load_backtest("es_order_flow", overrides=overrides)
    backtest = run_backtest(config, tmp_path / "runs", report=False)[1]
    replayed = run_replay(
        "es_order_flow", "paper", overrides, tmp_path / "paper", [].append, speed=None
    )
    found = compare(backtest, replayed)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert {"regimes", "footprint bars"} <= set(found)
    assert found["decisions"].count > 40
    assert found["money"].count
