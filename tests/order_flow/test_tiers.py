"""The documented file with both contracts: the balance decides which one is traded."""

from bisect import bisect
from pathlib import Path
from typing import Any

import pytest

from backtests.runner import run_backtest
from catalog.sample import write_sample
from configs.loader import load_backtest
from tests.checks import some
from tests.contract.case import table
from tests.engines import REPOSITORY


FILE = REPOSITORY / "docs" / "systems" / "order_flow_tiers.yaml"
ES, MES = "ESH6.XCME", "MESH6.XCME"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A busy morning, a little below the least balance of ES: a gain leads from MES to it."""
    folder = tmp_path_factory.mktemp("tiers")
    write_sample(folder / "catalog", days=1, instruments=["ES", "MES"])
    settings = [
        f"catalog={folder / 'catalog'}",
        "start=2026-01-05T12:30",
        "end=2026-01-05T16:30",
        *(f"strategies.{i}.config.tiers.starting_balance=3490" for i in (0, 1)),
    ]
    return run_backtest(load_backtest(str(FILE), overrides=settings), folder / "runs")[1]


def changes(run: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table(run, "tier_changes").to_dict(orient="records")
    return found


def test_only_the_contract_of_the_tier_in_force_is_entered(run: Path) -> None:
    first, *_ = changes(run)
    names = ("from_root", "to_root", "from_tier", "to_tier", "instrument_id")
    assert [first[name] for name in names] == ["MES", "ES", 1, 2, ES]
    starts = [MES, *(change["instrument_id"] for change in changes(run))]
    times = [change["ts"] for change in changes(run)]
    for instrument_id, ts in zip(
        *(table(run, "positions")[name] for name in ("instrument_id", "ts_open")), strict=True
    ):
        assert instrument_id == starts[bisect(times, ts)]
    assert set(table(run, "positions")["instrument_id"]) == {ES, MES}
    signals = table(run, "signals")
    refused = signals[signals["why"] == "OTHER_CONTRACT"]
    assert set(refused["instrument_id"]) == {ES, MES}
    for instrument_id, ts in zip(refused["instrument_id"], refused["ts"], strict=True):
        assert instrument_id != starts[bisect(times, ts)]


def test_a_change_comes_while_nothing_is_open_by_the_results_up_to_then(run: Path) -> None:
    positions = table(run, "positions")
    for change in some(changes(run)):
        before = positions[positions["ts_open"] < change["ts"]]
        assert (before["ts_close"] <= change["ts"]).all()
        assert change["balance"] == 3_490 + before["net_pnl"].sum()
        assert (change["balance"] >= 3_500) is (change["to_root"] == "ES")


def test_sizes_are_those_of_the_tier(run: Path) -> None:
    positions = table(run, "positions")
    assert (positions[positions["instrument_id"] == ES]["quantity"] == 1).all()
    assert positions[positions["instrument_id"] == MES]["quantity"].between(1, 3).all()


def test_the_report_lists_the_changes(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    contracts = {change["instrument_id"] for change in changes(run)}
    assert page.count("Changes of the capital tier") == len(contracts)
    assert "<td>Tier 1: MES Building</td><td>MES</td><td>Tier 2: ES Entry</td>" in page
