"""Reads what a report needs from a run folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from actors.messages import Message
from backtests.report.message_rows import read_rows
from backtests.report.message_rows import table_path
from backtests.report.table_files import COUNT
from backtests.report.table_files import FLAG
from backtests.report.table_files import NUMBER
from backtests.report.table_files import TEXT
from backtests.report.table_files import TIME
from backtests.report.table_files import read_table
from backtests.results.run_folder import read_summary
from configs.descriptors import descriptor_of_run
from configs.plain_yaml import parse_yaml
from errors import AuctionError
from strategies.common.system import System
from strategies.common.views import Views
from strategies.common.views.checks import Use
from strategies.common.views.checks import uses


TRADE_ID = "strategy_trade_id"
# Parts of the page that another command has written into the folder, like the stress tests.
SECTION = ".section.html"
CANDIDATES = ("ENTER", "FLIP", "REFUSE")
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
# Where strategies may hold several trades at once.
OF_SEVERAL_TRADES = pa.schema({TRADE_ID: COUNT})
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
    views : Views
        What the system of the run shows.
    messages : Mapping[type[Message], pd.DataFrame]
        The columns that the views name, prices and sizes in units of the instrument.
    prints : Path or None
        The table of the volume at each price, where the views name one and the run has it.
    candidates, fills, positions, equity, days, alerts : pd.DataFrame
        The tables of the run; `candidates` holds the decisions of signals.parquet that entered or
        were refused.
    sections : tuple[str, ...]
        Further parts of the page, HTML of commands that have tested the run.

    """

    summary: dict[str, Any]
    config: str
    views: Views
    messages: Mapping[type[Message], pd.DataFrame]
    prints: Path | None
    candidates: pd.DataFrame
    fills: pd.DataFrame
    positions: pd.DataFrame
    equity: pd.DataFrame
    days: pd.DataFrame
    alerts: pd.DataFrame
    sections: tuple[str, ...] = ()

    @property
    def refused(self) -> pd.DataFrame:
        return self.candidates[self.candidates["action"] == "REFUSE"]


def read_run(run_folder: Path) -> RunData:
    """
    Read what the views of its system show of a run.

    Raises
    ------
    UsageError
        If `run_folder` is not a run folder.
    AuctionError
        If one of its files is missing, cannot be read or was written by another version, its system
        is not there, or a view names what does not exist.

    """
    summary, config = read_summary(run_folder), read_config(run_folder)
    views = system_of(run_folder, config).views
    prints = views.chart.prints
    named: dict[type[Message], list[str]] = {}
    for use in uses(views):
        if not _is_of_prints(use, views):
            named.setdefault(use.message, []).append(use.column)
    at = None if prints is None else table_path(run_folder, prints.message)
    return RunData(
        summary=summary,
        config=config,
        views=views,
        messages={kind: read_rows(run_folder, kind, columns) for kind, columns in named.items()},
        # Runs of a node, and of a time before it was kept, have none.
        prints=at if at is not None and at.exists() else None,
        candidates=read_table(
            run_folder / "signals.parquet", SIGNALS, [("action", "in", CANDIDATES)]
        ),
        fills=read_table(run_folder / "fills.parquet", FILLS),
        positions=read_table(
            run_folder / "positions.parquet", POSITIONS, optional=OF_SEVERAL_TRADES
        ),
        equity=read_table(run_folder / "equity.parquet", EQUITY),
        days=read_table(run_folder / "days.parquet", DAYS),
        alerts=read_table(run_folder / "alerts.parquet", ALERTS),
        sections=tuple(
            path.read_text(encoding="utf-8") for path in sorted(run_folder.glob(f"*{SECTION}"))
        ),
    )


def _is_of_prints(use: Use, views: Views) -> bool:
    """Return True for a column of the volume at each price, which is read for what is in view."""
    prints = views.chart.prints
    if prints is None or use.message is not prints.message:
        return False
    # The bars themselves may carry the lists.
    lists = prints.ticks, prints.buy, prints.sell, prints.unsigned
    return use.message is not views.chart.bars.message or use.column in lists


def system_of(run_folder: Path, config: str) -> System:
    """
    Return the descriptor of the system of a run.

    Parameters
    ----------
    run_folder : Path
        The folder of the run, for errors.
    config : str
        Its resolved configuration.

    Raises
    ------
    AuctionError
        If the configuration cannot be read, or its system is not there or wrong.

    """
    path = run_folder / "config.yaml"
    try:
        document = parse_yaml(config)
    except ValueError as error:
        raise AuctionError(f"{path}: not readable as YAML; run the backtest again") from error
    return descriptor_of_run(document, path)


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
