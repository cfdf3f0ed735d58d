"""The number of bars for which a trade has been held, and its limit."""

from actors.impulse.bars import NANOS_PER_SECOND


class HoldLimit:
    """
    Counts the bars that begin after the second of the entry.

    Parameters
    ----------
    max_bars : int
        The bars at whose end a trade is closed.

    Attributes
    ----------
    bars : int
        The bars held.
    counted_until : int
        The end of the last bar that counts as before the trade, or as counted (UNIX nanoseconds).

    """

    __slots__ = ("_max_bars", "bars", "counted_until")

    def __init__(self, max_bars: int) -> None:
        self._max_bars = max_bars
        self.bars = 0
        self.counted_until = 0

    def begin(self, entered_at: int) -> None:
        """Start with the bar after the second in which the entry began to fill."""
        self.bars = 0
        self.counted_until = entered_at - entered_at % NANOS_PER_SECOND + NANOS_PER_SECOND

    def resume(self, bars: int, counted_until: int) -> None:
        """Resume after a restart."""
        self.bars, self.counted_until = bars, counted_until

    def count(self, ts: int) -> bool:
        """Handle a bar by its start (UNIX nanoseconds); return True if the trade must be closed."""
        if ts < self.counted_until:
            return False
        self.bars += 1
        return self.bars >= self._max_bars
