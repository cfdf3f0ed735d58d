"""Evaluates points by a Nautilus backtest, each in a process of its own: the reference."""

import json
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from actors.messages import Decision
from backtests.runner import run_backtest
from catalog.increments import FIXED_PRECISION
from catalog.increments import read_increments
from configs.loader import RunConfig
from research.evaluation import EvaluatedDecision
from research.evaluation import EvaluatedFill
from research.evaluation import EvaluatedTrade
from research.evaluation import Evaluation
from research.points import PointConfig


class NautilusEvaluator:
    """
    Evaluates points of one system by Nautilus.

    Parameters
    ----------
    base : PointConfig
        What holds for all points.

    """

    def __init__(self, base: PointConfig) -> None:
        self._base = base

    def evaluate(
        self,
        overrides: Mapping[str, Any],
        window: tuple[int, int] | None = None,
        market: str = "default",
    ) -> Evaluation:
        """
        Evaluate one point (`Evaluator`).

        Raises
        ------
        UsageError
            If a key or a value is not one of the configuration.
        AuctionError
            If the data cannot serve it.

        """
        run = self._base.run(overrides, window, market)
        with TemporaryDirectory() as runs, ProcessPoolExecutor(1, get_context("spawn")) as pool:
            folder = pool.submit(_run, run, Path(runs)).result()
            return evaluation_of(run, folder)


def _run(run: RunConfig, runs: Path) -> Path:
    return run_backtest(run, runs, report=False)[1]


def evaluation_of(run: RunConfig, folder: Path) -> Evaluation:
    """
    Return what a run folder holds as an evaluation; there are no times of funding in it.

    Parameters
    ----------
    run : RunConfig
        The configuration of the run.
    folder : Path
        Its folder.

    """
    summary = json.loads((folder / "summary.json").read_text())
    units = {
        instrument_id: read_increments(run.catalog, instrument_id)
        for instrument_id in run.instrument_ids
    }

    def counted(value: float, step: Decimal) -> int:
        return round(Fraction(str(value)) / Fraction(step))

    fills = []
    for row in _rows(folder, "fills"):
        increments = units[row["instrument_id"]]
        fills.append(
            EvaluatedFill(
                ts_ns=_ns(row["ts"]),
                instrument_id=row["instrument_id"],
                role=row["role"],
                side=row["side"],
                lots=counted(row["quantity"], _step(increments.lot_raw)),
                ticks=counted(row["price"], _step(increments.tick_raw)),
                liquidity=row["liquidity"],
                fee=_money(row["commission"]),
            )
        )
    decisions = [
        EvaluatedDecision(
            _ns(row["ts"]), row["instrument_id"], row["reason"], row["action"], row["why"]
        )
        for row in _rows(folder, _decisions())
    ]
    trades = [
        EvaluatedTrade(
            instrument_id=row["instrument_id"],
            setup=row["setup"],
            exit_reason=row["exit_reason"],
            side=1 if row["side"] in ("LONG", "BUY") else -1,
            opened_ns=_ns(row["ts_open"]),
            closed_ns=_ns(row["ts_close"]),
            lots=counted(row["quantity"], _step(units[row["instrument_id"]].lot_raw)),
            gross=_money(row["gross_pnl"]),
            fees=_money(row["fees"]),
            funding=_money(row["funding"]),
            net=_money(row["net_pnl"]),
        )
        for row in _rows(folder, "positions")
        if row["ts_close"] is not None
    ]
    return Evaluation(
        start_ns=_time(summary["start"]),
        end_ns=_time(summary["end"]),
        currency=summary["currency"],
        starting_balance=_money(summary["starting_balance"]),
        final_balance=_money(summary["ending_balance"]),
        decisions=tuple(decisions),
        fills=tuple(fills),
        payments=((0, _money(summary["funding"])),) if summary["funding_payments"] else (),
        trades=tuple(trades),
        evaluator="nautilus",
    )


def _step(raw: int) -> Decimal:
    return Decimal(raw).scaleb(-FIXED_PRECISION)


def _rows(folder: Path, table: str) -> list[dict[str, Any]]:
    path = folder / f"{table}.parquet"
    return pq.read_table(path).to_pylist() if path.is_file() else []


def _decisions() -> str:
    if Decision.TABLE is None:
        raise RuntimeError("decisions are not kept by runs")
    return Decision.TABLE.name


def _ns(value: Any) -> int:
    return int(pd.Timestamp(value).value)


def _time(text: str) -> int:
    return int(pd.Timestamp(text).value)


def _money(value: float) -> Decimal:
    # Runs write amounts as the shortest text that reads back as the same number.
    return Decimal(repr(value))
