"""Closes seconds on trades and publishes bars, sessions, levels and market state."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent

from actors.impulse.bars import Second
from actors.impulse.cache import LevelCache
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyBook
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.facts import MarketFacts
from actors.impulse.leg import LowVolumeNode
from actors.impulse.machine import ImpulseMachine
from actors.impulse.messages import levels_message
from actors.impulse.messages import session_message
from actors.impulse.messages import state_message
from actors.impulse.reports import MARKET
from actors.impulse.reports import transition_message
from actors.impulse.reports import visit_message
from actors.impulse.sessions import RegularSessions
from actors.impulse.transition import Event
from actors.impulse.transition import Transition
from actors.messages import DailyLevelsUpdate
from actors.messages import ImpulseTransition
from actors.messages import LvnVisit
from actors.messages import MarketStateUpdate
from actors.messages import Message
from actors.messages import RegularSessionUpdate
from actors.messages import SecondBar
from catalog.errors import AuctionError
from indicators.nautilus import AggressorSecondBars


NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MILLISECOND = 1_000_000


class ImpulseActor(Actor):  # type: ignore[misc]
    """
    Publishes the seconds of one instrument with what they say about the day.

    In this order: `RegularSessionUpdate` and `DailyLevelsUpdate` when the day has moved on, then
    for each second with trades `MarketStateUpdate` if it has changed, the impulses and nodes of a
    machine that never trades (if asked for), and last `SecondBar`.

    A second closes at the first trade of a later one, or at an alert one nanosecond before its end
    (an alert at the end itself would come after data stamped with it). A live clock adds the close
    delay to the alert. Sessions and levels move on with the clock as well.

    Parameters
    ----------
    config : ImpulseActorConfig
        The configuration.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        RegularSessionUpdate,
        DailyLevelsUpdate,
        MarketStateUpdate,
        ImpulseTransition,
        LvnVisit,
        SecondBar,
    )

    def __init__(self, config: ImpulseActorConfig) -> None:
        super().__init__(config)
        self.notices: Counter[str] = Counter()
        self.indicator: AggressorSecondBars | None = None
        self.facts: MarketFacts | None = None
        self.machine: ImpulseMachine | None = None
        self._level_cache: LevelCache | None = None
        self._nodes: tuple[LowVolumeNode, ...] = ()
        self._machine_day: date | None = None
        self._delay = 0
        self._state: tuple[bool, int] | None = None
        self._sessions = RegularSessions(config.calendar)
        self._instrument_id = config.instrument_id
        self._second_type = SecondBar.type_for(config.instrument_id)

    def on_start(self) -> None:
        config, instrument_id = self.config, self.config.instrument_id
        instrument = self.cache.instrument(instrument_id)
        if instrument is None:
            raise RuntimeError(
                f"instrument {instrument_id} is not in the cache: add it to the catalog or to the "
                "client's instrument provider"
            )
        self._tick: Decimal = instrument.price_increment.as_decimal()
        self._lot: Decimal = instrument.size_increment.as_decimal()
        self._tick_size, self._lot_size = float(self._tick), float(self._lot)
        book = DailyBook(
            self._sessions,
            config.session_bucket_ticks(self._tick),
            str(config.va_fraction),
        )
        self._book = book
        self.facts = MarketFacts(book, config.market_state())
        if config.detect_impulses:
            self.machine = ImpulseMachine(config.impulse_params(self._tick))
        if config.level_cache is not None:
            self._level_cache = LevelCache(
                Path(config.level_cache), instrument_id.value, self._tick
            )
        self.indicator = AggressorSecondBars(self._tick, self._lot, self._on_second)
        self.register_indicator_for_trade_ticks(instrument_id, self.indicator)
        self.subscribe_trade_ticks(instrument_id)
        if isinstance(self.clock, LiveClock):
            self._delay = config.close_delay_ms * NANOS_PER_MILLISECOND
        now = self.clock.timestamp_ns()
        # The levels are published with the first alert: strategies start after the actors.
        book.begin(now)
        self.clock.set_timer_ns(
            name=f"{self.id}-CLOSE",
            interval_ns=NANOS_PER_SECOND,
            start_time_ns=now // NANOS_PER_SECOND * NANOS_PER_SECOND - 1 + self._delay,
            stop_time_ns=0,
            callback=self._on_alert,
        )

    def on_stop(self) -> None:
        late = 0 if self.indicator is None else self.indicator.core.late_trades
        if late:
            self.notices["trades of a second already closed: counted in the next one"] = late

    def _on_alert(self, event: TimeEvent) -> None:
        if self.indicator is None:
            return
        end = event.ts_event + 1 - self._delay
        self.indicator.close_until(end)
        if end >= self._book.next_change:
            self._advance(end, end)

    def _on_second(self, values: tuple[int, ...], prints: tuple[list[int], list[int]]) -> None:
        if self.facts is None:
            return
        bar = Second.of_core(values, prints)
        # A replay is sorted by these times: the bar comes last.
        ts_init = max(self.clock.timestamp_ns(), bar.ts + NANOS_PER_SECOND - 1)
        if bar.ts >= self._book.next_change:
            self._advance(bar.ts, ts_init - 4)
        self.facts.add(bar)
        instrument_id, tick = self._instrument_id, self._tick_size
        market = self.facts.state
        state = market.imbalanced, market.trend
        if state != self._state:
            self._state = state
            self._send(state_message(instrument_id, bar, market, tick, ts_init - 2))
        if self.machine is not None:
            for transition in self.machine.on_bar(bar):
                self._report(transition, ts_init - 1)
        message = SecondBar.of_bar(instrument_id, bar, tick, self._lot_size, ts_init)
        self.publish_data(self._second_type, message)

    def _advance(self, ts: int, ts_init: int) -> None:
        if self.facts is None:
            return
        instrument_id, tick, lot = self.config.instrument_id, self._tick_size, self._lot_size
        day = None if self._book.levels is None else self._book.levels.day
        for fact in self.facts.advance(ts):
            ts_init = max(ts_init, ts)
            if isinstance(fact, RegularSession):
                self._save(fact)
                self._send(session_message(instrument_id, fact, tick, lot, ts, ts_init))
                continue
            if fact.day != day:
                self._state = None
            levels = self._from_cache(fact)
            if self.machine is not None:
                self.machine.levels = levels.breakout_levels()
                if levels.day != self._machine_day:
                    self._machine_day = levels.day
                    self.machine.new_day()
            self._send(levels_message(instrument_id, levels, tick, ts, ts_init + 1))

    def _from_cache(self, levels: DailyLevels) -> DailyLevels:
        if levels.reason is None or self._level_cache is None or self.facts is None:
            return levels
        try:
            session = self._level_cache.load(self._sessions.before(levels.day))
        except AuctionError as e:
            self._note(str(e))
            return levels
        self.facts.restore(session)
        return self.facts.book.levels or levels

    def _save(self, session: RegularSession) -> None:
        if self._level_cache is None:
            return
        try:
            self._level_cache.save(session)
        except AuctionError as e:
            self._note(str(e))

    def _note(self, text: str) -> None:
        self.log.warning(text)
        self.notices[text] += 1

    def _report(self, transition: Transition, ts_init: int) -> None:
        instrument_id, tick = self.config.instrument_id, self._tick_size
        self._send(transition_message(instrument_id, MARKET, transition, tick, ts_init))
        if transition.event is Event.COMPLETE:
            self._nodes = transition.nodes
            event = "FOUND"
        elif transition.event in {Event.HUNT_TIMEOUT, Event.SWITCHED}:
            event = "DROPPED"
        else:
            return
        for node in self._nodes:
            self._send(
                visit_message(instrument_id, MARKET, event, node, transition.ts, tick, ts_init)
            )

    def _send(self, message: Message) -> None:
        self.publish_data(message.data_type, message)
