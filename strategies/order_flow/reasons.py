"""Codes that explain each bar of the order flow system."""

from actors.codes import Code


class Route(Code):
    """Represents what the router makes of a pattern, in the order of its checks."""

    APPROVED = "APPROVED", "The regime trades this pattern, and both are strong enough."
    NO_TRADE = "NO_TRADE", "The regime is NO_TRADE: session edge, news, little volume, or warm-up."
    DISABLED = "DISABLED", "The regime rules this pattern out."
    NOT_ENABLED = "NOT_ENABLED", "The regime does not trade this pattern."
    BIAS = "BIAS", "The pattern is against the direction of the trend."
    STRENGTH = "STRENGTH", "The pattern is weaker than router.min_strength."
    CONFIDENCE = "CONFIDENCE", "The regime is less sure than router.min_confidence."
    COOLDOWN = "COOLDOWN", "The last entry is less than router.cooldown_s ago."
    CONFLICT = (
        "CONFLICT",
        "Equally strong patterns of one bar trade in both directions, and neither has more.",
    )


class Reason(Code):
    """Represents the outcome of one bar; the first that applies."""

    COLD = "COLD", "Too few bars since the start or the last gap (regime.min_bars)."
    SIGNAL = "SIGNAL", "A pattern that the regime trades: the strongest of the bar."
    REJECTED = "REJECTED", "The bar has patterns, and the router lets none pass."
    CONFLICT = "CONFLICT", "Equally strong patterns trade in both directions."
    QUIET = "QUIET", "The bar has no pattern."


class Skip(Code):
    """Represents why a signal is not traded, beside the gate's reasons."""

    OUTSIDE_HOURS = (
        "OUTSIDE_HOURS",
        "Not within hours.start and hours.end, in one of hours.pauses, or no session today.",
    )
    FLATTENED = "FLATTENED", "The day is over: all was closed flatten_minutes before the close."
    BAD_BRACKET = "BAD_BRACKET", "Entry, stop or target would not be a price above zero."
