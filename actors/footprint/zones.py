"""Track what happens to the zones of patterns after the bars that made them."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop
from heapq import heappush

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal


UNFINISHED = (Pattern.UNFINISHED_HIGH, Pattern.UNFINISHED_LOW)


class ZoneEvent(StrEnum):
    """Represents an event in the life of a zone."""

    CREATED = "CREATED"
    TOUCHED = "TOUCHED"
    BROKEN = "BROKEN"
    REVISITED = "REVISITED"
    EXPIRED = "EXPIRED"


@dataclass(slots=True, eq=False)
class Zone:
    """
    Represents the zone of a pattern that has not ended.

    Attributes
    ----------
    number : int
        The zones before it.
    signal : PatternSignal
        Its pattern.
    created_ts : int
        The start of its bar (ns UTC).
    created_bar : int
        The bars before that.
    is_ended : bool
        If it has ended.

    """

    number: int
    signal: PatternSignal
    created_ts: int
    created_bar: int
    is_ended: bool = False

    @property
    def side(self) -> int:
        """Return 1 for support, -1 for resistance."""
        return 1 if self.signal.direction is Direction.LONG else -1

    @property
    def near(self) -> int:
        """Return the edge that the market reaches first (ticks)."""
        return self.signal.high if self.side > 0 else self.signal.low

    @property
    def far(self) -> int:
        """Return the other edge (ticks)."""
        return self.signal.low if self.side > 0 else self.signal.high


Events = list[tuple[ZoneEvent, Zone]]


class ZoneLives:
    """
    Follows zones until they are broken, revisited or too old.

    A zone of a long pattern is support: a later bar touches it when its low reaches the highest
    tick, once, and breaks it when the low is below the lowest; mirrored for a short pattern. An
    unfinished extreme ends when a later bar trades there, or when too many are remembered. A
    revisit itself has no zone. What has ended is forgotten: a bar examines only the zones that it
    reaches.

    Parameters
    ----------
    max_bars : int
        The bars after which a zone that is not broken expires.
    memory : int
        The unfinished extremes that are remembered.

    """

    def __init__(self, max_bars: int, memory: int) -> None:
        self._max_bars, self._memory = max_bars, memory
        self._zones = self._bars = 0
        # By side: what is reached first is at the top.
        self._untouched: dict[int, list[tuple[int, int, Zone]]] = {1: [], -1: []}
        self._unbroken: dict[int, list[tuple[int, int, Zone]]] = {1: [], -1: []}
        # Oldest first.
        self._by_age: deque[Zone] = deque()
        self._unfinished: list[Zone] = []

    def age_of(self, zone: Zone) -> int:
        """Return how many bars have closed since that of a zone."""
        return self._bars - 1 - zone.created_bar

    def on_bar(self, bar: Footprint, signals: Iterable[PatternSignal]) -> Events:
        """
        Return the events of a closed bar: those of older zones, then the zones that it creates.

        Parameters
        ----------
        bar : Footprint
            The bar.
        signals : Iterable[PatternSignal]
            Its patterns.

        """
        self._bars += 1
        signals = list(signals)
        events = [*self._reached(bar), *self._revisited(signals), *self._expired()]
        events.sort(key=lambda event: event[1].number)
        created = [
            self._create(signal, bar.ts_start)
            for signal in signals
            if signal.pattern is not Pattern.UNFINISHED_REVISITED
        ]
        forgotten = self._forgotten()
        return [*events, *((ZoneEvent.CREATED, zone) for zone in created), *forgotten]

    def drop(self) -> Events:
        """End all zones."""
        live = [zone for zone in self._by_age if not zone.is_ended] + self._unfinished
        for heaps in (self._untouched, self._unbroken):
            for heap in heaps.values():
                heap.clear()
        self._by_age.clear()
        self._unfinished = []
        for zone in live:
            zone.is_ended = True
        return [(ZoneEvent.EXPIRED, zone) for zone in sorted(live, key=lambda zone: zone.number)]

    def _create(self, signal: PatternSignal, ts_start: int) -> Zone:
        zone = Zone(self._zones, signal, ts_start, self._bars - 1)
        self._zones += 1
        if signal.pattern in UNFINISHED:
            self._unfinished.append(zone)
            return zone
        side = zone.side
        self._by_age.append(zone)
        heappush(self._untouched[side], (-side * zone.near, zone.number, zone))
        heappush(self._unbroken[side], (-side * zone.far, zone.number, zone))
        return zone

    def _reached(self, bar: Footprint) -> Events:
        events: Events = []
        for side, end in ((1, -bar.low), (-1, bar.high)):
            heap = self._untouched[side]
            while heap and heap[0][0] <= end:
                zone = heappop(heap)[2]
                if not zone.is_ended:
                    events.append((ZoneEvent.TOUCHED, zone))
            heap = self._unbroken[side]
            while heap and heap[0][0] < end:
                zone = heappop(heap)[2]
                if not zone.is_ended:
                    zone.is_ended = True
                    events.append((ZoneEvent.BROKEN, zone))
        return events

    def _revisited(self, signals: list[PatternSignal]) -> Events:
        found = {
            (signal.since, signal.price, signal.direction)
            for signal in signals
            if signal.pattern is Pattern.UNFINISHED_REVISITED
        }
        events: Events = []
        for zone in self._unfinished:
            if (zone.created_ts, zone.signal.price, zone.signal.direction) in found:
                zone.is_ended = True
                events.append((ZoneEvent.REVISITED, zone))
        if events:
            self._unfinished = [zone for zone in self._unfinished if not zone.is_ended]
        return events

    def _expired(self) -> Events:
        events: Events = []
        zones = self._by_age
        while zones and (zones[0].is_ended or self.age_of(zones[0]) >= self._max_bars):
            zone = zones.popleft()
            if not zone.is_ended:
                zone.is_ended = True
                events.append((ZoneEvent.EXPIRED, zone))
        return events

    def _forgotten(self) -> Events:
        events: Events = []
        while len(self._unfinished) > self._memory:
            zone = self._unfinished.pop(0)
            zone.is_ended = True
            events.append((ZoneEvent.EXPIRED, zone))
        return events
