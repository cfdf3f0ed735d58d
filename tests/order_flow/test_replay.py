"""One market in the backtest and through a node: regimes, patterns, decisions and fills."""

import pytest

from backtests.results.parity import compare
from backtests.results.recording import read_lines
from backtests.runner import run_backtest
from catalog.sample import write_sample
from configs.loader import load_backtest
from live.replay import run_replay
from tests.adapters.databento_market import wrapper_library
from tests.engines import REPOSITORY
from tests.engines import auction_process
from tests.markets import BTC
from tests.markets import write_catalog
from tests.order_flow.market import SETTINGS
from tests.order_flow.market import rows


TIERS = REPOSITORY / "docs" / "systems" / "order_flow_tiers.yaml"
# A little below the least balance of ES: a gain leads from MES to it.
OF_TIERS = tuple(f"strategies.{i}.config.tiers.starting_balance=3490" for i in (0, 1))
WINDOW = ("2026-01-05T12:30", "2026-01-05T16:30")
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


@pytest.mark.node
@pytest.mark.skipif(wrapper_library() is None, reason="libnss_wrapper is not installed")
def test_both_contracts_of_the_tiers_are_replayed_as_in_the_backtest(tmp_path):
    write_sample(tmp_path / "catalog", days=1, instruments=["ES", "MES"])
    catalog, (start, end) = tmp_path / "catalog", WINDOW
    overrides = [f"catalog={catalog}", f"start={start}", f"end={end}", *OF_TIERS]
    config = load_backtest(str(TIERS), overrides=overrides)
    backtest = run_backtest(config, tmp_path / "runs", report=False)[1]
    arguments = ["replay", TIERS, "--catalog", catalog, "--runs", tmp_path / "paper"]
    arguments += ["--start", start, "--end", end]
    arguments += [part for text in OF_TIERS for part in ("--set", text)]
    done = auction_process(*arguments)
    assert done.returncode == 0, done.stderr
    (replayed,) = (tmp_path / "paper").iterdir()
    found = compare(backtest, replayed)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["decisions"].count > 90
    assert {row["instrument_id"] for row in read_lines(replayed / "trade_events.jsonl")} == {
        "ESH6.XCME",
        "MESH6.XCME",
    }
