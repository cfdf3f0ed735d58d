"""Reads what a report needs from a run folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backtests.results import read_summary
from catalog.errors import AuctionError


TEXT, TIME, NUMBER = pa.string(), pa.timestamp("ns", tz="UTC"), pa.float64()
FEATURES = pa.schema(
    {
        "instrument_id": TEXT,
        "ts_min": TIME,
        **dict.fromkeys(("open", "high", "low", "close", "poc", "vah", "val"), NUMBER),
        "va_valid": pa.bool_(),
        "of_1m": NUMBER,
        "qimb_ema_60s": NUMBER,
    }
)
SIGNALS = pa.schema(
    {
        "ts": TIME,
        **dict.fromkeys(("instrument_id", "setup", "side"), TEXT),
        "entry": NUMBER,
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
        **dict.fromkeys(("gross_pnl", "fees", "funding", "net_pnl", "r_multiple"), NUMBER),
        **dict.fromkeys(("mae", "mfe", "mae_r", "mfe_r"), NUMBER),
        "exit_reason": TEXT,
    }
)
DAYS = pa.schema(
    {
        "day": TIME,
        **dict.fromkeys(("equity_open", "equity_close", "drawdown", "drawdown_pct"), NUMBER),
        "trades": pa.int64(),
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
    features, refused, fills, positions, equity, days, alerts : pd.DataFrame
        The tables of the run; `refused` holds the refused candidates of signals.parquet.

    """

    summary: dict[str, Any]
    config: str
    features: pd.DataFrame
    refused: pd.DataFrame
    fills: pd.DataFrame
    positions: pd.DataFrame
    equity: pd.DataFrame
    days: pd.DataFrame
    alerts: pd.DataFrame


def read_run(run_folder: Path) -> RunData:
    """
    Read a run folder.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder.
    AuctionError
        If one of its files is missing, cannot be read or was written by another version.

    """
    summary = read_summary(run_folder)
    return RunData(
        summary=summary,
        config=read_config(run_folder),
        features=_read(run_folder / "features.parquet", FEATURES),
        refused=_read(run_folder / "signals.parquet", SIGNALS, [("action", "==", "REFUSE")]),
        fills=_read(run_folder / "fills.parquet", FILLS),
        positions=_read(run_folder / "positions.parquet", POSITIONS),
        equity=_read(run_folder / "equity.parquet", EQUITY),
        days=_read(run_folder / "days.parquet", DAYS),
        alerts=_read(run_folder / "alerts.parquet", ALERTS),
    )


def read_config(run_folder: Path) -> str:
    """
    Read the resolved configuration of a run as text.

    Raises
    ------
    AuctionError
        If it is missing.

    """
    config = run_folder / "config.yaml"
    if not config.is_file():
        raise AuctionError(f"{config}: file is missing; run the backtest again")
    return config.read_text(encoding="utf-8")


def read_equity(run_folder: Path) -> pd.DataFrame:
    """Read the equity of a run; errors as in `read_run`."""
    return _read(run_folder / "equity.parquet", EQUITY)


def _read(
    path: Path,
    schema: pa.Schema,
    filters: Sequence[tuple[str, str, str]] | None = None,
) -> pd.DataFrame:
    try:
        present = set(pq.read_schema(path).names)
        missing = [name for name in schema.names if name not in present]
        if missing:
            raise AuctionError(f"{path}: column {missing[0]} is missing; run the backtest again")
        table = pq.read_table(path, columns=schema.names, filters=filters, partitioning=None)
        frame: pd.DataFrame = table.cast(schema).to_pandas()
    except FileNotFoundError:
        raise AuctionError(f"{path}: file is missing; run the backtest again") from None
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise AuctionError(f"{path}: not readable ({reason}); run the backtest again") from None
    return frame
