"""The order flow strategy: footprint bars with their regime in, protected trades out."""

from collections.abc import Iterable
from typing import Any
from typing import ClassVar

from actors.footprint.messages import FootprintBar
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.messages import Message
from actors.regime.classification import Regime
from actors.regime.messages import RegimeBar
from strategies.common.nautilus.tiered import TieredStrategy
from strategies.order_flow.config import OrderFlowConfig
from strategies.order_flow.machine import OrderFlowMachine
from strategies.order_flow.messages import RoutedPattern
from strategies.order_flow.router import Signal
from strategies.order_flow.rows import OrderFlowRow
from strategies.order_flow.rows import RoutedSignal
from strategies.order_flow.state import read_state


class OrderFlowStrategy(TieredStrategy):
    """
    Enters at patterns of order flow that the regime of the market trades.

    Parameters
    ----------
    config : OrderFlowConfig
        The configuration.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (*TieredStrategy.PUBLISHES, RoutedPattern)
    INPUTS: ClassVar[tuple[type[Message], ...]] = (RegimeBar, FootprintBar)

    def __init__(self, config: OrderFlowConfig) -> None:
        super().__init__(config)
        self._regime: RegimeBar | None = None

    def make_machine(self) -> OrderFlowMachine:
        return OrderFlowMachine(self.config.rules, self.config.bracket())

    def check_machine_state(self, state: Any) -> None:
        if state is not None:
            read_state(state)

    def row_of(self, message: Message) -> OrderFlowRow | None:
        """Return the row of a bar, once its regime and its footprint are there."""
        if isinstance(message, RegimeBar):
            self._regime = message
            return None
        bar: Any = message
        regime: Any = self._regime
        if regime is None or regime.ts_end != bar.ts_end:
            raise RuntimeError(f"no regime came with the bar that ends at {bar.ts_end}")
        found = zip(
            bar.patterns,
            bar.pattern_directions,
            bar.pattern_strengths,
            bar.pattern_prices,
            strict=True,
        )
        return OrderFlowRow(
            start=bar.ts_start,
            end=bar.ts_end,
            close=bar.close,
            regime=Regime(regime.regime),
            confidence=regime.confidence,
            signals=tuple(
                Signal(
                    pattern=Pattern(pattern),
                    direction=Direction(direction),
                    strength=strength,
                    price=price,
                )
                for pattern, direction, strength, price in found
            ),
            warm=bar.warm and regime.warm,
        )

    def messages_of(self, record: RoutedSignal) -> Iterable[Message]:
        row, signal = record.row, record.signal
        ts_event = row.end - 1
        yield RoutedPattern(
            self.config.instrument_id,
            ts_event,
            max(self.clock.timestamp_ns(), ts_event),
            strategy_id=self.id.value,
            ts_start=row.start,
            ts_end=row.end,
            pattern=signal.pattern.value,
            direction=signal.direction.value,
            strength=signal.strength,
            price=signal.price,
            regime=row.regime.value,
            confidence=row.confidence,
            route=record.route.value,
            is_chosen=record.is_chosen,
            stack=record.stack,
            tick_size=float(self.units.tick),
        )
