"""The signal engine: one call per closed minute, one decision with its reason."""

from collections.abc import Mapping
from typing import Annotated
from typing import Any

import msgspec
from msgspec import Meta
from msgspec import Struct

from errors import AuctionError
from strategies.value_area.acceptance import AcceptanceTracker
from strategies.value_area.acceptance import Direction
from strategies.value_area.acceptance import Ending
from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.confirmation import confirms_breakout
from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams
from strategies.value_area.reasons import Reason
from strategies.value_area.reasons import Rejection
from strategies.value_area.reasons import Setup
from strategies.value_area.setups import Candidate
from strategies.value_area.setups import break_in
from strategies.value_area.setups import breakout
from strategies.value_area.setups import failed_breakout


class Signal(Struct, frozen=True, kw_only=True):
    """
    Represents the decision of one minute.

    Parameters
    ----------
    ts_min : int
        The UNIX timestamp (nanoseconds) of the start of the minute.
    reason : Reason
        The winning setup, or why there is none.
    flags : tuple[str, ...]
        The tags of all setups that are present, in alphabetical order, whether or not they win.
    events : tuple[str, ...]
        Events of the trackers, such as `UP_START` or `DOWN_RESET_INSIDE`.
    best : Candidate or None
        The trade of the winning setup.
    rejected : tuple[tuple[str, Rejection], ...]
        The tags whose prices cannot be traded, with the cause.
    up, down : OutsideSequence or None
        The sequences running after the minute, before a candidate is taken.

    """

    ts_min: int
    reason: Reason
    flags: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    best: Candidate | None = None
    rejected: tuple[tuple[str, Rejection], ...] = ()
    up: OutsideSequence | None = None
    down: OutsideSequence | None = None


class Sequences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Represents the running sequences of both trackers; at most one runs."""

    UP: OutsideSequence | None
    DOWN: OutsideSequence | None

    def __post_init__(self) -> None:
        if self.UP is not None and self.DOWN is not None:
            raise ValueError("sequences on both sides")


class EngineState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents a `SignalEngine` between two minutes.

    Parameters
    ----------
    last_ts_min : int or None
        The start of the last minute (ns UTC).
    sequences : Sequences
        The counts of the trackers.

    """

    last_ts_min: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None
    sequences: Sequences


def read_engine_state(plain: Any) -> EngineState:
    """
    Return the state that a snapshot holds, checked as a whole.

    Raises
    ------
    AuctionError
        If it is not a snapshot of this version.

    """
    try:
        return msgspec.convert(plain, EngineState)
    except msgspec.ValidationError as e:
        raise AuctionError(
            f"signal engine snapshot: {e}; it is of another version, start without it"
        ) from e


class SignalEngine:
    """
    Turns closed minutes into signals.

    The order within a minute is fixed: both trackers count, a new sequence starts and cancels one
    on the other side, then the setups are evaluated. A break-in wins over a failed breakout, that
    over a breakout; two of the same rank on opposite sides cancel out. A rejected candidate does
    not shade a lower one. At most one of the trackers has a sequence after a minute.

    Warm-up, position and cooldown play no part here: the caller gates the signal, and calls `take`
    for a candidate it acts on.

    Parameters
    ----------
    params : SignalParams
        The parameters.

    """

    def __init__(self, params: SignalParams) -> None:
        self.params = params
        self.up = AcceptanceTracker(Direction.UP, params)
        self.down = AcceptanceTracker(Direction.DOWN, params)
        self._last_ts_min: int | None = None

    def on_minute(self, minute: Minute) -> Signal:
        """
        Return the signal of the next minute.

        Without trades nothing moves. Without a valid value area running sequences go on, but none
        starts and there is no setup.

        Raises
        ------
        AuctionError
            If the minute is not later than the one before.

        """
        if self._last_ts_min is not None and minute.ts_min <= self._last_ts_min:
            raise AuctionError(
                f"minute {minute.ts_min}: not after minute {self._last_ts_min}; "
                "feed each minute once, in ascending order"
            )
        self._last_ts_min = minute.ts_min
        if minute.bar is None:
            return self._signal(minute, Reason.NO_BAR, [], [])
        tolerance = minute.tolerance(self.params.crossing_min_ticks)
        events = self._track(minute, minute.bar, tolerance)
        candidates: list[Candidate] = []
        missing = Reason.VA_INVALID
        if minute.value_area is not None:
            missing = Reason.NO_SETUP
            candidates = self._reversals(minute, minute.bar, minute.value_area, tolerance)
            candidates += self._breakouts(minute, minute.bar, tolerance, events)
        events += [
            f"{tracker.direction}_RESET_{tracker.ended}"
            for tracker in (self.up, self.down)
            if tracker.ended is not None
        ]
        return self._signal(minute, missing, candidates, events)

    def take(self, candidate: Candidate) -> None:
        """
        Record that the caller acts on a candidate: a breakout sequence then fires no more.

        Raises
        ------
        ValueError
            If the sequence of a breakout is no longer running.

        """
        if candidate.setup is Setup.BREAKOUT:
            (self.up if candidate.is_long else self.down).fire(candidate.boundary)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values, fit for JSON."""
        state = EngineState(
            last_ts_min=self._last_ts_min,
            sequences=Sequences(UP=self.up.sequence, DOWN=self.down.sequence),
        )
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return plain

    def restore(self, state: Mapping[str, Any]) -> None:
        """
        Continue from a snapshot taken with the same parameters.

        Raises
        ------
        AuctionError
            If the state is not a snapshot of this version.

        """
        restored = read_engine_state(state)
        self._last_ts_min = restored.last_ts_min
        self.up.sequence, self.down.sequence = restored.sequences.UP, restored.sequences.DOWN

    def _track(self, minute: Minute, bar: Bar, tolerance: int) -> list[str]:
        trackers = (self.up, self.down)
        events = [
            event
            for tracker in trackers
            for event in tracker.advance(minute.ts_min, bar, tolerance)
        ]
        if minute.value_area is None:
            return events
        for tracker, opposite in (trackers, trackers[::-1]):
            started = tracker.start(minute.ts_min, bar, minute.value_area, tolerance)
            events += started
            if started and opposite.sequence is not None:
                events.append(opposite.cancel())
        return events

    def _reversals(
        self,
        minute: Minute,
        bar: Bar,
        area: ValueArea,
        tolerance: int,
    ) -> list[Candidate]:
        found = []
        for tracker in (self.down, self.up):
            sign = -tracker.direction.sign
            if not tracker.was_out:
                found.append(break_in(minute, bar, area, sign, tolerance, self.params))
            elif tracker.ended is Ending.INSIDE and tracker.attempt is not None:
                found.append(failed_breakout(minute, bar, area, tracker.attempt, sign, self.params))
        return [candidate for candidate in found if candidate is not None]

    def _breakouts(
        self,
        minute: Minute,
        bar: Bar,
        tolerance: int,
        events: list[str],
    ) -> list[Candidate]:
        found = []
        for tracker in (self.up, self.down):
            sequence, sign = tracker.sequence, tracker.direction.sign
            if sequence is None or not sequence.accepted or sequence.fired:
                continue
            if sequence.pending or not self.params.enable_retest_mode:
                found.append(breakout(minute, bar, sequence, sign, tolerance, self.params))
            elif confirms_breakout(minute, bar, sign, self.params):
                events.append(tracker.await_retest(sequence))
        return [candidate for candidate in found if candidate is not None]

    def _signal(
        self,
        minute: Minute,
        missing: Reason,
        candidates: list[Candidate],
        events: list[str],
    ) -> Signal:
        ranks = list(Setup)
        candidates.sort(key=lambda candidate: ranks.index(candidate.setup))
        rejected = [(c.tag, c.rejection) for c in candidates if c.rejection is not None]
        tradable = [candidate for candidate in candidates if candidate.rejection is None]
        best = None
        if not tradable:
            reason = Reason(f"REJECTED_{rejected[0][1]}") if rejected else missing
        elif len(tradable) > 1 and tradable[0].setup is tradable[1].setup:
            reason = Reason.BOTH_SIDES
        else:
            best = tradable[0]
            reason = Reason(best.tag.upper())
        return Signal(
            ts_min=minute.ts_min,
            reason=reason,
            flags=tuple(sorted(candidate.tag for candidate in candidates)),
            events=tuple(events),
            best=best,
            rejected=tuple(rejected),
            up=self.up.sequence,
            down=self.down.sequence,
        )
