"""One HTML page that carries all it needs."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from importlib import resources
from typing import Any

from plotly.offline import get_plotlyjs


# Nothing may be loaded from anywhere: the page must read the same without a network.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
# In the order in which they need each other.
SCRIPTS = ("bars", "prints", "labels", "page")


def section(html: str) -> str:
    """Return one framed part of a page."""
    return f"<section>{html}</section>"


def document(
    title: str,
    sections: Sequence[str],
    charts: Sequence[Mapping[str, Any]],
    versions: Mapping[str, str],
) -> str:
    """
    Return a page that carries all it needs.

    Parameters
    ----------
    title : str
        The title, as plain text.
    sections : Sequence[str]
        The parts of the page, HTML.
    charts : Sequence[Mapping[str, Any]]
        The figures, each with the id of the element it is drawn into.
    versions : Mapping[str, str]
        What the foot of the page names.

    """
    # "<" could end the script element early, so it travels as an escape.
    data = json.dumps(charts, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    footer = ", ".join(f"{name} {version}" for name, version in versions.items())
    folder = resources.files("backtests.report")
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    scripts = [folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style></head>",
            f"<body><main>{''.join(sections)}",
            "<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>",
            f"<footer>{escape(footer)}</footer></main>",
            f'<script type="application/json" id="charts">{data}</script>',
            f"<script>{get_plotlyjs()}</script>",
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>",
            "",
        ]
    )
