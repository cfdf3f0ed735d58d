"""The status of a book's trades for operators, the journal and the watchdog."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from msgspec import Struct

from strategies.common.protection import resting_stop
from strategies.common.trade import Trade
from strategies.common.trade_book import TradeBook


class TradeStatus(Struct, frozen=True, kw_only=True):
    """
    Represents one trade at one moment.

    Parameters
    ----------
    trade_id : int
        Its id, unique in its strategy; its orders and events bear it.
    setup : str
        The tag of its intent.
    side : int
        +1 long, -1 short.
    open_lots : int
        The open lots; 0 while its entry waits for a fill.
    entry : Fraction or None
        The average entry price in ticks; None without a fill.
    stop : int
        The stop in ticks.
    is_protected : bool
        If a stop for all open lots rests at the venue at that price.
    open_risk : Decimal
        What the open lots lose at the stop without costs; 0 from break-even on.
    is_leaving : bool
        If it is being closed.

    """

    trade_id: int
    setup: str
    side: int
    open_lots: int
    entry: Fraction | None
    stop: int
    is_protected: bool
    open_risk: Decimal
    is_leaving: bool


class BookStatus(Struct, frozen=True, kw_only=True):
    """
    Represents all trades of a book at one moment.

    Parameters
    ----------
    trades : tuple[TradeStatus, ...]
        The running trades, oldest first.
    position : int
        Their signed open lots.
    entry : Fraction or None
        The average entry price in ticks of the open lots; None where they are none, or on both
        sides.
    stop : int or None
        The stop in ticks that is reached first; None where lots are open on no or both sides.
    open_risk : Decimal
        What all open lots lose at their stops.
    halted, killed : bool
        If position and orders are in doubt, and if the loss of the day has reached its limit.
    day_pnl : Decimal
        The result of the day.

    """

    trades: tuple[TradeStatus, ...]
    position: int
    entry: Fraction | None
    stop: int | None
    open_risk: Decimal
    halted: bool
    killed: bool
    day_pnl: Decimal


def status_of(book: TradeBook) -> BookStatus:
    """Return the status of a book."""
    trades = tuple(_status(trade_id, trade) for trade_id, trade in book.trades.items())
    opened = [trade for trade in book.trades.values() if trade.open > 0]
    entry, stop = None, None
    if len({trade.side for trade in opened}) == 1:
        lots = sum(trade.open for trade in opened)
        entry = sum((trade.average_entry * trade.open for trade in opened), start=Fraction(0))
        entry /= lots
        stops = [trade.stop for trade in opened]
        stop = max(stops) if opened[0].side > 0 else min(stops)
    return BookStatus(
        trades=trades,
        position=book.position,
        entry=entry,
        stop=stop,
        open_risk=sum((trade.open_risk for trade in trades), start=Decimal(0)),
        halted=book.halted,
        killed=book.ledger.killed,
        day_pnl=book.ledger.day_pnl,
    )


def trade_rows(status: BookStatus, tick: Decimal, lot: Decimal) -> list[dict[str, Any]]:
    """
    Return the running trades in the units of their instrument, fit for JSON, oldest first.

    Parameters
    ----------
    status : BookStatus
        What is seen of the book.
    tick, lot : Decimal
        The price and the size increment of the instrument.

    """
    return [
        {
            "trade_id": trade.trade_id,
            "setup": trade.setup,
            "side": "LONG" if trade.side > 0 else "SHORT",
            "quantity": float(trade.open_lots * lot),
            "entry": None if trade.entry is None else float(trade.entry * Fraction(tick)),
            "stop": float(trade.stop * tick),
            "is_protected": trade.is_protected,
            "open_risk": float(trade.open_risk),
            "is_leaving": trade.is_leaving,
        }
        for trade in status.trades
    ]


def trades_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return several trades of `trade_rows` for a human, in a line; empty for one or none."""
    if len(rows) < 2:
        return ""
    parts = [f"{r['trade_id']} {r['setup']} {r['side']} {r['quantity']:g}" for r in rows]
    return f"{len(rows)} trades: {', '.join(parts)}"


def farthest_stop(trades: Iterable[Trade]) -> int | None:
    """
    Return beyond which price in ticks the stop belongs that a venue keeps for the whole position.

    That stop closes all trades of one side, so it must not be reached before the stop of any. None
    while one of them has no stop that rests for all its lots, or while one is being closed: the
    present stop then stays.

    Parameters
    ----------
    trades : Iterable[Trade]
        The open trades of one side.

    """
    opened = [trade for trade in trades if trade.open > 0]
    stops = [None if t.close_reason is not None else resting_stop(t) for t in opened]
    known = [stop for stop in stops if stop is not None]
    if not known or len(known) < len(stops):
        return None
    return min(known) if opened[0].side > 0 else max(known)


def _status(trade_id: int, trade: Trade) -> TradeStatus:
    is_open = trade.open > 0
    return TradeStatus(
        trade_id=trade_id,
        setup=trade.intent.tag,
        side=trade.side,
        open_lots=max(0, trade.open),
        entry=trade.average_entry if trade.entry_lots else None,
        stop=trade.stop,
        is_protected=resting_stop(trade) is not None,
        open_risk=max(Decimal(0), trade.risk) if is_open else Decimal(0),
        is_leaving=trade.close_reason is not None,
    )
