"""Orders of a Bybit demo account, which takes them over REST alone."""

import asyncio
import re
from typing import Any


TOO_MANY_VISITS = 10006
SAME_LINK_ID = 110072
# The venue's codes that are about an order: it has looked at it and does not take it.
ORDER_CODES = range(110000, 120000)
# With this start Nautilus's client takes a failure for the venue's own word.
REJECTED = "Order rejected: "
CODE = re.compile(r"Bybit error (\d{1,9}): (.*)", re.DOTALL)


class DemoOrders:
    """
    Stands before Nautilus's HTTP client and gives its failures the meaning they have on a socket.

    Nautilus's execution client takes every failure of a REST order for an unknown one and waits for
    reconciliation, so that a refused stop would be missing for many seconds. Here the venue's
    refusal of an order counts at once, and what the rate limit has refused (10006) is sent again
    after a wait: cancels and reduce-only orders, never an entry. An order that is sent again keeps
    its link id, which the venue takes once.

    Parameters
    ----------
    client : Any
        Nautilus's HTTP client; all but sending and cancelling of orders is its own.
    retries : int
        How often a request is sent again.
    delay_ms : int
        The wait (ms) before the first time; each further one takes twice as long.

    """

    def __init__(self, client: Any, retries: int, delay_ms: int) -> None:
        self._client = client
        self._retries = retries
        self._delay_ms = delay_ms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def submit_order(self, **fields: Any) -> Any:
        """
        Send an order.

        Raises
        ------
        RuntimeError
            If the venue refuses it, starting with "Order rejected: "; else if nobody knows.

        """
        retries = self._retries if fields.get("reduce_only") else 0
        try:
            return await self._again(self._client.submit_order, fields, retries)
        except Exception as error:
            code, text = code_of(error)
            is_refusal = code in ORDER_CODES or code == TOO_MANY_VISITS
            # An order whose first answer was lost is at the venue.
            if not is_refusal or code == SAME_LINK_ID:
                raise
            raise RuntimeError(f"{REJECTED}{text}") from error

    async def cancel_order(self, **fields: Any) -> Any:
        """
        Cancel an order.

        Raises
        ------
        RuntimeError
            If it was refused too often, or for another reason.

        """
        return await self._again(self._client.cancel_order, fields, self._retries)

    async def _again(self, send: Any, fields: dict[str, Any], retries: int) -> Any:
        for attempt in range(retries):
            try:
                return await send(**fields)
            except Exception as error:
                if code_of(error)[0] != TOO_MANY_VISITS:
                    raise
            await asyncio.sleep(self._delay_ms * min(attempt + 1, 2) / 1000)
        return await send(**fields)


def code_of(error: BaseException) -> tuple[int | None, str]:
    """Return the venue's code and text of a failed request; None where it has not answered."""
    # At the start alone: a failed look at an order that was taken is no refusal.
    found = CODE.match(str(error))
    return (None, str(error)) if found is None else (int(found[1]), found[2])
