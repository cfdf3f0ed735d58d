"""Codes that explain each decision of the channel system."""

from actors.codes import Code


class Reason(Code):
    """Represents the outcome of one minute."""

    BREAKOUT_LONG = "BREAKOUT_LONG", "The first close above the highest close of the channel."
    BREAKOUT_SHORT = "BREAKOUT_SHORT", "The first close below the lowest close of the channel."
    BEYOND = "BEYOND", "Another close on the side of the last breakout: one signal for each."
    INSIDE = "INSIDE", "A close within the channel."
    COLD = "COLD", "No channel yet: fewer closes than it needs (minutes)."
