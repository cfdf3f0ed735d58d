"""The results of closed positions in groups."""

from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from backtests.results.metrics import divide
from backtests.results.metrics import mean
from backtests.results.r_multiples import mean_r
from backtests.results.trade import Trade
from backtests.results.trading_hours import SESSIONS
from backtests.results.trading_hours import hour_of
from backtests.results.trading_hours import session_of
from catalog.protocols import Instrument


NONE = "none"


def breakdowns(
    trades: Sequence[Trade],
    instruments: dict[str, Instrument],
) -> dict[str, list[dict[str, Any]]]:
    """
    Return the results of the closed positions by setup, side, exit reason, session, hour, entry.

    Hour and session are those of the first entry fill. The sums over the groups of one breakdown
    are those of the run.

    Parameters
    ----------
    trades : Sequence[Trade]
        The positions of a run; open ones are left out.
    instruments : dict[str, Instrument]
        The instruments by id.

    """
    closed = [trade for trade in trades if trade.ts_close is not None]
    keys: dict[str, Callable[[Trade], str]] = {
        "setup": lambda trade: trade.setup or NONE,
        "side": lambda trade: "LONG" if trade.is_long else "SHORT",
        "exit_reason": lambda trade: trade.exit_reason or NONE,
        "session": lambda t: session_of(t.ts_open, instruments[t.instrument_id]),
        "hour": lambda trade: hour_of(trade.ts_open),
        "entry_kind": lambda trade: trade.entry_kind,
    }
    return {name: _groups(closed, key) for name, key in keys.items()}


def _groups(trades: Sequence[Trade], key: Callable[[Trade], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[Trade]] = {}
    for trade in trades:
        groups.setdefault(key(trade), []).append(trade)
    return [_row(name, groups[name]) for name in sorted(groups, key=_order)]


def _order(name: str) -> tuple[int, str]:
    # Sessions come in the order of the day, everything else by name.
    return (SESSIONS.index(name) if name in SESSIONS else len(SESSIONS), name)


def _row(name: str, trades: Sequence[Trade]) -> dict[str, Any]:
    nets = [trade.net for trade in trades]
    wins = [net for net in nets if net > 0]
    lost = -sum((net for net in nets if net <= 0), Decimal(0))
    figures = {
        "gross_pnl": sum((trade.gross for trade in trades), Decimal(0)),
        "fees": sum((trade.fees for trade in trades), Decimal(0)),
        "funding": sum((trade.funding for trade in trades), Decimal(0)),
        "net_pnl": sum(nets, Decimal(0)),
        "win_rate": divide(Decimal(len(wins)), Decimal(len(nets))),
        "profit_factor": divide(sum(wins, Decimal(0)), lost),
        "average_trade": mean(nets),
        **mean_r(trades),
    }
    return {
        "name": name,
        "trades": len(trades),
        **{key: None if value is None else float(value) for key, value in figures.items()},
    }
