"""What is known of a session, for tests and logs."""

from dataclasses import dataclass
from dataclasses import field

from adapters.databento.loopback.control import Subscription


@dataclass(slots=True)
class SessionRecord:
    """
    Represents what is known of a session, but never the key.

    Attributes
    ----------
    number : int
        The session's id.
    client : str
        What the client said it is.
    is_authenticated : bool
        Whether its key was right.
    subscriptions : list[Subscription]
        What it asked for.
    records : int
        The market records sent.
    is_open : bool
        Whether the connection stands.

    """

    number: int
    client: str = ""
    is_authenticated: bool = False
    subscriptions: list[Subscription] = field(default_factory=list)
    records: int = 0
    is_open: bool = True
