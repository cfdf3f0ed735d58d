"""Colours and shared layout of the charts; safe for colour-blind readers."""

from typing import Any

from strategies.common.views.style import BUY
from strategies.common.views.style import INK
from strategies.common.views.style import MUTED
from strategies.common.views.style import POC


SELL = "#dd7a12"
RULE = "#e4e8ed"
STOP = "#a3123a"
TARGET = "#00796b"
REFUSED = "#b5179e"
# Lines of runs over each other differ in colour, and in dash where the colours begin anew.
LINES = [
    {"color": color, "dash": dash}
    for dash in ("solid", "dash", "dot", "dashdot")
    for color in (BUY, SELL, TARGET, POC, STOP, MUTED, "#56b4e9")
]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"


def base_layout(height: int) -> dict[str, Any]:
    """Return the layout that all charts share; `height` is in pixels."""
    return {
        "height": height,
        "margin": {"l": 84, "r": 24, "t": 52, "b": 48},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "font": {"family": FONT, "size": 12, "color": INK},
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": RULE,
            "font": {"family": FONT, "color": INK},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.005,
            "yanchor": "bottom",
            "font": {"size": 12},
        },
        "bargap": 0.15,
        "dragmode": "zoom",
        "showlegend": True,
    }


def time_axis(**settings: Any) -> dict[str, Any]:
    """Return a time axis in UTC, with `settings` on top."""
    return {
        "type": "date",
        "showgrid": True,
        "gridcolor": RULE,
        "showline": True,
        "linecolor": RULE,
        "ticks": "outside",
        "tickcolor": RULE,
        "nticks": 12,
        "tickangle": 0,
        "tickfont": {"color": MUTED},
        **settings,
    }


def value_axis(title: str, domain: tuple[float, float], **settings: Any) -> dict[str, Any]:
    """Return a vertical axis with its `title` over the given part of the height."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}, "standoff": 8},
        "domain": list(domain),
        "gridcolor": RULE,
        "zerolinecolor": "#b9c2cc",
        "tickfont": {"color": MUTED},
        "fixedrange": True,
        **settings,
    }
