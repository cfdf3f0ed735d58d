"""Codes that explain each decision of the playbook."""

from actors.codes import Code


class Reason(Code):
    """
    Represents the outcome of one minute.

    The first group names a setup at a touched node, the second what else there was.
    """

    TREND_LONG = "TREND_LONG", "Trend model: pullback into a node of an up-leg above the balance."
    TREND_SHORT = "TREND_SHORT", "Trend model: pullback into a node of a down-leg below it."
    REVERSION_LONG = (
        "REVERSION_LONG",
        "Mean reversion: failed break below the balance, pullback after the way back in.",
    )
    REVERSION_SHORT = (
        "REVERSION_SHORT",
        "Mean reversion: failed break above the balance, pullback after the way back in.",
    )

    NO_BALANCE = "NO_BALANCE", "No completed session before this one: no balance to break out of."
    IDLE = "IDLE", "No attempt: price has not left the balance by a close from inside."
    ATTEMPT = "ATTEMPT", "A breakout attempt runs: its leg, or its pullback, is waited for."
    RECLAIMED = "RECLAIMED", "A failed attempt: the pullback into the reclaim leg is waited for."
    COLD = "COLD", "Too little history since the start or a gap (warm)."


class SetupRefusal(Code):
    """Represents why a touched node is not traded, beside the gate's reasons."""

    NOT_IMBALANCE = (
        "NOT_IMBALANCE",
        "The market was not in imbalance in the direction of the attempt (mom_min_pct).",
    )
    NO_AGGRESSION = (
        "NO_AGGRESSION",
        "No aggressive flow in the trade's direction with a score of min_score.",
    )
    RR_TOO_LOW = "RR_TOO_LOW", "Mean reversion: the balance's POC was nearer than min_rr times R."
    SETUP_OFF = "SETUP_OFF", "The setup is not among `setups`."
    OUTSIDE_SESSION = (
        "OUTSIDE_SESSION",
        "Not the session of the setup (session_filter), or within skip_open_minutes.",
    )
    ALERTS_ONLY = "ALERTS_ONLY", "Signals are only published (mode: alerts)."
    FLAT_BEFORE_CLOSE = (
        "FLAT_BEFORE_CLOSE",
        "The session ends within flat_before_close_minutes.",
    )
