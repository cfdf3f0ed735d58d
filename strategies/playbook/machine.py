"""The decision machine of the playbook: one closed minute with its context, one step."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from math import floor
from types import MappingProxyType
from typing import Any

from msgspec import to_builtins

from errors import UsageError
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import TradeClosed
from strategies.common.settings import changed_settings
from strategies.common.settings import described
from strategies.common.settings import differences
from strategies.common.step import NO_NOTES
from strategies.common.step import Context
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import MachineAlert
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.step import StopMove
from strategies.common.trade_params import MINUTE_NS
from strategies.playbook.candidate import Candidate
from strategies.playbook.engine import AttemptEngine
from strategies.playbook.events import Event
from strategies.playbook.events import Setup
from strategies.playbook.manager import flat_from
from strategies.playbook.manager import refusal_of
from strategies.playbook.params import AS_TIGHT
from strategies.playbook.params import SignalParams
from strategies.playbook.reasons import Reason
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.records import SetupRecord
from strategies.playbook.records import attempt_records
from strategies.playbook.records import node_records
from strategies.playbook.rows import ContextRow
from strategies.playbook.saved import MachineState
from strategies.playbook.saved import read_machine_state
from strategies.playbook.state import Outcome


FULL_SCORE = 100
STARTS = (Event.ATTEMPT_UP, Event.ATTEMPT_DOWN)
NAMES = {Setup.TREND_MODEL: "trend", Setup.MEAN_REVERSION: "reversion"}
# Signals that are complete but for a choice of the operator are worth an alert.
ANNOUNCED = (None, SetupRefusal.ALERTS_ONLY)


class PlaybookMachine(DecisionMachine[ContextRow]):
    """
    Turns closed minutes into entries at the nodes of breakout attempts, and manages their trades.

    A signal is found the same whether or not it may be entered: what the operator has chosen
    refuses it afterwards. What had begun before a gap is not gone on with.

    Parameters
    ----------
    params : SignalParams
        The rules.

    Attributes
    ----------
    engine : AttemptEngine
        Follows the attempts.

    """

    INTERVAL_NS = MINUTE_NS
    AS_TIGHT = AS_TIGHT

    def __init__(self, params: SignalParams) -> None:
        self.engine = AttemptEngine(params)
        self._configured = params
        self._last: int | None = None
        self._warm = False
        self._flat_from: int | None = None
        self._seen: Counter[str] = Counter()

    @property
    def warm(self) -> bool:
        return self._warm

    @property
    def params(self) -> SignalParams:
        """Return the rules in force."""
        return self.engine.params

    def exits_before(self, row: ContextRow, position: Position) -> Sequence[Exit]:
        """Return the end of the session, before a minute that begins after it is taken."""
        return self.exits_at(row.ts_min, position)

    def exits_at(self, ts: int, position: Position) -> Sequence[Exit]:
        """Return an exit where the venue is about to close."""
        if position.is_flat or self.wake_at is None or ts < self.wake_at:
            return ()
        return (Exit(ts=ts, reason=ExitReason.SESSION_END, drop=DropReason.SESSION_END),)

    def step(self, row: ContextRow, position: Position) -> Step | None:
        """Handle a minute; the touch of a node becomes an entry, or a refusal with its reason."""
        if self._last is not None and row.ts_min <= self._last:
            return None
        if self._last is not None and row.ts_min > self._last + MINUTE_NS:
            self.engine.drop_attempt()
        self._last, self._warm = row.ts_min, row.warm
        self._flat_from = flat_from(row, self.params)
        self._watch(position)
        attempt = self.engine.attempt
        nodes = () if attempt is None else attempt.nodes
        side = 0 if attempt is None else attempt.trade_side
        is_same_session = attempt is not None and row.session == self.engine.session
        found = self.engine.step(row)
        records: list[Any] = []
        if attempt is not None and is_same_session:
            own = tuple(event for event in found.events if event not in STARTS)
            records += attempt_records(row.ts_min, own, attempt)
            tolerance = self.params.touch_ticks
            records += node_records(row, attempt, side, nodes, found, tolerance)
        started = tuple(event for event in found.events if event in STARTS)
        if self.engine.attempt is not None and started:
            records += attempt_records(row.ts_min, started, self.engine.attempt)
        entries, alerts = self._propose(row, found, records)
        self._seen.update(event.value for event in found.events)
        exits, moves = self._manage(row, position)
        return Step(
            warm=row.warm,
            close=row.close,
            is_boundary=True,
            reason=self._reason(row, found),
            flags=() if found.candidate is None else (found.candidate.setup.value,),
            events=tuple(event.value for event in found.events),
            entries=entries,
            exits=exits,
            stops=moves,
            notes=Notes(records=tuple(records), alerts=alerts),
        )

    def on_entry(
        self,
        entry: Entry,
        ts: int,
        position: Position,
        *,
        is_sent: bool,
        trade_id: int | None,
    ) -> Notes:
        """Watch the end of the session of an entry that is on its way."""
        self._watch(position)
        return NO_NOTES

    def on_closed(self, closed: TradeClosed, trade_id: int) -> Notes:
        """Watch the clock no more."""
        self.wake_at = None
        return NO_NOTES

    def on_dropped(self, ts: int, trade_id: int) -> Notes:
        """Watch the clock no more."""
        self.wake_at = None
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        """Drop the attempt: the market has moved without data."""
        self.engine.drop_attempt()
        self._warm = False
        return NO_NOTES

    def on_silence(self) -> Notes:
        """Stay cold until the gap ends."""
        self._warm = False
        return NO_NOTES

    def settings(self) -> SignalParams:
        """Return the rules, which may change while it runs."""
        return self.params

    def change_settings(self, settings: SignalParams) -> None:
        """Use other rules from the next minute on."""
        self.engine.change(settings)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        values: dict[str, Any] = to_builtins(
            MachineState(
                last=self._last,
                flat_from=self._flat_from,
                engine=self.engine.state,
                changed={name: new for name, (_, new) in self._changes().items()},
            )
        )
        return values

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Resume from a state; minutes up to its last one may come again."""
        if state is None:
            self._watch(position)
            return NO_NOTES
        kept = read_machine_state(state)
        self._last, self._flat_from = kept.last, kept.flat_from
        self.engine.restore(kept.engine)
        self._watch(position)
        return self._resume_settings(kept.changed, ts)

    def progress(self) -> list[str]:
        """Return how often each event of an attempt has been seen."""
        if not self._seen:
            return ["No close has left the balance of the session before."]
        return [", ".join(f"{self._seen[event]:,} {event}" for event in Event if self._seen[event])]

    def _changes(self) -> dict[str, tuple[Any, Any]]:
        return differences(self._configured, self.params)

    def _resume_settings(self, changed: Mapping[str, Any], ts: int) -> Notes:
        if not changed:
            return NO_NOTES
        try:
            self.engine.change(changed_settings(self._configured, changed))
        except UsageError as e:
            text = f"what was changed before the restart is not used: {e}"
        else:
            text = f"as changed before the restart: {described(self._changes())}"
        return Notes(alerts=(MachineAlert(ts=ts, kind="SETTINGS", text=text),))

    def _watch(self, position: Position) -> None:
        self.wake_at = None if position.is_flat else self._flat_from

    def _propose(
        self, row: ContextRow, found: Outcome, records: list[Any]
    ) -> tuple[tuple[Entry, ...], tuple[MachineAlert, ...]]:
        candidate = found.candidate
        if candidate is None:
            return (), ()
        refusal, missing = refusal_of(candidate, row, self.params)
        records.append(SetupRecord(row=row, candidate=candidate, refusal=refusal, missing=missing))
        entry = _entry_of(candidate, row, refusal)
        if refusal not in ANNOUNCED:
            return (entry,), ()
        text = (
            f"{'BUY' if candidate.side > 0 else 'SELL'} {candidate.setup} at a node, "
            f"{float(candidate.rr):.2f} R to {candidate.basis}, score {candidate.score}, "
            f"confidence {candidate.confidence}"
        )
        alert = MachineAlert(
            ts=row.end - 1, kind="SIGNAL", text=text, value=float(candidate.confidence)
        )
        return (entry,), (alert,)

    def _reason(self, row: ContextRow, found: Outcome) -> Reason:
        candidate, attempt = found.candidate, self.engine.attempt
        if candidate is not None:
            return Reason(_tag(candidate).upper())
        if attempt is not None:
            return Reason.RECLAIMED if attempt.is_reclaim else Reason.ATTEMPT
        if self.engine.balance is None:
            return Reason.NO_BALANCE
        return Reason.IDLE if row.warm else Reason.COLD

    def _manage(
        self, row: ContextRow, position: Position
    ) -> tuple[tuple[Exit, ...], tuple[StopMove, ...]]:
        """Return what the options of the playbook do with open trades."""
        exits, moves = [], []
        params = self.params
        for trade in position.trades:
            if trade.lots <= 0 or trade.is_leaving or trade.average is None:
                continue
            flow = row.flow_side * trade.side
            if params.counter_aggression_exit and flow < 0 and row.flow_score >= params.min_score:
                exits.append(
                    Exit(
                        ts=row.end,
                        reason=ExitReason.COUNTER_FLOW,
                        drop=DropReason.FLATTEN,
                        trade_id=trade.trade_id,
                    )
                )
            elif params.breakeven_on_cvd and flow > 0 and row.flow_score >= FULL_SCORE:
                stop = _breakeven(row.close, trade, trade.average)
                if stop is not None:
                    moves.append(StopMove(stop=stop, price=row.close, trade_id=trade.trade_id))
        return tuple(exits), tuple(moves)


def _breakeven(close: int, trade: TradeView, average: Fraction) -> int | None:
    """Return the stop at the entry, rounded to the profit, from a profit of one risk on."""
    side = trade.side
    if side * (close - average) < abs(average - trade.first_stop):
        return None
    entry = ceil(average) if side > 0 else floor(average)
    return entry if side * (entry - trade.stop) > 0 else None


def _tag(candidate: Candidate) -> str:
    return f"{NAMES[candidate.setup]}_{'long' if candidate.side > 0 else 'short'}"


def _entry_of(candidate: Candidate, row: ContextRow, refusal: SetupRefusal | None) -> Entry:
    large = candidate.large_print
    intent = Intent(
        is_long=candidate.side > 0,
        entry=candidate.entry,
        stop=candidate.stop,
        tp2=candidate.target,
        tag=_tag(candidate),
    )
    context = Context(
        regime=row.state,
        pattern=None if large is None else "AGGRESSIVE_PRINT",
        node=candidate.node.price,
        print_price=None if large is None else large.price,
        score=float(candidate.score),
        confidence=candidate.confidence / 100,
    )
    return Entry(
        tag=intent.tag,
        is_long=intent.is_long,
        stop=intent.stop,
        intent=intent,
        refusal=refusal,
        context=context,
    )
