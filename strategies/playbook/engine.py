"""The attempt machine: one closed minute in, what happened to the attempt out."""

from fractions import Fraction

from strategies.playbook.attempt import Attempt
from strategies.playbook.attempt import broken_and_kept
from strategies.playbook.attempt import deepest_touched
from strategies.playbook.attempt import started
from strategies.playbook.candidate import Candidate
from strategies.playbook.candidate import candidate_at
from strategies.playbook.events import Event
from strategies.playbook.events import Phase
from strategies.playbook.params import SignalParams
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.rows import Balance
from strategies.playbook.rows import ContextRow
from strategies.playbook.session_bars import LegNode
from strategies.playbook.session_bars import MinuteBar
from strategies.playbook.session_bars import SessionBars
from strategies.playbook.session_bars import far_extreme
from strategies.playbook.session_bars import profile_bins
from strategies.playbook.state import EngineState
from strategies.playbook.state import Outcome


REFUSED = {
    SetupRefusal.NOT_IMBALANCE: Event.NOT_IMBALANCE,
    SetupRefusal.NO_AGGRESSION: Event.NO_AGGRESSION,
    SetupRefusal.RR_TOO_LOW: Event.RR_TOO_LOW,
}


class AttemptEngine:
    """
    Follows one breakout attempt at a time, and finds the trades at the nodes of its leg.

    Within a minute: new extreme, imbalance, return inside, ready, entry. A new session ends the
    attempt and takes the balance of the last one.

    Parameters
    ----------
    params : SignalParams
        The rules.

    Attributes
    ----------
    params : SignalParams
        The rules.

    """

    def __init__(self, params: SignalParams) -> None:
        self.params = params
        self._state = EngineState(bars=SessionBars(), bin_ticks=params.leg_bin_ticks)

    @property
    def attempt(self) -> Attempt | None:
        """Return the running attempt."""
        return self._state.attempt

    @property
    def balance(self) -> Balance | None:
        """Return the balance of the session before."""
        return self._state.balance

    @property
    def session(self) -> int | None:
        """Return the start of the running session (ns UTC)."""
        return self._state.session

    @property
    def state(self) -> EngineState:
        """Return what it knows, to be kept at once: it goes on changing."""
        return self._state

    @property
    def pocs(self) -> tuple[int, ...]:
        """Return the POCs of the completed sessions, oldest first (ticks)."""
        return tuple(self._state.pocs)

    def step(self, row: ContextRow) -> Outcome:
        """Handle a closed minute."""
        state, params = self._state, self.params
        self._roll(row)
        first, volumes = profile_bins(row.ticks, row.lots, params.leg_bin_ticks)
        bar = MinuteBar(
            high=row.high, low=row.low, close=row.close, first_bin=first, volumes=volumes
        )
        before = state.bars.bars[-1].close if state.bars.bars else None
        state.bars.add(bar, params.atr_minutes)
        events: list[Event] = []
        candidate: Candidate | None = None
        if state.attempt is not None:
            follow = self._follow_reclaim if state.attempt.is_reclaim else self._follow_leg
            candidate = follow(row, bar, state.attempt, events)
        is_entered = candidate is not None and candidate.refusal is None
        if state.attempt is None and not is_entered and before is not None:
            self._find_start(row, bar, before, events)
        state.state = row.state
        self._forget()
        return Outcome(events=tuple(events), candidate=candidate)

    def change(self, params: SignalParams) -> None:
        """Use other rules from the next minute on; other bins end the running attempt."""
        self.params = params
        if self._state.bin_ticks != params.leg_bin_ticks:
            self.drop_attempt()

    def drop_attempt(self) -> None:
        """Drop the attempt and the minutes of its session, as after missing data."""
        self._state.attempt = None
        self._state.bars = SessionBars()
        self._state.bin_ticks = self.params.leg_bin_ticks
        self._state.state = "UNKNOWN"

    def restore(self, state: EngineState) -> None:
        """Resume from a state; an attempt whose profile has other bins is dropped."""
        self._state = state
        self.change(self.params)

    def _roll(self, row: ContextRow) -> None:
        state, balance = self._state, row.balance
        if row.session != state.session:
            self.drop_attempt()
            state.session = row.session
        state.balance = balance
        if balance is not None and (
            state.last_balance is None or balance.start > state.last_balance
        ):
            state.pocs.append(balance.poc)
            state.last_balance = balance.start
            del state.pocs[: -self.params.kept_balances]

    def _find_start(
        self, row: ContextRow, bar: MinuteBar, before: int, events: list[Event]
    ) -> None:
        balance, params = self._state.balance, self.params
        if balance is None:
            return
        side = (row.close > balance.vah) - (row.close < balance.val)
        edge = balance.edge(side)
        if side == 0 or side * (before - edge) > 0:
            return
        bars, i = self._state.bars, self._state.bars.last
        origin, origin_i = bars.origin(side, balance.poc, params.origin_minutes)
        attempt = Attempt(
            started=row.ts_min,
            side=side,
            edge=edge,
            poc=balance.poc,
            start=i,
            extreme=far_extreme(bar, side),
            extreme_i=i,
            origin=origin,
            origin_i=origin_i,
            latched=False,
            was_balance=self._state.state == "BALANCE",
        )
        attempt.latch(row)
        self._state.attempt = attempt
        events.append(started(side))

    def _follow_leg(
        self, row: ContextRow, bar: MinuteBar, attempt: Attempt, events: list[Event]
    ) -> Candidate | None:
        params, i = self.params, self._state.bars.last
        if attempt.extend(bar, i) and attempt.phase is Phase.READY:
            attempt.phase, attempt.nodes = Phase.LEG, ()
            events.append(Event.LEG_EXTENDS)
        attempt.latch(row)
        if not attempt.is_outside(row.close):
            if attempt.was_balance and i - attempt.start <= params.reclaim_minutes:
                attempt.start_reclaim(bar, i)
                events.append(Event.RECLAIM)
            else:
                self._end(Event.RETURN, events)
            return None
        if attempt.phase is Phase.LEG:
            if self._is_leg_ready(attempt, i):
                attempt.phase, attempt.since = Phase.READY, i
                found = self._nodes(attempt.origin_i, attempt.extreme_i)
                attempt.nodes = tuple(
                    node
                    for node in found
                    if (node.lo > attempt.edge if attempt.side > 0 else node.hi < attempt.edge)
                )
                events.append(Event.LEG_READY)
            return None
        if i - attempt.since > params.expiry_minutes:
            self._end(Event.EXPIRED, events)
            return None
        return self._find_entry(row, bar, attempt, events)

    def _follow_reclaim(
        self, row: ContextRow, bar: MinuteBar, attempt: Attempt, events: list[Event]
    ) -> Candidate | None:
        params, i = self.params, self._state.bars.last
        if i - attempt.since > params.expiry_minutes:
            self._end(Event.EXPIRED, events)
            return None
        if attempt.is_outside(row.close):
            self._end(Event.OUTSIDE_AGAIN, events)
            return None
        if attempt.side * (far_extreme(bar, -attempt.side) - attempt.poc) <= 0:
            self._end(Event.POC_REACHED, events)
            return None
        if attempt.extend_reclaim(bar, i):
            if attempt.phase is Phase.RECLAIM_READY:
                attempt.phase, attempt.nodes = Phase.RECLAIM_LEG, ()
                events.append(Event.RLEG_EXTENDS)
            return None
        if attempt.phase is Phase.RECLAIM_LEG:
            if i - attempt.reclaim_i >= params.stall_minutes:
                found = self._nodes(attempt.extreme_i, attempt.reclaim_i)
                attempt.nodes = tuple(
                    node
                    for node in found
                    if (node.lo > attempt.poc if attempt.side > 0 else node.hi < attempt.poc)
                )
                if not attempt.nodes:
                    self._end(Event.NO_NODE, events)
                    return None
                attempt.phase = Phase.RECLAIM_READY
                events.append(Event.RLEG_READY)
            return None
        return self._find_entry(row, bar, attempt, events)

    def _find_entry(
        self, row: ContextRow, bar: MinuteBar, attempt: Attempt, events: list[Event]
    ) -> Candidate | None:
        state, params = self._state, self.params
        side, tolerance = attempt.trade_side, params.touch_ticks
        broken, attempt.nodes = broken_and_kept(attempt.nodes, side, row.close, tolerance)
        if broken:
            events.append(Event.NODE_BROKEN)
        node = deepest_touched(attempt.nodes, side, bar, tolerance)
        if node is None:
            return None
        events.append(Event.TOUCH)
        candidate = candidate_at(row, attempt, node, state.pocs, params)
        if candidate.refusal is not None:
            events.append(REFUSED[candidate.refusal])
            return candidate
        self._end(Event.SIGNAL, events)
        return candidate

    def _is_leg_ready(self, attempt: Attempt, i: int) -> bool:
        if i - attempt.extreme_i < self.params.stall_minutes:
            return False
        atr = self._state.bars.atr(self.params.atr_minutes)
        length = abs(attempt.extreme - attempt.origin)
        return atr is not None and length >= Fraction(self.params.min_leg_atr) * atr

    def _nodes(self, first: int, last: int) -> tuple[LegNode, ...]:
        params = self.params
        return self._state.bars.nodes(first, last, params.leg_bin_ticks, Fraction(params.lvn_ratio))

    def _end(self, event: Event, events: list[Event]) -> None:
        self._state.attempt = None
        events.append(event)

    def _forget(self) -> None:
        bars, attempt = self._state.bars, self._state.attempt
        first = bars.last - self.params.origin_minutes
        bars.forget_before(first if attempt is None else min(first, attempt.origin_i))
