"""Whole runs of the ladder system, and what an account makes of their fills."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from backtests.runner import run_backtest
from configs.loader import RunConfig
from configs.loader import load_backtest
from tests.contract.case import table
from tests.engines import REPOSITORY


LADDER = REPOSITORY / "tests" / "ladder" / "ladder.yaml"
START, END = "2026-01-05T00:00", "2026-01-05T04:00"
# Funding each hour, so that trades share it.
HOURLY = "venues.BYBIT.modules.0.config.interval_hours=1"
HEDGING = (
    "venues.BYBIT.oms_type=HEDGING",
    "strategies.0.config.position_mode=BY_TRADE",
    "strategies.0.config.rule.both_sides=true",
)


def config_of(catalog: Path, *settings: str) -> RunConfig:
    """Return the configuration of a run over four hours of the sample market."""
    window = [f"catalog={catalog}", f"start={START}", f"end={END}"]
    return load_backtest(str(LADDER), overrides=[*window, *settings])


@dataclass(frozen=True)
class Run:
    """Represents a run: its summary, its folder and its tables."""

    summary: dict[str, object]
    folder: Path

    def __getattr__(self, name: str) -> pd.DataFrame:
        return table(self.folder, name)

    @property
    def closed(self) -> pd.DataFrame:
        """Return its closed trades by the id of the strategy."""
        positions = self.positions
        return positions[positions["ts_close"].notna()].set_index("strategy_trade_id")

    def events(self, kind: str) -> pd.DataFrame:
        """Return the steps of its trades of one kind."""
        events = self.trade_events
        return events[events["kind"] == kind]

    def signed_fills(self) -> pd.DataFrame:
        """Return its fills with their signed quantities."""
        fills = self.fills
        sign = fills["side"].map({"BUY": 1.0, "SELL": -1.0})
        return fills.assign(signed=fills["quantity"] * sign)


def run_of(catalog: Path, folder: Path, *settings: str) -> Run:
    """Run the ladder over the sample market, with its report."""
    return Run(*run_backtest(config_of(catalog, *settings), folder))


def most_at_once(positions: pd.DataFrame) -> int:
    """Return how many positions were open at once at the most."""
    opened = pd.Series(1, index=positions["ts_open"])
    ended = pd.Series(-1, index=positions["ts_close"].dropna())
    # One that closes as another opens is not open beside it.
    steps = pd.concat([ended, opened]).sort_index(kind="stable")
    return int(steps.cumsum().max())


def equity_by_cash(run: Run, marks: pd.Series) -> pd.Series:
    """Return the equity at marks by the cash that fills and funding moved: no average price."""
    fills = run.signed_fills()
    cash = -fills["signed"] * fills["price"] - fills["commission"]
    paid = run.events("FUNDING_PAID").groupby("ts")["funding"].sum()
    found = []
    for ts, mark in marks.items():
        until = fills["ts"] <= ts
        held = fills.loc[until, "signed"].sum()
        found.append(cash[until].sum() + held * mark - paid[paid.index <= ts].sum())
    return pd.Series(found, index=marks.index) + float(run.summary["starting_balance"])  # type: ignore[arg-type]
