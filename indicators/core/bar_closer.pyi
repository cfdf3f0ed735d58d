from typing import Any

class BarCloser:
    """
    Opens and closes bars of one length, aligned to the UNIX epoch: the base of all bars of ticks.

    A bar holds the events of `bar_start <= ts < bar_end`. It closes at the first event of a later
    bar, or when `close_until` names its end or a later time, whichever is first; closing again
    changes nothing. A subclass collects the contents of a bar and handles late events, those of a
    bar already closed: a closed bar never changes.

    With empty bars, every interval after the first event has a bar. Without, an interval that had
    no event has none.
    """

    interval_ns: int
    """The length of a bar (ns)."""

    with_empty: bool
    """If intervals without events have bars."""

    is_open: bool
    """If there is a bar in progress."""

    bar_start: int
    """The first nanosecond of the bar in progress."""

    bar_end: int
    """The first nanosecond after it; without a bar in progress, the earliest start of the next."""

    closed: list[Any]
    """What has closed since the list was last taken, oldest first."""

    def __init__(self) -> None: ...
    def close_until(self, ts: int) -> None:
        """
        Close every bar that ends at or before a time (ns UTC), also where no later event came.

        Raises
        ------
        ValueError
            If more empty bars would close than a year has minutes.

        """

    def take(self) -> list[Any]:
        """Return the closed bars and start a new list."""
