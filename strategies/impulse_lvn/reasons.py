"""Codes that explain what the impulse system does with its trades."""

from enum import StrEnum


class LeaveReason(StrEnum):
    """Represents why an open trade, or an entry not yet filled, is to be given up."""

    TIME = "TIME"
    SESSION_END = "SESSION_END"


class DayStop(StrEnum):
    """Represents why no more trades are opened on a trading day."""

    MAX_LOSSES = "MAX_LOSSES"
    DAILY_LIMIT = "DAILY_LIMIT"


class DecisionReason(StrEnum):
    """Represents what brings a decision about, beside a missing level or an exit."""

    RETEST = "RETEST"


class SkipReason(StrEnum):
    """Represents why a signal is not traded, beside the gate's reasons."""

    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    BEYOND_STOP = "BEYOND_STOP"
