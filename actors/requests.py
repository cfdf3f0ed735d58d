"""What components may ask of one another, over the bus."""

from dataclasses import dataclass


LAST_SNAPSHOT = "Journal.last_snapshot"
POSITION_LOOK = "Node.position_look"


@dataclass(frozen=True, slots=True)
class PositionLook:
    """
    Represents the question what position the venue has, for a strategy that doubts its own.

    The answer goes to the strategy's `on_position_found`.

    Parameters
    ----------
    strategy_id : str
        The strategy.

    """

    strategy_id: str


@dataclass(slots=True)
class SnapshotRequest:
    """
    Represents the question for the last state of a strategy; the journal fills in the answer.

    Parameters
    ----------
    strategy_id : str
        The strategy.
    state : str or None
        The answer: the state as a strategy published it; None without one.
    failure : str or None
        Why there is no answer, where the journal could not look.

    """

    strategy_id: str
    state: str | None = None
    failure: str | None = None
