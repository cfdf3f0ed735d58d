"""The decision machine: one call per closed second, with the outcomes of trades in between."""

from datetime import date
from decimal import Decimal

from actors.impulse.bars import Second
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import BreakoutLevels
from actors.impulse.machine import ImpulseMachine
from actors.impulse.params import ImpulseParams
from actors.impulse.transition import Event
from strategies.common.daily_limits import DayResult
from strategies.common.daily_limits import DayStop
from strategies.common.trading_hours import TradingHours
from strategies.impulse_lvn.held import HeldTrade
from strategies.impulse_lvn.params import SignalParams
from strategies.impulse_lvn.params import TradeRules
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.plan import plan_of
from strategies.impulse_lvn.planned_trade import PlannedTrade
from strategies.impulse_lvn.reasons import LeaveReason
from strategies.impulse_lvn.step import Phase
from strategies.impulse_lvn.step import Step
from strategies.impulse_lvn.tracking import LevelTracker
from strategies.impulse_lvn.trading_days import TradingDays


class ImpulseEngine:
    """
    Turns closed seconds into trades.

    While a signal waits for its entry, while a trade is open, in the bar in which it ends and
    after the day was stopped, the state machine counts bars and decides nothing; visits to nodes
    are followed in any bar. The end of a trade, also of one that was never entered, drops the
    nodes of its impulse and takes the machine back to waiting. At 18:00 in New York a new trading
    day forgets impulses, nodes, cooldowns and the day's losses.

    The caller owns the orders. In the order of the market it reports `on_clock` before it acts on
    a time, `on_entered`, `on_skipped` and `on_closed` as they happen, and `on_bar` when a second
    has closed.

    Parameters
    ----------
    impulse : ImpulseParams
        The rules of the impulse.
    signals : SignalParams
        The rules of the signals.
    rules : TradeRules
        The rules of trades and days.

    Attributes
    ----------
    trade : PlannedTrade
        The state of the last signal.
    machine : ImpulseMachine
        The state machine.
    tracker : LevelTracker
        The nodes.
    day : DayResult
        The trades of the day.
    hours : TradingHours
        When there is trading.

    """

    def __init__(self, impulse: ImpulseParams, signals: SignalParams, rules: TradeRules) -> None:
        self.rules = rules
        self.machine = ImpulseMachine(impulse)
        self.tracker = LevelTracker(signals)
        self.day: DayResult[date] = DayResult(rules.daily_limits)
        self.trade = PlannedTrade(rules.max_hold_bars)
        self.hours = TradingHours(rules.start_minute, rules.end_minute)
        self._days = TradingDays()
        self._last_end = 0

    @property
    def phase(self) -> Phase:
        """Return the state of the last signal."""
        return self.trade.phase

    def on_levels(
        self,
        day: date,
        levels: BreakoutLevels | None,
        ends_at: int | None = None,
    ) -> None:
        """
        Set the levels of a trading day; they are in force on that day alone.

        Parameters
        ----------
        day : date
            The trade date.
        levels : BreakoutLevels or None
            The levels; None for a day without breakouts.
        ends_at : int or None, default None
            When the trading of a shortened day ends (UNIX nanoseconds).

        """
        self._days.keep(day, levels)
        self.hours.end_early(day, ends_at)
        self.machine.levels = self._days.levels

    def on_clock(self, ts: int) -> LeaveReason | None:
        """
        Return why trade or entry must be closed at a time, repeatedly until they have ended.

        Parameters
        ----------
        ts : int
            The UNIX timestamp (nanoseconds).

        """
        self._roll(ts)
        if not self.trade.is_running or self.hours.is_open(ts):
            return None
        return LeaveReason.SESSION_END

    def on_bar(self, bar: Second, *, imbalanced: bool) -> Step:
        """
        Handle the second that has closed.

        Parameters
        ----------
        bar : Second
            The bar.
        imbalanced : bool
            If the market is imbalanced at its close.

        """
        self._roll(bar.ts)
        is_stopped = self.day.stop is not None and self.day.day == self._days.day
        stands_still = self.phase is not Phase.FLAT or is_stopped
        transitions = self.machine.on_bar(bar, stands_still=stands_still)
        added: list[LowVolumeNode] = []
        dropped: list[LowVolumeNode] = []
        for step in transitions:
            if step.event is Event.COMPLETE:
                added += self.tracker.add(step.nodes)
            elif step.event in {Event.HUNT_TIMEOUT, Event.SWITCHED}:
                dropped += self.tracker.drop(step.impulse_id)
        if not transitions and not self.tracker.levels and self.phase is Phase.FLAT:
            # Nothing to follow and nothing to hold: so it is for most of a day.
            self.tracker.count_bar()
            self._last_end = bar.end
            return Step(ts=bar.ts)
        leave = LeaveReason.TIME if self.trade.count_bar(bar.ts) else None
        if self.trade.has_ended:
            dropped += self._finish()
        may_signal = (
            bool(self.tracker.levels)
            and self.phase is Phase.FLAT
            and not is_stopped
            and self.hours.is_open(bar.ts)
        )
        moved, signal = self.tracker.on_bar(bar, imbalanced=imbalanced, may_signal=may_signal)
        if signal is not None:
            self.trade.begin(plan_of(signal, self.rules))
        self._last_end = bar.end
        return Step(
            ts=bar.ts,
            transitions=tuple(transitions),
            added=tuple(added),
            moved=tuple(moved),
            dropped=tuple(dropped),
            plan=None if signal is None else self.trade.plan,
            leave=leave,
        )

    def on_entered(self, ts: int) -> None:
        """
        Record that the entry has begun to fill.

        The bars that begin after its second count as held, whether or not that second has closed,
        or has had trades at all.

        Parameters
        ----------
        ts : int
            When (UNIX nanoseconds).

        Raises
        ------
        ValueError
            If no signal waits for its entry.

        """
        self.trade.enter(ts)

    def held(self, plan: TradePlan, best: int | None) -> HeldTrade:
        """Return the state of a plan's trade for a restart, with its best price in ticks."""
        return self.trade.held(plan, best, self._last_end)

    def resume(self, held: HeldTrade, entered_at: int | None) -> None:
        """
        Resume a trade after a restart, before any bar.

        Bars that were counted before the restart may be replayed. Nodes of before the restart
        are not hunted again after the trade: the state machine stands still until it has ended.

        Parameters
        ----------
        held : HeldTrade
            The trade.
        entered_at : int or None
            When its entry began to fill (UNIX nanoseconds); None if it has not.

        """
        self.trade.resume(held, entered_at)

    def on_skipped(self, ts: int) -> list[LowVolumeNode]:
        """
        Record that a signal ends without a trade: refused, cancelled, or beyond its stop.

        Parameters
        ----------
        ts : int
            When (UNIX nanoseconds).

        Returns
        -------
        list[LowVolumeNode]
            The nodes dropped with it, if its second has been taken already.

        Raises
        ------
        ValueError
            If no signal waits for its entry.

        """
        self.trade.end_wait()
        return self._end(ts)

    def on_closed(
        self,
        ts: int,
        net_points: Decimal,
    ) -> tuple[DayStop | None, list[LowVolumeNode]]:
        """
        Record the end of a trade.

        Parameters
        ----------
        ts : int
            When it was flat (UNIX nanoseconds).
        net_points : Decimal
            Its result in points for one contract, from the fills.

        Returns
        -------
        tuple[DayStop or None, list[LowVolumeNode]]
            Why the day ends with it, and the nodes dropped with it, if its second has been taken
            already.

        Raises
        ------
        ValueError
            If no trade is open.

        """
        self.trade.check_open()
        return self.day.book_trade(net_points), self._end(ts)

    def on_lost(self, ts: int) -> list[LowVolumeNode]:
        """
        Record that a trade is gone from the venue at a time, with an unknown result.

        Returns and raises what `on_closed` does, without a result for the day.
        """
        self.trade.check_open()
        return self._end(ts)

    def _roll(self, ts: int) -> None:
        if not self._days.roll(ts) or self._days.day is None:
            return
        day = self._days.day
        # The losses of a day persist after a restart, also while earlier days are replayed.
        if self.day.day is None or self.day.day < day:
            self.day.start(day)
        self.machine.new_day()
        self.tracker.new_day()
        self.hours.forget_before(day)
        self.machine.levels = self._days.levels

    def _end(self, ts: int) -> list[LowVolumeNode]:
        self.trade.has_ended = True
        # A trade that ends at the close of a bar is over with that bar, not with the next.
        return self._finish() if ts < self._last_end else []

    def _finish(self) -> list[LowVolumeNode]:
        plan = self.trade.forget()
        dropped = [] if plan is None else self.tracker.drop(plan.signal.node.impulse_id)
        self.machine.reset()
        return dropped
