"""Codes of alerts about the regime of the market."""

from actors.codes import Code


class RegimeAlert(Code):
    """Represents an alert of the actor of regimes."""

    NEWS_CALENDAR = (
        "NEWS_CALENDAR",
        "The calendar of news ends within 14 days, or has ended: extend the file.",
    )
