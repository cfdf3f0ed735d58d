"""Closes seconds on trades and publishes bars, sessions, levels and market state."""

from datetime import date
from typing import ClassVar

from actors.base import BarActor
from actors.history import Stored
from actors.history import Tick
from actors.impulse.bars import Second
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.leg import LowVolumeNode
from actors.impulse.level_source import LevelSource
from actors.impulse.machine import ImpulseMachine
from actors.impulse.message_factory import levels_message
from actors.impulse.message_factory import session_message
from actors.impulse.message_factory import state_message
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import ImpulseTransition
from actors.impulse.messages import LvnVisit
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import RegularSessionUpdate
from actors.impulse.messages import SecondBar
from actors.impulse.reports import MARKET
from actors.impulse.reports import transition_message
from actors.impulse.reports import visit_message
from actors.impulse.transition import Event
from actors.impulse.transition import Transition
from actors.messages import DataGap
from actors.messages import DataSilence
from actors.messages import Message
from catalog.sessions import NewYorkClock
from catalog.sessions import trade_day
from indicators.components import AggressorBars


NANOS_PER_SECOND = 1_000_000_000


class ImpulseActor(BarActor):
    """
    Publishes the seconds of one instrument, and the sessions, levels and market state by them.

    In this order: `RegularSessionUpdate` and `DailyLevelsUpdate` when the day has moved on, then
    for each second with trades `MarketStateUpdate` if it has changed, the impulses and nodes of a
    machine that never trades (if configured), and last `SecondBar`. Sessions and levels move on
    with the clock as well.

    A session or night in which data were missing gives no levels. A `DataSilence` is published
    before the first second that closes while the quotes are silent. A history is published as if
    the actor had been there.

    Parameters
    ----------
    config : ImpulseActorConfig
        The configuration.

    Attributes
    ----------
    source : LevelSource or None
        The sessions, levels and market state; None before the start.
    machine : ImpulseMachine or None
        The machine that never trades.

    """

    INTERVAL_NS: ClassVar[int] = NANOS_PER_SECOND
    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        DataGap,
        RegularSessionUpdate,
        DailyLevelsUpdate,
        MarketStateUpdate,
        ImpulseTransition,
        LvnVisit,
        SecondBar,
    )

    indicator: AggressorBars | None

    def __init__(self, config: ImpulseActorConfig) -> None:
        super().__init__(config)
        self.source: LevelSource | None = None
        self.machine: ImpulseMachine | None = None
        self._nodes: tuple[LowVolumeNode, ...] = ()
        self._machine_day: date | None = None
        # Alerts come at the ends of seconds, from that of the first on.
        self._first_end: int | None = None
        self._reached = 0
        self._state: tuple[bool, int] | None = None
        self._is_silent = False

    def create_indicator(self) -> AggressorBars:
        self.source = LevelSource(self.config, self.tick, self._note)
        if self.config.detect_impulses:
            self.machine = ImpulseMachine(self.config.impulse_params(self.tick))
        return AggressorBars(self.tick, self.lot, NANOS_PER_SECOND, self._on_second)

    def on_stop(self) -> None:
        super().on_stop()
        late = 0 if self.indicator is None else self.indicator.core.late_trades
        if late:
            self.notices["trades of a second already closed: counted in the next one"] = late

    def history_since(self, now: int) -> int:
        return trade_day(NewYorkClock().trade_date(now))[0]

    def missing_session(self, now: int) -> tuple[int, int] | None:
        return None if self.source is None else self.source.missing_session(now)

    def take_session(self, stored: Stored) -> None:
        if self.source is not None:
            self.source.take_session(stored)

    def describe_history(self) -> list[str]:
        return [] if self.source is None else self.source.describe()

    def on_data_begin(self, ts: int) -> None:
        if self.source is not None:
            # In a backtest levels are published with the first alert: strategies start after the
            # actors.
            self.source.book.begin(ts)
            self._first_end = ts // NANOS_PER_SECOND * NANOS_PER_SECOND + NANOS_PER_SECOND

    def on_history_tick(self, tick: Tick) -> None:
        self.close_until(tick.ts)
        super().on_history_tick(tick)

    def on_history_end(self) -> str:
        super().on_history_end()
        since = None if self._first_end is None else self._first_end - NANOS_PER_SECOND
        return "" if self.source is None else self.source.known_since(since)

    def close_until(self, ts: int) -> None:
        if self._first_end is None:
            self.on_data_begin(ts)
        end = ts // NANOS_PER_SECOND * NANOS_PER_SECOND
        if end <= self._reached or self.source is None or self._first_end is None:
            return
        self._reached = end
        super().close_until(end)
        while end >= (due := max(self.source.book.next_change, self._first_end)):
            self._advance(due, max(self.clock.timestamp_ns(), due))

    def start_again(self, ts: int) -> None:
        super().start_again(ts)
        self._is_silent = False
        if self.source is not None:
            self.source.book.begin_again(ts)

    def complete_levels(self, levels: DailyLevels) -> DailyLevels:
        """Return levels in force, from elsewhere where the data of the run give none."""
        return levels if self.source is None else self.source.from_cache(levels)

    def _on_second(self, values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> None:
        if self.source is None:
            return
        bar = Second.of_core(values, prints)
        # A replay is sorted by these times: the bar comes last.
        ts_init = max(self.clock.timestamp_ns(), bar.ts + NANOS_PER_SECOND - 1)
        if bar.ts >= self.source.book.next_change:
            self._advance(bar.ts, ts_init - 4)
        self.source.session_state.add(bar)
        instrument_id, tick = self.config.instrument_id, self.tick_size
        end = bar.ts + NANOS_PER_SECOND
        if not self._is_silent and self.gaps is not None and self.gaps.is_silent_at(end):
            self._is_silent = True
            self.publish(DataSilence(instrument_id, bar.ts, ts_init - 3, closes_at=end))
        market = self.source.session_state.state
        state = market.imbalanced, market.trend
        if state != self._state:
            self._state = state
            self.publish(state_message(instrument_id, bar, market, tick, ts_init - 2))
        if self.machine is not None:
            for transition in self.machine.on_bar(bar):
                self._report(transition, ts_init - 1)
        self.publish(SecondBar.of_bar(instrument_id, bar, tick, self.lot_size, ts_init))

    def _advance(self, ts: int, ts_init: int) -> None:
        if self.source is None:
            return
        instrument_id, tick, lot = self.config.instrument_id, self.tick_size, self.lot_size
        book = self.source.book
        day = None if book.levels is None else book.levels.day
        for fact in self.source.session_state.advance(ts):
            ts_init = max(ts_init, ts)
            if isinstance(fact, RegularSession):
                self.source.save(fact)
                self.publish(session_message(instrument_id, fact, tick, lot, ts, ts_init))
                continue
            if fact.day != day:
                self._state = None
            levels = self.complete_levels(fact)
            if self.machine is not None:
                self.machine.levels = levels.breakout_levels()
                if levels.day != self._machine_day:
                    self._machine_day = levels.day
                    self.machine.new_day()
            self.source.on_levels(levels)
            self.publish(levels_message(instrument_id, levels, tick, ts, ts_init + 1))

    def _note(self, text: str) -> None:
        self.log.warning(text)
        self.notices[text] += 1

    def _report(self, transition: Transition, ts_init: int) -> None:
        instrument_id, tick = self.config.instrument_id, self.tick_size
        self.publish(transition_message(instrument_id, MARKET, transition, tick, ts_init))
        if transition.event is Event.COMPLETE:
            self._nodes = transition.nodes
            event = "FOUND"
        elif transition.event in {Event.HUNT_TIMEOUT, Event.SWITCHED}:
            event = "DROPPED"
        else:
            return
        for node in self._nodes:
            self.publish(
                visit_message(instrument_id, MARKET, event, node, transition.ts, tick, ts_init)
            )
