"""
Every custom data type that the actors and strategies publish.

A message is published with `publish_data(message.data_type, message)` and received with
`msgbus.subscribe(topic=MessageClass.topic(), handler=self.handle_data)`; the receiver picks its
instrument. All of them can be written to a catalog, streamed while a node runs, and replayed.

"""

from actors.messages.base import Message
from actors.messages.base import message_classes
from actors.messages.data import DataGap
from actors.messages.data import DataSilence
from actors.messages.impulse import ImpulseTransition
from actors.messages.impulse import LvnVisit
from actors.messages.seconds import MarketStateUpdate
from actors.messages.seconds import SecondBar
from actors.messages.sessions import DailyLevelsUpdate
from actors.messages.sessions import RegularSessionUpdate
from actors.messages.trading import Alert
from actors.messages.trading import Decision
from actors.messages.trading import FundingPayment
from actors.messages.trading import StateSnapshot
from actors.messages.trading import TradeEvent
from actors.messages.trading import TradingStatus
from actors.messages.value_area import MinuteFootprint
from actors.messages.value_area import ValueAreaMinute


__all__ = (
    "Alert",
    "DailyLevelsUpdate",
    "DataGap",
    "DataSilence",
    "Decision",
    "FundingPayment",
    "ImpulseTransition",
    "LvnVisit",
    "MarketStateUpdate",
    "Message",
    "MinuteFootprint",
    "RegularSessionUpdate",
    "SecondBar",
    "StateSnapshot",
    "TradeEvent",
    "TradingStatus",
    "ValueAreaMinute",
    "message_classes",
)
