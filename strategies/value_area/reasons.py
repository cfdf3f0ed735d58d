"""Codes that explain each decision of the value area system."""

from enum import StrEnum


class Setup(StrEnum):
    """Represents one of the three setups, in the order of their priority."""

    BREAKIN = "breakin"
    FAILBREAK = "failbreak"
    BREAKOUT = "breakout"


class Rejection(StrEnum):
    """Represents why the prices of a candidate cannot be traded."""

    NO_ROOM = "NO_ROOM"
    STOP_SIDE = "STOP_SIDE"


class Reason(StrEnum):
    """
    Represents the outcome of one minute.

    The first group names the winning setup, the second says why there is none.
    """

    BREAKIN_LONG = "BREAKIN_LONG"
    BREAKIN_SHORT = "BREAKIN_SHORT"
    FAILBREAK_LONG = "FAILBREAK_LONG"
    FAILBREAK_SHORT = "FAILBREAK_SHORT"
    BREAKOUT_LONG = "BREAKOUT_LONG"
    BREAKOUT_SHORT = "BREAKOUT_SHORT"

    NO_BAR = "NO_BAR"
    VA_INVALID = "VA_INVALID"
    NO_SETUP = "NO_SETUP"
    BOTH_SIDES = "BOTH_SIDES"
    REJECTED_NO_ROOM = "REJECTED_NO_ROOM"
    REJECTED_STOP_SIDE = "REJECTED_STOP_SIDE"
