"""One evaluation: facts, alarms and the events that matter, in the order of a Nautilus run."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from catalog.reader import QUOTE
from catalog.reader import TRADE
from research.evaluator.bus import EvaluatedBus
from research.evaluator.clock import FAR
from research.evaluator.clock import Schedule
from research.evaluator.deliveries import Delivery
from research.evaluator.funding import FundingSettler
from research.evaluator.market import Columns
from research.evaluator.strategy import EvaluatedStrategy
from research.evaluator.venue import InstrumentVenue


# The events that are searched at a time for the next one that matters.
WINDOW = 4_096


class Part(NamedTuple):
    """
    Represents a part of a window in which a system trades.

    Attributes
    ----------
    start_ns, end_ns : int
        The part (ns UTC, the end excluded).
    warm_up_ns : int
        How long before it the machine sees rows without an effect (ns).

    """

    start_ns: int
    end_ns: int
    warm_up_ns: int


class EvaluationRun:
    """
    Runs strategies of one instrument over its facts and its market.

    An event of the market is handled while an order or a position is open alone, and of these only
    the ones that can change something.

    Parameters
    ----------
    columns : Columns
        The market.
    venue : InstrumentVenue
        The venue.
    funding : FundingSettler
        The funding.
    strategies : Sequence[EvaluatedStrategy]
        The strategies, not started yet.
    schedule : Schedule
        Their alarms.
    bus : EvaluatedBus
        Their bus.
    timers : Sequence[int]
        The intervals (ns) of the timers of the actors: a command in flight arrives with them, too.

    """

    def __init__(
        self,
        columns: Columns,
        venue: InstrumentVenue,
        funding: FundingSettler,
        strategies: Sequence[EvaluatedStrategy],
        schedule: Schedule,
        bus: EvaluatedBus,
        timers: Sequence[int],
    ) -> None:
        self._columns = columns
        self._venue = venue
        self._funding = funding
        self._strategies = list(strategies)
        self._schedule = schedule
        self._bus = bus
        self._timers = [interval for interval in timers if interval]
        # The events that are done with, and the one in progress.
        self._done = 0
        self._within: int | None = None
        self._receivers: list[EvaluatedStrategy] = []

    def run(self, items: Sequence[Delivery], end_ns: int, part: Part | None = None) -> None:
        """Deliver all messages, and go on to an end (ns UTC, included)."""
        schedule, ts_init = self._schedule, self._columns.ts_init
        if part is not None:
            first = bisect_left(items, part.start_ns - part.warm_up_ns, key=_time_of)
            last = bisect_left(items, end_ns + 1, key=_time_of)
            items = items[first:last]
            schedule.now = max(schedule.now, part.start_ns - part.warm_up_ns)
        for strategy in self._strategies:
            strategy.on_start()
            if part is not None:
                strategy.observe_until = part.start_ns
        handlers = {topic: self._bus.handlers(topic) for topic in {item.topic for item in items}}
        unsettled = False
        for seen, is_within, now, topic, message in items:
            if unsettled and (is_within or now != schedule.now or seen != self._done):
                self._venue.settle()
                unsettled = False
            if is_within:
                if self._within != seen - 1:
                    self._advance(seen - 1, int(ts_init[seen - 1]))
                    self._begin(seen - 1)
            else:
                self._advance(seen, now)
                if now > schedule.now:
                    schedule.now = now
                unsettled = True
            for handler in handlers[topic]:
                handler(message)
        if unsettled:
            self._venue.settle()
        self._advance(int(np.searchsorted(ts_init, end_ns, side="right")), end_ns + 1)

    @property
    def _is_idle(self) -> bool:
        venue = self._venue
        if venue.next_arrival is not None or venue.working.limits or venue.working.stops:
            return False
        return all(strategy.is_idle for strategy in self._strategies)

    def _advance(self, count: int, until: int) -> None:
        """Handle events up to a count, and alarms before a time (ns UTC)."""
        if self._within is not None:
            self._finish()
        schedule, funding = self._schedule, self._funding
        while True:
            if self._is_idle:
                if schedule.next_ns >= until:
                    self._jump(count)
                    funding.skip_to(until)
                    return
                index = count
            else:
                index = self._next_event(self._done, count)
            at = int(self._columns.ts_init[index]) if index < count else until
            # An alarm of an event's own time follows it; a settlement comes before it.
            alarm = schedule.next_ns
            settles = funding.next_ns
            arrives = self._timed_arrival()
            first = min(alarm, arrives)
            if settles <= first and settles <= at and settles < until:
                self._pass(settles - 1, count)
                schedule.now = max(schedule.now, settles)
                funding.settle(self._strategies, self._bus)
                self._venue.settle()
            elif alarm < at and alarm <= arrives:
                self._pass(alarm, count)
                schedule.fire()
                if schedule.next_ns != schedule.now:
                    self._venue.settle()
            elif arrives < at:
                self._pass(arrives, count)
                schedule.now = max(schedule.now, arrives)
                self._venue.settle()
            elif index < count:
                self._begin(index)
                self._finish()
            else:
                self._jump(count)
                return

    def _jump(self, count: int) -> None:
        if count > self._done:
            self._done = count
            self._venue.market.seen = count

    def _pass(self, ts: int, count: int) -> None:
        """Count the events up to a time as done with."""
        ts_init = self._columns.ts_init[self._done : count]
        self._jump(self._done + int(np.searchsorted(ts_init, ts, side="right")))

    def _timed_arrival(self) -> int:
        arrival = self._venue.next_arrival
        if arrival is None or not self._timers:
            return FAR
        return min(-(-(arrival + 1) // interval) * interval - 1 for interval in self._timers)

    def _begin(self, index: int) -> None:
        """Let the venue see an event."""
        columns, venue = self._columns, self._venue
        venue.market.seen = index + 1
        self._schedule.now = int(columns.ts_init[index])
        self._within = index
        is_quote = columns.kind[index] == QUOTE
        if is_quote:
            if venue.working.limits:
                venue.on_quote()
        elif venue.working.stops or venue.working.limits:
            venue.on_print(
                int(columns.a[index]), int(columns.a_size[index]), int(columns.side[index])
            )
        self._receivers = [
            strategy
            for strategy in self._strategies
            if (strategy.waits_for_quote if is_quote else strategy.takes_prints)
        ]

    def _finish(self) -> None:
        """Let the strategies see the event in progress, and the venue what they have sent."""
        index, self._within = self._within, None
        if index is None:
            return
        columns, receivers = self._columns, self._receivers
        if receivers:
            ts, price = int(columns.ts_event[index]), int(columns.a[index])
            if columns.kind[index] == QUOTE:
                ask = int(columns.b[index])
                for strategy in receivers:
                    strategy.on_market_quote(ts, price, ask)
            else:
                for strategy in receivers:
                    strategy.on_market_trade(ts, price)
        self._venue.settle()
        self._done = index + 1

    def _next_event(self, first: int, count: int) -> int:
        """Return the next event that can change something, `count` without one."""
        venue, columns = self._venue, self._columns
        if venue.working.limits:
            return first
        bounds = [strategy.print_bounds for strategy in self._strategies if strategy.takes_prints]
        if any(bound is None for bound in bounds):
            low, high, wake = FAR, -FAR, 0
        else:
            found = [bound for bound in bounds if bound is not None]
            low = max((bound[0] for bound in found), default=-FAR)
            high = min((bound[1] for bound in found), default=FAR)
            wake = min((bound[2] for bound in found), default=FAR)
        low, high = max(low, venue.working.nearest.sell), min(high, venue.working.nearest.buy)
        waits = any(strategy.waits_for_quote for strategy in self._strategies)
        arrival = venue.next_arrival
        while first < count:
            last = min(count, first + WINDOW)
            kind, price = columns.kind[first:last], columns.a[first:last]
            is_print = kind == TRADE
            matters = (price <= max(low, -FAR)) | (price >= min(high, FAR))
            if wake < FAR:
                matters |= columns.ts_event[first:last] >= wake
            matters &= is_print
            if waits:
                matters |= ~is_print
            if arrival is not None:
                matters |= columns.ts_init[first:last] >= arrival
            at = int(matters.argmax())
            if matters[at]:
                return first + at
            first = last
        return count


def _time_of(item: Delivery) -> int:
    return item.now
