"""Checks that views name what there is: columns of messages, events, fields of texts."""

import re
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from actors.messages import Message
from actors.messages.schema import Kind
from strategies.common.views.bars import Band
from strategies.common.views.bars import Footprint
from strategies.common.views.bars import Line
from strategies.common.views.bars import StepLine
from strategies.common.views.chart import Chart
from strategies.common.views.chart import Element
from strategies.common.views.chart import Section
from strategies.common.views.chart import Views
from strategies.common.views.fields import Field
from strategies.common.views.fields import Form
from strategies.common.views.fields import Hover
from strategies.common.views.lives import UNFINISHED
from strategies.common.views.lives import Latest
from strategies.common.views.lives import Lives
from strategies.common.views.shapes import Levels
from strategies.common.views.shapes import Markers
from strategies.common.views.shapes import Signals
from strategies.common.views.shapes import Trails
from strategies.common.views.shapes import Zones
from strategies.common.views.tables import Count
from strategies.common.views.tables import Funnel
from strategies.common.views.tables import Groups
from strategies.common.views.tables import Listing
from strategies.common.views.tables import Placed


# The columns that rows have beside those of their message.
OF_LIVES = frozenset({"number", "begin", "finish", "outcome", "after", "steps"})
OF_LATEST = frozenset({"number"})
# The kinds of columns that a view can draw.
ANY = tuple(Kind)
TIMES = (Kind.TIME,)
FLAGS = (Kind.FLAG,)
TEXTS = (Kind.TEXT,)
LISTS = (Kind.LIST,)
PRICES = (Kind.PRICE, Kind.TICKS)
NUMBERS = (*PRICES, Kind.SIZE, Kind.LOTS, Kind.RATIO, Kind.MONEY, Kind.COUNT)
OF_FORMS = {
    Form.COUNT: NUMBERS,
    Form.NUMBER: NUMBERS,
    Form.PRICE: PRICES,
    Form.DISTANCE: NUMBERS,
    Form.PERCENT: NUMBERS,
    Form.MARK: FLAGS,
    Form.TIME: TIMES,
    Form.CLOCK: TIMES,
    Form.HOURS: TIMES,
    Form.SECONDS: TIMES,
}
# The time of a message, which is a column of its table and none of its own.
TIME = "ts"
_NAME = re.compile(r"\{(\w+)\}")


class Use(NamedTuple):
    """Represents a column that a view names, and the kinds that the view can draw."""

    view: str
    message: type[Message]
    column: str
    kinds: tuple[Kind, ...] = ANY


def uses(views: Views) -> list[Use]:
    """Return every column of a message that views name, in their order, each once."""
    found = [*_of_chart(views.chart)]
    for sections in views.sections:
        for section in sections:
            found += _of_section(section)
    return list(dict.fromkeys(use for use in found if use.column))


def problems(views: Views) -> list[str]:
    """
    Return the faults of views, one line each; none if all can be drawn.

    Parameters
    ----------
    views : Views
        The views.

    """
    named = uses(views)
    found = [problem for use in named if (problem := _problem(use))]
    kept = dict.fromkeys(use.message for use in named if use.message.TABLE is None)
    found += [f"views: a run keeps no table of {message.__name__}" for message in kept]
    for element in views.chart.elements:
        found += _problems_of(element)
    for sections in views.sections:
        for section in sections:
            found += _problems_of(section)
    return found


def _problem(use: Use) -> str:
    message, column = use.message, use.column
    is_time = column == TIME and message.TABLE is not None and message.TABLE.ts != "none"
    if column not in message.COLUMNS and not is_time:
        return f"{use.view}: {message.__name__} has no column `{column}`"
    kind = Kind.TIME if is_time else message.TYPES[column].kind
    if kind not in use.kinds:
        wanted = " or ".join(kind.name.capitalize() for kind in use.kinds)
        return (
            f"{use.view}: column `{column}` of {message.__name__} is of kind "
            f"{kind.name.capitalize()}, not {wanted}"
        )
    if kind is Kind.TICKS and "tick_size" not in message.COLUMNS:
        return (
            f"{use.view}: column `{column}` is in ticks: {message.__name__} needs a column "
            "`tick_size`"
        )
    return ""


def _columns(
    view: str, message: type[Message], *columns: str, kinds: tuple[Kind, ...] = ANY
) -> Iterator[Use]:
    for column in columns:
        yield Use(view, message, column, kinds)


def _of_chart(chart: Chart) -> Iterator[Use]:
    bars, message = chart.bars, chart.bars.message
    prices = (bars.open, bars.high, bars.low, bars.close)
    yield from _columns("candles", message, bars.time, kinds=TIMES)
    yield from _columns("candles", message, *prices, kinds=PRICES)
    for element in chart.elements:
        yield from _of_element(element, message)
    for pane in chart.panes:
        of = pane.of
        columns = (of.column,) if isinstance(of, Line) else (*of.plus, *of.minus)
        yield from _columns(of.name, message, *columns, kinds=NUMBERS)
    if chart.footprint is not None:
        yield from _of_footprint("footprint", chart.footprint)
    if chart.profile is not None:
        profile = chart.profile
        names = (profile.width, profile.upper, profile.lower, profile.peak)
        yield from _columns(profile.name, message, *names, kinds=PRICES)
        yield from _of_footprint(profile.name, profile.of)


def _of_footprint(view: str, footprint: Footprint) -> Iterator[Use]:
    lists = (footprint.ticks, footprint.buy, footprint.sell, footprint.unsigned)
    yield from _columns(view, footprint.message, footprint.time, kinds=TIMES)
    yield from _columns(view, footprint.message, *lists, kinds=LISTS)


def _of_element(element: Element, message: type[Message]) -> Iterator[Use]:
    match element:
        case StepLine():
            yield from _columns(element.name, message, element.column, kinds=PRICES)
            yield from _columns(element.name, message, element.valid, kinds=FLAGS)
        case Band():
            yield from _columns(element.name, message, element.upper, element.lower, kinds=PRICES)
            yield from _columns(element.name, message, element.valid, kinds=FLAGS)
        case Levels():
            for group in element.groups:
                yield from _columns(group.name, element.message, *group.columns, kinds=PRICES)
            yield from _columns("levels", element.message, element.blocked, kinds=TEXTS)
        case Zones():
            yield from _of_lives(
                element.name, element.of, element.first, element.last, kinds=PRICES
            )
            yield from _of_hover(element.name, element.of, element.hover)
        case Markers():
            yield from _of_lives(element.name, element.of, element.price, kinds=PRICES)
            own = (column for column in element.only if column not in OF_LIVES)
            yield from _columns(element.name, element.of.message, *own, kinds=TEXTS)
            yield from _of_hover(element.name, element.of, element.hover)
        case Trails():
            yield from _of_lives("trails", element.of, element.price, kinds=PRICES)
        case Signals():
            if element.placed is not None:
                yield from _of_placed(element.placed)


def _of_lives(
    view: str, lives: Lives, *columns: str, kinds: tuple[Kind, ...] = ANY
) -> Iterator[Use]:
    message = lives.message
    fallback = () if lives.fallback is None else (lives.fallback[0],)
    yield from _columns(view, message, *lives.key, *lives.same, *fallback)
    yield from _columns(view, message, lives.time, lives.begin, kinds=TIMES)
    yield from _columns(view, message, lives.event, kinds=TEXTS)
    yield from _columns(view, message, *(c for c in columns if c not in OF_LIVES), kinds=kinds)
    if lives.until is not None:
        yield Use(view, *lives.until)


def _of_hover(view: str, lives: Lives, hover: Hover) -> Iterator[Use]:
    for field in hover.fields.values():
        yield from _of_field(view, lives, field)


def _of_field(view: str, of: Lives | Latest, field: Field) -> Iterator[Use]:
    own = OF_LIVES if isinstance(of, Lives) else OF_LATEST
    columns = [name for name in (field.column, field.other) if name not in own]
    yield from _columns(view, of.message, *columns, kinds=OF_FORMS.get(field.form, ANY))
    if field.lives is not None:
        yield from _of_lives(view, field.lives)
        yield from _columns(view, of.message, *field.lives.key)
    if field.reached is not None and isinstance(of, Lives):
        yield from _of_lives(view, field.reached.lives)
        yield from _columns(view, field.reached.lives.message, *of.key)


def _of_placed(placed: Placed) -> Iterator[Use]:
    yield from _of_lives(placed.label, placed.of, placed.price, kinds=PRICES)


def _of_section(section: Section) -> Iterator[Use]:
    match section:
        case Listing():
            if isinstance(section.of, Lives):
                yield from _of_lives(section.title, section.of)
            else:
                yield from _columns(section.title, section.of.message, section.of.by)
            for field in section.fields:
                yield from _of_field(section.title, section.of, field)
        case Groups():
            yield from _of_lives(section.title, section.of, section.by)
            for measure in section.measures:
                fields = [Field(column=measure.column)] if measure.column else []
                for field in [*fields, *([measure.field] if measure.field else [])]:
                    yield from _of_field(section.title, section.of, field)
        case Funnel():
            for step in section.steps:
                if not isinstance(step, Count):
                    yield from _columns(step.label, step.message, step.time, kinds=TIMES)
                    yield from _columns(step.label, step.message, step.flag, kinds=FLAGS)
                elif isinstance(step.of, Lives):
                    yield from _of_lives(step.label, step.of)
                    if section.origin is not None:
                        yield from _of_field(section.title, step.of, section.origin)
        case _ if section.placed is not None:
            yield from _of_placed(section.placed)


def _problems_of(view: Any) -> Iterator[str]:
    match view:
        case Zones():
            yield from _hover(view.name, view.hover)
            yield from _unknown(view.name, "outcome", view.outcomes, {*view.of.ends, UNFINISHED})
            yield from _unknown(view.name, "style of outcome", view.outcomes, view.styles)
        case Markers():
            yield from _hover(view.name, view.hover)
        case Trails():
            states = {view.of.state_after(step) for step in view.of.steps}
            yield from _unknown("trails", "state", view.states, {*states, view.of.first_state})
            yield from _unknown("trails", "style of state", view.states, view.styles)
        case Funnel():
            for step in view.steps:
                if isinstance(step, Count) and isinstance(step.of, Lives):
                    outcomes = [step.outcome] if step.outcome else []
                    yield from _unknown(step.label, "outcome", outcomes, step.of.ends)
                    steps = [step.step] if step.step else []
                    yield from _unknown(step.label, "step", steps, step.of.steps)
                elif isinstance(step, Count):
                    known = ("signals", "refused", "positions")
                    yield from _unknown(step.label, "rows", [step.of], known)
    placed = getattr(view, "placed", None)
    if placed is not None:
        yield from _unknown(placed.label, "step", [placed.step], placed.of.steps)


def _hover(view: str, hover: Hover) -> Iterator[str]:
    named = {name for line in hover.lines for name in _NAME.findall(line)}
    yield from _unknown(view, "field of the hover", named, hover.fields)


def _unknown(view: str, what: str, names: Any, known: Any) -> Iterator[str]:
    for name in sorted(set(names) - set(known)):
        yield f"{view}: there is no {what} `{name}`"
