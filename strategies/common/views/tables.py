"""Views of rows as tables: listings, groups, counts on the way to a trade, shares of the time."""

from dataclasses import dataclass

from actors.messages import Message
from strategies.common.views.fields import Field
from strategies.common.views.lives import Latest
from strategies.common.views.lives import Lives


@dataclass(frozen=True, kw_only=True)
class Listing:
    """
    Represents one row of a table for each thing.

    Parameters
    ----------
    title : str
        Its heading.
    of : Lives or Latest
        The rows.
    fields : tuple[Field, ...]
        Its columns.
    note : str, default ''
        What a reader should know.
    marked : tuple[str, str], optional
        A column and its value: such rows stand out, and are all that a long table lists.
    marked_name : str, default ''
        What they are called.

    """

    title: str
    of: Lives | Latest
    fields: tuple[Field, ...]
    note: str = ""
    marked: tuple[str, str] | None = None
    marked_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """
    Represents a figure of a group of rows.

    Without `value` and `field` it is their number.

    Parameters
    ----------
    label : str
        Its heading.
    column, value : str, default ''
        The number of rows with that value in that column.
    rare : bool, default False
        If it is left out where no row has the value.
    field : Field, optional
        A figure of each row, of which the mean is taken.
    largest : bool, default False
        If the largest is taken instead.

    """

    label: str
    column: str = ""
    value: str = ""
    rare: bool = False
    field: Field | None = None
    largest: bool = False


@dataclass(frozen=True, kw_only=True)
class Groups:
    """
    Represents figures of rows by the value of a column.

    Parameters
    ----------
    title : str
        Its heading.
    of : Lives
        The rows.
    by : str
        The column.
    label : str
        What its values are.
    measures : tuple[Measure, ...]
        The figures.
    order : tuple[str, ...], default ()
        The values that come first.

    """

    title: str
    of: Lives
    by: str
    label: str
    measures: tuple[Measure, ...]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Count:
    """
    Represents how many rows there are.

    Parameters
    ----------
    label : str
        What they are.
    of : Lives or str
        The rows; `signals` are candidates that were taken or refused, `refused` the latter,
        `positions` positions.
    outcome : str, default ''
        Only those that ended with this event.
    step : str, default ''
        Only those that went through this step.

    """

    label: str
    of: Lives | str
    outcome: str = ""
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class TimeShare:
    """
    Represents the share of the bars in which a flag was set; a message holds until the next one.

    Parameters
    ----------
    label : str
        What it says.
    message : type[Message]
        The message.
    time : str
        The column with the start of its bar (ns UTC).
    flag : str
        The column of the flag.

    """

    label: str
    message: type[Message]
    time: str
    flag: str


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """
    Represents how many came how far on the way to a trade.

    Parameters
    ----------
    title : str
        Its heading.
    steps : tuple[Count | TimeShare, ...]
        The rows.
    origin : Field, optional
        Where the rows of the first step come from; its distinct values are named above, after its
        label.

    """

    title: str
    steps: tuple[Count | TimeShare, ...]
    origin: Field | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """
    Represents the price at which a candidate stands that names none.

    It is that of the thing that went through a step at the time of the decision.

    Parameters
    ----------
    label : str
        The head of its column in a listing.
    of : Lives
        The things.
    step : str
        The step.
    price : str
        The column of the price.

    """

    label: str
    of: Lives
    step: str
    price: str


@dataclass(frozen=True, kw_only=True)
class SignalListing:
    """
    Represents the candidates that were taken or refused, one in a row.

    Parameters
    ----------
    title : str
        Its heading.
    placed : Placed, optional
        Adds the price of what gave the signal.

    """

    title: str
    placed: Placed | None = None
