"""What the order flow machine keeps over a restart."""

from typing import Annotated
from typing import Any

from msgspec import Meta
from msgspec import Struct
from msgspec import ValidationError
from msgspec import convert

from errors import AuctionError


class MachineState(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the machine between two bars.

    Parameters
    ----------
    last : int or None, default None
        The end of the bar that it took last (ns UTC).
    warm : bool, default False
        If enough bars had closed by then.
    entered : int or None, default None
        When the last entry was sent (ns UTC), for the cooldown.
    resting : dict[int, int], default {}
        How many bars each limit entry has rested, by the id of its trade.

    """

    last: int | None = None
    warm: bool = False
    entered: int | None = None
    resting: dict[int, Annotated[int, Meta(ge=0)]] = {}


def read_state(state: Any) -> MachineState:
    """
    Return the state of a machine from its plain values.

    Raises
    ------
    AuctionError
        If they are damaged or of another version.

    """
    try:
        return convert(state, MachineState, str_keys=True)
    except ValidationError as e:
        raise AuctionError(f"the saved state of order flow is not usable: {e}") from e
