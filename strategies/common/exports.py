"""Tables of a run as CSV files for other programs, as a system declares them."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from actors.messages import Message


type Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Export:
    """
    Represents one CSV file that `auction report RUN --diagnostics` writes for each instrument.

    Columns of ticks and lots are written in price and size, times as
    `2024-10-01 00:01:00+00:00`, a null as nothing.

    Parameters
    ----------
    name : str
        What follows the symbol in the name of the file: `pivots` of `CLX4_pivots.csv`.
    message : type[Message]
        The message whose rows it has.
    columns : tuple[str, ...]
        Its columns in order: those of the message, a new name behind a colon
        (`pivot_ts:pivot_time`).
    sort : tuple[str, ...]
        The columns of the message to sort by; rows equal in them keep the order of the run.
    only : tuple[str, str] or None, default None
        A column and its value in the rows to write; all rows without.

    Raises
    ------
    ValueError
        If a run keeps no table of the message, or it has no such column.

    """

    name: str
    message: type[Message]
    columns: tuple[str, ...]
    sort: tuple[str, ...]
    only: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.message.TABLE is None:
            raise ValueError(f"{self.name}: a run keeps no table of {self.message.__name__}")
        for name in self.needed:
            if name not in self.message.COLUMNS:
                raise ValueError(f"{self.name}: {self.message.__name__} has no column {name!r}")

    @property
    def header(self) -> dict[str, str]:
        """Return the columns of the message and what they are called in the file, in order."""
        parts = (text.partition(":") for text in self.columns)
        return {name: new or name for name, _, new in parts}

    @property
    def needed(self) -> set[str]:
        """Return the columns of the message that it needs."""
        return {*self.header, *self.sort, *(() if self.only is None else self.only[:1])}


@dataclass(frozen=True, kw_only=True)
class ExportNote:
    """
    Represents a line about each instrument, printed below its exported files.

    Parameters
    ----------
    message : type[Message]
        The message whose rows it is about.
    columns : tuple[str, ...]
        The columns of the message that it needs.
    text : Callable[[Mapping[str, NDArray[Any]]], str]
        Returns the line from these columns and the units, ticks as prices.

    """

    message: type[Message]
    columns: tuple[str, ...]
    text: Callable[[Columns], str]
