"""
The custom data types shared by systems; those of a single system are next to its actor.

A message is published with `publish_data(message.data_type, message)` and received with
`msgbus.subscribe(topic=MessageClass.topic(), handler=self.handle_data)`; the receiver picks its
instrument. All of them can be written to a catalog, streamed while a node runs, and replayed.

"""

from actors.messages.base import Message
from actors.messages.base import message_classes
from actors.messages.data import DataGap
from actors.messages.data import DataSilence
from actors.messages.footprint import MinuteFootprint
from actors.messages.trading import Alert
from actors.messages.trading import Decision
from actors.messages.trading import FundingPayment
from actors.messages.trading import StateSnapshot
from actors.messages.trading import TradeEvent
from actors.messages.trading import TradingStatus


__all__ = (
    "Alert",
    "DataGap",
    "DataSilence",
    "Decision",
    "FundingPayment",
    "Message",
    "MinuteFootprint",
    "StateSnapshot",
    "TradeEvent",
    "TradingStatus",
    "message_classes",
)
