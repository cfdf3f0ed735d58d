"""The decision machine of the impulse system: seconds in, plans, exits and trailed stops out."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.leg import LowVolumeNode
from strategies.common.daily_limits import DayStop
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.step import StopMove
from strategies.common.trail import BarTrail
from strategies.impulse_lvn.day import day_snapshot
from strategies.impulse_lvn.day import net_points
from strategies.impulse_lvn.day import resume_day
from strategies.impulse_lvn.day import stop_alert
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.held import HeldTrade
from strategies.impulse_lvn.held import read_signal_state
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.progress import describe
from strategies.impulse_lvn.progress import stages
from strategies.impulse_lvn.proposal import described
from strategies.impulse_lvn.proposal import proposal
from strategies.impulse_lvn.reasons import DecisionReason
from strategies.impulse_lvn.rows import DroppedNodes
from strategies.impulse_lvn.rows import ImpulseRow
from strategies.impulse_lvn.rows import LevelsRow
from strategies.impulse_lvn.rows import SecondRow
from strategies.impulse_lvn.warmup import Warmup


WARMUP = "WARMUP"


class ImpulseLvnMachine(DecisionMachine[ImpulseRow]):
    """
    Plans a trade at the second visit to a node, trails its stop once a bar, and ends it in time.

    A plan ends in one way only: as a skipped one, refused by the gate, canceled before it was
    filled, or met by a market that had reached its stop; or as a trade, from its first fill until
    flat. After a restart in a trade the machine goes on with it: hours, held bars and trail. A
    trade of which no plan is known, as one that was found at the venue, ends with the hours at the
    latest.

    Parameters
    ----------
    engine : ImpulseEngine
        Finds the trades and follows their days.
    warmup : Warmup
        The warm-up of the hunt.
    tick : Decimal
        The price increment.
    tick_value : Decimal
        The money that one lot earns per tick.

    Attributes
    ----------
    engine : ImpulseEngine
        Finds the trades and follows their days.
    plan : TradePlan or None
        What is entered or open.

    """

    INTERVAL_NS = NANOS_PER_SECOND

    def __init__(
        self, engine: ImpulseEngine, warmup: Warmup, tick: Decimal, tick_value: Decimal
    ) -> None:
        self.engine = engine
        self.warmup = warmup
        self.plan: TradePlan | None = None
        self._tick = tick
        self._tick_value = tick_value
        self._considered: TradePlan | None = None
        self._trail: BarTrail | None = None
        self._seen: Counter[str] = Counter()

    @property
    def warm(self) -> bool:
        return self.warmup.is_warm

    @property
    def not_warm_reason(self) -> str:
        return self.warmup.missing

    def exits_before(self, row: ImpulseRow, position: Position) -> Sequence[Exit]:
        """Return the end of the hours, before the second that begins after them is taken."""
        return self.exits_at(row.bar.ts, position) if isinstance(row, SecondRow) else ()

    def exits_at(self, ts: int, position: Position) -> Sequence[Exit]:
        """Return an exit where the hours are over."""
        if position.is_flat:
            return ()
        if self.plan is None:
            is_over = not self.engine.hours.is_open(ts)
        else:
            is_over = self.engine.on_clock(ts) is not None
        if not is_over:
            return ()
        reason, drop = ExitReason.SESSION_END, DropReason.SESSION_END
        return (Exit(ts=ts, reason=reason, drop=drop, of=self._described()),)

    def step(self, row: ImpulseRow, position: Position) -> Step:
        """Handle a second or the levels of a day."""
        if isinstance(row, LevelsRow):
            return self._take_levels(row, position)
        bar = row.bar
        self.warmup.count(bar.ts)
        warm = self.warm
        found = self.engine.on_bar(bar, imbalanced=row.imbalanced)
        notes = NO_NOTES
        if found.is_eventful:
            self._seen.update(stages(found))
            notes = Notes(records=(found,))
        if found.plan is not None:
            entry = self._propose(found.plan, row, position)
            reason = DecisionReason.RETEST
            return Step(warm=warm, close=bar.close, reason=reason, entries=(entry,), notes=notes)
        moves = self._follow(row, position)
        if found.leave is None:
            return Step(warm=warm, close=bar.close, stops=moves, notes=notes)
        leave = Exit(
            ts=bar.end, reason=ExitReason.TIME, drop=DropReason.FLATTEN, of=self._described()
        )
        return Step(warm=warm, close=bar.close, exits=(leave,), notes=notes)

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        """Skip the plan of a refused entry, and watch the hours of one that is on its way."""
        self.plan, self._considered, self._trail = self._considered, None, None
        if position.is_flat:
            self.wake_at = None
        # A trade that is there beside a refused plan is another one.
        if not is_sent or position.is_flat:
            return self._skip(ts)
        self._watch_hours(ts)
        return NO_NOTES

    def on_opened(self, fill: EntryFilled, trade_id: int) -> Notes:
        """Start to hold and to trail."""
        if self.plan is not None and self._trail is None:
            self.engine.on_entered(fill.ts)
            self._trail = self.plan.bar_trail(fill.ts)
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        """Book the result of a trade on its day, and end its plan."""
        return self._end_trade(closed)

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        """Skip the plan of an entry that was canceled, or drop that of a trade that is gone."""
        self.wake_at = None
        if self.plan is None:
            return NO_NOTES
        if self._trail is None:
            return self._skip(ts)
        return Notes(records=self._end_plan(ts, self.engine.on_lost(ts)))

    def on_print(self, ts: int, price: int) -> Notes:
        """Follow the prints of the second in which the entry was filled."""
        if self._trail is not None:
            self._trail.on_print(ts, price)
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        """Restart the warm-up; levels, impulse and trade continue."""
        self.warmup.on_gap(ts)
        return NO_NOTES

    def on_silence(self) -> Notes:
        """Stay cold until the gap ends."""
        self.warmup.on_silence()
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        """Return the day's result and the trade; an entry is included before it is sent."""
        plan = self.plan or self._considered
        best = None if self._trail is None else self._trail.best
        trade = None if plan is None else self.engine.held(plan, best).snapshot()
        return {"day": day_snapshot(self.engine.day), "trade": trade}

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Resume the day and the trade of a state; the impulses of before are not known."""
        resumed = None if state is None else read_signal_state(state)
        if resumed is not None:
            resume_day(self.engine.day, resumed.day)
        alerts = [alert for closed in ended.values() for alert in self._end_trade(closed).alerts]
        if not position.is_flat:
            self._watch_hours(ts)
            self._resume_trade(None if resumed is None else resumed.trade, position)
        return Notes(alerts=tuple(alerts))

    def progress(self) -> list[str]:
        """Return how many of each step towards a signal there were."""
        return describe(self._seen)

    def _end_trade(self, closed: TradeClosed) -> Notes:
        points = net_points(closed, self._tick, self._tick_value)
        records: tuple[Any, ...] = ()
        self.wake_at = None
        stopped: DayStop | None
        if self.plan is None or self._trail is None:
            # A fill that came after the end of its plan still counts for the day.
            stopped = self.engine.day.book_trade(points)
        else:
            stopped, dropped = self.engine.on_closed(closed.ts_close, points)
            records = self._end_plan(closed.ts_close, dropped)
        if stopped is None:
            return Notes(records=records)
        alert = stop_alert(self.engine.day, stopped, closed.ts_close)
        return Notes(records=records, alerts=(alert,))

    def _take_levels(self, row: LevelsRow, position: Position) -> Step:
        known, self.warmup.levels = self.warmup.levels, row
        self.engine.on_levels(row.day, row.levels, row.ends_at)
        if not position.is_flat:
            # They may shorten the day of a trade that has outlived a restart.
            self._watch_hours(row.now)
        is_new = known is None or (known.day, known.reason) != (row.day, row.reason)
        if row.reason is None or not is_new:
            return Step(warm=self.warm, is_bar=False)
        return Step(warm=self.warm, is_bar=False, reason=row.reason, why=WARMUP)

    def _propose(self, plan: TradePlan, row: SecondRow, position: Position) -> Entry:
        self._considered = plan
        price = position.entry_price(is_long=plan.is_long)
        is_open = self.engine.hours.is_open(row.end)
        return proposal(plan, row.bar.close if price is None else price, is_open=is_open)

    def _follow(self, row: SecondRow, position: Position) -> tuple[StopMove, ...]:
        trail, trade = self._trail, position.trade
        if trail is None or trade is None or trade.lots <= 0 or trade.is_leaving:
            return ()
        if trade.average is None:
            return ()
        stop = trail.on_bar(row.bar, trade.average)
        if stop is None:
            return ()
        return (StopMove(stop=stop, price=row.bar.close, of=self._described()),)

    def _resume_trade(self, held: HeldTrade | None, position: Position) -> None:
        trade = position.trade
        if held is None or trade is None:
            return
        plan = held.plan
        if (plan.tag, plan.stop) != (trade.tag, trade.first_stop):
            # The venue has another position than the last state: its plan is not known.
            return
        self.plan = plan
        self.engine.resume(held, trade.since)
        if trade.since is not None:
            self._trail = plan.bar_trail(trade.since, held.best)

    def _watch_hours(self, ts: int) -> None:
        self.wake_at = self.engine.hours.closes_at(ts)

    def _skip(self, ts: int) -> Notes:
        return Notes(records=self._end_plan(ts, self.engine.on_skipped(ts)))

    def _end_plan(self, ts: int, dropped: Sequence[LowVolumeNode]) -> tuple[Any, ...]:
        self.plan = self._trail = None
        if not dropped:
            return ()
        second = ts // NANOS_PER_SECOND * NANOS_PER_SECOND
        return (DroppedNodes(nodes=dropped, ts_second=second),)

    def _described(self) -> Entry | None:
        return None if self.plan is None else described(self.plan)
