"""Orders at the venue of an evaluation."""

from dataclasses import dataclass
from typing import Any

from adapters.simulated.rules.resting import RestingLimit
from strategies.common.commands import Submit


@dataclass(slots=True, eq=False)
class VenueOrder:
    """
    Represents an order from its sending to its end.

    Attributes
    ----------
    command : Submit
        What it is.
    owner : Any
        The strategy that has sent it.
    leaves : int
        The lots that are not filled.
    is_working, is_closed : bool
        If the venue has accepted it, and if it has ended.
    resting : RestingLimit or None
        The place of a limit order in the queue.
    liquidity_side : Any
        How it was last filled, in Nautilus's terms.

    """

    command: Submit
    owner: Any
    leaves: int
    is_working: bool = False
    is_closed: bool = False
    resting: RestingLimit | None = None
    liquidity_side: Any = None
