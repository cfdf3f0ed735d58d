"""Orders of a Bybit demo account, which takes them over REST alone."""

import asyncio
from typing import Any

from adapters.bybit.order_answers import REJECTED
from adapters.bybit.order_answers import TOO_MANY_VISITS
from adapters.bybit.order_answers import OrderAnswer
from adapters.bybit.order_answers import answer_of
from adapters.bybit.order_answers import code_of


class OrderRefused(RuntimeError):
    """
    Represents a refusal as Nautilus's client expects it: its text starts with "Order rejected: ".

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
    Stands before Nautilus's HTTP client and gives its failures the meaning they have on a socket.

    Nautilus's execution client takes every failure of a REST order for an unknown one and waits for
    reconciliation, so that a refused stop would be missing for many seconds. Here an answer that
    proves that the order does not exist (`adapters.bybit.order_answers`) counts at once, and what
    the rate limit has refused (10006) is sent again after a wait: cancels and reduce-only orders,
    never an entry. An order that is sent again keeps its link id, which the venue takes once.

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
        OrderRefused
            If the venue refuses it.
        Exception
            If the answer proves nothing.

        """
        retries = self._retries if fields.get("reduce_only") else 0
        try:
            return await self._again(self._client.submit_order, fields, retries)
        except Exception as error:
            code, text = code_of(error)
            # Of what proves nothing nobody knows yet: the client looks for the order.
            if code is None or answer_of(error) not in (OrderAnswer.REFUSED, OrderAnswer.LIMITED):
                raise
            raise OrderRefused(code, text) from error

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
