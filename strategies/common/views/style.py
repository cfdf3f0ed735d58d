"""The colours of the views; safe for colour-blind readers."""

from dataclasses import dataclass


INK = "#1d2733"
MUTED = "#5d6b7a"
BUY = "#1f6fb2"
LEVEL = "#7d8fa5"
POC = "#7b3fa0"
GREEN = "#00796b"
ORANGE = "#c46210"


@dataclass(frozen=True, kw_only=True)
class Style:
    """
    Represents how a line or an area is drawn.

    Parameters
    ----------
    color : str
        As `#rrggbb`.
    width : float, default 1
        Of the line (pixels).
    dash : str, default 'solid'
        `solid`, `dot`, `dash`, `dashdot` or `longdash`.
    tint : float, default 0
        The opacity of the area, 0 to 1.

    """

    color: str
    width: float = 1
    dash: str = "solid"
    tint: float = 0.0
