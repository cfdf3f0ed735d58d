"""Marks at the end of a client order id: purpose, reason and trade, since venues drop tags."""

import re
from collections.abc import Iterable


PURPOSES = {"ENTRY": "E", "STOP": "S", "EXIT": "X"}
# An entry for a signal and a stop at its first price are marked by their purpose alone.
REASONS = {
    "TIMEOUT": "M",
    "STOP": "S",
    "BREAKEVEN": "B",
    "TRAIL": "R",
    "TP1": "1",
    "TP2": "2",
    "TARGET": "T",
    "CLOSE_INSIDE": "I",
    "TIME": "H",
    "SESSION_END": "D",
    "FLIP": "F",
    "FLATTEN": "O",
    "KILL_SWITCH": "K",
    "STOP_REJECTED": "J",
    "STOP_LOST": "L",
    "LATE_FILL": "N",
    "COUNTER_FLOW": "C",
}
PLAIN = {"ENTRY": "SIGNAL", "STOP": "STOP"}
# The letters that name one of several trades of a strategy, before the capitals of the rest.
LETTERS = 26
TRADES = LETTERS * LETTERS
# The tag of an order of a strategy that may hold several trades.
TRADE_TAG = "trade="
MARKED_TRADE = re.compile("[a-z]{2}(?=[A-Z0-9])")
# The longest identifier that Bybit accepts.
LONGEST = 36


def marked(name: str, purpose: str, reason: str, trade_id: int | None = None) -> str:
    """
    Return an identifier that encodes the purpose of an order, its reason, and its trade.

    If it would be too long for a venue, the reason is left out, then the trade.

    Parameters
    ----------
    name : str
        The identifier without a mark.
    purpose : str
        What the order is for: ENTRY, STOP or EXIT.
    reason : str
        Why it is sent.
    trade_id : int, optional
        The id of its trade, for a strategy that may hold several.

    """
    trade = "" if trade_id is None else _letters(trade_id)
    short = "" if reason == PLAIN.get(purpose) else REASONS.get(reason, "")
    marks = [f"{trade}{short}", trade, ""]
    whole = [f"{name}-{mark}{PURPOSES[purpose]}" for mark in marks]
    return next((text for text in whole if len(text) <= LONGEST), whole[-1])


def meaning(name: str) -> tuple[str, str] | None:
    """
    Return purpose and reason of an order by its identifier; None where it has no mark.

    An exit whose reason is not known has that of its purpose, `EXIT`.
    """
    mark = name.rpartition("-")[2]
    if MARKED_TRADE.match(mark):
        mark = mark[2:]
    purpose = next((key for key, value in PURPOSES.items() if value == mark[-1:]), None)
    if purpose is None:
        return None
    if len(mark) == 1:
        return purpose, PLAIN.get(purpose, purpose)
    reason = next((key for key, value in REASONS.items() if value == mark[:-1]), None)
    return None if reason is None else (purpose, reason)


def tagged_trade(tags: Iterable[str] | None) -> int | None:
    """Return the id of the trade that the tags of an order name; None where they name none."""
    for tag in tags or ():
        if tag.startswith(TRADE_TAG):
            return int(tag.removeprefix(TRADE_TAG))
    return None


def marked_trade(name: str, near: int) -> int | None:
    """
    Return the id of the trade that an order is marked with; None without a mark.

    Parameters
    ----------
    name : str
        The identifier of the order.
    near : int
        An id of about that time: marks repeat after 676 trades.

    """
    mark = name.rpartition("-")[2]
    if meaning(name) is None or not MARKED_TRADE.match(mark):
        return None
    count = (ord(mark[0]) - ord("a")) * LETTERS + ord(mark[1]) - ord("a")
    first = near - TRADES // 2
    trade_id = first + (count - first) % TRADES
    return trade_id if trade_id > 0 else trade_id + TRADES


def _letters(trade_id: int) -> str:
    high, low = divmod(trade_id % TRADES, LETTERS)
    return chr(ord("a") + high) + chr(ord("a") + low)
