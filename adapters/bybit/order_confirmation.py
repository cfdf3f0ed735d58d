"""The rule for confirming, resending or abandoning an order with an unknown outcome."""

from dataclasses import dataclass
from enum import Enum


# Before the first queries (s); the last pause repeats: the position may be unprotected.
PAUSES_S = (0.1, 0.25, 0.5)
# An entry neither protects nor closes a position: no hurry.
ENTRY_PAUSE_S = 1.0
RESENDS = 8
QUERIES = 3
# A time stamp may be ahead of the venue's clock by this much (s).
AHEAD_S = 1.0


class Step(Enum):
    """Represents the next step after a query that did not find the order."""

    QUERY = "query again"
    REFUSED = "the venue rejected a copy and does not have the order"
    RESEND = "send it again with the same link id"
    ABANDON = "it is not working and never will"


@dataclass(slots=True)
class OrderConfirmation:
    """
    Decides the next step for an order whose acknowledgement is missing or inconclusive.

    Each query requests the order by its link id, among open and closed orders, and its fills. Not
    finding it is no proof: the venue may accept the order a moment later. So:

    - A reduce-only order is sent again by REST after each query that did not find it, at most eight
      times, with the same link id: the venue accepts an id once, so two copies never both work.
    - A rejection of one copy by the venue's engine (110000 to 119999) counts for all of them, once
      another query has not found the order.
    - A stop that is still missing after its last copy is abandoned: its position is unprotected,
      and two stops cannot open anything.
    - Any other order is abandoned when it can no longer become active: three answered queries in a
      row have not found it after its last copy expired. The venue rejects a request whose time
      stamp is older than the receive window; the stamp may be a second ahead of its clock.

    An order that becomes active nevertheless, because the venue read it in time and took longer
    than that to act, is a ghost order: the periodic check of open orders cancels it
    (`live.ghosts`).

    Parameters
    ----------
    sent_at : float
        When the last copy was sent (s, monotonic).
    window_s : float
        The receive window of requests (s).

    Attributes
    ----------
    is_leaving : bool
        If the request is not sent yet: it has no time stamp.
    refusal : str or None
        The reason for which the venue's engine rejected another copy.

    """

    sent_at: float
    window_s: float
    queries: int = 0
    resends: int = 0
    misses: int = 0
    is_leaving: bool = False
    refusal: str | None = None

    def pause_s(self, *, is_reduce_only: bool) -> float:
        """Return the time until the next query (s), and count the query."""
        self.queries += 1
        if self.queries > len(PAUSES_S) and not is_reduce_only:
            return ENTRY_PAUSE_S
        return PAUSES_S[min(self.queries, len(PAUSES_S)) - 1]

    def record_resend(self, now: float) -> None:
        """Record that another copy was sent."""
        self.sent_at = now
        self.resends += 1
        self.misses = 0

    def next_step(self, now: float, *, is_reduce_only: bool, is_stop: bool) -> Step:
        """Return the next step after a query, answered at a time, that did not find the order."""
        if self.refusal is not None:
            return Step.REFUSED
        if is_reduce_only and self.resends < RESENDS:
            return Step.RESEND
        if is_reduce_only and is_stop:
            return Step.ABANDON
        if self.is_leaving or now <= self.sent_at + self.window_s + AHEAD_S:
            return Step.QUERY
        self.misses += 1
        return Step.ABANDON if self.misses >= QUERIES else Step.QUERY
