"""Closes seconds on trades and publishes bars, sessions, levels and market state."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent

from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.impulse.bars import Second
from actors.impulse.cache import LevelCache
from actors.impulse.config import ImpulseActorConfig
from actors.impulse.daily import DailyBook
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.leg import LowVolumeNode
from actors.impulse.levels import LevelReason
from actors.impulse.machine import ImpulseMachine
from actors.impulse.messages import levels_message
from actors.impulse.messages import session_message
from actors.impulse.messages import state_message
from actors.impulse.reports import MARKET
from actors.impulse.reports import transition_message
from actors.impulse.reports import visit_message
from actors.impulse.session_state import SessionState
from actors.impulse.session_store import SIGNS
from actors.impulse.session_store import SessionStore
from actors.impulse.session_store import session_of
from actors.impulse.transition import Event
from actors.impulse.transition import Transition
from actors.instrument import required_instrument
from actors.messages import DailyLevelsUpdate
from actors.messages import DataGap
from actors.messages import DataSilence
from actors.messages import ImpulseTransition
from actors.messages import LvnVisit
from actors.messages import MarketStateUpdate
from actors.messages import Message
from actors.messages import RegularSessionUpdate
from actors.messages import SecondBar
from actors.ties import is_within_ties
from actors.warming import WarmingActor
from catalog.sessions import NewYorkClock
from catalog.sessions import RegularSessions
from catalog.sessions import iso_time
from catalog.sessions import new_york_time
from catalog.sessions import trade_day
from indicators.components import AggressorSecondBars
from indicators.components import Gaps


NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MILLISECOND = 1_000_000
DAYS_DESCRIBED = 3


class ImpulseActor(WarmingActor):
    """
    Publishes the seconds of one instrument with what they say about the day.

    In this order: `RegularSessionUpdate` and `DailyLevelsUpdate` when the day has moved on, then
    for each second with trades `MarketStateUpdate` if it has changed, the impulses and nodes of a
    machine that never trades (if asked for), and last `SecondBar`.

    A second closes at the first trade of a later one, or at an alert one nanosecond before its end
    (an alert at the end itself would come after data stamped with it). A live clock adds the close
    delay to the alert. Sessions and levels move on with the clock as well.

    A session or night in which data were missing gives no levels: `GapFinder` finds gaps. A
    `DataGap` is published at the end of each, and a `DataSilence` before the first second that
    closes while the quotes are silent.

    On a live clock ticks are kept at first: `take_history` puts what happened before them in front,
    and publishes it as if the actor had been there.

    Parameters
    ----------
    config : ImpulseActorConfig
        The configuration.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.

    """

    WANTS_QUOTES = False
    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        DataGap,
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
        self.facts: SessionState | None = None
        self.machine: ImpulseMachine | None = None
        self._nodes: tuple[LowVolumeNode, ...] = ()
        self._machine_day: date | None = None
        self._delay = 0
        # Alerts come at the ends of seconds, from that of the first on.
        self._first_end: int | None = None
        self._reached = 0
        self._state: tuple[bool, int] | None = None
        self._is_silent = False
        # The trading days without levels, until they have some.
        self._bare: dict[date, LevelReason] = {}
        self._sessions = RegularSessions(config.calendar)
        self._instrument_id = config.instrument_id
        self._second_type = SecondBar.type_for(config.instrument_id)

    def on_start(self) -> None:
        config, instrument_id = self.config, self.config.instrument_id
        instrument = required_instrument(self.cache, instrument_id)
        self._tick: Decimal = instrument.price_increment.as_decimal()
        self._lot: Decimal = instrument.size_increment.as_decimal()
        self._tick_size, self._lot_size = float(self._tick), float(self._lot)
        book = DailyBook(
            self._sessions,
            config.session_bucket_ticks(self._tick),
            str(config.va_fraction),
        )
        self._book = book
        self.facts = SessionState(book, config.market_state())
        if config.detect_impulses:
            self.machine = ImpulseMachine(config.impulse_params(self._tick))
        folder = config.level_cache
        cache = (
            None if folder is None else LevelCache(Path(folder), instrument_id.value, self._tick)
        )
        self._store = SessionStore(cache, self._note)
        self.indicator = AggressorSecondBars(self._tick, self._lot, self._on_second)
        self.gaps = config.gap_finder()
        self._gaps = Gaps(self.gaps, self.break_off)
        is_live, now = isinstance(self.clock, LiveClock), self.clock.timestamp_ns()
        if is_live:
            self._delay = config.close_delay_ms * NANOS_PER_MILLISECOND
            self.collect(instrument)
        else:
            self._register()
        # For gaps, and strategies want them live; first: one Databento subscription then has both.
        self.subscribe_quote_ticks(instrument_id)
        self.subscribe_trade_ticks(instrument_id)
        if not is_live:
            # The levels are published with the first alert: strategies start after the actors.
            self._begin(now)
        self.clock.set_timer_ns(
            name=f"{self.id}-CLOSE",
            interval_ns=NANOS_PER_SECOND,
            start_time_ns=now // NANOS_PER_SECOND * NANOS_PER_SECOND - 1 + self._delay,
            stop_time_ns=0,
            callback=self._on_alert,
        )

    def on_stop(self) -> None:
        self.publish_unended_gap(self._instrument_id)
        late = 0 if self.indicator is None else self.indicator.core.late_trades
        if late:
            self.notices["trades of a second already closed: counted in the next one"] = late

    def history_since(self, now: int) -> int:
        """Return from when on (UNIX nanoseconds) the past matters: since the trading day began."""
        return trade_day(NewYorkClock().trade_date(now))[0]

    def missing_session(self, now: int) -> tuple[int, int] | None:
        """
        Return opening and close of the session that the levels at a time come from.

        None where the level cache has it: then it is taken from there.
        """
        day = self._sessions.before(NewYorkClock().trade_date(now))
        session = self._store.load(day)
        if session is None:
            return self._sessions.hours(day)
        self._restore(session)
        return None

    def take_session(self, stored: Stored) -> None:
        """Take the session that was missing from its ticks, complete."""
        day = NewYorkClock().trade_date(stored.last_ns)
        bucket = self.config.session_bucket_ticks(self._tick)
        fraction = str(self.config.va_fraction)
        session = session_of(stored.ticks(), day, self._sessions, bucket, fraction)
        if session is not None:
            self._store.save(session)
            self._restore(session)

    def begin_history(self, first_ns: int, gap_ns: int) -> None:
        since = self.history_since(first_ns)
        # The first event of a day may come a moment after its beginning.
        self._begin(since if first_ns - since <= gap_ns else first_ns)

    def tell(self, tick: Tick) -> None:
        self._come_to(tick.ts)
        if tick.kind == TRADE and self.indicator is not None:
            self.indicator.core.update(tick.ts, tick.a, tick.a_size, SIGNS[tick.side])

    def end_history(self) -> str:
        self._register()
        # Nothing that is due now waits for the next alert.
        self._come_to(self.clock.timestamp_ns() - self._delay)
        return self._known()

    def describe_history(self) -> list[str]:
        lines = []
        for day, reason in list(self._bare.items())[:DAYS_DESCRIBED]:
            session = self._sessions.before(day)
            hours = self._sessions.hours(session)
            opens = "" if hours is None else f", from {iso_time(hours[0])} on"
            lines.append(
                f"No levels on {day} ({reason}): they come from the regular session of {session}, "
                f"which was not there as a whole. Ingest it and start the run before it opens"
                f"{opens}, or name a level_cache that has it."
            )
        if more := len(self._bare) - len(lines):
            lines.append(f"No levels on {more} more days, for the same reason.")
        return lines

    def _known(self) -> str:
        levels, first_end = self._book.levels, self._first_end
        if levels is None or first_end is None:
            return "nothing of the trading day"
        since = new_york_time(first_end - NANOS_PER_SECOND)
        if levels.reason is None:
            return f"{levels.day} since {since}, with levels"
        day = self._sessions.before(levels.day)
        return (
            f"{levels.day} since {since}, without levels ({levels.reason}): neither the level "
            f"cache nor the catalog has all of the regular session of {day}; ingest it and restart"
        )

    def _come_to(self, ts: int) -> None:
        if self._first_end is None:
            self._begin(ts)
        end = ts // NANOS_PER_SECOND * NANOS_PER_SECOND
        if end > self._reached:
            self._reach(end)

    def _begin(self, ts: int) -> None:
        self._book.begin(ts)
        self._first_end = ts // NANOS_PER_SECOND * NANOS_PER_SECOND + NANOS_PER_SECOND

    def _register(self) -> None:
        # A gap ends before the trade that ends it counts.
        self.register_indicator_for_quote_ticks(self._instrument_id, self._gaps)
        self.register_indicator_for_trade_ticks(self._instrument_id, self._gaps)
        self.register_indicator_for_trade_ticks(self._instrument_id, self.indicator)

    def break_off(self, start: int, end: int, open_ns: int) -> None:
        self._come_to(end)
        self._book.begin_again(end)
        self._is_silent = False
        self.publish_gap(self._instrument_id, start, end, open_ns)

    def _on_alert(self, event: TimeEvent) -> None:
        if self.is_collecting:
            return
        if self._delay == 0 and is_within_ties(self.cache, self._instrument_id, self.clock):
            name, at = f"{self.id}-TIES", event.ts_event + 1
            self.clock.set_time_alert_ns(name, at, self._on_alert)
            return
        # An alert that ties have put off still belongs to the second that it was set for.
        end = event.ts_event + 1 - self._delay
        self._reach(end // NANOS_PER_SECOND * NANOS_PER_SECOND)

    def _reach(self, end: int) -> None:
        if self.indicator is None or self._first_end is None:
            return
        self._reached = end
        self.indicator.close_until(end)
        while end >= (due := max(self._book.next_change, self._first_end)):
            self._advance(due, max(self.clock.timestamp_ns(), due))

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
        end = bar.ts + NANOS_PER_SECOND
        if not self._is_silent and self.gaps is not None and self.gaps.is_silent_at(end):
            self._is_silent = True
            self._send(DataSilence(instrument_id, bar.ts, ts_init - 3, closes_at=end))
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
                self._store.save(fact)
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
            if levels.reason is None:
                self._bare.pop(levels.day, None)
            else:
                self._bare[levels.day] = levels.reason
            self._send(levels_message(instrument_id, levels, tick, ts, ts_init + 1))

    def _from_cache(self, levels: DailyLevels) -> DailyLevels:
        if levels.reason is None:
            return levels
        session = self._store.load(self._sessions.before(levels.day))
        if session is None:
            return levels
        self._restore(session)
        return self._book.levels or levels

    def _restore(self, session: RegularSession) -> None:
        if self.facts is not None:
            self.facts.restore(session)

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
