"""What the venue itself holds of a strategy's instrument, asked over the node's bus."""

import asyncio
from decimal import Decimal
from typing import Any

from actors.requests import VENUE_ACCOUNT
from actors.requests import AccountQuestion
from errors import AuctionError
from strategies.common.nautilus.strategy import TradingStrategy


ANSWER_S = 10.0


def can_be_asked(msgbus: Any, strategy: TradingStrategy) -> bool:
    """Return True if a client can ask the venue; a simulated one is the cache."""
    endpoint = VENUE_ACCOUNT.format(strategy.config.instrument_id.venue)
    return endpoint in msgbus.endpoints()


async def held_at_venue(msgbus: Any, strategy: TradingStrategy) -> tuple[Decimal, Decimal | None]:
    """
    Return the signed position of the account and its average price, by the venue.

    Raises
    ------
    AuctionError
        If it does not answer.

    """
    instrument_id = strategy.config.instrument_id
    answered: asyncio.Future[AccountQuestion] = asyncio.get_running_loop().create_future()

    def take(question: AccountQuestion) -> None:
        if not answered.done():
            answered.set_result(question)

    msgbus.send(VENUE_ACCOUNT.format(instrument_id.venue), AccountQuestion(instrument_id, take))
    try:
        question = await asyncio.wait_for(answered, ANSWER_S)
    except TimeoutError:
        raise AuctionError(f"{instrument_id}: the venue does not answer") from None
    if question.position is None:
        raise AuctionError(f"{instrument_id}: {question.failure}")
    return question.position, question.average
