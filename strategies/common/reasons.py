"""Codes that explain why orders are sent and given up."""

from enum import StrEnum


class EntryReason(StrEnum):
    """Represents why an order to enter is sent."""

    SIGNAL = "SIGNAL"
    TIMEOUT = "TIMEOUT"


class DropReason(StrEnum):
    """Represents why the rest of an entry is given up."""

    STOP_TOUCHED = "STOP_TOUCHED"
    TARGET_TOUCHED = "TARGET_TOUCHED"
    KILL_SWITCH = "KILL_SWITCH"
    DEACTIVATED = "DEACTIVATED"
    FLATTEN = "FLATTEN"
    HALTED = "HALTED"
    REJECTED = "REJECTED"
    VENUE_CANCEL = "VENUE_CANCEL"
    NO_QUOTE = "NO_QUOTE"
    SESSION_END = "SESSION_END"
    STALE = "STALE"
    RESTART = "RESTART"
    VENUE_CLOSE = "VENUE_CLOSE"


class ExitReason(StrEnum):
    """
    Represents why an order to leave is sent; the first three are what a stop is called.

    The last three are orders of the venue itself: liquidation, auto-deleveraging, and the end of
    the contract.
    """

    STOP = "STOP"
    BREAKEVEN = "BREAKEVEN"
    TRAIL = "TRAIL"

    TP1 = "TP1"
    TP2 = "TP2"
    TARGET = "TARGET"
    CLOSE_INSIDE = "CLOSE_INSIDE"
    TIME = "TIME"
    SESSION_END = "SESSION_END"
    FLIP = "FLIP"
    FLATTEN = "FLATTEN"
    KILL_SWITCH = "KILL_SWITCH"
    STOP_REJECTED = "STOP_REJECTED"
    STOP_LOST = "STOP_LOST"
    LATE_FILL = "LATE_FILL"

    LIQUIDATED = "LIQUIDATED"
    ADL = "ADL"
    DELIVERED = "DELIVERED"
