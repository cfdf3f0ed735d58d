"""Serves the requests of strategies for position and open orders at the venue."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from typing import Protocol

from adapters.bybit.account_query import AccountQuery
from errors import AuctionError


# The endpoint to which `actors.requests` sends the request.
VENUE_ACCOUNT = "Venue.account.{}"


class AccountRequest(Protocol):
    """Represents a request for position and open orders of an instrument."""

    instrument_id: Any
    on_answer: "Callable[[Any], None] | None"
    failure: str

    def answer(
        self, position: Decimal, average: Decimal | None, orders: list[dict[str, Any]]
    ) -> None:
        """Take the answer."""


class AccountAnswers:
    """
    Forwards requests to the venue: in a thread, or blocking where the sender waits.

    Parameters
    ----------
    query : AccountQuery
        The client that queries the venue.
    create_task : Callable[[Coroutine], Any]
        Runs a coroutine on the event loop of the node.

    """

    def __init__(
        self, query: AccountQuery, create_task: Callable[[Coroutine[Any, Any, None]], Any]
    ) -> None:
        self._query = query
        self._create_task = create_task

    def take(self, request: AccountRequest) -> None:
        """Take a request; one without `on_answer` is answered when this returns."""
        if request.on_answer is None:
            self._query_account(request)
        else:
            self._create_task(self._query_in_thread(request, request.on_answer))

    async def _query_in_thread(
        self, request: AccountRequest, on_answer: Callable[[AccountRequest], None]
    ) -> None:
        await asyncio.to_thread(self._query_account, request)
        on_answer(request)

    def _query_account(self, request: AccountRequest) -> None:
        symbol, _, category = request.instrument_id.symbol.value.rpartition("-")
        try:
            account = self._query.fetch(category.lower(), symbol)
        except AuctionError as error:
            request.failure = str(error)
        else:
            orders = [asdict(order) for order in account.orders]
            request.answer(account.position, account.average, orders)
