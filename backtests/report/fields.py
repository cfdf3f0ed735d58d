"""The values of rows as text and as cells; every text is escaped here."""

import re
from collections.abc import Hashable
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import html_cell
from backtests.report.encoding import milliseconds
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import utc
from backtests.report.story import Story
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Hover
from strategies.common.views import Latest
from strategies.common.views import Lives
from strategies.common.views import Style


Row = Mapping[Hashable, Any]
STEPS_SHOWN = 8
FIGURES = frozenset(
    {
        Form.COUNT,
        Form.NUMBER,
        Form.PRICE,
        Form.DISTANCE,
        Form.PERCENT,
        Form.SECONDS,
        Form.LINK,
        Form.REFERENCE,
    }
)
_PART = re.compile(r"\{(\w+)\}")
_BOLD = re.compile(r"\*([^*]*)\*")


def rgba(style: Style, opacity: float) -> str:
    """Return the colour of a line style with an opacity."""
    red, green, blue = (int(style.color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def value_of(field: Field, row: Row) -> float | None:
    """Return a field as a number; that of a distance has no sign."""
    value = row[field.column]
    if pd.isna(value):
        return None
    return abs(value - row[field.other]) if field.form is Form.DISTANCE else float(value)


class Fields:
    """
    Writes the fields of rows.

    Parameters
    ----------
    story : Story
        What they belong to.
    of : Lives or Latest
        The description of the rows.
    chart : str, default ''
        The id of the chart that links lead to.

    """

    def __init__(self, story: Story, of: Lives | Latest, chart: str = "") -> None:
        self._story = story
        self._of = of
        self._chart = chart
        self._numbers: dict[int, dict[tuple[Hashable, ...], int]] = {}
        self._reached: dict[int, set[tuple[Hashable, ...]]] = {}

    def text(self, field: Field, row: Row) -> str:
        """Return a field as text, escaped."""
        if field.reached is not None and self._has_reached(field, row):
            return escape(field.reached.word)
        if field.form is Form.STEPS:
            return self._steps(field, row)
        if field.form is Form.TALLY:
            return self._tally(field, row)
        if field.form is Form.REFERENCE:
            found = self._number(field, row)
            return field.missing if found is None else str(found)
        value = row[field.column]
        if value is None or pd.isna(value):
            return escape(field.missing)
        match field.form:
            case Form.COUNT | Form.LINK:
                return number(value, 0)
            case Form.NUMBER | Form.DISTANCE:
                return number(value_of(field, row))
            case Form.PRICE:
                return number(value, self._story.decimals)
            case Form.PERCENT:
                return percent(value)
            case Form.MARK:
                return "✓" if value else "✗"
            case Form.TIME:
                return utc(value, "seconds")
            case Form.CLOCK:
                return _clock(row["begin"], value)
            case Form.HOURS:
                return _hours(value, row[field.other], field.missing)
            case Form.SECONDS:
                return number((value - row[field.other]).total_seconds() // 1, 0)
        return escape(field.words.get(value, str(value)))

    def cell(self, field: Field, row: Row) -> str:
        """Return a field as the cell of a table."""
        text = self.text(field, row)
        if field.form is Form.MARK:
            return _mark(bool(row[field.column]), escape(field.label.lower()))
        if field.form is Form.LINK:
            return html_cell(link(self._chart, text, row["begin"], row["finish"]))
        if field.form in FIGURES:
            return cell(text, "%" if field.form is Form.PERCENT and text != field.missing else "")
        if field.form is Form.STEPS:
            return f'<td class="history">{text}</td>'
        style = field.styles.get(str(row[field.column]))
        if style is not None:
            text = f'<span class="outcome" style="background: {style.color}"></span>{text}'
        return f"<td>{text}</td>"

    def hover(self, hover: Hover, row: Row) -> str:
        """Return the text of a hover, in the markup of charts."""
        texts = {name: self.text(field, row) for name, field in hover.fields.items()}
        lines = [
            _PART.sub(lambda found: texts[found[1]], _BOLD.sub(r"<b>\1</b>", escape(line)))
            for line in hover.lines
        ]
        return "<br>".join(lines)

    def _steps(self, field: Field, row: Row) -> str:
        steps = row[field.column]
        if not steps:
            return escape(field.missing)
        shown = [
            f"{escape(field.words.get(name, name))} {utc(time, 'seconds').split()[1]}"
            for time, name in steps[:STEPS_SHOWN]
        ]
        rest = len(steps) - len(shown)
        return " · ".join([*shown, f"{rest} more"] if rest else shown)

    def _tally(self, field: Field, row: Row) -> str:
        names = [name for _, name in row[field.column]]
        counts = {name: names.count(name) for name in field.words or dict.fromkeys(names)}
        texts = [
            f"{escape(field.words.get(name, name))} {count}×"
            for name, count in counts.items()
            if count
        ]
        return ", ".join(texts) or escape(field.missing)

    def _number(self, field: Field, row: Row) -> int | None:
        if field.lives is None:
            return None
        key, lives = field.lives.key, field.lives
        if id(lives) not in self._numbers:
            rows = self._story.values(lives)
            self._numbers[id(lives)] = {tuple(r[n] for n in key): r["number"] for r in rows}
        return self._numbers[id(lives)].get(tuple(row[name] for name in key))

    def _has_reached(self, field: Field, row: Row) -> bool:
        if field.reached is None or not isinstance(self._of, Lives):
            return False
        key, reached = self._of.key, field.reached
        if id(reached) not in self._reached:
            self._reached[id(reached)] = {
                tuple(life.row[name] for name in key)
                for life in self._story.lives(reached.lives)
                if life.count(reached.step)
            }
        return tuple(row[name] for name in key) in self._reached[id(reached)]


def link(chart: str, text: str, begin: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return a link that shows a span of time in a chart."""
    span = f'data-from="{milliseconds(begin)}" data-to="{milliseconds(end)}"'
    return f'<a href="#{chart}" data-chart="{chart}" {span}>{text}</a>'


def _mark(value: bool, name: str) -> str:
    text = "yes" if value else "no"
    return (
        f'<td class="{text}" title="{name}: {text}"><span aria-hidden="true">'
        f'{"✓" if value else "✗"}</span><span class="hidden">{text}</span></td>'
    )


def _hours(begin: pd.Timestamp, end: pd.Timestamp, missing: str) -> str:
    if begin == end:
        return missing
    return f"{utc(begin).split()[1]} to {utc(end).split()[1]}"


def _clock(begin: pd.Timestamp, end: pd.Timestamp) -> str:
    text = utc(end, "seconds")
    return text.split()[1] if end.date() == begin.date() else text
