"""The trades of a run as a log for a spreadsheet: one row an entry, one an exit."""

import csv
from collections.abc import Iterable
from collections.abc import Mapping
from decimal import ROUND_HALF_UP
from decimal import Decimal
from pathlib import Path

import pandas as pd

from backtests.results.tags import Plan
from backtests.results.trade import Trade
from catalog.protocols import Instrument


HEADER = ["timestamp", "action", "direction", "price", "stop", "target", "pnl_points", "reason"]
NAME = "strategy_trade_id"
DECIMALS = 2


def trade_log(
    trades: Iterable[Trade],
    instruments: Mapping[str, Instrument],
    *,
    names_trades: bool = False,
) -> list[tuple[str, ...]]:
    """
    Return entries and exits by time.

    A position has one row when it is opened, with stop and target as planned (one that hangs on the
    fills is counted from their average), and one when it is flat, with its points for one
    contract before fees. Prices are averages of the fills, with two decimals or as many as the
    instrument has; times are UTC to the second.

    Parameters
    ----------
    trades : Iterable[Trade]
        The positions of the run.
    instruments : Mapping[str, Instrument]
        The instruments by id.
    names_trades : bool, default False
        If each row ends with the id that its strategy gives the trade: several may be open.

    """
    rows = []
    for trade in trades:
        decimals = max(DECIMALS, instruments[trade.instrument_id].price_precision)
        side = "LONG" if trade.is_long else "SHORT"
        prices = [_text(price, decimals) for price in (trade.entry, _stop(trade), _target(trade))]
        entry = (_time(trade.ts_open), "ENTRY", side, *prices, "", trade.setup or "")
        named = (f"{trade.trade_id}",) if names_trades else ()
        rows.append((trade.ts_open, (*entry, *named)))
        if trade.ts_close is not None and trade.exit is not None:
            points = _text(trade.sign * (trade.exit - trade.entry), decimals)
            price = _text(trade.exit, decimals)
            reason = trade.exit_reason or ""
            leave = (_time(trade.ts_close), "EXIT", side, price, "", "", points, reason)
            rows.append((trade.ts_close, (*leave, *named)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def write_trade_log(
    rows: Iterable[tuple[str, ...]], path: Path, *, names_trades: bool = False
) -> None:
    """Write the log as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*HEADER, NAME] if names_trades else HEADER)
            writer.writerows(rows)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _stop(trade: Trade) -> Decimal | None:
    plan = trade.plan or Plan()
    if plan.stop_distance is None:
        return plan.stop
    return trade.entry - trade.sign * plan.stop_distance


def _target(trade: Trade) -> Decimal | None:
    plan = trade.plan or Plan()
    if plan.target_distance is None:
        return plan.tp2
    return trade.entry + trade.sign * plan.target_distance


def _text(price: Decimal | None, decimals: int) -> str:
    if price is None:
        return ""
    return str(price.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _time(ns: int) -> str:
    return f"{pd.Timestamp(ns):%Y-%m-%d %H:%M:%S}"
