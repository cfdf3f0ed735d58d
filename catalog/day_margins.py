"""Day-trading margins of futures by date, from a dated file."""

from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from errors import UsageError


BUILT_IN = Path(__file__).with_name("day_margins.yaml")
NANOS_PER_SECOND = 1_000_000_000
_KEYS = {"root", "from", "margin", "source"}


@dataclass(frozen=True, slots=True)
class DayMargin:
    """
    Represents the margin of one contract from a date on.

    Attributes
    ----------
    root : str
        The root of the contract.
    since : date
        The first day (UTC).
    margin : Decimal
        The margin of one contract, in the currency of the contract.
    source : str
        Where it is from.

    """

    root: str
    since: date
    margin: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class DayMargins:
    """
    Represents the margins of a file.

    Attributes
    ----------
    known_until : date
        The last day for which they are known.
    rows : tuple[DayMargin, ...]
        The margins.

    """

    known_until: date
    rows: tuple[DayMargin, ...]

    def margin(self, root: str, ts: int) -> Decimal | None:
        """Return the margin of one contract at a time (ns UTC); None where it is unknown."""
        day = datetime.fromtimestamp(ts // NANOS_PER_SECOND, UTC).date()
        if day > self.known_until:
            return None
        found = [row for row in self.rows if row.root == root and row.since <= day]
        return max(found, key=lambda row: row.since).margin if found else None


@cache
def read_day_margins(path: Path = BUILT_IN) -> DayMargins:
    """
    Return the margins of a file; `day_margins.yaml` in this folder shows its form.

    Raises
    ------
    UsageError
        If the file is missing, or a line of it is not as it should be.

    """
    try:
        document = yaml.safe_load(path.read_text())
    except OSError as e:
        raise UsageError(f"{path}: {e.strerror}: name a file of day-trading margins") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise UsageError(f"{path}: not readable as YAML: {' '.join(str(e).split())}") from e
    if not isinstance(document, dict) or set(document) != {"known_until", "margins"}:
        raise UsageError(f"{path}: it must hold `known_until` and `margins`")
    until, rows = document["known_until"], document["margins"]
    if not _is_date(until):
        raise UsageError(f"{path}: `known_until`: {until!r} is no date such as 2026-03-31")
    if not isinstance(rows, list):
        raise UsageError(f"{path}: `margins` must be a list")
    return DayMargins(until, tuple(_row(path, i, row) for i, row in enumerate(rows)))


def _row(path: Path, number: int, row: Any) -> DayMargin:
    where = f"{path}: `margins.{number}`"
    if not isinstance(row, dict) or set(row) != _KEYS:
        raise UsageError(f"{where} must hold {', '.join(sorted(_KEYS))}")
    if not _is_date(row["from"]):
        raise UsageError(f"{where}: from: {row['from']!r} is no date such as 2024-01-01")
    try:
        margin = Decimal(str(row["margin"]))
    except InvalidOperation:
        margin = Decimal("NaN")
    if not (margin.is_finite() and margin > 0):
        raise UsageError(f"{where}: margin: {row['margin']!r} is not a positive amount")
    if not (str(row["root"] or "").strip() and str(row["source"] or "").strip()):
        raise UsageError(f"{where}: root and source must be given")
    return DayMargin(str(row["root"]), row["from"], margin, str(row["source"]))


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
