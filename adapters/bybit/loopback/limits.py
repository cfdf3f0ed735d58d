"""Request limits of the venue."""

from collections import deque

from adapters.bybit.loopback.orders import VenueError


TOO_MANY = 10006
WINDOW_MS = 1000
ORDERS_PER_SECOND = 10
REQUESTS_PER_SECOND = 50
TRADE_REQUESTS = ("/v5/order/create", "/v5/order/amend", "/v5/order/cancel", "/v5/order/cancel-all")


class RateLimits:
    """
    Counts requests in windows of one second for each kind of request.

    Parameters
    ----------
    orders_per_second : int
        The limit of each kind of order request; others have the venue's 50.

    """

    def __init__(self, orders_per_second: int = ORDERS_PER_SECOND) -> None:
        self._orders_per_second = orders_per_second
        self._times: dict[str, deque[int]] = {}

    def count(self, name: str, now_ms: int) -> tuple[dict[str, str], bool]:
        """
        Count a request.

        Parameters
        ----------
        name : str
            The path of the endpoint.
        now_ms : int
            The time (ms).

        Returns
        -------
        tuple[dict[str, str], bool]
            The headers of the answer (limit, remaining requests, time of the reset), and whether
            the request exceeds the limit, in which case it is not counted.

        """
        is_order = name in TRADE_REQUESTS
        limit = self._orders_per_second if is_order else REQUESTS_PER_SECOND
        times = self._times.setdefault(name, deque())
        while times and times[0] <= now_ms - WINDOW_MS:
            times.popleft()
        is_over = len(times) >= limit
        if not is_over:
            times.append(now_ms)
        headers = {
            "X-Bapi-Limit": str(limit),
            "X-Bapi-Limit-Status": str(limit - len(times)),
            "X-Bapi-Limit-Reset-Timestamp": str(times[0] + WINDOW_MS),
        }
        return headers, is_over


def too_many() -> VenueError:
    """Return the venue's rejection of a request over the limit."""
    return VenueError(TOO_MANY, "Too many visits!")
