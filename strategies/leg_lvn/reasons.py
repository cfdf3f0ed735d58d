"""Codes that explain each minute of the system of leg nodes."""

from actors.codes import Code


class Reason(Code):
    """Represents the outcome of one minute; the first that applies."""

    COLD = "COLD", "Too few minutes with trades since the start or the last gap."
    CLOSED = "CLOSED", "Outside of the hours of entries (hours)."
    NO_TREND = "NO_TREND", "The averages of the closes are equal: no order rests."
    NODE_ORDER = "NODE_ORDER", "An order is proposed at a node of a leg with the trend."
    OTHER_SIDE = (
        "OTHER_SIDE",
        "A trade or an order on the other side is not over yet, and the venue holds one position.",
    )
    FULL = "FULL", "As many orders and trades as max_trades or one_trade_at_a_time allow."
    RESTING = "RESTING", "Every order that there may be rests already."
    NO_NODE = "NO_NODE", "No node of a leg with the trend waits for the market."
    NO_LEVELS = (
        "NO_LEVELS",
        "The nodes with the trend have their stop nearer than min_stop, or it has traded already.",
    )
    WAITING = "WAITING", "An order was refused shortly before, or is being taken back."
