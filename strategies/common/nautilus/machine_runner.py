"""Feed a decision machine, and execute its steps."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from strategies.common.bar_prices import alarm_lead
from strategies.common.decision_mapper import ENTERED
from strategies.common.decision_mapper import published_action
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.decision_reports import DecisionReports
from strategies.common.nautilus.host import AlarmEvent
from strategies.common.nautilus.machine_host import MachineHost
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.step import StopMove
from strategies.common.trade import Trade


HOLD = GateDecision(Action.HOLD)


class MachineRunner:
    """
    Feeds the machine of one strategy with rows, prints, time and the events of its trades.

    A row that is replayed after a restart (up to `observe_until`) reaches the machine without
    an effect on an open trade.

    Parameters
    ----------
    host : MachineHost
        The strategy, on its start.
    machine : DecisionMachine[Any]
        Its machine.
    reports : DecisionReports
        Publishes its decisions.

    """

    def __init__(
        self, host: MachineHost, machine: DecisionMachine[Any], reports: DecisionReports
    ) -> None:
        self._host = host
        self.machine = machine
        self._reports = reports
        self._alarm: int | None = None
        self._alarm_lead = alarm_lead(
            has_bars_alone=host.market_bars is not None, is_live=host.is_live
        )

    def resume(self, state: Any, ended: Mapping[int, TradeClosed]) -> None:
        """Resume from a state after a restart; `ended` are the ids of trades found closed by it."""
        host = self._host
        position = host.position_view(with_quote=False)
        self._say(self.machine.restore(state, position, host.clock.timestamp_ns(), ended))
        self._watch()

    def on_row(self, row: Any) -> None:
        """Process a row, and execute the machine's step."""
        host, machine, ts = self._host, self.machine, row.end
        is_past = ts <= host.observe_until
        # The present quote does not apply to a replayed row.
        position = host.position_view(with_quote=not is_past)
        if not is_past and (exits := machine.exits_before(row, position)):
            self._leave(exits)
            position = host.position_view()
        step = machine.step(row, position)
        self._watch()
        if step is None:
            host.count_close(warm=machine.warm)
            return
        if step.is_bar:
            host.count_close(warm=step.warm)
        if step.drop is not None:
            host.stop_entries(step.drop)
        host.warm = step.warm
        for record in step.notes.records:
            self._publish(record)
        for entry in step.entries:
            self._decide(ts, step, entry, is_past=is_past)
        if not step.entries and (step.is_boundary or step.reason is not None):
            self._decide(ts, step, None, is_past=is_past)
        if not is_past:
            self._leave(step.exits)
            for move in step.stops:
                self._move_stop(ts, move)
        for alert in step.notes.alerts:
            host.alert(alert.ts, alert.kind, alert.text, alert.value)

    def on_print(self, ts: int, price: int) -> None:
        """Handle a print (ns UTC, ticks)."""
        if self._host.manager.trade is None:
            return
        wake = self.machine.wake_at
        if wake is not None and ts >= wake:
            self._check_exits(ts)
        self._say(self.machine.on_print(ts, price))

    def on_gap(self, ts: int) -> None:
        """Handle the end of a gap in the data (ns UTC)."""
        self._say(self.machine.on_gap(ts))
        self._host.warm = self.machine.warm

    def on_silence(self) -> None:
        """Handle the silence of the quotes."""
        self._say(self.machine.on_silence())
        self._host.warm = self.machine.warm

    def on_opened(self, fill: EntryFilled, trade_id: int) -> None:
        """Handle the first fill of the entry of a trade."""
        self._say(self.machine.on_opened(fill, trade_id))

    def on_closed(self, closed: TradeClosed, trade_id: int) -> None:
        """Handle the end of a trade that had fills."""
        self._say(self.machine.on_closed(closed, trade_id))
        self._watch()

    def on_dropped(self, ts: int, trade_id: int) -> None:
        """Handle the end (ns UTC) of a trade without a result."""
        self._say(self.machine.on_dropped(ts, trade_id))
        self._watch()

    def _decide(self, ts: int, step: Step, entry: Entry | None, *, is_past: bool) -> None:
        host = self._host
        decision, quantity = HOLD, None
        next_id = host.manager.slots.next_trade_id
        intent = None if entry is None or entry.refusal is not None else entry.intent
        turns = intent is not None and bool(host.manager.entries.rivals(intent))
        is_decided = not (is_past and entry is not None) and (
            intent is not None or step.is_boundary
        )
        if is_past and entry is not None:
            decision = GateDecision(Action.HOLD, Refusal.OBSERVATION)
        elif is_decided:
            decision, quantity = host.decide(ts, step.close, intent, warm=step.warm)
        if decision == HOLD:
            decision = GateDecision(Action.HOLD, step.why if entry is None else entry.refusal)
        notes: Notes | None = None
        reported = entry
        if entry is not None:
            is_sent = decision.action in ENTERED
            if not is_sent and decision.reason is not None:
                code = str(decision.reason)
                self.machine.on_refused(entry, code)
                reported = None if code in entry.refused_before else entry
            is_entered = is_sent and host.manager.slots.next_trade_id > next_id
            notes = self.machine.on_entry(
                entry,
                ts,
                host.position_view(),
                is_sent=is_sent,
                trade_id=next_id if is_entered else None,
            )
        if step.reason is not None:
            action, why = published_action(decision, has_entry=reported is not None, turns=turns)
            self._reports.decision(ts, step.reason, action, why, step, reported, quantity)
        if is_decided:
            for left, cause in host.closed_inside:
                self._reports.decision(ts, cause, Action.EXIT, cause, None, Entry.of(left))
        if notes is not None:
            self._say(notes)
            self._watch()

    def _leave(self, exits: Iterable[Exit]) -> None:
        for leave in exits:
            if leave.only_entry:
                self._host.stop_entries(leave.drop, leave.trade_id)
                continue
            # A canceled entry may be partly filled: that part leaves as well.
            leaving = [
                trade
                for trade in self._running(leave.trade_id)
                if trade.open > 0 or trade.drop_reason is None
            ]
            for trade in leaving:
                if trade.open > 0:
                    self._reports.exit(leave.ts, leave.reason, leave.of, trade)
            is_flip_dropped = leave.trade_id is None and self._host.manager.is_flipping
            if leaving or is_flip_dropped:
                self._host.flatten(leave.reason, leave.drop, leave.ts, leave.trade_id)

    def _move_stop(self, ts: int, move: StopMove) -> None:
        moved = self._running(move.trade_id)
        if not moved:
            return
        self._host.move_stop(ts, move.stop, move.price, move.trade_id)
        for trade in moved:
            if trade.close_reason is not None:
                self._reports.exit(ts, ExitReason.TRAIL, move.of, trade)

    def _running(self, trade_id: int | None) -> list[Trade]:
        """Return the trades that are not being closed: one, or all."""
        trades = self._host.manager.trades
        return [
            trade
            for key, trade in trades.items()
            if trade_id in (None, key) and trade.close_reason is None
        ]

    def _say(self, notes: Notes) -> None:
        for record in notes.records:
            self._publish(record)
        for alert in notes.alerts:
            self._host.alert(alert.ts, alert.kind, alert.text, alert.value)

    def _publish(self, record: Any) -> None:
        for message in self._host.messages_of(record):
            self._host.publish(message)

    def _check_exits(self, ts: int) -> None:
        self._leave(self.machine.exits_at(ts, self._host.position_view(with_quote=False)))

    def _watch(self) -> None:
        wake = self.machine.wake_at
        if wake == self._alarm:
            return
        self._alarm = wake
        clock, name = self._host.clock, f"{self._host.id}-MACHINE"
        if name in clock.timer_names:
            clock.cancel_timer(name)
        if wake is not None:
            # An alert at the time itself would come after data stamped with it: the bar that ends
            # then belongs to the trade, a print does not.
            at = wake - self._alarm_lead
            clock.set_time_alert_ns(name, max(at, clock.timestamp_ns()), self._on_alarm)

    def _on_alarm(self, event: AlarmEvent) -> None:
        self._check_exits(event.ts_event + self._alarm_lead)
