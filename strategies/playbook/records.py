"""What the machine of the playbook reports beside its decisions."""

from msgspec import Struct

from strategies.playbook.attempt import Attempt
from strategies.playbook.attempt import broken_and_kept
from strategies.playbook.candidate import Candidate
from strategies.playbook.events import Event
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.rows import ContextRow
from strategies.playbook.session_bars import LegNode
from strategies.playbook.state import Outcome


ENDS = (
    Event.RETURN,
    Event.NO_NODE,
    Event.OUTSIDE_AGAIN,
    Event.POC_REACHED,
    Event.EXPIRED,
    Event.SIGNAL,
)
TOUCHES = (Event.TOUCH, Event.NOT_IMBALANCE, Event.NO_AGGRESSION, Event.RR_TOO_LOW)


class AttemptRecord(Struct, frozen=True, kw_only=True):
    """
    Represents one event of an attempt; prices in ticks.

    Parameters
    ----------
    ts_min : int
        The minute of the event (ns UTC).
    started : int
        The minute of the attempt's start (ns UTC), by which it is known.
    event : Event
        What happened.
    phase : str or None
        What it waits for then; None once it has ended.
    side : int
        +1 above the balance, -1 below it.
    edge, poc, origin, extreme : int
        The boundary that was left, the POC of the balance, begin and end of the leg.
    latched : bool
        If there was an imbalance in its direction.
    nodes : int
        The nodes that a pullback may touch.

    """

    ts_min: int
    started: int
    event: Event
    phase: str | None
    side: int
    edge: int
    poc: int
    origin: int
    extreme: int
    latched: bool
    nodes: int


class NodeRecord(Struct, frozen=True, kw_only=True):
    """
    Represents one event of a node: FOUND, TOUCHED, BROKEN, SIGNAL or DROPPED.

    Parameters
    ----------
    ts_min : int
        The minute of the event (ns UTC).
    started : int
        The minute of the attempt's start (ns UTC).
    event : str
        What happened.
    side : int
        The side of the trade at it.
    node : LegNode
        The node.

    """

    ts_min: int
    started: int
    event: str
    side: int
    node: LegNode


class SetupRecord(Struct, frozen=True, kw_only=True):
    """
    Represents a signal or its refusal, with what was missing.

    Parameters
    ----------
    row : ContextRow
        The minute.
    candidate : Candidate
        The trade.
    refusal : SetupRefusal or None
        Why it is not entered; None for a signal.
    missing : str
        What it lacks, for a reader.

    """

    row: ContextRow
    candidate: Candidate
    refusal: SetupRefusal | None
    missing: str


def attempt_records(
    ts_min: int,
    events: tuple[Event, ...],
    attempt: Attempt,
) -> tuple[AttemptRecord, ...]:
    """
    Return a record of each event of an attempt but touches, which the signals have.

    Parameters
    ----------
    ts_min : int
        The minute of the events (ns UTC).
    events : tuple[Event, ...]
        What happened to it.
    attempt : Attempt
        The attempt after it.

    """
    return tuple(
        AttemptRecord(
            ts_min=ts_min,
            started=attempt.started,
            event=event,
            phase=None if event in ENDS else attempt.phase,
            side=attempt.side,
            edge=attempt.edge,
            poc=attempt.poc,
            origin=attempt.origin,
            extreme=attempt.extreme,
            latched=attempt.latched,
            nodes=len(attempt.nodes),
        )
        for event in events
        if event not in TOUCHES
    )


def node_records(
    row: ContextRow,
    attempt: Attempt,
    side: int,
    before: tuple[LegNode, ...],
    found: Outcome,
    tolerance: int,
) -> tuple[NodeRecord, ...]:
    """
    Return what has become of the nodes of an attempt within a minute.

    Parameters
    ----------
    row : ContextRow
        The minute.
    attempt : Attempt
        The attempt after it.
    side : int
        The side of the trade at the nodes of before.
    before : tuple[LegNode, ...]
        The nodes before it.
    found : Outcome
        What the minute has brought.
    tolerance : int
        How far beyond the far side of a node a close breaks it (ticks).

    """
    touched = None if found.candidate is None else found.candidate.node
    kept = before
    if Event.NODE_BROKEN in found.events:
        kept = broken_and_kept(before, side, row.close, tolerance)[1]
    after = () if any(event in ENDS for event in found.events) else attempt.nodes
    changes: list[tuple[str, LegNode]] = []
    for node in before:
        if node not in kept:
            changes.append(("BROKEN", node))
        elif node == touched:
            changes.append(("SIGNAL" if Event.SIGNAL in found.events else "TOUCHED", node))
        elif node not in after:
            changes.append(("DROPPED", node))
    changes += [("FOUND", node) for node in after if node not in before]
    return tuple(
        NodeRecord(
            ts_min=row.ts_min,
            started=attempt.started,
            event=event,
            side=attempt.trade_side if event == "FOUND" else side,
            node=node,
        )
        for event, node in changes
    )
