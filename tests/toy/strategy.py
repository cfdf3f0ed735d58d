"""The channel strategy: minutes in, protected trades out."""

from typing import Any
from typing import ClassVar

from actors.messages import Message
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.strategy import TradingStrategy
from tests.toy.machine import ChannelMachine
from tests.toy.machine import ChannelRow
from tests.toy.machine import ChannelRule
from tests.toy.machine import read_state
from tests.toy.messages import ChannelMinute


class ChannelStrategyConfig(TradingConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `ChannelStrategy`.

    Parameters
    ----------
    rule : ChannelRule, default ChannelRule()
        The parameters of the rule. How trades are sized, entered and left is documented at
        `TradingConfig`.

    """

    rule: ChannelRule = ChannelRule()


class ChannelStrategy(TradingStrategy):
    """
    Trades the first close beyond the channel of the closes before.

    Parameters
    ----------
    config : ChannelStrategyConfig
        The configuration.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = (ChannelMinute,)

    def make_machine(self) -> ChannelMachine:
        return ChannelMachine(self.config.rule)

    def check_signal_state(self, state: Any) -> None:
        if state is not None:
            read_state(state)

    def row_of(self, message: Message) -> ChannelRow:
        return ChannelRow(
            ts_min=message.column("ts_min"),
            close=message.column("close"),
            highest=message.column("highest"),
            lowest=message.column("lowest"),
            warm=message.column("warm"),
        )
