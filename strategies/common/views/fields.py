"""The values of a row as a reader sees them, in cells of tables and texts of hovers."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from strategies.common.views.lives import Lives
from strategies.common.views.style import Style


class Form(StrEnum):
    """Represents how a value is written."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"  # two decimals
    PRICE = "price"  # with the decimals of the chart
    DISTANCE = "distance"  # from `other`, two decimals
    PERCENT = "percent"  # of a fraction
    MARK = "mark"  # of a flag
    TIME = "time"
    CLOCK = "clock"  # without the date where it is that of the begin
    HOURS = "hours"  # to `other`
    SECONDS = "seconds"  # from `other`
    STEPS = "steps"  # what happened, with times
    TALLY = "tally"  # what happened, with counts
    LINK = "link"  # a number that leads to the chart
    REFERENCE = "reference"  # the number of a row of `lives` with the same key


@dataclass(frozen=True, kw_only=True)
class Reached:
    """
    Represents a word that stands where a thing of the same key has gone through a step.

    Parameters
    ----------
    lives : Lives
        The things; the key is that of the row.
    step : str
        The step.
    word : str
        The word.

    """

    lives: Lives
    step: str
    word: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """
    Represents one value of a row.

    Parameters
    ----------
    column : str
        Its column.
    label : str, default ''
        The head of its column in a table.
    form : Form, default TEXT
        How it is written.
    other : str, default ''
        The second column of a distance, of hours or of seconds.
    words : Mapping[str, str], optional
        What codes are called; others stand for themselves.
    missing : str, default '–'
        What stands where there is no value.
    styles : Mapping[str, Style], optional
        The colours of codes, shown beside them.
    lives : Lives, optional
        What a reference leads to.
    reached : Reached, optional
        A word that goes before the value.

    """

    column: str
    label: str = ""
    form: Form = Form.TEXT
    other: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    missing: str = "–"
    styles: Mapping[str, Style] = field(default_factory=dict)
    lives: Lives | None = None
    reached: Reached | None = None


@dataclass(frozen=True, kw_only=True)
class Hover:
    """
    Represents the text of a shape under the pointer.

    Parameters
    ----------
    lines : tuple[str, ...]
        The lines; `{name}` stands for a field, `*...*` is bold.
    fields : Mapping[str, Field]
        The fields by name.

    """

    lines: tuple[str, ...]
    fields: Mapping[str, Field]
