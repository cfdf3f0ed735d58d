"""Codes that explain why orders are sent and canceled."""

from actors.codes import Code


class EntryReason(Code):
    """Represents why an order to enter is sent."""

    SIGNAL = "SIGNAL", "The entry of a signal."
    TIMEOUT = (
        "TIMEOUT",
        "The rest of a limit entry, sent at market after limit_order_timeout_minutes.",
    )


class DropReason(Code):
    """Represents why the rest of an entry is canceled."""

    STOP_TOUCHED = (
        "STOP_TOUCHED",
        "The price of the stop traded before the entry was filled (cancel_on_stop_touch).",
    )
    TARGET_TOUCHED = "TARGET_TOUCHED", "The last target traded before the entry was filled."
    ENTRY_TIMEOUT = (
        "ENTRY_TIMEOUT",
        "Not filled within limit_order_timeout_minutes (entry_timeout_cancels).",
    )
    PRICE_AWAY = (
        "PRICE_AWAY",
        "The market moved farther than entry_drift_pct away before it was filled.",
    )
    KILL_SWITCH = (
        "KILL_SWITCH",
        "The loss of the day reached max_daily_loss, or the limit of its capital tier, meanwhile.",
    )
    PROFIT_TARGET = "PROFIT_TARGET", "The profit of the day reached daily_profit_target meanwhile."
    TOTAL_LOSS = (
        "TOTAL_LOSS",
        "The loss of the day of all strategies reached max_daily_loss_all meanwhile.",
    )
    DEACTIVATED = "DEACTIVATED", "An operator deactivated the node meanwhile."
    FLATTEN = "FLATTEN", "An operator closed everything, or its time was over."
    HALTED = "HALTED", "Halted meanwhile, by an operator or with position and orders in doubt."
    REJECTED = "REJECTED", "The venue or the risk engine refused the order: see orders.parquet."
    VENUE_CANCEL = "VENUE_CANCEL", "The venue cancelled the order by itself."
    NO_QUOTE = "NO_QUOTE", "The market stood still: no quote came before the time-out of the entry."
    SESSION_END = "SESSION_END", "The hours of trading ended before it was filled."
    SIGNAL_OVER = "SIGNAL_OVER", "What had called for it no longer held before it was filled."
    STALE = "STALE", "The market fell silent before it was filled."
    RESTART = "RESTART", "A restart found it working, and cancelled it."
    VENUE_CLOSE = "VENUE_CLOSE", "The venue closed the position by itself."


class ExitReason(Code):
    """
    Represents why an order to leave is sent; the first three are what a stop is called.

    `NETTED` is no order of the trade itself. The last three are orders of the venue itself:
    liquidation, auto-deleveraging, and the end of the contract.
    """

    STOP = "STOP", "The protective stop."
    BREAKEVEN = "BREAKEVEN", "The stop, moved to the entry after the first target."
    TRAIL = "TRAIL", "The stop that follows the best price."

    TP1 = "TP1", "The first target."
    TP2 = "TP2", "The last target of two."
    TARGET = "TARGET", "The only target."
    CLOSE_INSIDE = "CLOSE_INSIDE", "A minute closed back behind the level of the breakout."
    TIME = "TIME", "Held for as long as max_hold_minutes or max_hold_bars allow."
    SESSION_END = "SESSION_END", "The hours of trading ended."
    COUNTER_FLOW = "COUNTER_FLOW", "Aggressive flow against the position."
    FLIP = "FLIP", "A signal for the other side (enable_flip_on_signal)."
    FLATTEN = "FLATTEN", "An operator closed everything."
    KILL_SWITCH = (
        "KILL_SWITCH",
        "The loss of the day reached max_daily_loss or max_daily_loss_all (kill_flatten).",
    )
    STOP_REJECTED = "STOP_REJECTED", "The venue refused the stop: closed at market."
    STOP_LOST = "STOP_LOST", "The stop was gone from the venue: closed at market."
    LATE_FILL = "LATE_FILL", "A fill that came after its trade had ended: closed at market."
    NETTED = "NETTED", "Closed by an order of another trade of the same position."

    LIQUIDATED = "LIQUIDATED", "Liquidated by the venue."
    ADL = "ADL", "Closed by the venue's auto-deleveraging."
    DELIVERED = "DELIVERED", "Settled by the venue at the end of the contract."
