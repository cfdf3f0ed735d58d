"""The ladder strategy: minutes in, several protected trades out."""

from typing import ClassVar

from actors.messages import Message
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.strategy import TradingStrategy
from tests.ladder.machine import LadderMachine
from tests.ladder.machine import LadderRule
from tests.toy.machine import ChannelRow
from tests.toy.messages import ChannelMinute


class LadderStrategyConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `LadderStrategy`.

    Parameters
    ----------
    rule : LadderRule, default LadderRule()
        The parameters of the rule.

    """

    rule: LadderRule = LadderRule()


class LadderStrategy(TradingStrategy):
    """
    Trades every few minutes, several trades at once.

    Parameters
    ----------
    config : LadderStrategyConfig
        The configuration.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = (ChannelMinute,)

    def make_machine(self) -> LadderMachine:
        return LadderMachine(self.config.rule)

    def row_of(self, message: Message) -> ChannelRow:
        return ChannelRow(
            ts_min=message.column("ts_min"),
            close=message.column("close"),
            highest=message.column("highest"),
            lowest=message.column("lowest"),
            warm=message.column("warm"),
        )
