"""Conditions that last: an operator hears of them when they begin, and now and then."""

from strategies.common.trade_params import MINUTE_NS


class AlertThrottle:
    """
    Decides when a condition that goes on is worth an alert.

    Parameters
    ----------
    repeat_ns : int, default 15 minutes
        The time after which it is told again while it lasts.

    """

    __slots__ = ("_repeat_ns", "_told")

    def __init__(self, repeat_ns: int = 15 * MINUTE_NS) -> None:
        self._repeat_ns = repeat_ns
        self._told: int | None = None

    def is_due(self, ts: int, holds: bool) -> bool:
        """Return True if an alert is due at a time (ns UTC) at which the condition holds or not."""
        if not holds:
            self._told = None
            return False
        if self._told is not None and ts - self._told < self._repeat_ns:
            return False
        self._told = ts
        return True
