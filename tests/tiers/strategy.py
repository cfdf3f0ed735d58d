"""The channel strategy with its size by capital tiers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import ClassVar

from actors.messages import Message
from strategies.common.intents import Intent
from strategies.common.intents import SizeHints
from strategies.common.nautilus.tiered import TieredStrategy
from strategies.common.nautilus.tiered_config import TieredConfig
from strategies.common.trade_params import MINUTE_NS
from strategies.common.trade_params import TradeParams
from tests.toy.machine import ChannelMachine
from tests.toy.machine import ChannelRow
from tests.toy.machine import ChannelRule
from tests.toy.machine import read_state
from tests.toy.messages import ChannelMinute


class TieredChannelConfig(TieredConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `TieredChannelStrategy`.

    Parameters
    ----------
    rule : ChannelRule, default ChannelRule()
        The parameters of the rule.
    hold_minutes : int, default 5
        The minutes after which a trade ends.

    """

    rule: ChannelRule = ChannelRule()
    hold_minutes: int = 5

    def trade_params(self, tick_value: Decimal, taker_fee_bps: Decimal) -> TradeParams:
        return TradeParams(
            tick_value=tick_value,
            taker_fee_bps=taker_fee_bps,
            limit_entry=False,
            entry_timeout_ns=MINUTE_NS,
            max_hold_ns=self.hold_minutes * MINUTE_NS,
            extend_if_profitable=False,
            cooldown_ns=0,
            flip=False,
            kill_flatten=self.kill_flatten,
        )


class Machine(ChannelMachine):
    """A channel whose long setups add a contract."""

    def _intent(self, close: int, side: int, reason: Any) -> Intent:
        return replace(
            super()._intent(close, side, reason), size_hints=SizeHints(bonus=int(side > 0))
        )


class TieredChannelStrategy(TieredStrategy):
    """Trades the channel of the contract that its tier trades."""

    INPUTS: ClassVar[tuple[type[Message], ...]] = (ChannelMinute,)

    def make_machine(self) -> Machine:
        return Machine(self.config.rule)

    def check_machine_state(self, state: Any) -> None:
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
