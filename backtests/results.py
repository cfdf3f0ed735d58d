"""
The run folder: every file of a run, documented in one place.

Times are UTC timestamps; prices and quantities are in instrument units, money is in the settlement
currency; null where a value does not exist.

config.yaml
    The resolved configuration.
summary.json
    `schema` 1: what ran, on which data, the figures, decisions by reason, refusals by reason,
    market assumptions, warnings, versions. `preset` names the market assumptions; `scenarios` holds
    `net_pnl`, `fees`, `trades` and other figures of the same run by preset: `default`,
    `pessimistic` and the run's own.
features.parquet
    One row a minute: `instrument_id` and the columns of `ValueAreaMinute`.
signals.parquet
    One row a decision: `ts` (the close decided at), `ts_min`, `instrument_id`, `strategy_id`,
    `reason`, `flags`, `events`, `setup`, `side`, `entry`, `stop`, `tp1`, `tp2`, `quantity`,
    `action` (ENTER, FLIP, EXIT, REFUSE, HOLD) and `why` (the gate's or the exit's reason).
orders.parquet
    `client_order_id`, `ts_init`, `ts_last`, `instrument_id`, `side`, `type`, `quantity`,
    `filled_qty`, `price`, `trigger_price`, `avg_px`, `status`, `reduce_only`, `role`, `setup`,
    `position_id` (that of its first fill).
fills.parquet
    `ts`, `client_order_id`, `trade_id`, `instrument_id`, `side`, `role`, `quantity`, `price`,
    `commission`, `currency`, `liquidity`, `position_id`.
positions.parquet
    From flat to flat: `position_id`, `strategy_id`, `instrument_id`, `side`, `setup`, `ts_open`,
    `ts_close` (null while open), `quantity`, `entry`, `exit`, `stop`, `target`, `gross_pnl`,
    `fees`, `net_pnl`, `exit_reason`, `r_multiple`. Stop and target are those the entry was decided
    on; the R multiple is the net result in units of the risk between planned entry and stop.
equity.parquet
    At each closed minute, and at the end where fills came later: `ts`, `balance`, `equity`,
    `drawdown`, `drawdown_pct`.
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

import yaml

from catalog.errors import UsageError


@contextmanager
def run_folder(runs: Path, run_id: str) -> Iterator[Path]:
    """
    Yield a folder that gets its name only when everything in it is written.

    Raises
    ------
    UsageError
        If the folder cannot be made.

    """
    temporary = runs / f".{run_id}.tmp"
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"--runs {runs}: {error.strerror}: name a folder to write to") from error
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
