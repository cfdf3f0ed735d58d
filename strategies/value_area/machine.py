"""The decision machine of the value area system: one closed minute, one step."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from strategies.common.alert_throttle import AlertThrottle
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.reasons import DropReason
from strategies.common.records import TradeClosed
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import MachineAlert
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.trade_params import MINUTE_NS
from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.engine import read_engine_state
from strategies.value_area.inputs import Minute
from strategies.value_area.params import SignalParams
from strategies.value_area.reasons import AreaReason
from strategies.value_area.setups import Candidate


class MinuteRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed minute with what is known about its facts.

    Parameters
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    minute : Minute or None
        The input of the signal engine; None for a minute that the machine has seen already.
    warm : bool
        If the actor's window has been full once.
    area_reason : str or None
        Why the value area is not valid.
    ambiguous_share : float
        The share of volume without a clear side.
    is_area_crossed, is_closed_outside : bool or None
        If prints, and the close, lay beyond an edge as published; None without trades or area.

    """

    ts_min: int
    minute: Minute | None
    warm: bool
    area_reason: str | None
    ambiguous_share: float
    is_area_crossed: bool | None
    is_closed_outside: bool | None

    @property
    def end(self) -> int:
        """Return the first nanosecond after the minute."""
        return self.ts_min + MINUTE_NS


class ValueAreaMachine(DecisionMachine[MinuteRow]):
    """
    Turns closed minutes into entries by the signal engine.

    A breakout counts as taken when its entry or its flip is sent, whether or not it is filled. What
    had begun before a gap, or before closes that a restart has missed, is discarded.

    Parameters
    ----------
    params : SignalParams
        The rules of the signals.
    ambiguous_limit : float
        The share of ambiguous volume above which an alert is due.

    Attributes
    ----------
    engine : SignalEngine
        The signal engine.

    """

    INTERVAL_NS = MINUTE_NS

    def __init__(self, params: SignalParams, ambiguous_limit: float) -> None:
        self.engine = SignalEngine(params)
        self._params = params
        self._limit = ambiguous_limit
        self._resumed_after: int | None = None
        self._warm = False
        self._signal: Signal | None = None
        self._seen: Counter[str] = Counter()
        self._invalid = AlertThrottle()
        self._ambiguous = AlertThrottle()

    @property
    def warm(self) -> bool:
        return self._warm

    def is_repeated(self, ts_min: int) -> bool:
        """Return True for a minute (ns UTC) that was taken before the restart."""
        return self._resumed_after is not None and ts_min <= self._resumed_after

    def step(self, row: MinuteRow, position: Position) -> Step | None:
        """Handle a minute; a signal's candidate becomes the entry."""
        if self.is_repeated(row.ts_min):
            return None
        self._leave_the_restart(row.ts_min)
        if row.minute is None:
            raise ValueError(f"minute {row.ts_min}: no facts came with it")
        # The quotes are silent: an entry would wait for a market without data.
        drop = DropReason.STALE if self._warm and not row.warm else None
        self._warm = row.warm
        signal = self._signal = self.engine.on_minute(row.minute)
        self._count(row, signal)
        candidate = signal.best
        return Step(
            warm=row.warm,
            close=None if row.minute.bar is None else row.minute.bar.close,
            is_boundary=True,
            reason=str(signal.reason),
            flags=signal.flags,
            events=signal.events,
            drop=drop,
            entries=() if candidate is None else (Entry.of(intent_of(candidate)),),
            notes=Notes(alerts=self._alerts(row)),
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
        """Record that the candidate of the last minute is acted on."""
        if is_sent and self._signal is not None and self._signal.best is not None:
            self.engine.take(self._signal.best)
        return NO_NOTES

    def on_gap(self, ts: int) -> Notes:
        """Discard what had begun before the gap: it may have ended within."""
        self.engine = SignalEngine(self._params)
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        """Return the state of the signal engine."""
        return self.engine.snapshot()

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Resume from a state of the signal engine; minutes up to its last one may come again."""
        if state is not None:
            self.engine.restore(state)
            self._resumed_after = read_engine_state(state).last_ts_min
        return NO_NOTES

    def progress(self) -> list[str]:
        """Return how often the area was not valid, and the progress of breakouts."""
        seen = self._seen
        lines = [
            f"The value area was not valid in {seen[code]:,} minutes ({code}): {code.meaning}"
            for code in AreaReason
            if seen[code]
        ]
        lines.append(
            f"Of {seen['minutes']:,} minutes with trades and a value area, {seen['wicks']:,} "
            f"traded beyond an edge and {seen['closes']:,} closed there. {seen['START']:,} of "
            f"these began a breakout; {seen['ACCEPTED']:,} were accepted (accept_outside_k closes, "
            f"crossing_mode), {seen['PENDING_RETEST']:,} waited for a retest (enable_retest_mode), "
            f"{seen['RESET_INSIDE']:,} failed with a close inside. A signal needs order flow "
            "(of_…) and imbalance (qimb_…) as well."
        )
        return lines

    def _leave_the_restart(self, ts_min: int) -> None:
        last, self._resumed_after = self._resumed_after, None
        if last is not None and ts_min > last + MINUTE_NS:
            # Closes were missed: a sequence that may have ended meanwhile is discarded.
            self.engine = SignalEngine(self._params)

    def _count(self, row: MinuteRow, signal: Signal) -> None:
        seen = self._seen
        # UP and DOWN of the trackers count together.
        seen.update(event.partition("_")[2] for event in signal.events)
        if row.area_reason is not None:
            seen[row.area_reason] += 1
        elif row.is_area_crossed is not None:
            seen["minutes"] += 1
            seen["wicks"] += row.is_area_crossed
            seen["closes"] += bool(row.is_closed_outside)

    def _alerts(self, row: MinuteRow) -> tuple[MachineAlert, ...]:
        ts, share, found = row.end, row.ambiguous_share, []
        if self._invalid.is_due(ts, row.warm and row.area_reason is not None):
            text = f"the value area is not valid: {row.area_reason}"
            found.append(MachineAlert(ts=ts, kind="VA_INVALID", text=text))
        if self._ambiguous.is_due(ts, row.warm and share > self._limit):
            text = f"{share:.0%} of the volume without a clear side"
            found.append(MachineAlert(ts=ts, kind="HIGH_AMBIGUITY", text=text, value=share))
        return tuple(found)


def intent_of(candidate: Candidate) -> Intent:
    """Return the intent with the prices of a candidate."""
    return Intent(
        is_long=candidate.is_long,
        entry=candidate.entry,
        stop=candidate.stop,
        tag=candidate.tag,
        tp1_half=candidate.tp1_half,
        tp2=candidate.tp2,
        boundary=candidate.boundary,
    )
