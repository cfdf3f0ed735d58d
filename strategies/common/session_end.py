"""The exits of all open trades where the hours of trading have ended."""

from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.step import Exit


def session_end_exits(ts: int, position: Position) -> list[Exit]:
    """
    Return an exit for each trade that is not leaving already.

    Parameters
    ----------
    ts : int
        When (ns UTC).
    position : Position
        The trades.

    """
    return [
        Exit(
            ts=ts,
            reason=ExitReason.SESSION_END,
            drop=DropReason.SESSION_END,
            trade_id=trade.trade_id,
        )
        for trade in position.trades
        if not trade.is_leaving
    ]
