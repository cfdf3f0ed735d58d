"""
The run folder: every file of a run, documented in one place.

Times are UTC timestamps; prices and quantities are in instrument units, money is in the settlement
currency; null where a value does not exist.

config.yaml
    The resolved configuration.
summary.json
    `schema` 1: what ran, on which data, the figures, decisions by reason, refusals by reason,
    market assumptions, warnings, versions.
features.parquet
    One row a minute: `instrument_id` and the columns of `ValueAreaMinute`.
signals.parquet
    One row a minute: `ts` (the close decided at), `ts_min`, `instrument_id`, `reason`, `flags`,
    `setup`, `side`, `entry`, `stop`, `tp1`, `tp2`, `quantity`, `action` (ENTER, REFUSE, HOLD) and
    `why` (the gate's reason).
orders.parquet
    `client_order_id`, `ts_init`, `ts_last`, `instrument_id`, `side`, `type`, `quantity`,
    `filled_qty`, `price`, `trigger_price`, `avg_px`, `status`, `reduce_only`, `role`, `setup`.
fills.parquet
    `ts`, `client_order_id`, `trade_id`, `instrument_id`, `side`, `role`, `quantity`, `price`,
    `commission`, `currency`, `liquidity`, `position_id`.
positions.parquet
    From flat to flat: `position_id`, `strategy_id`, `instrument_id`, `side`, `setup`, `ts_open`,
    `ts_close` (null while open), `quantity`, `entry`, `exit`, `stop`, `target`, `gross_pnl`,
    `fees`, `net_pnl`, `exit_reason`, `r_multiple`.
equity.parquet
    At each closed minute: `ts`, `balance`, `equity`, `drawdown`, `drawdown_pct`.
report.html
    All of it to look at, readable without a network.

"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import cast

import pandas as pd
import pyarrow as pa
import yaml

from actors.messages import Decision
from backtests.features import write_table
from catalog.errors import UsageError


NANOS_PER_MINUTE = 60_000_000_000


@contextmanager
def run_folder(runs: Path, run_id: str) -> Iterator[Path]:
    """Yield a folder that gets its name only when everything in it is written."""
    runs.mkdir(parents=True, exist_ok=True)
    temporary = runs / f".{run_id}.tmp"
    temporary.mkdir()
    try:
        yield temporary
        temporary.rename(runs / run_id)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_yaml(document: dict[str, Any], path: Path) -> None:
    """Write a configuration."""
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def read_summary(folder: Path) -> dict[str, Any]:
    """
    Read the summary of a run.

    Raises
    ------
    UsageError
        If the folder holds no run.

    """
    path = folder / "summary.json"
    if not path.is_file():
        raise UsageError(f"{folder}: not the folder of a run: it holds no summary.json")
    return cast("dict[str, Any]", json.loads(path.read_text()))


def write_json(document: dict[str, Any], path: Path) -> None:
    """Write a summary."""
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a table with an index-free schema."""
    write_table(pa.Table.from_pandas(frame, preserve_index=False), path)


def signal_rows(decisions: list[Decision]) -> pd.DataFrame:
    """Return one row for each decision."""
    rows = [
        {
            "ts": decision.ts_min + NANOS_PER_MINUTE,
            "ts_min": decision.ts_min,
            "instrument_id": decision.instrument_id.value,
            **{name: value for name, value in decision.columns().items() if name != "ts_min"},
        }
        for decision in decisions
    ]
    columns = ["ts", "ts_min", "instrument_id", *(c for c in Decision.COLUMNS if c != "ts_min")]
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("ts", "ts_min"):
        frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="ns", utc=True)
    for name in ("entry", "stop", "tp1", "tp2", "quantity"):
        frame[name] = frame[name].astype(float)
    for name in ("reason", "flags", "setup", "side", "action", "why"):
        frame[name] = frame[name].astype("str").where(frame[name].notna(), None)
    return frame
