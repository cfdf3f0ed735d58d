"""Acceptance of price outside the value area, counted in closes."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams


NANOSECONDS_IN_MINUTE = 60_000_000_000


class Direction(StrEnum):
    """Represents the side of the value area on which price is accepted."""

    UP = "UP"
    DOWN = "DOWN"

    @property
    def sign(self) -> int:
        """Return +1 for UP (beyond VAH), -1 for DOWN (beyond VAL)."""
        return 1 if self is Direction.UP else -1


class Ending(StrEnum):
    """Represents the position of the close that ended a sequence: inside the boundary or at it."""

    INSIDE = "INSIDE"
    AT = "AT"


class TrackerState(StrEnum):
    """Represents the progress of a tracker."""

    IDLE = "IDLE"
    OUTSIDE = "OUTSIDE"
    ACCEPTED = "ACCEPTED"
    PENDING_RETEST = "PENDING_RETEST"
    FIRED = "FIRED"


class OutsideSequence(Struct, frozen=True, kw_only=True):
    """
    Represents a run of closes beyond a locked boundary.

    Parameters
    ----------
    started_ns : int
        The UNIX timestamp (nanoseconds) of the minute that started it.
    boundary : int
        The VAH or VAL (ticks) of that minute; later value areas do not move it.
    extreme : int
        The highest high (UP) or lowest low (DOWN) of its bars in ticks.
    closes : int
        The closes beyond the boundary.
    count : int
        Those of them that the crossing validation lets count.
    validated : bool
        If a bar of the sequence has traded at the boundary.
    accepted : bool
        If the count has reached `accept_outside_k`.
    pending : bool
        If the breakout is confirmed and waits for a retest.
    fired : bool
        If a breakout of this sequence has been taken.

    """

    started_ns: int
    boundary: int
    extreme: int
    closes: int = 0
    count: int = 0
    validated: bool = False
    accepted: bool = False
    pending: bool = False
    fired: bool = False

    @property
    def state(self) -> TrackerState:
        """Return the progress of the sequence."""
        if self.fired:
            return TrackerState.FIRED
        if self.pending:
            return TrackerState.PENDING_RETEST
        return TrackerState.ACCEPTED if self.accepted else TrackerState.OUTSIDE


class AcceptanceTracker:
    """
    Counts closes beyond one edge of the value area.

    A sequence starts at the first close strictly beyond the edge, which is then locked as its
    boundary. Each further close beyond the boundary counts once the sequence has traded at it; one
    close inside or at the boundary ends it. Only closes decide, wicks do not.

    A sequence expires with the bar that begins `seq_max_minutes` after its first: nothing of the
    volume that made its boundary is in the value area any more. A close outside may start another
    sequence on that bar. A close inside is no setup: a boundary that has expired cannot fail, and
    a break-in is an excursion within one bar, while here the closes before lay outside, so that a
    stop behind this bar alone would lie within the excursion. From the next bar on the side is
    judged as if there had been no sequence.

    Parameters
    ----------
    direction : Direction
        The edge: UP for VAH, DOWN for VAL.
    params : SignalParams
        The parameters.

    Attributes
    ----------
    sequence : OutsideSequence or None
        The running sequence.
    was_out : bool
        If a sequence was running before the latest bar, also one that has expired with it.
    ended : Ending or None
        The way in which the latest bar ended the sequence.
    attempt : OutsideSequence or None
        The sequence that the latest bar ended, including that bar's extreme.

    """

    def __init__(self, direction: Direction, params: SignalParams) -> None:
        self.direction = direction
        self.sequence: OutsideSequence | None = None
        self.was_out = False
        self.ended: Ending | None = None
        self.attempt: OutsideSequence | None = None
        self._sign = direction.sign
        self._params = params

    @property
    def state(self) -> TrackerState:
        """Return the progress of the tracker."""
        return TrackerState.IDLE if self.sequence is None else self.sequence.state

    def advance(self, ts_min: int, bar: Bar, tolerance: int) -> list[str]:
        """Expire, continue or end the running sequence with a bar; return the events to report."""
        sequence = self.sequence
        self.was_out = sequence is not None
        self.ended = None
        self.attempt = None
        if sequence is None:
            return []
        if ts_min - sequence.started_ns >= self._params.seq_max_minutes * NANOSECONDS_IN_MINUTE:
            self.sequence = None
            return [f"{self.direction}_EXPIRED"]
        beyond = self._sign * (bar.close - sequence.boundary)
        if beyond <= 0:
            self.sequence = None
            self.ended = Ending.INSIDE if beyond < 0 else Ending.AT
            self.attempt = replace(sequence, extreme=self._extreme(sequence, bar))
            return []
        return self._count(sequence, bar, tolerance)

    def start(self, ts_min: int, bar: Bar, area: ValueArea, tolerance: int) -> list[str]:
        """Start a sequence if the bar closes beyond the edge; return the events to report."""
        if self.sequence is not None or self.ended is not None:
            return []
        sign = self._sign
        boundary = area.edge(sign)
        if sign * (bar.close - boundary) <= 0:
            return []
        first = OutsideSequence(started_ns=ts_min, boundary=boundary, extreme=bar.extreme(sign))
        return [f"{self.direction}_START", *self._count(first, bar, tolerance)]

    def cancel(self) -> str:
        """Drop the running sequence; return the event to report."""
        self.sequence = None
        return f"{self.direction}_CANCELLED"

    def await_retest(self, sequence: OutsideSequence) -> str:
        """Put the running sequence to waiting for a retest; return the event to report."""
        self.sequence = replace(sequence, pending=True)
        return f"{self.direction}_PENDING_RETEST"

    def fire(self, boundary: int | None) -> None:
        """
        Mark the running sequence as traded.

        Raises
        ------
        ValueError
            If no sequence is running on that boundary.

        """
        if self.sequence is None or self.sequence.boundary != boundary:
            raise ValueError(f"no {self.direction} sequence is running on boundary {boundary}")
        self.sequence = replace(self.sequence, pending=False, fired=True)

    def _count(self, sequence: OutsideSequence, bar: Bar, tolerance: int) -> list[str]:
        crossed = bar.traded_within(sequence.boundary, tolerance)
        validated = sequence.validated or crossed
        counts = crossed if self._params.crossing_mode == "each_bar" else validated
        count = sequence.count + counts
        accepted = count >= self._params.accept_outside_k
        self.sequence = replace(
            sequence,
            extreme=self._extreme(sequence, bar),
            closes=sequence.closes + 1,
            count=count,
            validated=validated,
            accepted=accepted,
        )
        return [f"{self.direction}_ACCEPTED"] if accepted and not sequence.accepted else []

    def _extreme(self, sequence: OutsideSequence, bar: Bar) -> int:
        sign = self._sign
        return sign * max(sign * sequence.extreme, sign * bar.extreme(sign))
