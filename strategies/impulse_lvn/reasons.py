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
