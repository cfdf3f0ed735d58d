"""The cells of the tables as HTML; every text is escaped here."""

from collections.abc import Iterable
from html import escape
from typing import Any

import pandas as pd

from backtests.report.figures import MISSING
from backtests.report.figures import Figure
from backtests.report.figures import number


SIGN_CLASS = {-1: " loss", 0: "", 1: " gain"}
MINUS = "\N{MINUS SIGN}"


def head(labels: Iterable[tuple[str, bool]]) -> str:
    """Return the head of a table: labels, and whether their columns hold figures."""
    cells = "".join(
        f'<th scope="col"{" class=" + chr(34) + "figure" + chr(34) if figure else ""}>'
        f"{escape(label)}</th>"
        for label, figure in labels
    )
    return f"<thead><tr>{cells}</tr></thead>"


def text_of(value: Any) -> str:
    """Return a text of a table, a dash where there is none."""
    return MISSING if pd.isna(value) else escape(str(value))


def figure_cell(figure: Figure) -> str:
    """Return the cell of a figure."""
    return cell(figure.text, figure.unit, figure.sign)


def money_cell(value: float) -> str:
    """Return the cell of an amount, coloured by its sign."""
    sign = 0 if pd.isna(value) or not value else (1 if value > 0 else -1)
    return cell(number(value), sign=sign)


def html_cell(html: str, sign: int = 0) -> str:
    """Return a cell of figures around markup."""
    return f'<td class="figure{SIGN_CLASS[sign]}">{html}</td>'


def cell(text: str, unit: str = "", sign: int = 0) -> str:
    """Return a cell of figures."""
    suffix = f'<span class="unit">{escape(unit)}</span>' if unit else ""
    return html_cell(f"{escape(text).replace('-', MINUS)}{suffix}", sign)
