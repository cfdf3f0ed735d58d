"""The open trades of a node's strategies, by the names that operators use."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from errors import AuctionError
from strategies.common.nautilus.strategy import TradingStrategy


def find_trade(strategies: Sequence[TradingStrategy], name: str) -> tuple[TradingStrategy, int]:
    """
    Return the strategy of an open trade, and the id of the trade.

    Parameters
    ----------
    strategies : Sequence[TradingStrategy]
        The strategies of the node.
    name : str
        The id of the trade; `STRATEGY:ID` where several strategies have one of that id.

    Raises
    ------
    If no such trade is open, or the name is ambiguous.
        If no such trade is open, or several are.

    """
    owner, _, number = name.rpartition(":")
    running = [(strategy, row) for strategy in strategies for row in strategy.describe_trades()]
    same = [(s, row) for s, row in running if str(row["trade_id"]) == number]
    found = [(s, row) for s, row in same if owner in ("", s.id.value)]
    if len(found) == 1:
        ((strategy, row),) = found
        return strategy, int(row["trade_id"])
    shown = found or running
    is_of_several = len({strategy.id for strategy, _ in shown}) > 1
    names = [_text(row, f"{s.id}:" if is_of_several else "") for s, row in shown]
    if found:
        raise AuctionError(f"trade {name} is one of several: name {' or '.join(names)}")
    there = f"open: {', '.join(names)}" if names else "no trade is open"
    raise AuctionError(f"no trade {name}; {there}")


def has_trade(strategy: TradingStrategy, trade_id: int) -> bool:
    """Return True if a trade is open, or waits for its entry."""
    return any(row["trade_id"] == trade_id for row in strategy.describe_trades())


def _text(row: Mapping[str, Any], owner: str) -> str:
    return f"{owner}{row['trade_id']} ({row['setup']} {row['side']} {row['quantity']:g})"
