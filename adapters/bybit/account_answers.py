"""Answers a strategy's question for what the venue itself has."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from typing import Protocol

from adapters.bybit.account_query import AccountQuery
from errors import AuctionError


# The name that `actors.requests` gives to the question.
VENUE_ACCOUNT = "Venue.account.{}"


class Question(Protocol):
    """Asks for what the venue has of an instrument, and takes the answer."""

    instrument_id: Any
    on_answer: "Callable[[Any], None] | None"
    failure: str

    def answer(
        self, position: Decimal, average: Decimal | None, orders: list[dict[str, Any]]
    ) -> None:
        """Take the answer."""


class AccountAnswers:
    """
    Puts questions to the venue: in a thread, or at once where the sender waits.

    Parameters
    ----------
    query : AccountQuery
        Asks the venue.
    create_task : Callable[[Coroutine], Any]
        Runs a coroutine on the event loop of the node.

    """

    def __init__(
        self, query: AccountQuery, create_task: Callable[[Coroutine[Any, Any, None]], Any]
    ) -> None:
        self._query = query
        self._create_task = create_task

    def take(self, question: Question) -> None:
        """Take a question; one without `on_answer` has its answer when this returns."""
        if question.on_answer is None:
            self._ask(question)
        else:
            self._create_task(self._ask_in_thread(question, question.on_answer))

    async def _ask_in_thread(
        self, question: Question, on_answer: Callable[[Question], None]
    ) -> None:
        await asyncio.to_thread(self._ask, question)
        on_answer(question)

    def _ask(self, question: Question) -> None:
        symbol, _, category = question.instrument_id.symbol.value.rpartition("-")
        try:
            account = self._query.ask(category.lower(), symbol)
        except AuctionError as error:
            question.failure = str(error)
        else:
            orders = [asdict(order) for order in account.orders]
            question.answer(account.position, account.average, orders)
