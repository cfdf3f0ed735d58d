"""Takes the messages of a run from the bus while it goes on."""

from typing import Any

from nautilus_trader.common.component import MessageBus

from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import ValueAreaMinute


class Collector:
    """
    Collects what actors and strategies publish, in the order of publication.

    Parameters
    ----------
    msgbus : MessageBus
        The bus of the engine, before its run.

    """

    def __init__(self, msgbus: MessageBus) -> None:
        self.minutes: list[ValueAreaMinute] = []
        self.decisions: list[Decision] = []
        self.payments: list[FundingPayment] = []
        msgbus.subscribe(topic=ValueAreaMinute.topic(), handler=self.minutes.append)
        msgbus.subscribe(topic=Decision.topic(), handler=self.decisions.append)
        msgbus.subscribe(topic=FundingPayment.topic(), handler=self.payments.append)

    def feature_rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the minutes as instrument id and column values."""
        return [_row(message) for message in self.minutes]


def _row(message: Message) -> tuple[str, tuple[Any, ...]]:
    return message.instrument_id.value, tuple(message.columns().values())
