"""The state of the last signal: its plan, its entry, its trade, and their end."""

from strategies.impulse_lvn.held import HeldTrade
from strategies.impulse_lvn.hold_limit import HoldLimit
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.step import Phase


class PlannedTrade:
    """
    Follows one plan from its signal until the bar in which its trade has ended is over.

    Parameters
    ----------
    max_hold_bars : int
        The bars after which a trade is closed.

    Attributes
    ----------
    phase : Phase
        The state of the signal.
    plan : TradePlan or None
        The plan; None while nothing waits and nothing is open.
    has_ended : bool
        If its trade, or the wait for its entry, is over within the bar that has not closed yet.

    """

    __slots__ = ("_hold", "has_ended", "phase", "plan")

    def __init__(self, max_hold_bars: int) -> None:
        self.phase = Phase.FLAT
        self.plan: TradePlan | None = None
        self.has_ended = False
        self._hold = HoldLimit(max_hold_bars)

    @property
    def is_running(self) -> bool:
        """Return True while an entry waits or a trade is open."""
        return self.phase is not Phase.FLAT and not self.has_ended

    def begin(self, plan: TradePlan) -> None:
        """Wait for the entry of a plan."""
        self.plan = plan
        self.phase = Phase.PENDING

    def enter(self, ts: int) -> None:
        """
        Start to hold: the entry has begun to fill at a time (UNIX nanoseconds).

        Raises
        ------
        ValueError
            If no signal waits for its entry.

        """
        if self.phase is not Phase.PENDING:
            raise ValueError(f"no signal waits for an entry, the phase was {self.phase}")
        self.phase = Phase.OPEN
        self._hold.begin(ts)

    def end_wait(self) -> None:
        """
        End without a trade.

        Raises
        ------
        ValueError
            If no signal waits for its entry.

        """
        if self.phase is not Phase.PENDING or self.has_ended:
            raise ValueError(f"no signal waits for an entry, the phase was {self.phase}")
        self.has_ended = True

    def check_open(self) -> None:
        """
        Refuse the end of a trade where none is open.

        Raises
        ------
        ValueError
            If no trade is open.

        """
        if self.phase is not Phase.OPEN or self.has_ended:
            raise ValueError(f"no trade is open, the phase was {self.phase}")

    def count_bar(self, ts: int) -> bool:
        """Handle a bar by its start (UNIX nanoseconds); return True if the trade must be closed."""
        if self.phase is not Phase.OPEN or self.has_ended:
            return False
        return self._hold.count(ts)

    def forget(self) -> TradePlan | None:
        """Reset for the next signal; return the plan that is over."""
        plan, self.plan = self.plan, None
        self.phase = Phase.FLAT
        self.has_ended = False
        return plan

    def held(self, plan: TradePlan, best: int | None, last_end: int) -> HeldTrade:
        """
        Return the state of a plan's trade for a restart.

        Parameters
        ----------
        plan : TradePlan
            The plan.
        best : int or None
            Its best price in ticks.
        last_end : int
            The end of the last bar (UNIX nanoseconds).

        """
        bars = self._hold.bars if self.phase is Phase.OPEN else None
        # A bar that began before the entry does not count after a restart either.
        counted_until = max(last_end, self._hold.counted_until)
        return HeldTrade(plan=plan, best=best, bars=bars, counted_until=counted_until)

    def resume(self, held: HeldTrade, entered_at: int | None) -> None:
        """
        Resume a trade after a restart.

        Parameters
        ----------
        held : HeldTrade
            The trade.
        entered_at : int or None
            When its entry began to fill (UNIX nanoseconds); None if it has not.

        """
        self.plan = held.plan
        if entered_at is None:
            self.phase = Phase.PENDING
            return
        self.phase = Phase.OPEN
        if held.bars is None:
            # It was filled while the process was down.
            self._hold.begin(entered_at)
        else:
            self._hold.resume(held.bars, held.counted_until)
