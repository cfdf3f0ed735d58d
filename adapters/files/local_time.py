"""Conversion of wall clock times of a zone to UTC, with skipped and repeated hours."""

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.layout import NS_PER_DAY
from catalog.layout import NS_PER_SECOND
from errors import UsageError
from errors import shortened


UTC_ZONE = "UTC"
# Offsets change at whole quarters of an hour.
_QUARTER = 900
# Rows that are late by less are out of order, not in the second pass of an hour.
_STEP_BACK_NS = 300 * NS_PER_SECOND
_OTHER_OFFSET = r"[Tt ]\d{2}.*[+-](0[1-9]|1\d|\d{2}:?(0[1-9]|[1-5]\d))(:?\d{2})?$"


class LocalTimes(NamedTuple):
    """
    Represents times read from a wall clock.

    Attributes
    ----------
    ts : NDArray[np.int64]
        The times (ns UTC).
    skipped : NDArray[np.bool_]
        A mask of the times that do not exist: the clock was put forward over them.

    """

    ts: NDArray[np.int64]
    skipped: NDArray[np.bool_]


def find_zone(name: str) -> ZoneInfo:
    """
    Return a time zone by its name (`America/New_York`).

    Raises
    ------
    UsageError
        If the name is unknown.

    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--time-zone {shortened(name)!r} is no time zone: write America/New_York or UTC"
        ) from None


def has_other_offset(texts: pa.Array) -> bool:
    """Return True if any ISO 8601 stamp has an offset from UTC that is not zero."""
    found = pc.match_substring_regex(pc.utf8_trim_whitespace(texts), _OTHER_OFFSET)
    return bool(pc.any(found).as_py())


@dataclass(slots=True)
class LocalClock:
    """
    Reads the wall clock of a time zone, in the order of one file.

    An hour that the clocks repeat is the first of the two until the times step back by more than
    five minutes, and the second from there on.

    Parameters
    ----------
    zone : ZoneInfo
        The time zone.

    Attributes
    ----------
    repeated : int
        The number of rows in repeated hours.
    second : int
        The number of those taken for the second pass.

    """

    zone: ZoneInfo
    repeated: int = 0
    second: int = 0
    _last: int = 0
    _is_second: bool = False

    def read(self, local: NDArray[np.int64]) -> LocalTimes:
        """Convert wall clock times (ns, as if in UTC) to UTC."""
        quarters, of = np.unique(local // (_QUARTER * NS_PER_SECOND), return_inverse=True)
        shown = [datetime.fromtimestamp(int(q) * _QUARTER, UTC) for q in quarters]
        first, second = (
            np.array([self._offset(at, fold) for at in shown], dtype=np.int64)[of]
            for fold in (0, 1)
        )
        ts = local - first
        # A clock put back shows an hour twice, the first time ahead of UTC by more.
        for row in np.flatnonzero(first > second).tolist():
            if self._takes_second(int(local[row])):
                ts[row] = local[row] - second[row]
        return LocalTimes(ts, first < second)

    def notes(self) -> list[str]:
        """Return a remark on repeated hours, if there were any."""
        if not self.repeated:
            return []
        if self.second:
            how = f"distinguished by their order, {self.second:,} are of the second"
        else:
            how = "read as those of the first: the times never step back"
        return [f"{self.repeated:,} rows of an hour that the clocks of {self.zone} repeat: {how}"]

    def _offset(self, shown: datetime, fold: int) -> int:
        offset = shown.replace(tzinfo=self.zone, fold=fold).utcoffset() or timedelta(0)
        return int(offset.total_seconds()) * NS_PER_SECOND

    def _takes_second(self, local: int) -> bool:
        if abs(local - self._last) > NS_PER_DAY:
            self._is_second = False
        elif local < self._last - _STEP_BACK_NS:
            self._is_second = True
        self._last = local
        self.repeated += 1
        self.second += self._is_second
        return self._is_second
