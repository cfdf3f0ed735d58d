"""The share of the value area's warm-up that the data of a run provided."""

from collections.abc import Sequence
from typing import Any

from actors.value_area.messages import ValueAreaMinute


NANOS_PER_MINUTE = 60_000_000_000
SECONDS_PER_MINUTE = 60
WARM = ValueAreaMinute.COLUMNS.index("warm")
BID = ValueAreaMinute.COLUMNS.index("bid_px_close")


class WarmUpHistory:
    """
    Counts the closed minutes that serve the warm-up, and the gaps that begin it anew.

    Parameters
    ----------
    warmup_minutes : int
        The closed minutes after which the features count as warm.

    Attributes
    ----------
    closed : int
        The minutes that have closed.
    unquoted : int
        Those of them before the first quote.

    """

    def __init__(self, warmup_minutes: int) -> None:
        self.closed = 0
        self.unquoted = 0
        self._needed = warmup_minutes
        self._warm = 0
        self._stretch = 0
        self._longest = 0
        self._gaps = 0

    def on_minute(self, values: Sequence[Any]) -> None:
        """Count a closed minute by its values in the order of `ValueAreaMinute.COLUMNS`."""
        is_quoted = values[BID] is not None
        self.closed += 1
        self.unquoted += not is_quoted
        self._warm += values[WARM]
        self._stretch += is_quoted

    def on_gap(self, start: int, end: int) -> None:
        """Restart after a gap (ns UTC)."""
        # Minutes that have closed within it are no history.
        silent = (end - start) // NANOS_PER_MINUTE
        self._longest = max(self._longest, self._stretch - silent)
        self._stretch = 0
        self._gaps += 1

    def unquoted_text(self, gap_after_s: float) -> str | None:
        """Return a remark where the first quote came later than a gap is long."""
        if self.unquoted * SECONDS_PER_MINUTE > gap_after_s:
            return f"{self.unquoted:,} minutes before the first quote: no part of the warm-up"
        return None

    def describe(self) -> list[str]:
        """Return, for a reader of a run, what the warm-up needed and what was there."""
        needed = self._needed
        had = max(self._longest, self._stretch)
        what = f"warm-up needs {needed:,} minutes of trades and quotes without a gap"
        if self._warm:
            return [
                f"History: {what} (warmup_minutes), and {self.closed:,} closed: entries were "
                f"possible in {self._warm:,} of them."
            ]
        if self._gaps:
            often = "once" if self._gaps == 1 else f"{self._gaps:,} times"
            return [
                f"History: {what} (warmup_minutes), and there were {had:,}: gaps in the data began "
                f"the count anew {often}: ingest what is missing there."
            ]
        return [
            f"History: {what} (warmup_minutes), and there were {had:,}: give {needed - had:,} "
            "more, by an earlier --start or by ingesting what came before."
        ]
