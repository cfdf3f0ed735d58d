"""The positions of a node's run, from the steps of its trades."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from actors.messages import TradeEvent
from backtests.results.tables import POSITIONS
from backtests.results.tables import make_table
from backtests.results.tables import with_trade_ids


# Below the lot of any instrument, above what sums of floats leave.
SMALL = 1e-9


@dataclass(slots=True)
class _Open:
    ts_open: int | None = None
    sold: float = 0.0
    value: float = 0.0


def node_positions(events: Iterable[TradeEvent], *, names_trades: bool = False) -> pa.Table:
    """
    Return one row for each position that was closed, by time of closing.

    The money is that of the trade manager, as booked. What its steps do not contain is null:
    the plan of the entry and what is measured by it, moves in favour and against, and the opening
    of a position that an earlier run of the node has opened.

    Parameters
    ----------
    events : Iterable[TradeEvent]
        The steps in the order of publication.
    names_trades : bool, default False
        If each row ends with the id that its strategy gives the trade.

    """
    rows = []
    ids: list[int | None] = []
    running: dict[tuple[str, str, int | None], _Open] = {}
    for event in events:
        key = event.instrument_id.value, event.strategy_id, event.trade_id
        trade = running.setdefault(key, _Open())
        if event.kind == "ENTRY_FILLED" and trade.ts_open is None:
            trade.ts_open = event.ts_event
        elif event.kind == "EXIT_FILLED":
            trade.sold += event.quantity or 0.0
            trade.value += (event.quantity or 0.0) * (event.price or 0.0)
        elif event.kind == "TRADE_CLOSED":
            rows.append(_row(event, running.pop(key)))
            ids.append(event.trade_id)
    table = make_table(POSITIONS, rows)
    return with_trade_ids(table, ids) if names_trades else table


def _row(closed: TradeEvent, trade: _Open) -> tuple[Any, ...]:
    # A part may have left in an earlier run.
    is_whole = trade.sold > 0 and abs(trade.sold - (closed.quantity or 0.0)) < SMALL
    known = {
        "strategy_id": closed.strategy_id,
        "instrument_id": closed.instrument_id.value,
        "side": closed.side,
        "setup": closed.setup,
        "ts_open": trade.ts_open,
        "ts_close": closed.ts_event,
        "quantity": closed.quantity,
        "entry": closed.price,
        "exit": trade.value / trade.sold if is_whole else None,
        "exit_reason": closed.reason,
        "gross_pnl": closed.gross,
        "fees": closed.fees,
        "funding": closed.funding,
        "net_pnl": closed.net,
    }
    return tuple(known.get(name) for name in POSITIONS.names)
