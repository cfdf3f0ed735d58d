"""The clock of a replay, for the components of its node."""

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
    Advance test clocks with the events of a replay, as a backtest does.

    A node gives its components live clocks. In a replay actors, strategies and the simulated venue
    get test clocks instead, and their time alerts fire between the events, as in a backtest.

    Parameters
    ----------
    begins_at : int
        The start of the replay (ns UTC).

    """

    def __init__(self, begins_at: int) -> None:
        self._now = begins_at
        self._clocks: list[TestClock] = []
        self._alerts: list[tuple[int, int, TimeEventHandler]] = []
        self._numbers = count()

    def drive(self, clock: TestClock) -> None:
        """Control a clock with this time."""
        clock.set_time(self._now)
        self._clocks.append(clock)

    def add_component(self, trader: Trader, component: Actor) -> None:
        """Add an actor or a strategy to a trader, with a clock controlled by this time."""
        clock = TestClock()
        self.drive(clock)
        is_strategy = isinstance(component, Strategy)
        name = "register" if is_strategy else "register_base"
        register = getattr(component, name)
        # The trader accepts only clocks of its own kind.
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
        """Advance to the next alert and run it."""
        at, _, handler = heappop(self._alerts)
        self.go_to(at)
        handler.handle()

    def go_to(self, ts: int) -> None:
        """Set all clocks to a time (ns UTC)."""
        self._now = ts
        for clock in self._clocks:
            clock.set_time(ts)
