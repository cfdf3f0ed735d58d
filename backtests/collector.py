"""Takes the messages of a run from the bus while it goes on."""

from typing import Any

from nautilus_trader.common.component import MessageBus

from actors.messages import Alert
from actors.messages import Decision
from actors.messages import FundingPayment
from actors.messages import Message
from actors.messages import TradeEvent
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
        self.trade_events: list[TradeEvent] = []
        self.alerts: list[Alert] = []
        self.payments: list[FundingPayment] = []
        kept: dict[type[Message], list[Any]] = {
            ValueAreaMinute: self.minutes,
            Decision: self.decisions,
            TradeEvent: self.trade_events,
            Alert: self.alerts,
            FundingPayment: self.payments,
        }
        for kind, messages in kept.items():
            msgbus.subscribe(topic=kind.topic(), handler=messages.append)

    def feature_rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the minutes as instrument id and column values."""
        return [_row(message) for message in self.minutes]


def _row(message: Message) -> tuple[str, tuple[Any, ...]]:
    return message.instrument_id.value, tuple(message.columns().values())
