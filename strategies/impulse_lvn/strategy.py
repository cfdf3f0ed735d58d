"""The impulse LVN strategy: seconds in, protected trades out."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.model.data import TradeTick

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.bars import Second
from actors.impulse.leg import LowVolumeNode
from actors.impulse.transition import Event
from actors.messages import DailyLevelsUpdate
from actors.messages import MarketStateUpdate
from actors.messages import Message
from actors.messages import SecondBar
from errors import AuctionError
from strategies.common.commands import Command
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import FIRST
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import Record
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.impulse_lvn.config import ImpulseLvnConfig
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.held import HeldTrade
from strategies.impulse_lvn.held import read_signal_state
from strategies.impulse_lvn.plan import TradePlan
from strategies.impulse_lvn.reasons import DecisionReason
from strategies.impulse_lvn.reasons import SkipReason
from strategies.impulse_lvn.reporting import decision_message
from strategies.impulse_lvn.reporting import dropped_messages
from strategies.impulse_lvn.reporting import net_points
from strategies.impulse_lvn.reporting import step_messages
from strategies.impulse_lvn.step import Step
from strategies.impulse_lvn.tracking import Visit
from strategies.impulse_lvn.trail import BarTrail


# The steps from a level to a signal, and what the next of them waits for.
STAGES = {
    Event.BREAKOUT: ("breakouts", "a close beyond a level of the day (breakout_threshold)"),
    Event.COMPLETE: (
        "impulses completed",
        "an impulse that is large and marked enough (min_impulse_size, min_impulse_score)",
    ),
    "NODE": ("low volume nodes", "a low volume node within an impulse (lvn_ratio, lvn_bucket)"),
    Visit.TOUCHED: ("visited", "a close near a node (level_tolerance, max_hunting_bars)"),
    Visit.ARMED: ("left again", "a close away from the node (retest_distance)"),
    Visit.RETESTING: ("visited twice", "the second visit to a node (level_tolerance)"),
    "SIGNAL": (
        "signals",
        "order flow at the second visit, in an imbalanced market (min_delta, max_range, "
        "max_lvn_ratio, start_time, end_time)",
    ),
}


class ImpulseLvnStrategy(TradingStrategy):
    """
    Trades the second visit to a low volume node of an impulse, in the direction of the impulse.

    Each `SecondBar` goes through the decision machine. What it plans is entered at market, with a
    stop behind the node at the venue from the first fill on, a target at its distance from the
    fill, and a stop that trails once a bar. A trade ends at the latest after `max_hold_bars`, or
    when the hours of trading are over.

    A plan ends in one way only: as a skipped one, refused by the gate, given up before it was
    filled, or met by a market that had reached its stop; or as a trade, from its first fill until
    flat. Decisions are published where there is a plan, where the strategy closes a trade, and once
    for a trading day without levels.

    After a restart in a trade it goes on with it: hours, held bars and trail. A trade of which no
    plan is known, as one that was found at the venue, ends with the hours at the latest.

    On a live clock, and after a gap in the data, it is warm where the day has its levels and all
    that is hunted is known: seconds are there since the regular opening, or as many as the longest
    impulse and its hunt can last.

    Parameters
    ----------
    config : ImpulseLvnConfig
        The configuration.

    """

    def __init__(self, config: ImpulseLvnConfig) -> None:
        super().__init__(config)
        self.engine: ImpulseEngine
        self._plan: TradePlan | None = None
        self._trail: BarTrail | None = None
        self._considered: TradePlan | None = None
        self._closed_away: list[TradeClosed] = []
        self._imbalanced = False
        self._levels: DailyLevelsUpdate | None = None
        self._hours_end = 0
        self._day_state: bytes | None = None
        self._known_since: int | None = None
        self._known_bars = 0
        self._is_silent = False
        self._has_engine = False
        self._seen: Counter[str] = Counter()

    def on_start(self) -> None:
        super().on_start()
        config, tick = self.config, self.units.tick
        self._tick_size = float(tick)
        self._source = (config.instrument_id, self.id.value)
        self.engine = ImpulseEngine(
            config.impulse_params(tick),
            config.signal_params(tick),
            config.trade_rules(tick),
        )
        if self._day_state is not None:
            self._resume_day(self._day_state)
        self._has_engine = True
        state = self.restored_signals
        resumed = None if state is None else read_signal_state(state)
        if resumed is not None:
            self.engine.day.restore_state(resumed.day)
        for closed in self._closed_away:
            self._note_end(closed)
        self._resume_trade(None if resumed is None else resumed.trade)
        for cls in (DailyLevelsUpdate, MarketStateUpdate, SecondBar):
            # Before what writes it down: an order is not to wait for that.
            self.msgbus.subscribe(topic=cls.topic(), handler=self.handle_data, priority=FIRST)

    def on_save(self) -> dict[str, bytes]:
        return {**super().on_save(), "day": msgspec.json.encode(self.engine.day.snapshot())}

    def on_load(self, state: dict[str, bytes]) -> None:
        super().on_load(state)
        if "day" in state:
            self._day_state = state["day"]

    def _resume_day(self, kept: bytes) -> None:
        try:
            self.engine.day.restore(msgspec.json.decode(kept))
        except (AuctionError, msgspec.DecodeError) as e:
            self.alert(self.clock.timestamp_ns(), "STATE_REFUSED", f"the day is not used: {e}")

    def _resume_trade(self, held: HeldTrade | None) -> None:
        trade, now = self.manager.trade, self.clock.timestamp_ns()
        if trade is None:
            return
        self._watch_hours(now)
        if held is None:
            return
        plan, intent = held.plan, trade.intent
        if (plan.tag, plan.stop) != (intent.tag, intent.stop):
            # The venue has another position than the last state: its plan is not known.
            return
        self._plan = plan
        self.engine.resume(held, trade.ts_open)
        if trade.ts_open is not None:
            self._trail = self._trail_of(plan, trade.ts_open, held.best)

    def signal_state(self) -> dict[str, Any] | None:
        """Return what the day has brought, and the trade; before its start that of the last run."""
        if not self._has_engine:
            return self.restored_signals
        # An entry is told before it is sent.
        plan = self._plan or self._considered
        best = None if self._trail is None else self._trail.best
        trade = None if plan is None else self.engine.held(plan, best).snapshot()
        return {"day": self.engine.day.snapshot(), "trade": trade}

    def check_signal_state(self, state: Any) -> None:
        """Refuse a state that is not one of `signal_state`; None is that of no engine yet."""
        if state is not None:
            read_signal_state(state)

    def on_data_gap(self, ts: int) -> None:
        self._known_since, self._known_bars = ts, 0
        self._is_silent = False
        self.warm = self._is_warm

    def on_data_silence(self) -> None:
        self._is_silent = True
        self.warm = self._is_warm

    @property
    def not_warm_reason(self) -> str:
        levels = self._levels
        if levels is None:
            return "not warm yet: the trading day is not known"
        if levels.reason is not None:
            return f"not warm yet: no levels of {levels.day}: {levels.reason}"
        if self._is_silent:
            return "not warm: the quotes are silent"
        return f"not warm yet: {self._known_bars} of {self._bars_wanted} seconds with trades"

    def describe_progress(self) -> list[str]:
        steps = []
        for stage, (text, awaited) in STAGES.items():
            steps.append(f"{self._seen[stage]:,} {text}")
            if not self._seen[stage]:
                return [f"The rule has seen {', '.join(steps)}: it waited for {awaited}."]
        return [f"The rule has seen {', '.join(steps)}."]

    def on_data(self, data: Message) -> None:
        if data.instrument_id != self._source[0]:
            return
        if isinstance(data, SecondBar):
            self._on_second(data.bar())
        elif isinstance(data, MarketStateUpdate):
            self._imbalanced = data.imbalanced
        elif isinstance(data, DailyLevelsUpdate):
            self._on_levels(data)

    def _on_levels(self, levels: DailyLevelsUpdate) -> None:
        known, self._levels = self._levels, levels
        self.engine.on_levels(levels.trade_date, levels.breakout_levels(), levels.ends_at)
        is_new = known is None or (known.day, known.reason) != (levels.day, levels.reason)
        if self.manager.trade is not None:
            # They may shorten the day of a trade that has outlived a restart.
            self._watch_hours(self._time())
        if levels.reason is not None and is_new:
            self._report(levels.ts_event + 1, Action.HOLD, levels.reason, Refusal.WARMUP)

    def _on_second(self, bar: Second) -> None:
        self._known_bars += 1
        if self._known_since is None:
            self._known_since = bar.ts
        self.warm = self._is_warm
        self.count_close(warm=self.warm)
        # A second that is told again tells of an open trade, and moves nothing of it.
        is_past = bar.end <= self.observe_until
        if not is_past:
            self._check_hours(bar.ts)
        step = self.engine.on_bar(bar, imbalanced=self._imbalanced)
        if step.is_eventful:
            self._seen.update(_stages(step))
            self._send(step_messages(*self._source, step, self._tick_size, self._now(bar.end)))
        if step.plan is not None:
            self._enter(step.plan, bar)
        elif step.leave is not None and not is_past:
            self._leave(ExitReason.TIME, DropReason.FLATTEN, bar.end)
        elif self._trail is not None:
            self._move_stop(bar, self._trail)

    @property
    def _is_warm(self) -> bool:
        levels, since = self._levels, self._known_since
        if levels is None or levels.reason is not None or since is None or self._is_silent:
            return False
        if not (self._is_live or self.gaps_seen) or since <= levels.opens_at:
            return True
        return self._known_bars >= self._bars_wanted

    @property
    def _bars_wanted(self) -> int:
        # Nothing older is hunted any more, and the market state looks back no further.
        return int(self.config.max_impulse_bars + self.config.max_hunting_bars)

    def _enter(self, plan: TradePlan, bar: Second) -> None:
        ts = bar.end
        is_past = ts <= self.observe_until
        quote = self.cache.quote_tick(self.config.instrument_id)
        price = bar.close
        # The quote of now says nothing about a second that is told again.
        if quote is not None and not is_past:
            price = self.units.ticks(quote.ask_price if plan.is_long else quote.bid_price)
        intent = plan.intent(price)
        quantity: Decimal | None = None
        why: str | None = None
        if is_past:
            why = str(Refusal.OBSERVATION)
        elif not self.engine.is_within_hours(ts):
            why = SkipReason.OUTSIDE_HOURS
        elif intent is None:
            why = SkipReason.BEYOND_STOP
        else:
            self._considered = plan
            decision, quantity = self.decide(ts, bar.close, intent, warm=self.warm)
            self._considered = None
            if decision.action is Action.HOLD:
                why = str(decision.reason)
        self._plan, self._trail = plan, None
        action = "ENTER" if why is None else "REFUSE"
        self._report(ts, action, DecisionReason.RETEST, why, intent, quantity)
        # A trade that is there beside a refused plan is another one.
        if why is not None or self.manager.trade is None:
            self._skip(ts)
        else:
            self._watch_hours(ts)

    def _move_stop(self, bar: Second, trail: BarTrail) -> None:
        trade = self.manager.trade
        if trade is None or trade.open <= 0 or trade.close_reason is not None:
            return
        stop = trail.on_bar(bar, trade.average_entry)
        if stop is None or bar.end <= self.observe_until:
            return
        self._execute(self.manager.move_stop(bar.end, stop, bar.close), bar.end)
        if trade.close_reason is not None:
            self._report(bar.end, Action.EXIT, ExitReason.TRAIL, ExitReason.TRAIL)

    def _leave(self, reason: ExitReason, drop: DropReason, ts: int) -> None:
        trade = self.manager.trade
        if trade is None or trade.close_reason is not None:
            return
        # An entry may have been given up with a part of it filled: that part has to leave as well.
        if trade.open > 0:
            self._report(ts, Action.EXIT, reason, reason)
        elif trade.drop_reason is not None:
            return
        self.flatten(reason, drop, ts)

    def _check_hours(self, ts: int) -> None:
        if self.manager.trade is None:
            return
        if self._plan is None:
            is_over = not self.engine.is_within_hours(ts)
        else:
            is_over = self.engine.on_clock(ts) is not None
        if is_over:
            self._leave(ExitReason.SESSION_END, DropReason.SESSION_END, ts)

    def _watch_hours(self, ts: int) -> None:
        self._hours_end = self.engine.hours_end(ts) if self.engine.is_within_hours(ts) else ts
        self._end_watch()
        # An alert at the time itself would come after data stamped with it.
        alert = max(self._hours_end - 1, self.clock.timestamp_ns())
        self.clock.set_time_alert_ns(f"{self.id}-HOURS", alert, self._on_hours_end)

    def _end_watch(self) -> None:
        if f"{self.id}-HOURS" in self.clock.timer_names:
            self.clock.cancel_timer(f"{self.id}-HOURS")

    def _on_hours_end(self, event: TimeEvent) -> None:
        self._check_hours(event.ts_event + 1)

    def _on_trade(self, tick: TradeTick) -> None:
        ts = tick.ts_event
        if ts >= self._hours_end:
            self._check_hours(ts)
        if self._trail is not None:
            self._trail.on_print(ts, tick.price.raw // self._raw_tick)
        super()._on_trade(tick)

    def _execute(self, commands: Sequence[Command], ts: int) -> None:
        super()._execute(commands, ts)
        if self._plan is not None and self.manager.trade is None:
            self._skip(ts)

    def _record(self, record: Record) -> None:
        super()._record(record)
        if isinstance(record, EntryFilled):
            self._note_entry(record)
        elif isinstance(record, TradeClosed):
            self._note_end(record)

    def _note_entry(self, fill: EntryFilled) -> None:
        if self._plan is None or self._trail is not None:
            return
        self.engine.on_entered(fill.ts)
        self._trail = self._trail_of(self._plan, fill.ts)

    def _trail_of(self, plan: TradePlan, entered_at: int, best: int | None = None) -> BarTrail:
        return BarTrail(
            is_long=plan.is_long,
            distance=plan.trail_distance,
            entered_at=entered_at,
            best=best,
        )

    def _note_end(self, closed: TradeClosed) -> None:
        if not self._has_engine:
            # It has ended while nobody was there: the day that it counts for is not there yet.
            self._closed_away.append(closed)
            return
        points = net_points(closed, self.units.tick, self.units.tick_value)
        if self._plan is None or self._trail is None:
            # A fill that came after the end of its plan still counts for the day.
            stopped = self.engine.day.book(points)
        else:
            stopped, dropped = self.engine.on_closed(closed.ts_close, points)
            self._end_plan(closed.ts_close, dropped)
        if stopped is not None:
            day = self.engine.day
            text = f"{stopped}: {day.losses} losing trades, {day.points} points: no more today"
            self.alert(closed.ts_close, "DAY_STOP", text, float(day.points))

    def _skip(self, ts: int) -> None:
        self._end_plan(ts, self.engine.on_skipped(ts))

    def _end_plan(self, ts: int, dropped: Sequence[LowVolumeNode]) -> None:
        self._plan = self._trail = None
        if self.manager.trade is None:
            self._end_watch()
        second = ts // NANOS_PER_SECOND * NANOS_PER_SECOND
        now = self._now(second + 1)
        self._send(dropped_messages(*self._source, dropped, second, self._tick_size, now))

    def _report(
        self,
        ts: int,
        action: str,
        reason: str,
        why: str | None,
        intent: Intent | None = None,
        quantity: Decimal | None = None,
    ) -> None:
        message = decision_message(
            *self._source,
            ts,
            self._now(ts),
            action=action,
            reason=reason,
            why=why,
            plan=self._plan,
            intent=intent,
            quantity=quantity,
            tick=self.units.tick,
        )
        self.publish(message)

    def _now(self, ts: int) -> int:
        return int(max(self.clock.timestamp_ns(), ts - 1))

    def _send(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.publish(message)

    def _size(self, intent: Intent) -> PositionSize:
        return self.account.size_contracts(intent, self.manager.params, self.config.contracts)


def _stages(step: Step) -> Iterator[str]:
    yield from (str(transition.event) for transition in step.transitions)
    yield from ("NODE" for _ in step.added)
    yield from (str(visit) for _, visit in step.moved)
    if step.plan is not None:
        yield "SIGNAL"
