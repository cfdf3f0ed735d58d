"""Conditions that last: an alert is due when they begin, and then at intervals."""

from strategies.common.trade_params import MINUTE_NS


class AlertThrottle:
    """
    Decides when a condition that goes on is worth an alert.

    Parameters
    ----------
    repeat_ns : int, default 15 minutes
        The time after which the alert is repeated while it lasts.

    """

    __slots__ = ("_last_ns", "_repeat_ns")

    def __init__(self, repeat_ns: int = 15 * MINUTE_NS) -> None:
        self._repeat_ns = repeat_ns
        self._last_ns: int | None = None

    def is_due(self, ts: int, holds: bool) -> bool:
        """Return True if an alert is due at a time (ns UTC) at which the condition holds or not."""
        if not holds:
            self._last_ns = None
            return False
        if self._last_ns is not None and ts - self._last_ns < self._repeat_ns:
            return False
        self._last_ns = ts
        return True
