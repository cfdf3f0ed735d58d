"""Views of what happens on a chart at a time: levels, zones, trails, markers, signals."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from actors.messages import Message
from strategies.common.views.fields import Hover
from strategies.common.views.lives import Lives
from strategies.common.views.style import Style
from strategies.common.views.tables import Placed


@dataclass(frozen=True, kw_only=True)
class LevelGroup:
    """
    Represents levels of one style.

    Parameters
    ----------
    name : str
        What the legend calls them.
    columns : tuple[str, ...]
        The columns of their prices; a level is called by that of its column.
    style : Style
        The line.

    """

    name: str
    columns: tuple[str, ...]
    style: Style


@dataclass(frozen=True, kw_only=True)
class Levels:
    """
    Represents prices that hold from one message to the next, with labels at the edge of the chart.

    Parameters
    ----------
    message : type[Message]
        The message.
    groups : tuple[LevelGroup, ...]
        The levels.
    blocked : str, default ''
        A column that holds a code while the levels are not in force; they are dotted then.
    blocked_name : str, default 'not in force'
        What the legend adds to their name then.

    """

    message: type[Message]
    groups: tuple[LevelGroup, ...]
    blocked: str = ""
    blocked_name: str = "not in force"


@dataclass(frozen=True, kw_only=True)
class Zones:
    """
    Represents boxes from begin to finish between two prices, by outcome.

    Parameters
    ----------
    name : str
        What the legend calls them, before the outcome.
    of : Lives
        The zones.
    first, last : str
        The columns of the two prices; a mark stands at begin and first.
    outcomes : Mapping[str, str]
        What the outcomes are called, in the order of drawing.
    styles : Mapping[str, Style]
        Their styles.
    hover : Hover
        The text of the mark.

    """

    name: str
    of: Lives
    first: str
    last: str
    outcomes: Mapping[str, str]
    styles: Mapping[str, Style]
    hover: Hover


@dataclass(frozen=True, kw_only=True)
class Trails:
    """
    Represents lines at a price whose style follows the state of what they represent.

    The axis of prices makes room for those in view.

    Parameters
    ----------
    of : Lives
        The things.
    price : str
        The column of the price.
    states : Mapping[str, str]
        What the legend calls the states, in the order of drawing.
    styles : Mapping[str, Style]
        Their styles.

    """

    of: Lives
    price: str
    states: Mapping[str, str]
    styles: Mapping[str, Style]


@dataclass(frozen=True, kw_only=True)
class Markers:
    """
    Represents small marks at the begin of things.

    Parameters
    ----------
    name : str
        What they are called.
    of : Lives
        The things.
    price : str
        The column of the price.
    symbol : str
        The symbol, in Plotly's names.
    color : str
        As `#rrggbb`.
    hover : Hover
        Their text.
    only : Mapping[str, tuple[str, ...]], optional
        Columns and the values that a thing must have in each of them; by default all are marked.
    in_legend : bool, default False
        If the legend names them, where a click hides them.

    """

    name: str
    of: Lives
    price: str
    symbol: str
    color: str
    hover: Hover
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    in_legend: bool = False


@dataclass(frozen=True, kw_only=True)
class Signals:
    """
    Represents the candidates that were taken; refused ones and trades are on every chart.

    Parameters
    ----------
    placed : Placed, optional
        Prices candidates that have none.

    """

    placed: Placed | None = None
