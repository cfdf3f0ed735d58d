"""Codes that explain each decision of the ladder system."""

from actors.codes import Code


class Reason(Code):
    """Represents the outcome of one minute."""

    RUNG = "RUNG", "A minute at which a trade is due."
    WAIT = "WAIT", "A minute between two trades (minutes)."
    COLD = "COLD", "No channel yet (minutes)."
