"""The base of actors that close bars of one instrument and publish facts about them."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Generator
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from typing import ClassVar

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import TradeTick

from actors.bar_feed import BarFeed
from actors.bar_inputs import register
from actors.bar_inputs import subscribe
from actors.close_timer import CloseTimer
from actors.config import BarActorConfig
from actors.given_bars import GivenBar
from actors.given_bars import given_bar
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.history_intake import HistoryIntake
from actors.instrument import required_instrument
from actors.messages import DataGap
from actors.messages import Message
from actors.own_bars import own_bar_type
from actors.own_bars import own_bars
from indicators.components import ClosingIndicator
from indicators.core.gaps import GapFinder


NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MILLISECOND = 1_000_000


class BarActor(Actor):  # type: ignore[misc]
    """
    Closes the bars of one instrument, from ticks or as they are given, and publishes messages.

    A subclass declares its inputs and the length of its bars, creates the indicator that closes
    them, and publishes the facts of a closed bar.

    - A bar of ticks ends at a multiple T of its length. It closes at the first event with
      `ts_event` of T or later, or at an alert at T - 1 ns (`CloseTimer`); on a live clock the alert
      waits `close_delay_ms` longer. Closing twice changes nothing.
    - On a live clock ticks are kept until `take_history` puts what happened before them in front
      (`HistoryIntake`). In a backtest and a replay they count at once.
    - A silence of the open market that `GapFinder` calls a gap is passed to `on_data_gap`.

    Parameters
    ----------
    config : BarActorConfig
        The configuration.

    Attributes
    ----------
    tick, lot : Decimal
        The price and the size increment of the instrument; known from the start on.
    tick_size, lot_size : float
        The same, for messages.
    indicator : ClosingIndicator or None
        What closes the bars; None before the start, and where bars are given.
    gaps : GapFinder or None
        The rule for gaps in the data; None before the start.
    notices : Counter[str]
        What a reader of the results must know, and how often it happened.
    bars : BarFeed
        Orders the given bars.

    """

    QUOTES: ClassVar[bool] = True
    """If the actor subscribes to quotes. An actor of trades needs them too, to detect gaps."""
    TRADES: ClassVar[bool] = True
    """If the actor subscribes to trades."""
    INTERVAL_NS: ClassVar[int | None] = None
    """The length of a bar (ns); None where bars are given or a configuration has the length."""
    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (DataGap,)
    """The messages that it publishes; those with a table are kept in the folder of a run."""

    def __init__(self, config: BarActorConfig) -> None:
        super().__init__(config)
        self.indicator: ClosingIndicator | None = None
        self.gaps: GapFinder | None = None
        self.notices: Counter[str] = Counter()
        self.bars = BarFeed((), self._take_bar, self.notices, is_holding=False)
        self._intake = HistoryIntake(self)
        self._delay = 0

    @property
    def interval_ns(self) -> int | None:
        """Return the length of a bar of ticks (ns), None where bars are only given."""
        own = self._own_bars
        return self.INTERVAL_NS if own is None else own.spec.get_interval_ns()

    @property
    def bar_types(self) -> tuple[BarType, ...]:
        """Return the bars that the actor takes, by its configuration."""
        return tuple(self.config.bar_types)

    @property
    def _own_bars(self) -> BarType | None:
        return own_bar_type(self.bar_types)

    @property
    def venue_bars(self) -> tuple[BarType, ...]:
        """Return the bars that the actor subscribes to: those that it does not close itself."""
        return tuple(found for found in self.bar_types if found.is_externally_aggregated())

    @property
    def takes_quotes(self) -> bool:
        """Return True if it subscribes to quotes: bars that it closes itself show gaps by them."""
        return self.QUOTES or self._own_bars is not None

    @property
    def takes_trades(self) -> bool:
        """Return True if it subscribes to trades."""
        return self.TRADES or self._own_bars is not None

    @property
    def uses_event_time(self) -> bool:
        """Return True where time passes with the events: in a backtest and in a replay."""
        return not isinstance(self.clock, LiveClock)

    @property
    def reads_quotes(self) -> bool:
        """Return True where bars depend on quotes, so that a history must have them."""
        return self.indicator is not None and self.indicator.reads_quotes

    @property
    def is_collecting(self) -> bool:
        """Return True while what comes live is kept until there is a history to put before it."""
        return self._intake.is_collecting

    @property
    def first_live_ns(self) -> int | None:
        """Return the earliest time (ns UTC) of what is kept for a history, None without any."""
        return self._intake.first_live_ns

    @property
    def history_minutes(self) -> int:
        """Return the look-back of the facts (minutes); 0 if only the trading day matters."""
        return 0

    @abstractmethod
    def history_since(self, now: int) -> int:
        """Return the time (ns UTC) from which on history matters at a time (ns UTC)."""

    @abstractmethod
    def create_indicator(self) -> ClosingIndicator | None:
        """Return the indicator that closes bars, from `tick`, `lot` and `gaps`; else None."""

    def on_start(self) -> None:
        instrument_id = self.config.instrument_id
        instrument = required_instrument(self.cache, instrument_id)
        self.tick: Decimal = instrument.price_increment.as_decimal()
        self.lot: Decimal = instrument.size_increment.as_decimal()
        self.tick_size, self.lot_size = float(self.tick), float(self.lot)
        self._raw = instrument.price_increment.raw, instrument.size_increment.raw
        self.gaps = self.config.gap_finder()
        is_holding = bool(self.venue_bars) and not self.uses_event_time
        names = [str(bar_type) for bar_type in self.bar_types]
        self.bars = BarFeed(names, self._take_bar, self.notices, is_holding=is_holding)
        self.indicator = self.create_indicator()
        if (own := self._own_bars) is not None:
            clock, add_live = self.clock.timestamp_ns, self.bars.add_live
            self.indicator = own_bars(str(own), self.tick, self.lot, clock, add_live)
        if not self.uses_event_time:
            self._delay = self.config.close_delay_ms * NANOS_PER_MILLISECOND
        if self.uses_event_time or not (self.takes_quotes or self.takes_trades):
            register(self)
        else:
            self._intake.keep_ticks(*self._raw)
        subscribe(self)
        if not self.is_collecting:
            self.on_data_begin(self.clock.timestamp_ns())
        if (interval := self.interval_ns) is not None:
            CloseTimer(self, interval, self._delay).start()

    def on_stop(self) -> None:
        # The gap of quotes that ended before the prints. Live, a stop is no end of the data.
        if self.gaps is not None and self.uses_event_time and (gap := self.gaps.unended()):
            self.publish_gap(*gap)

    def on_bar(self, bar: Bar) -> None:
        self.bars.add_live(given_bar(bar, *self._raw))

    def on_historical_data(self, data: Any) -> None:
        if isinstance(data, TradeTick):
            self._intake.add_recent_trade(data)
        elif isinstance(data, Bar) and self.bars.is_holding:
            self.bars.add_past([given_bar(data, *self._raw)])

    def on_given_bar(self, bar: GivenBar) -> None:
        """Handle a bar of one of `bar_types`, complete."""

    def on_data_begin(self, ts: int) -> None:
        """Record that the data, or the history before them, begin at a time (ns UTC)."""

    def close_until(self, ts: int) -> None:
        """Close every bar that ends at or before a time (ns UTC)."""
        if self.indicator is not None:
            self.indicator.close_until(ts)

    def start_again(self, ts: int) -> None:
        """Discard what came before a time (ns UTC), which follows a gap."""
        if self.indicator is not None:
            self.indicator.start_again(ts)

    def on_data_gap(self, start: int, end: int, open_ns: int) -> None:
        """
        Close what lies before a gap, start again after it, and publish it.

        Parameters
        ----------
        start, end : int
            The last event before it and the event that ends it (ns UTC).
        open_ns : int
            How long the open market was silent within (ns).

        """
        self.close_until(end)
        self.start_again(end)
        self.publish_gap(start, end, open_ns)

    def publish_gap(self, start: int, end: int, open_ns: int) -> None:
        """Publish a gap that has ended; the parameters are those of `on_data_gap`."""
        ts_init = max(self.clock.timestamp_ns(), end)
        silent_s = open_ns / NANOS_PER_SECOND
        instrument_id = self.config.instrument_id
        self.publish(DataGap(instrument_id, end, ts_init, start=start, end=end, silent_s=silent_s))

    def publish(self, message: Message) -> None:
        """Publish a message about the instrument."""
        self.publish_data(message.data_type, message)

    def describe_history(self) -> list[str]:
        """Return, for a reader of a run, which history was needed and which was there."""
        return []

    def missing_session(self, now: int) -> tuple[int, int] | None:
        """Return the hours (ns UTC) of a session before that is not known, None without one."""
        return None

    def take_session(self, stored: Stored) -> None:
        """Handle the ticks of the session that `missing_session` has named, complete."""
        raise RuntimeError(f"{self.id}: no session is missing")

    def take_bars(self, stored: Iterable[GivenBar], until_ns: int) -> str:
        """Load a history before the bars that were kept (`HistoryIntake.take_bars`)."""
        return self._intake.take_bars(stored, until_ns)

    def take_history(self, stored: Stored | None, gap_ns: int) -> Generator[None, None, str]:
        """Load a history before the ticks that were kept (`HistoryIntake.take_ticks`)."""
        return self._intake.take_ticks(stored, gap_ns)

    def on_history_tick(self, tick: Tick) -> None:
        """Handle one tick of the history."""
        if self.indicator is None:
            return
        if tick.kind == TRADE:
            self.indicator.update_trade(tick.ts, tick.a, tick.a_size, tick.side)
        else:
            self.indicator.update_quote(tick.ts, tick.a, tick.b, tick.a_size, tick.b_size)

    def on_history_end(self) -> str:
        """Close what is due, continue live, and return a description of what is known."""
        register(self)
        # Nothing that is due now waits for the next alert.
        self.close_until(self.clock.timestamp_ns() - self._delay)
        return "the available history"

    def _take_bar(self, bar: GivenBar) -> None:
        if self.gaps is not None and not (self.takes_quotes or self.takes_trades):
            self.gaps.on_trade(bar.ts_event)
            while self.gaps.found:
                self.on_data_gap(*self.gaps.found.pop(0))
        self.on_given_bar(bar)
