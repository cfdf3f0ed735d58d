"""
The run folder: every file of a run, documented in one place.

Times are UTC timestamps; prices and quantities are in instrument units, money is in the settlement
currency; null where a value does not exist.

config.yaml
    The resolved configuration.
summary.json
    What ran, on which data, the figures, decisions by reason, refusals by reason, market
    assumptions, warnings, versions, what the codes mean that were written, and why there is no
    trade where there is none. `backtests/results/summary_keys.py` documents every key.
One table for each message class that an actor or strategy of the run publishes
    Named as the class declares it: `signals.parquet` has the decisions (`Decision`),
    `trade_events.parquet` the steps of trades (`TradeEvent`), `alerts.parquet` what an operator
    should know (`Alert`), `gaps.parquet` the gaps in the data (`DataGap`), each with a row a
    message in the order of publication. The columns are `ts` (the time the message speaks of; of a
    decision the close decided at; none where a column of the class is the time), `instrument_id`
    and those of the class, which its docstring explains. Prices are in ticks and sizes in lots
    where the unit is next to them.
    `backtests/results/codes.py` has every code with what it means, as `auction backtest --help`
    does; a system names its own in its descriptor (`strategies/X/system.py`).
orders.parquet
    `client_order_id`, `ts_init`, `ts_last`, `strategy_id`, `instrument_id`, `side`, `type`,
    `quantity`, `filled_qty`, `price`, `trigger_price`, `avg_px`, `status`, `reduce_only`, `role`
    (ENTRY; STOP, which rests at the venue; EXIT, which the strategy sends), `setup`, `reason` (why
    it was sent, a code of `strategies/common/reasons.py`), `position_id` (that of its first fill).
fills.parquet
    `ts`, `client_order_id`, `trade_id`, `strategy_id`, `instrument_id`, `side`, `role`, `setup`,
    `reason`, `quantity`, `price`, `commission`, `currency`, `liquidity` (MAKER, TAKER),
    `position_id`.
positions.parquet
    From flat to flat, a flip is two: `position_id`, `strategy_id`, `instrument_id`, `side`,
    `setup`, `entry_kind` (MAKER, TAKER, or MIXED by its fills), `ts_open`, `ts_close` (null while
    open), `quantity` (all that was opened), `entry`, `exit` (averages), `stop`, `tp1`, `tp2` (those
    the entry was decided on), `exits` (orders that closed a part), `exit_reason` (of the order that
    made it flat), `gross_pnl`, `fees`, `funding` (positive when paid), `net_pnl` (gross less fees
    less funding), `r_price` (gross in units of the money between planned entry and stop),
    `r_costs` (fees and funding in the same units), `r_net` (net in units of what a stop was planned
    to lose, fees of the round trip and expected slippage included: -1 for a stop as planned),
    `entry_cost` (beyond the middle of the quote in force, half ticks; negative where better).
    `mae` and `mfe` are the largest moves against and in favour of the average entry price by the
    prints between first and last fill, never below 0, null without a print (a stop triggered by a
    quote may have filled beyond the worst of them); `mae_money`,
    `mfe_money` the same in money for a quantity of one, `mae_r`, `mfe_r` in units of the distance
    of planned entry and stop. `across_gap` says whether it was open during a gap in the data, in
    part or throughout: its exit and its moves may then be those of a market without data.
    A position is a trade: where the venue nets, several trades of one side share its position while
    they are open.
Where a strategy may hold several trades at once (`max_trades` above 1)
    `strategy_trade_id` ends each row of orders, fills, positions and `trades.csv`: the id that
    operators, `trade_events.parquet` and the journal name the trade by (the `trade_id` of a fill is
    the venue's).
trades.csv
    One row an entry and one an exit, for a spreadsheet: `timestamp` (UTC, to the second), `action`
    (ENTRY, EXIT), `direction`, `price`, `stop`, `target`, `pnl_points` (of one contract, before
    fees), `reason`; two decimals, or as many as the instrument has.
equity.parquet
    At each closed minute (where seconds are closed: each minute with one, at its last trade), and
    at the end where money moved later: `ts`, `balance` (realised results, fees, funding, as the
    account books them), `equity` (with open positions), `drawdown`, `drawdown_pct` (not above 0).
days.parquet
    One row a UTC day: `day`, `equity_open`, `equity_close`, `drawdown`, `drawdown_pct` (the largest
    fall within the day, not below 0), `trades`, `net_pnl` (of those closed in it).
report.html
    All of it as a page, readable without a network.
diagnostics
    After `auction report RUN --diagnostics`: the CSV files that the system declares
    (`strategies.common.exports`), as `CLX4_pivots.csv` for each instrument.
months
    After `auction report RUN --by-month`: a folder for each calendar month in New York (`2024-10`)
    with `report.html`, `equity.csv` (rows of equity.parquet) and `trades.csv` (rows of the log of
    the run). It is one run: equity, positions and state are carried over the end of a month.

"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import cast

import yaml

from backtests.results.summary_keys import SCHEMA_VERSION
from errors import AuctionError
from errors import UsageError


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
    AuctionError
        If the summary cannot be read or was written by another version.

    """
    path = folder / "summary.json"
    if not path.is_file():
        raise UsageError(f"{folder}: not the folder of a run: it holds no summary.json")
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AuctionError(
            f"{path}: not readable as JSON ({error}); run the backtest again"
        ) from None
    schema = summary.get("schema") if isinstance(summary, dict) else None
    if schema != SCHEMA_VERSION:
        age = "an older" if isinstance(schema, int) and schema < SCHEMA_VERSION else "another"
        raise AuctionError(
            f"{path}: key schema is {schema}, that of {age} version, and not {SCHEMA_VERSION}; "
            "run the backtest again"
        )
    return cast("dict[str, Any]", summary)


def write_json(document: dict[str, Any], path: Path) -> None:
    """Write a summary."""
    path.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n")
