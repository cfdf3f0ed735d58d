"""Reads what a report needs from a run folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from backtests.report.impulse_data import ImpulseData
from backtests.report.impulse_data import has_impulses
from backtests.report.impulse_data import read_impulses
from backtests.report.table_files import COUNT
from backtests.report.table_files import FLAG
from backtests.report.table_files import NUMBER
from backtests.report.table_files import TEXT
from backtests.report.table_files import TIME
from backtests.report.table_files import read_table
from backtests.results.run_folder import read_summary
from errors import AuctionError


CANDIDATES = ("ENTER", "FLIP", "REFUSE")
FEATURES = pa.schema(
    {
        "instrument_id": TEXT,
        "ts_min": TIME,
        **dict.fromkeys(("open", "high", "low", "close", "poc", "vah", "val"), NUMBER),
        "va_valid": FLAG,
        "of_1m": NUMBER,
        "qimb_ema_60s": NUMBER,
    }
)
SIGNALS = pa.schema(
    {
        "ts": TIME,
        **dict.fromkeys(("instrument_id", "setup", "side"), TEXT),
        **dict.fromkeys(("entry", "stop", "tp1", "tp2", "quantity"), NUMBER),
        **dict.fromkeys(("action", "why"), TEXT),
    }
)
FILLS = pa.schema(
    {
        "ts": TIME,
        **dict.fromkeys(("client_order_id", "instrument_id", "side", "role", "reason"), TEXT),
        **dict.fromkeys(("quantity", "price"), NUMBER),
        "position_id": TEXT,
    }
)
POSITIONS = pa.schema(
    {
        **dict.fromkeys(("position_id", "instrument_id", "side", "setup", "entry_kind"), TEXT),
        **dict.fromkeys(("ts_open", "ts_close"), TIME),
        **dict.fromkeys(("quantity", "entry", "exit", "stop", "tp1", "tp2"), NUMBER),
        **dict.fromkeys(("gross_pnl", "fees", "funding", "net_pnl"), NUMBER),
        **dict.fromkeys(("r_price", "r_net", "mae", "mfe", "mae_r", "mfe_r"), NUMBER),
        "exit_reason": TEXT,
        "across_gap": FLAG,
    }
)
DAYS = pa.schema(
    {
        "day": TIME,
        **dict.fromkeys(("equity_open", "equity_close", "drawdown", "drawdown_pct"), NUMBER),
        "trades": COUNT,
        "net_pnl": NUMBER,
    }
)
ALERTS = pa.schema(
    {"ts": TIME, **dict.fromkeys(("instrument_id", "strategy_id", "kind", "text"), TEXT)}
)
EQUITY = pa.schema(
    {"ts": TIME, **dict.fromkeys(("balance", "equity", "drawdown", "drawdown_pct"), NUMBER)}
)


@dataclass(frozen=True)
class RunData:
    """
    Represents the parts of a run folder that a report shows.

    Attributes
    ----------
    summary : dict[str, Any]
        The content of summary.json.
    config : str
        The resolved configuration, YAML.
    features, candidates, fills, positions, equity, days, alerts : pd.DataFrame
        The tables of the run; `candidates` holds the decisions of signals.parquet that entered or
        were refused.
    impulses : ImpulseData or None
        The tables of the impulse system, where the folder has them.

    """

    summary: dict[str, Any]
    config: str
    features: pd.DataFrame
    candidates: pd.DataFrame
    fills: pd.DataFrame
    positions: pd.DataFrame
    equity: pd.DataFrame
    days: pd.DataFrame
    alerts: pd.DataFrame
    impulses: ImpulseData | None = None

    @property
    def refused(self) -> pd.DataFrame:
        return self.candidates[self.candidates["action"] == "REFUSE"]


def read_run(run_folder: Path) -> RunData:
    """
    Read a run folder.

    Which parts a report has depends on the tables in the folder: minutes with a value area from
    features.parquet, seconds and impulses from second_bars.parquet. One of them has to be there.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder.
    AuctionError
        If one of its files is missing, cannot be read or was written by another version.

    """
    summary = read_summary(run_folder)
    impulses = read_impulses(run_folder) if has_impulses(run_folder) else None
    features = run_folder / "features.parquet"
    return RunData(
        summary=summary,
        config=read_config(run_folder),
        features=(
            FEATURES.empty_table().to_pandas()
            if impulses is not None and not features.exists()
            else read_table(features, FEATURES)
        ),
        candidates=read_table(
            run_folder / "signals.parquet", SIGNALS, [("action", "in", CANDIDATES)]
        ),
        fills=read_table(run_folder / "fills.parquet", FILLS),
        positions=read_table(run_folder / "positions.parquet", POSITIONS),
        equity=read_table(run_folder / "equity.parquet", EQUITY),
        days=read_table(run_folder / "days.parquet", DAYS),
        alerts=read_table(run_folder / "alerts.parquet", ALERTS),
        impulses=impulses,
    )


def read_config(run_folder: Path) -> str:
    """
    Read the resolved configuration of a run as text.

    Raises
    ------
    AuctionError
        If it is missing or no text.

    """
    config = run_folder / "config.yaml"
    if not config.is_file():
        raise AuctionError(f"{config}: file is missing; run the backtest again")
    try:
        return config.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise AuctionError(f"{config}: not readable ({error}); run the backtest again") from error


def read_equity(run_folder: Path) -> pd.DataFrame:
    """Read the equity of a run; errors as in `read_run`."""
    return read_table(run_folder / "equity.parquet", EQUITY)
