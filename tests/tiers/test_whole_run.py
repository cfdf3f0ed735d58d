"""A whole run over two contracts: the balance decides which one is traded."""

from pathlib import Path

from backtests.runner import run_backtest
from configs.loader import load_backtest
from tests.contract.case import table
from tests.engines import REPOSITORY


FILE = REPOSITORY / "tests" / "tiers" / "tiers.yaml"


def test_the_contract_follows_the_balance(catalog: Path, tmp_path: Path) -> None:
    settings = [
        f"catalog={catalog}",
        "start=2026-01-05T14:30",
        "end=2026-01-05T15:00",
        *(f"strategies.{i}.config.tiers.starting_balance=3510" for i in (0, 1)),
    ]
    summary, folder = run_backtest(load_backtest(str(FILE), overrides=settings), tmp_path)
    (change,) = table(folder, "tier_changes").to_dict(orient="records")
    positions = table(folder, "positions")
    roots = positions["instrument_id"].str[:2].tolist()
    before = positions["ts_open"] < change["ts"]
    assert roots == ["ES", "ES", "ME", "ME", "ME"]
    assert set(positions[before]["instrument_id"]) == {"ESH6.XCME"}
    assert set(positions[~before]["instrument_id"]) == {"MESH6.XCME"}
    # No trade of one contract overlaps one of the other: the change came while all were flat.
    assert (positions[before]["ts_close"] < change["ts"]).all()
    assert change["balance"] == 3_510 + positions[before]["net_pnl"].sum()
    names = ("from_root", "to_root", "from_tier", "to_tier", "instrument_id")
    assert [change[name] for name in names] == ["ES", "MES", 2, 1, "MESH6.XCME"]
    signals = table(folder, "signals")
    refused = signals[signals["why"] == "OTHER_CONTRACT"]
    after = refused["ts"] > change["ts"]
    assert set(refused[after]["instrument_id"]) == {"ESH6.XCME"}
    assert set(refused[~after]["instrument_id"]) == {"MESH6.XCME"}
    assert summary["net_pnl"] == positions["net_pnl"].sum()
