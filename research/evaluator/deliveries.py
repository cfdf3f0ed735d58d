"""What reaches the strategies of an evaluation: facts, and the rows made of them."""

from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from backtests.collector_actor import Fact
from research.evaluator.strategy import EvaluatedStrategy


class Delivery(NamedTuple):
    """
    Represents a message on its way to the strategies.

    Attributes
    ----------
    seen, is_within, now
        Its place, as in `Fact`.
    topic : str
        Its topic.
    message : Any
        The message, or the rows made of it.

    """

    seen: int
    is_within: bool
    now: int
    topic: str
    message: Any


class RowMessage:
    """
    Stands for a message of which the rows are known.

    Attributes
    ----------
    instrument_id : Any
        The instrument of the message.
    rows : tuple[Any, ...]
        The row of each strategy, None for none.

    """

    __slots__ = ("instrument_id", "rows")

    def __init__(self, instrument_id: Any, rows: tuple[Any, ...]) -> None:
        self.instrument_id = instrument_id
        self.rows = rows


def deliveries_of(facts: Iterable[Fact]) -> list[Delivery]:
    """Return the deliveries of facts."""
    return [
        Delivery(fact.seen, fact.is_within, fact.now, type(fact.message).topic(), fact.message)
        for fact in facts
    ]


def row_basis(strategies: Sequence[EvaluatedStrategy]) -> Hashable:
    """Return what the rows of strategies depend on beside the messages."""
    return tuple((type(strategy), strategy.row_basis) for strategy in strategies)


def with_rows(
    deliveries: Sequence[Delivery], strategies: Sequence[EvaluatedStrategy]
) -> list[Delivery]:
    """
    Return deliveries with the rows that strategies have made of the messages.

    A message that makes no row is left out where no strategy does anything else with it.
    """
    made = [strategy.rows_made for strategy in strategies]
    inputs = {cls.topic() for strategy in strategies for cls in strategy.INPUTS}
    needs_all = any(strategy.follows_messages for strategy in strategies)
    found = []
    for delivery in deliveries:
        if delivery.topic in inputs:
            rows = tuple(own.get(id(delivery.message)) for own in made)
            if not needs_all and not any(row is not None for row in rows):
                continue
            message = RowMessage(delivery.message.instrument_id, rows)
            found.append(delivery._replace(message=message))
        else:
            found.append(delivery)
    return found
