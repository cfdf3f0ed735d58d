"""Views of values that a message carries for each closed bar."""

from dataclasses import dataclass

from actors.messages import Message
from strategies.common.views.style import Style


@dataclass(frozen=True, kw_only=True)
class Bars:
    """
    Represents the candles of a chart: one row for each closed bar.

    All views of bars take their columns from this message. A longer candle joins bars: values of
    lines and bands are those at its end, histograms are summed, averages taken.

    Parameters
    ----------
    message : type[Message]
        The message of a closed bar.
    time : str
        The column with its start (ns UTC).
    seconds : int
        Its length; bars without trades may be missing.
    open, high, low, close : str
        The columns of its prices.

    """

    message: type[Message]
    time: str
    seconds: int
    open: str = "open"
    high: str = "high"
    low: str = "low"
    close: str = "close"


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """
    Represents a price in force at the end of each bar, drawn as steps.

    Parameters
    ----------
    name : str
        What the legend and the hover call it.
    column : str
        The column of the price.
    style : Style
        The line.
    valid : str, default ''
        A flag: the line breaks where it is not set. Empty for none.

    """

    name: str
    column: str
    style: Style
    valid: str = ""


@dataclass(frozen=True, kw_only=True)
class Band:
    """
    Represents two prices in force at the end of each bar, and the area between them.

    Parameters
    ----------
    name : str
        What the legend calls it.
    upper, lower : str
        The columns of the prices.
    upper_name, lower_name : str
        What the hover calls them.
    style : Style
        The outline, and the tint of the area.
    valid : str, default ''
        A flag: the band breaks where it is not set. Empty for none.

    """

    name: str
    upper: str
    lower: str
    upper_name: str
    lower_name: str
    style: Style
    valid: str = ""


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """
    Represents a value that is summed over a candle and drawn as a bar from zero.

    Parameters
    ----------
    name : str
        What the hover calls it.
    plus : tuple[str, ...]
        The columns that are added.
    minus : tuple[str, ...], default ()
        Those that are taken away.
    signed : bool, default True
        If positive and negative bars differ in colour.

    """

    name: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    signed: bool = True


@dataclass(frozen=True, kw_only=True)
class Line:
    """
    Represents a value that is averaged over a candle and drawn as a line.

    Parameters
    ----------
    name : str
        What the hover calls it.
    column : str
        The column.

    """

    name: str
    column: str


@dataclass(frozen=True, kw_only=True)
class Pane:
    """
    Represents a pane below the prices with an axis of its own.

    Parameters
    ----------
    title : str
        The title of the axis; `|` breaks the line.
    of : Histogram or Line
        What it shows.
    bounds : tuple[float, float], optional
        The ends of the axis; else those of what is in view.

    """

    title: str
    of: Histogram | Line
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """
    Represents the volume at each price of each bar, shown in a pane where few candles are in view.

    Parameters
    ----------
    message : type[Message]
        The message with the lists, one for each bar of the chart.
    time : str
        The column with the start of the bar (ns UTC).
    ticks : str
        The list of traded prices (ticks), rising.
    buy, sell, unsigned : str
        The lists of the volume at each of them by aggressor (lots); empty for none.

    """

    message: type[Message]
    time: str
    ticks: str = "ticks"
    buy: str = "buy"
    sell: str = "sell"
    unsigned: str = "unsigned"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """
    Represents the volume at each price over the last minutes of the view, drawn beside the prices.

    Parameters
    ----------
    name : str
        Its title.
    of : Footprint
        Where the volumes come from.
    minutes : int
        How far it reaches back from the last bar in view.
    width : str, default ''
        A column of the bars with the width of a bucket (price); empty for one that suits the view.
    upper, lower, peak : str, default ''
        Columns of the bars: the ends of the value area and the point of control, which stand out.

    """

    name: str
    of: Footprint
    minutes: int
    width: str = ""
    upper: str = ""
    lower: str = ""
    peak: str = ""
