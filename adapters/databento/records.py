"""Databento records as columns, independent of the encoding."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.progress import Advance
from adapters.report import FileReport
from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_HOUR
from catalog.layout import NS_PER_SECOND


UNDEF_PRICE = np.iinfo(np.int64).max
UNDEF_TIME = np.iinfo(np.uint64).max

NO_SYMBOL = "(no symbol)"

MBO = "mbo"
TRADE_SCHEMAS = ("trades", "tbbo", "mbp-1", "mbp-10", MBO)
# Quotes at the end of each second or minute, without trades.
SAMPLED_SCHEMAS = ("bbo-1s", "bbo-1m")
QUOTE_SCHEMAS = ("tbbo", "mbp-1", "mbp-10", MBO, *SAMPLED_SCHEMAS)
BAR_STEPS = {
    "ohlcv-1s": NS_PER_SECOND,
    "ohlcv-1m": 60 * NS_PER_SECOND,
    "ohlcv-1h": NS_PER_HOUR,
    "ohlcv-1d": NS_PER_DAY,
}
DEFINITION = "definition"

LETTERS = frozenset({"action", "side"})
TRADE_FIELDS = ("ts_event", "action", "side", "price", "size", "sequence")
BEST_FIELDS = ("bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00")
ORDER_FIELDS = ("ts_event", "action", "side", "order_id", "price", "size", "flags")
BAR_FIELDS = ("ts_event", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class RecordBlock:
    """
    Represents consecutive records of one instrument.

    Attributes
    ----------
    rows : NDArray[np.int64]
        The record numbers in a DBN file (from 1), the lines of a CSV file.
    fields : dict[str, NDArray]
        The columns under Databento's names: times as uint64 ns, prices as int64 in 1e-9 units
        (`UNDEF_PRICE`: none), sizes as integers, action and side as the codes of their letters.

    """

    rows: NDArray[np.int64]
    fields: dict[str, NDArray[Any]]

    def text(self, row: int) -> str:
        """Return the values of a record for a message."""
        values = {name: int(column[row]) for name, column in self.fields.items()}
        return ", ".join(
            f"{name}={chr(value) if name in LETTERS else value}" for name, value in values.items()
        )

    def where(self, mask: NDArray[np.bool_] | NDArray[np.int64]) -> "RecordBlock":
        """Return the records of a mask (shape `n`), or those at positions."""
        fields = {name: column[mask] for name, column in self.fields.items()}
        return RecordBlock(self.rows[mask], fields)


def quote_fields(schema: str) -> tuple[str, ...]:
    """Return the columns that hold the quotes of a schema."""
    if schema == MBO:
        return ORDER_FIELDS
    return ("ts_recv" if schema in SAMPLED_SCHEMAS else "ts_event", *BEST_FIELDS)


def new_report(file: "RecordFile", kind: str, fields: tuple[str, ...]) -> FileReport:
    """Return a report with the columns read from a file, without counts."""
    identity = ("symbol", "instrument_id")
    return FileReport(
        file.path,
        kind,
        columns={name: name for name in fields},
        skipped_columns=tuple(name for name in file.header if name not in (*fields, *identity)),
        time_unit=file.time_unit,
    )


class RecordFile(Protocol):
    """
    Represents a Databento file of any encoding.

    Attributes
    ----------
    path : Path
        The file.
    schema : str
        The schema of its records.

    """

    @property
    def path(self) -> Path: ...

    @property
    def schema(self) -> str: ...

    @property
    def header(self) -> list[str]:
        """Return the names of all columns."""

    @property
    def time_unit(self) -> str:
        """Return the format of times: `ns` or `iso`."""

    def count_symbols(self) -> dict[str, int]:
        """Return the number of records of each instrument, by its symbol at the exchange."""

    def first_ns(self) -> int | None:
        """Return the time of the first record (ns UTC), None if there is none."""

    def read(
        self,
        symbol: str,
        fields: tuple[str, ...],
        report: FileReport,
        advance: Advance,
    ) -> Iterator[RecordBlock]:
        """
        Yield columns of the records of one instrument.

        Parameters
        ----------
        symbol : str
            The symbol at the exchange.
        fields : tuple[str, ...]
            The columns.
        report : FileReport
            Counts the records of other instruments, and malformed lines of a CSV file.
        advance : Advance
            Called with the number of bytes read.

        Yields
        ------
        RecordBlock
            The records in the order of the file.

        Raises
        ------
        AuctionError
            If the file is damaged.

        """
