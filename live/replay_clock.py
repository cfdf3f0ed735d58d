"""The time of a tape, for the components of a node that plays it."""

from heapq import heappop
from heapq import heappush
from itertools import count

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.component import TimeEventHandler
from nautilus_trader.trading.strategy import Strategy
from nautilus_trader.trading.trader import Trader


class ReplayClock:
    """
    Passes with the events of a tape, on clocks as a backtest has them.

    A node gives its components live clocks. In a replay actors, strategies and the simulated venue
    get test clocks instead, and their alerts come between the events, in the order of a backtest.

    Parameters
    ----------
    begins_at : int
        Where the tape begins (ns UTC).

    """

    def __init__(self, begins_at: int) -> None:
        self._now = begins_at
        self._clocks: list[TestClock] = []
        self._alerts: list[tuple[int, int, TimeEventHandler]] = []
        self._numbers = count()

    def drive(self, clock: TestClock) -> None:
        """Let a clock show this time."""
        clock.set_time(self._now)
        self._clocks.append(clock)

    def add_component(self, trader: Trader, component: Actor) -> None:
        """Add an actor or a strategy to a trader, with a clock of this time."""
        clock = TestClock()
        self.drive(clock)
        is_strategy = isinstance(component, Strategy)
        name = "register" if is_strategy else "register_base"
        register = getattr(component, name)
        # The trader can give no other clocks than those of its own kind.
        setattr(component, name, lambda **terms: register(**{**terms, "clock": clock}))
        try:
            (trader.add_strategy if is_strategy else trader.add_actor)(component)
        finally:
            delattr(component, name)

    def next_alert(self, before: int) -> int | None:
        """Return the time of the first alert before a time (ns UTC); None without one."""
        for clock in self._clocks:
            for handler in clock.advance_time(before, set_time=False):
                heappush(self._alerts, (handler.event.ts_event, next(self._numbers), handler))
        at = self._alerts[0][0] if self._alerts else before
        return at if at < before else None

    def run_alert(self) -> None:
        """Go on to the next alert and run it."""
        at, _, handler = heappop(self._alerts)
        self.go_to(at)
        handler.handle()

    def go_to(self, ts: int) -> None:
        """Set all clocks to a time (ns UTC)."""
        self._now = ts
        for clock in self._clocks:
            clock.set_time(ts)
