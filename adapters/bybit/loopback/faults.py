"""Switches for faults of the venue."""

from collections import Counter
from dataclasses import dataclass
from dataclasses import field

from adapters.bybit.loopback.limits import too_many
from adapters.bybit.loopback.orders import VenueError


@dataclass(slots=True)
class RequestFault:
    """Represents substitute answers for the next requests of a path."""

    path: str
    times: int
    status: int = 200
    error: VenueError | None = None


@dataclass(slots=True, kw_only=True)
class FalseAnswer:
    """
    Represents answers to order requests that do not match the real outcome.

    Parameters
    ----------
    path : str
        The requests: `/v5/order/create` or `/v5/order/cancel`, by REST or by socket.
    purpose : str
        The orders: `E` entries, `S` stops, `X` exits; empty for all.
    times : int
        The number of requests.
    error : VenueError, optional
        The rejection that is returned; without it and `status` the answer is lost.
    status : int
        The HTTP status that is returned by REST; over a socket the answer is lost.
    after_s : float or None
        The delay after which the request is carried out (s); None for never.
    fills : bool
        If the market reaches the order of such a request at once.

    """

    path: str
    purpose: str
    times: int
    error: VenueError | None
    status: int
    after_s: float | None
    fills: bool


@dataclass
class Faults:
    """
    Holds the switches; a test may change them at any time.

    Attributes
    ----------
    refuse_connections : set[str]
        The sockets (`public`, `private`, `trade`) that answer a new connection with HTTP 503.
    refuse_auth : set[str]
        The sockets that reject every `auth`.
    duplicate : bool
        If each private message is sent twice.
    delay_s : float
        The delay of private messages (s).
    swap : bool
        If each private message is sent after the one that follows it.

    """

    refuse_connections: set[str] = field(default_factory=set)
    refuse_auth: set[str] = field(default_factory=set)
    duplicate: bool = False
    delay_s: float = 0.0
    swap: bool = False
    _withheld: Counter[str] = field(default_factory=Counter)
    _requests: list[RequestFault] = field(default_factory=list)
    _false_answers: list[FalseAnswer] = field(default_factory=list)

    def fail_requests(self, path: str, times: int = 1, status: int = 503) -> None:
        """Answer the next requests of a path (`/v5/order/create`) with an HTTP status."""
        self._requests.append(RequestFault(path, times, status=status))

    def refuse_requests(self, path: str, code: int, message: str, times: int = 1) -> None:
        """Answer the next requests of a path, by REST or by socket, with a `retCode`."""
        self._requests.append(RequestFault(path, times, error=VenueError(code, message)))

    def reject_orders(self, code: int, message: str, times: int = 1) -> None:
        """Reject the next new orders with a `retCode`."""
        self.refuse_requests("/v5/order/create", code, message, times)

    def limit_rate(self, path: str, times: int = 1) -> None:
        """Reject the next requests of a path with the rate limit code (10006)."""
        self._requests.append(RequestFault(path, times, error=too_many()))

    def answer_falsely(
        self,
        path: str,
        *,
        purpose: str = "",
        code: int = 0,
        message: str = "",
        status: int = 0,
        after_s: float | None = 0.0,
        fills: bool = False,
        times: int = 1,
    ) -> None:
        """
        Answer the next order requests with something other than their real outcome.

        Without a `retCode` and without an HTTP status the answer is lost. The fields are those of
        `FalseAnswer`.
        """
        self._false_answers.append(
            FalseAnswer(
                path=path,
                purpose=purpose,
                times=times,
                error=VenueError(code, message) if code else None,
                status=status,
                after_s=after_s,
                fills=fills,
            )
        )

    def false_answer(self, path: str, purpose: str) -> FalseAnswer | None:
        """Return and count the false answer of an order request; None for the true one."""
        for fault in self._false_answers:
            if fault.path == path and fault.times > 0 and fault.purpose in ("", purpose):
                fault.times -= 1
                return fault
        return None

    def withhold(self, topic: str, times: int) -> None:
        """Never send the next messages of a private topic (`order`, `execution`)."""
        self._withheld[topic] += times

    def request_fault(self, path: str, *, is_socket: bool = False) -> RequestFault | None:
        """Return and count the substitute answer of a request."""
        for fault in self._requests:
            if fault.path == path and fault.times > 0 and not (is_socket and fault.error is None):
                fault.times -= 1
                return fault
        return None

    def is_withheld(self, topic: str) -> bool:
        """Return True if a message is withheld, and count it."""
        if self._withheld[topic] <= 0:
            return False
        self._withheld[topic] -= 1
        return True
