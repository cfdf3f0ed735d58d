"""The value-area strategy: minutes in, intents out."""

from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.engine import read_engine_state
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.machine import MinuteRow
from strategies.value_area.machine import ValueAreaMachine


class ValueAreaStrategy(TradingStrategy):
    """
    Trades break-ins, failed breakouts and accepted breakouts of the rolling value area.

    Each minute's `ValueAreaMinute` goes through the machine, and the winning setup goes to the
    trade manager: limit entry at the close of the minute, canceled when its stop or its last target
    trades before its first fill; stop at the venue from the first fill on, two targets, time stop,
    flip.

    Parameters
    ----------
    config : ValueAreaStrategyConfig
        The configuration.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = (MinuteFootprint, ValueAreaMinute)
    machine: ValueAreaMachine

    def __init__(self, config: ValueAreaStrategyConfig) -> None:
        super().__init__(config)
        self._footprint: MinuteFootprint | None = None

    def make_machine(self) -> ValueAreaMachine:
        self._params = self.config.signal_params(self.units.lot)
        if dead := self._params.dead_thresholds():
            self.notices[dead_text(dead)] = 1
        return ValueAreaMachine(self._params, self.config.ambiguous_trade_frac_max)

    def check_signal_state(self, state: Any) -> None:
        if state is not None:
            read_engine_state(state)

    @property
    def row_basis(self) -> tuple[str, str]:
        return self.config.va_edge, self.config.qimb_source

    def row_of(self, message: Message) -> MinuteRow | None:
        """Return the row of a minute, once its footprint and its features are there."""
        if isinstance(message, MinuteFootprint):
            self._footprint = message
            return None
        footprint, ts_min = self._footprint, message.ts_min
        minute = None
        if not self.machine.is_repeated(ts_min):
            if footprint is None or footprint.ts_min != ts_min:
                raise RuntimeError(f"no footprint came with the minute {ts_min}")
            units = self.units
            minute = minute_from_row(
                message.columns(), footprint.ticks, units.tick, units.lot, self._params
            )
        vah, val = message.vah, message.val
        has_edges = None not in (message.high, message.low, message.close, vah, val)
        return MinuteRow(
            ts_min=ts_min,
            minute=minute,
            warm=message.warm,
            area_reason=message.va_reason,
            ambiguous_share=message.ambiguous_trade_frac_1m,
            is_area_crossed=(message.high > vah or message.low < val) if has_edges else None,
            is_closed_outside=(message.close > vah or message.close < val) if has_edges else None,
        )


def dead_text(dead: Sequence[str]) -> str:
    """Return which thresholds decide instead of those without effect, and what to set."""
    absolute = ", ".join(name.removesuffix("_norm") for name in dead)
    return (
        f"Order flow is tested by {absolute} alone: passing one of two thresholds is enough, and "
        f"{', '.join(dead)} (shares of the volume) are the stricter. To test by the share, set "
        f"{absolute} to null."
    )
