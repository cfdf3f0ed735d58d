"""Orders of a Bybit demo account, which accepts them only over REST."""

import asyncio
from typing import Any

from adapters.bybit.order_answers import REJECTED
from adapters.bybit.order_answers import TOO_MANY_VISITS
from adapters.bybit.order_answers import OrderAnswer
from adapters.bybit.order_answers import answer_of
from adapters.bybit.order_answers import code_of


class OrderRefused(RuntimeError):
    """
    Represents a rejection as Nautilus's client expects it, with the prefix "Order rejected: ".

    Parameters
    ----------
    code : int or None
        The venue's code.
    text : str
        Its reason.

    """

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(f"{REJECTED}{text}")
        self.code = code


class DemoOrders:
    """
    Wraps Nautilus's HTTP client and gives its failures the meaning they have on a socket.

    Nautilus's execution client takes every failure of a REST order for an unknown outcome and waits
    for reconciliation, so that a rejected stop would be missing for many seconds. Here an answer
    that proves that the order does not exist (`adapters.bybit.order_answers`) counts at once, and
    requests that the rate limit rejected (10006) are sent again after a pause: cancels and
    reduce-only orders, never an entry. A resent order keeps its link id, which the venue accepts
    once.

    Parameters
    ----------
    client : Any
        Nautilus's HTTP client; all but submitting and canceling of orders is passed on to it.
    retries : int
        The number of retries of a request.
    delay_ms : int
        The pause (ms) before the first retry; each further one takes twice as long.

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
        OrderRefused
            If the venue rejects it.
        Exception
            If the answer is inconclusive.

        """
        retries = self._retries if fields.get("reduce_only") else 0
        try:
            return await self._again(self._client.submit_order, fields, retries)
        except Exception as error:
            code, text = code_of(error)
            # After an inconclusive answer the client queries the order.
            if code is None or answer_of(error) not in (OrderAnswer.REFUSED, OrderAnswer.LIMITED):
                raise
            raise OrderRefused(code, text) from error

    async def cancel_order(self, **fields: Any) -> Any:
        """
        Cancel an order.

        Raises
        ------
        RuntimeError
            If it was rejected too often, or for another reason.

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
