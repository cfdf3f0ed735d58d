"""The playbook strategy: minutes with their context in, protected trades out."""

from collections.abc import Iterable
from typing import Any
from typing import ClassVar

from actors.market_context.messages import MarketContextMinute
from actors.messages import Message
from actors.messages import MinuteFootprint
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.playbook.config import PlaybookConfig
from strategies.playbook.machine import PlaybookMachine
from strategies.playbook.messages import BreakoutAttempt
from strategies.playbook.messages import LegNodeEvent
from strategies.playbook.messages import SetupSignal
from strategies.playbook.reporting import Reporter
from strategies.playbook.rows import Balance
from strategies.playbook.rows import ContextRow
from strategies.playbook.rows import LargePrint
from strategies.playbook.saved import read_machine_state


FLOW_SIDES = {"BUY": 1, "SELL": -1}


class PlaybookStrategy(TradingStrategy):
    """
    Trades the pullback into a low volume node of a breakout of the last session's value area.

    The trend model goes on with a breakout in imbalance, mean reversion against a failed one. The
    stop lies behind the aggressive print of the minute and rests at the venue from the first fill
    on, the whole position leaves at one target, and all is closed before the venue closes. Every
    signal and every refusal is published with what was missing.

    Parameters
    ----------
    config : PlaybookConfig
        The configuration.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        *TradingStrategy.PUBLISHES,
        BreakoutAttempt,
        LegNodeEvent,
        SetupSignal,
    )
    INPUTS: ClassVar[tuple[type[Message], ...]] = (MinuteFootprint, MarketContextMinute)
    machine: PlaybookMachine

    def __init__(self, config: PlaybookConfig) -> None:
        super().__init__(config)
        self._footprint: MinuteFootprint | None = None

    def make_machine(self) -> PlaybookMachine:
        units = self.units
        self._reporter = Reporter(
            instrument_id=self.config.instrument_id,
            strategy_id=self.id.value,
            tick=units.tick,
            lot=units.lot,
        )
        return PlaybookMachine(self.config.signals)

    def check_signal_state(self, state: Any) -> None:
        if state is not None:
            read_machine_state(state)

    def row_of(self, message: Message) -> ContextRow | None:
        """Return the row of a minute, once its footprint and its context are there."""
        if isinstance(message, MinuteFootprint):
            self._footprint = message
            return None
        footprint, ts_min = self._footprint, message.ts_min
        if footprint is None or footprint.ts_min != ts_min:
            raise RuntimeError(f"no footprint came with the minute {ts_min}")
        sides = footprint.buy, footprint.sell, footprint.unsigned
        return ContextRow(
            ts_min=ts_min,
            session=message.session_start,
            open=message.open,
            high=message.high,
            low=message.low,
            close=message.close,
            ticks=tuple(footprint.ticks),
            lots=tuple(map(sum, zip(*sides, strict=True))),
            buy=_large(message.buy_print, message.buy_print_price),
            sell=_large(message.sell_print, message.sell_print_price),
            mean_lots=message.prior_volume,
            mean_prints=message.prior_trades,
            state=message.state,
            confidence=message.confidence,
            flow_side=FLOW_SIDES.get(message.flow_direction, 0),
            flow_score=message.flow_score,
            balance=_balance(message),
            market_session=message.market_session,
            minutes_in_session=message.minutes_in_market_session or 0,
            closes_at=message.closes_at,
            warm=message.warm,
        )

    def messages_of(self, record: Any) -> Iterable[Message]:
        return self._reporter.messages(record, self.clock.timestamp_ns())


def _large(lots: int | None, price: int | None) -> LargePrint | None:
    if lots is None or price is None:
        return None
    return LargePrint(lots=lots, price=price)


def _balance(message: Any) -> Balance | None:
    if message.balance_start is None:
        return None
    return Balance(
        start=message.balance_start,
        val=message.balance_val,
        poc=message.balance_poc,
        vah=message.balance_vah,
    )
