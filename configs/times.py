"""The times of a configuration: ISO 8601 text to ns UTC and back."""

import re
from datetime import UTC
from datetime import datetime
from typing import Any

import pandas as pd

from errors import UsageError


# A date, a month or a year; what follows is a time.
ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?|\d{4})?([T ]|$)")


def parse_time(text: Any, key: str) -> int | None:
    """
    Return a time as ns UTC, or None for None.

    Parameters
    ----------
    text : Any
        An ISO 8601 date or time; without an offset it is UTC, a date alone is its midnight.
    key : str
        What the error names.

    Raises
    ------
    UsageError
        If the text is no time, or one before 1971 or after 2261.

    """
    if text is None:
        return None
    try:
        if isinstance(text, bool | float):
            raise TypeError
        if isinstance(text, str | int) and not ISO_DATE.match(str(text)):
            # pandas would take 06.01.2026 for the first of June.
            raise ValueError
        time = pd.Timestamp(str(text) if isinstance(text, int) else text)
    except (TypeError, ValueError) as e:
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time") from e
    if pd.isna(time):
        raise UsageError(f"{key}: {text!r} is not an ISO 8601 date or time")
    if not 1971 <= time.year <= 2261:
        raise UsageError(f"{key}: {text} does not lie in the years 1971 to 2261")
    utc = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return int(utc.as_unit("ns").value)


def instant_text(ns: int) -> str:
    """Return a time (ns UTC) as text to the nanosecond."""
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def last_instant(end_ns: int) -> str:
    """Return the last time before an excluded end (ns UTC) as text: Nautilus includes its end."""
    return pd.Timestamp(end_ns - 1, tz="UTC").isoformat()
