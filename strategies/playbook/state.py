"""What the attempt machine knows between two minutes, and what one minute has brought."""

from msgspec import Struct

from strategies.playbook.attempt import Attempt
from strategies.playbook.candidate import Candidate
from strategies.playbook.events import Event
from strategies.playbook.rows import Balance
from strategies.playbook.session_bars import SessionBars


class Outcome(Struct, frozen=True, kw_only=True):
    """
    Represents what one minute has brought.

    Parameters
    ----------
    events : tuple[Event, ...]
        What happened to the attempt, in the order of the tests.
    candidate : Candidate or None
        The trade at a touched node, with its refusal if it has one.

    """

    events: tuple[Event, ...] = ()
    candidate: Candidate | None = None


class EngineState(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Represents what the engine knows between two minutes.

    Parameters
    ----------
    session : int or None
        The start of the running session (ns UTC).
    bars : SessionBars
        Its minutes.
    state : str
        The state of the market in the last of them.
    attempt : Attempt or None
        The running attempt.
    balance : Balance or None
        The balance of the session before.
    pocs : list[int]
        The POCs of the completed sessions, oldest first (ticks).
    last_balance : int or None
        The start of the last session of `pocs` (ns UTC).
    bin_ticks : int
        The width of the bins in `bars` (ticks).

    """

    bars: SessionBars
    bin_ticks: int
    session: int | None = None
    state: str = "UNKNOWN"
    attempt: Attempt | None = None
    balance: Balance | None = None
    pocs: list[int] = []
    last_balance: int | None = None
