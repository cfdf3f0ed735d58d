"""Tables of a study, on a terminal and on a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from rich.console import Console
from rich.text import Text

from backtests.report.cells import cell
from backtests.report.cells import head


@dataclass(frozen=True, slots=True)
class TextTable:
    """
    Represents one table of results.

    Attributes
    ----------
    title : str
        The title.
    heads : tuple[str, ...]
        The heads of the columns; the first names the rows.
    rows : tuple[tuple[str, ...], ...]
        The cells.
    notes : tuple[str, ...]
        What a reader must know.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def print_tables(console: Console, tables: Iterable[TextTable]) -> None:
    """Print tables with their notes below them; one without either is left out."""
    for table in tables:
        if not (table.rows or table.notes):
            continue
        console.print()
        console.print(Text(table.title, style="bold"))
        if table.rows:
            for line in plain_lines(table):
                # A figure is never cut: a terminal that is too narrow folds the line.
                console.print(Text(line), soft_wrap=True)
        for note in table.notes:
            console.print(Text(note, style="dim"), soft_wrap=True)


def plain_lines(table: TextTable) -> list[str]:
    """Return a table as lines of columns, the first to the left and the others to the right."""
    rows = (table.heads, *table.rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            value.rjust(width) if number else value.ljust(width)
            for number, (value, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def table_html(table: TextTable, level: str = "h2") -> str:
    """Return a table as HTML, with its title as a heading before and its notes after it."""
    heading = head([(name, number > 0) for number, name in enumerate(table.heads)])
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(map(cell, row[1:]))}</tr>'
        for row in table.rows
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table.notes)
    body = f'<div class="wide"><table>{heading}<tbody>{rows}</tbody></table></div>'
    return f"<{level}>{escape(table.title)}</{level}>{body if table.rows else ''}{notes}"
