"""Queries for the position at the venue, over the node's message bus."""

import asyncio
from decimal import Decimal
from typing import Any

from actors.requests import VENUE_ACCOUNT
from actors.requests import AccountRequest
from errors import AuctionError
from strategies.common.nautilus.strategy import TradingStrategy


ANSWER_S = 10.0


def can_query(msgbus: Any, strategy: TradingStrategy) -> bool:
    """Return True if a client can query the venue; a simulated venue has its state in the cache."""
    endpoint = VENUE_ACCOUNT.format(strategy.config.instrument_id.venue)
    return endpoint in msgbus.endpoints()


async def query_venue_position(
    msgbus: Any, strategy: TradingStrategy
) -> tuple[Decimal, Decimal | None]:
    """
    Return the signed position of the account and its average price at the venue.

    Raises
    ------
    AuctionError
        If the venue does not answer.

    """
    instrument_id = strategy.config.instrument_id
    answered: asyncio.Future[AccountRequest] = asyncio.get_running_loop().create_future()

    def take(query: AccountRequest) -> None:
        if not answered.done():
            answered.set_result(query)

    msgbus.send(VENUE_ACCOUNT.format(instrument_id.venue), AccountRequest(instrument_id, take))
    try:
        query = await asyncio.wait_for(answered, ANSWER_S)
    except TimeoutError:
        raise AuctionError(f"{instrument_id}: the venue does not answer") from None
    if query.position is None:
        raise AuctionError(f"{instrument_id}: {query.failure}")
    return query.position, query.average
