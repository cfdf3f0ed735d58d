"""What the machine of the playbook keeps over a restart."""

from typing import Any

from msgspec import Struct
from msgspec import ValidationError
from msgspec import convert

from errors import AuctionError
from strategies.playbook.state import EngineState


class MachineState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents what the machine knows between two minutes.

    Parameters
    ----------
    last : int or None
        The minute that it took last (ns UTC).
    flat_from : int or None
        From when on nothing is held before the venue closes (ns UTC).
    engine : EngineState
        The attempt, and what it rests on.
    changed : dict[str, Any], default {}
        The settings that were changed while it ran, by name.

    """

    last: int | None
    flat_from: int | None
    engine: EngineState
    changed: dict[str, Any] = {}


def read_machine_state(state: Any) -> MachineState:
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
        raise AuctionError(f"the saved state of the playbook is not usable: {e}") from e
