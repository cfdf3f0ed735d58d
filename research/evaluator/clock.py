"""The time of an evaluation: alarms of strategies in the order of their times."""

from collections.abc import Callable
from heapq import heappop
from heapq import heappush
from typing import Any
from typing import NamedTuple


FAR = 1 << 62


class AlarmEvent(NamedTuple):
    """
    Represents an alarm that goes off.

    Attributes
    ----------
    ts_event : int
        Its time (ns UTC).

    """

    ts_event: int


class Schedule:
    """
    Holds the alarms of all strategies of an evaluation, and the present time.

    Attributes
    ----------
    now : int
        The present time (ns UTC).

    """

    __slots__ = ("_alarms", "_count", "now")

    def __init__(self) -> None:
        self.now = 0
        self._alarms: list[tuple[int, int, list[Callable[[Any], None] | None]]] = []
        self._count = 0

    @property
    def next_ns(self) -> int:
        """Return the time of the next alarm (ns UTC); far in the future without one."""
        alarms = self._alarms
        while alarms and alarms[0][2][0] is None:
            heappop(alarms)
        return alarms[0][0] if alarms else FAR

    def add(self, ts: int, callback: Callable[[Any], None]) -> list[Callable[[Any], None] | None]:
        """Set an alarm; emptying the list that is returned cancels it."""
        entry: list[Callable[[Any], None] | None] = [callback]
        self._count += 1
        heappush(self._alarms, (ts, self._count, entry))
        return entry

    def fire(self) -> None:
        """Let the next alarm go off at its time."""
        ts, _, entry = heappop(self._alarms)
        callback, entry[0] = entry[0], None
        self.now = max(ts, self.now)
        if callback is not None:
            callback(AlarmEvent(ts))


class EvaluatedClock:
    """
    Offers the part of Nautilus's clock that strategies use, over a common schedule.

    Parameters
    ----------
    schedule : Schedule
        The schedule.

    """

    __slots__ = ("_entries", "_schedule")

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._entries: dict[str, list[Callable[[Any], None] | None]] = {}

    def timestamp_ns(self) -> int:
        """Return the present time (ns UTC)."""
        return self._schedule.now

    @property
    def timer_names(self) -> list[str]:
        """Return the names of the alarms that are set."""
        return [name for name, entry in self._entries.items() if entry[0] is not None]

    def set_time_alert_ns(self, name: str, ts: int, callback: Callable[[Any], None]) -> None:
        """Set an alarm at a time (ns UTC), in place of one of its name."""
        self.cancel_timer(name)
        self._entries[name] = self._schedule.add(ts, callback)

    def cancel_timer(self, name: str) -> None:
        """Cancel an alarm, if it is set."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            entry[0] = None
