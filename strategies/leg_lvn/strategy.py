"""The strategy of leg nodes: minutes in, resting limit orders out."""

from typing import Any
from typing import ClassVar

from actors.legs.messages import LegMinute
from actors.messages import Message
from strategies.common.book_params import PositionMode
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.leg_lvn.machine import LegLvnMachine
from strategies.leg_lvn.rows import LegRow
from strategies.leg_lvn.state import read_state


SIDES = {"uptrend": 1, "downtrend": -1}


class LegLvnStrategy(TradingStrategy):
    """
    Rests limit orders at the low volume nodes of legs whose direction is that of the trend.

    Each has a stop that rests at the venue from its first fill on. Several orders and trades may
    be there at once: at a netting venue of one side, else of both.

    Parameters
    ----------
    config : LegLvnConfig
        The configuration.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = (LegMinute,)

    def make_machine(self) -> LegLvnMachine:
        return LegLvnMachine(
            self.config.rules,
            self.config.max_trades,
            both_sides=self.config.position_mode is not PositionMode.NETTING,
            venue=self.config.instrument_id.venue.value,
        )

    def check_signal_state(self, state: Any) -> None:
        if state is not None:
            read_state(state)

    def row_of(self, message: Message) -> LegRow:
        minute: Any = message
        return LegRow(
            ts_min=minute.ts_min,
            low=minute.low,
            high=minute.high,
            close=minute.close,
            trend=SIDES.get(minute.trend, 0),
            pivot=minute.pivot_price,
            pivot_ts=minute.pivot_ts,
            structure=minute.pivot_structure,
            direction=SIDES.get(minute.leg_direction, 0),
            leg_start=minute.leg_start,
            leg_end=minute.leg_end,
            nodes=tuple(minute.lvn_prices),
            tick=minute.tick_size,
            warm=minute.warm,
        )
