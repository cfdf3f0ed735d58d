"""Codes that explain what the impulse system does with its trades."""

from enum import StrEnum

from actors.codes import Code


class LeaveReason(StrEnum):
    """Represents why an open trade is closed, or an entry not yet filled is canceled."""

    TIME = "TIME"
    SESSION_END = "SESSION_END"


class DecisionReason(Code):
    """Represents the cause of a decision, beside a missing level or an exit."""

    RETEST = "RETEST", "The second visit to a low volume node, with the order flow it needs."


class SkipReason(Code):
    """Represents why a signal is not traded, beside the gate's reasons."""

    OUTSIDE_HOURS = "OUTSIDE_HOURS", "Not within start_time and end_time, in New York."
    BEYOND_STOP = "BEYOND_STOP", "The market had already reached the stop behind the node."
