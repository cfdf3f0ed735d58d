"""The rule by which an order of which nothing certain is known is looked for, or given up."""

from dataclasses import dataclass
from enum import Enum


# Before the first looks (s), then one by one with the last pause: a position may lie naked.
PAUSES_S = (0.1, 0.25, 0.5)
# An entry that protects nothing and closes nothing has time.
ENTRY_PAUSE_S = 1.0
RESENDS = 8
LOOKS = 3
# A time stamp may be as much ahead of the venue's clock (s).
AHEAD_S = 1.0


class Step(Enum):
    """Represents what follows from a look that did not find the order."""

    LOOK = "look again"
    REFUSED = "the venue has refused a copy, and has none"
    RESEND = "send it once more, with the same link id"
    GIVE_UP = "it does not work and never will"


@dataclass(slots=True)
class OrderSearch:
    """
    Decides about an order whose answer is missing, or proves nothing.

    A look asks the venue for the order by its link id, among open and closed ones, and for its
    fills. One that finds nothing is no proof: the venue may take the order a moment later. So:

    - A reduce-only order is sent again by REST after each look without it, eight times at most,
      with the same link id: the venue takes an id once, so the two copies never both work.
    - A copy that the venue's engine refuses (110000 to 119999) stands for all of them, once another
      look has not found the order.
    - A stop that is still missing after its last copy is given up: its position lies naked, and two
      stops cannot open anything.
    - Another order is given up when it can never work: three looks in a row, each of them answered,
      have not found it after its last copy has expired. The venue refuses a request whose time
      stamp is older than the receive window; the stamp may be a second ahead of its clock.

    An order that works nevertheless, because the venue had read it in time and took longer than
    that to act, is a ghost: the periodic look at the open orders cancels it
    (`live.ghosts`).

    Parameters
    ----------
    sent_at : float
        When the last copy left (s, monotonic).
    window_s : float
        The receive window of requests (s).

    Attributes
    ----------
    is_leaving : bool
        If the request has not left yet: its time stamp is still to be made.
    refusal : str or None
        Why the venue's engine has refused a further copy.

    """

    sent_at: float
    window_s: float
    looks: int = 0
    resends: int = 0
    misses: int = 0
    is_leaving: bool = False
    refusal: str | None = None

    def pause_s(self, *, is_reduce_only: bool) -> float:
        """Return the time until the next look, and count it."""
        self.looks += 1
        if self.looks > len(PAUSES_S) and not is_reduce_only:
            return ENTRY_PAUSE_S
        return PAUSES_S[min(self.looks, len(PAUSES_S)) - 1]

    def sent_again(self, now: float) -> None:
        """Take note that another copy has left."""
        self.sent_at = now
        self.resends += 1
        self.misses = 0

    def missed(self, now: float, *, is_reduce_only: bool, is_stop: bool) -> Step:
        """Return what follows from a look, answered at a time, that did not find the order."""
        if self.refusal is not None:
            return Step.REFUSED
        if is_reduce_only and self.resends < RESENDS:
            return Step.RESEND
        if is_reduce_only and is_stop:
            return Step.GIVE_UP
        if self.is_leaving or now <= self.sent_at + self.window_s + AHEAD_S:
            return Step.LOOK
        self.misses += 1
        return Step.GIVE_UP if self.misses >= LOOKS else Step.LOOK
