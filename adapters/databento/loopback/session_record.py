"""The record of a session, for tests and logs."""

from dataclasses import dataclass
from dataclasses import field

from adapters.databento.loopback.control import Subscription


@dataclass(slots=True)
class SessionRecord:
    """
    Represents the state of a session, without the key.

    Attributes
    ----------
    number : int
        The session's id.
    client : str
        The name that the client reported.
    is_authenticated : bool
        Whether its key was accepted.
    subscriptions : list[Subscription]
        The subscriptions.
    records : int
        The number of market records sent.
    is_open : bool
        Whether the connection is open.

    """

    number: int
    client: str = ""
    is_authenticated: bool = False
    subscriptions: list[Subscription] = field(default_factory=list)
    records: int = 0
    is_open: bool = True
