"""The impulse LVN strategy: seconds in, protected trades out."""

from collections.abc import Iterable
from typing import Any
from typing import ClassVar

import msgspec

from actors.impulse.bars import NANOS_PER_SECOND
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import SecondBar
from actors.messages import Message
from errors import AuctionError
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.impulse_lvn.config import ImpulseLvnConfig
from strategies.impulse_lvn.day import day_snapshot
from strategies.impulse_lvn.day import read_day_state
from strategies.impulse_lvn.day import resume_day
from strategies.impulse_lvn.engine import ImpulseEngine
from strategies.impulse_lvn.held import read_signal_state
from strategies.impulse_lvn.machine import ImpulseLvnMachine
from strategies.impulse_lvn.reporting import dropped_messages
from strategies.impulse_lvn.reporting import step_messages
from strategies.impulse_lvn.rows import DroppedNodes
from strategies.impulse_lvn.rows import ImpulseRow
from strategies.impulse_lvn.rows import LevelsRow
from strategies.impulse_lvn.rows import SecondRow
from strategies.impulse_lvn.step import Step
from strategies.impulse_lvn.warmup import Warmup


class ImpulseLvnStrategy(TradingStrategy):
    """
    Trades the second visit to a low volume node of an impulse, in the direction of the impulse.

    Each `SecondBar` goes through the machine. What it plans is entered at market, with a stop
    behind the node at the venue from the first fill on, a target at its distance from the fill, and
    a stop that trails once a bar. A trade ends at the latest after `max_hold_bars`, or when the
    hours of trading are over.

    Decisions are published where there is a plan, where the strategy closes a trade, and once for a
    trading day without levels.

    Parameters
    ----------
    config : ImpulseLvnConfig
        The configuration.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = (DailyLevelsUpdate, MarketStateUpdate, SecondBar)
    machine: ImpulseLvnMachine | None

    def __init__(self, config: ImpulseLvnConfig) -> None:
        super().__init__(config)
        self._imbalanced = False
        self._day_state: bytes | None = None

    def on_save(self) -> dict[str, bytes]:
        machine = self.machine
        if machine is None:
            return super().on_save()
        return {**super().on_save(), "day": msgspec.json.encode(day_snapshot(machine.engine.day))}

    def on_load(self, state: dict[str, bytes]) -> None:
        super().on_load(state)
        if "day" in state:
            self._day_state = state["day"]

    def make_machine(self) -> ImpulseLvnMachine:
        config, tick = self.config, self.units.tick
        self._tick_size = float(tick)
        self._source = (config.instrument_id, self.id.value)
        engine = ImpulseEngine(
            config.impulse_params(tick),
            config.signal_params(tick),
            config.trade_rules(tick),
        )
        if self._day_state is not None:
            self._resume_day(engine, self._day_state)
        warmup = Warmup(config.max_impulse_bars + config.max_hunting_bars, starts_cold=self.is_live)
        return ImpulseLvnMachine(engine, warmup, tick, self.units.tick_value)

    def check_signal_state(self, state: Any) -> None:
        if state is not None:
            read_signal_state(state)

    def row_of(self, message: Message) -> ImpulseRow | None:
        """Return the row of a second with the market state before it, or that of levels."""
        if isinstance(message, SecondBar):
            return SecondRow(bar=message.bar(), imbalanced=self._imbalanced)
        if isinstance(message, DailyLevelsUpdate):
            return LevelsRow(
                end=message.ts_event + 1,
                now=self.clock.timestamp_ns(),
                day=message.trade_date,
                levels=message.breakout_levels(),
                reason=message.reason,
                opens_at=message.opens_at,
                ends_at=message.ends_at,
            )
        self._imbalanced = message.imbalanced
        return None

    def messages_of(self, record: Any) -> Iterable[Message]:
        now = self.clock.timestamp_ns()
        if isinstance(record, DroppedNodes):
            second = record.ts_second
            yield from dropped_messages(
                *self._source, record.nodes, second, self._tick_size, max(now, second)
            )
        elif isinstance(record, Step):
            ts_init = max(now, record.ts + NANOS_PER_SECOND - 1)
            yield from step_messages(*self._source, record, self._tick_size, ts_init)

    def _resume_day(self, engine: ImpulseEngine, kept: bytes) -> None:
        try:
            resume_day(engine.day, read_day_state(msgspec.json.decode(kept)))
        except (AuctionError, msgspec.DecodeError) as e:
            self.alert(self.clock.timestamp_ns(), "STATE_REFUSED", f"the day is not used: {e}")
