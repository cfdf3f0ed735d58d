"""Codes that explain each decision of the value area system."""

from enum import StrEnum

from actors.codes import Code


class Setup(StrEnum):
    """Represents one of the three setups, in the order of their priority."""

    BREAKIN = "breakin"
    FAILBREAK = "failbreak"
    BREAKOUT = "breakout"


class Rejection(StrEnum):
    """Represents why the prices of a candidate cannot be traded."""

    NO_ROOM = "NO_ROOM"
    STOP_SIDE = "STOP_SIDE"


class Reason(Code):
    """
    Represents the outcome of one minute.

    The first group names the winning setup, the second the reason why there is none.
    """

    BREAKIN_LONG = (
        "BREAKIN_LONG",
        "Break-in at VAL: beyond it within the minute, and closed back inside.",
    )
    BREAKIN_SHORT = (
        "BREAKIN_SHORT",
        "Break-in at VAH: beyond it within the minute, and closed back inside.",
    )
    FAILBREAK_LONG = "FAILBREAK_LONG", "Failed breakout below VAL, closed inside again."
    FAILBREAK_SHORT = "FAILBREAK_SHORT", "Failed breakout above VAH, closed inside again."
    BREAKOUT_LONG = "BREAKOUT_LONG", "Accepted breakout above VAH, on its retest if configured."
    BREAKOUT_SHORT = "BREAKOUT_SHORT", "Accepted breakout below VAL, on its retest if configured."

    NO_BAR = "NO_BAR", "No trade in the minute."
    VA_INVALID = (
        "VA_INVALID",
        "No valid value area: too little history, or fewer than min_va_bins populated bins.",
    )
    NO_SETUP = (
        "NO_SETUP",
        "No setup at the edges, or its order flow (of_…) or imbalance (qimb_…) did not confirm it.",
    )
    BOTH_SIDES = "BOTH_SIDES", "Setups on both sides at once: they cancel each other."
    REJECTED_NO_ROOM = "REJECTED_NO_ROOM", "The close had already reached the last target."
    REJECTED_STOP_SIDE = "REJECTED_STOP_SIDE", "The close was beyond where the stop would lie."


class AreaReason(Code):
    """Represents why a minute has no valid value area, the `va_reason` of its features."""

    EMPTY = "EMPTY", "No volume in the window of the profile (rolling_window_minutes)."
    NO_WIDTH = "NO_WIDTH", "No bin width yet: sigma needs minutes with quotes."
    MIN_BINS = "MIN_BINS", "Fewer populated bins than min_va_bins, in a new or quiet market."
    SILENT = "SILENT", "The quotes are silent (gap_after_s): the levels are those of before."
