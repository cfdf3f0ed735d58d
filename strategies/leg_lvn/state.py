"""What the machine of leg nodes keeps over a restart."""

from typing import Any

from msgspec import Struct
from msgspec import ValidationError
from msgspec import convert
from msgspec import field

from errors import AuctionError
from strategies.leg_lvn.nodes import NodeState


class MachineState(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the machine between two minutes.

    Parameters
    ----------
    last : int or None, default None
        The minute that it took last (ns UTC).
    warm : bool, default False
        If enough minutes had closed by then.
    known : NodeState
        The nodes and the pivots.
    retry_at : dict[str, int]
        When (ns UTC) a refused order may be proposed again, by its node.

    """

    last: int | None = None
    warm: bool = False
    known: NodeState = field(default_factory=NodeState)
    retry_at: dict[str, int] = {}


def read_state(state: Any) -> MachineState:
    """
    Return the state of a machine from its plain values.

    Raises
    ------
    AuctionError
        If they are damaged or of another version.

    """
    try:
        return convert(state, MachineState)
    except ValidationError as e:
        raise AuctionError(f"the saved state of leg nodes is not usable: {e}") from e
