"""The base of actors that close bars of one instrument and publish facts about them."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from typing import ClassVar

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType
from nautilus_trader.model.data import TradeTick

from actors.bar_feed import BarFeed
from actors.config import BarActorConfig
from actors.given_bars import GivenBar
from actors.given_bars import given_bar
from actors.history import SLICE
from actors.history import TRADE
from actors.history import Stored
from actors.history import Tick
from actors.instrument import required_instrument
from actors.messages import DataGap
from actors.messages import Message
from actors.own_bars import own_bar_type
from actors.own_bars import own_bars
from actors.tick_buffer import TickBuffer
from catalog.layout import bar_step_ns
from indicators.components import ClosingIndicator
from indicators.components import Gaps
from indicators.core.gaps import GapFinder


NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MILLISECOND = 1_000_000


class BarActor(Actor):  # type: ignore[misc]
    """
    Closes the bars of one instrument, from ticks or as they are given, and publishes messages.

    A subclass declares its inputs and the length of its bars, creates the indicator that closes
    them, and publishes what a closed bar says.

    - A bar of ticks ends at a multiple T of its length. It closes at the first event with
      `ts_event` of T or later, or at an alert at T - 1 ns: one at T itself would come after data
      stamped with T. On a live clock the alert waits `close_delay_ms` longer, for events still on
      the wire. A catalog delivers events of one time a nanosecond apart; an alert that falls among
      those of the last nanosecond waits until they are over. Closing twice changes nothing.
    - On a live clock ticks are kept until `take_history` puts what happened before them in front.
      In a backtest and a replay they count at once.
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
        Puts the given bars in order.

    """

    QUOTES: ClassVar[bool] = True
    """If the actor subscribes to quotes. An actor of trades wants them too, to find gaps."""
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
        self._buffer: TickBuffer | None = None
        self._delay = 0

    @property
    def interval_ns(self) -> int | None:
        """Return the length of a bar of ticks (ns), None where bars are only given."""
        own = self._own_bars
        return self.INTERVAL_NS if own is None else own.spec.get_interval_ns()

    @property
    def bar_types(self) -> tuple[BarType, ...]:
        """Return the bars that the actor takes, as its configuration says."""
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
        return self._buffer is not None or self.bars.is_holding

    @property
    def history_minutes(self) -> int:
        """Return how many minutes back the facts look; 0 where they go by trading day alone."""
        return 0

    @abstractmethod
    def history_since(self, now: int) -> int:
        """Return from when on (ns UTC) the past matters at a time (ns UTC)."""

    @abstractmethod
    def create_indicator(self) -> ClosingIndicator | None:
        """Return what closes the bars, from `tick`, `lot` and `gaps`; None where bars are given."""

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
            clock, hear = self.clock.timestamp_ns, self.bars.hear
            self.indicator = own_bars(str(own), self.tick, self.lot, clock, hear)
        if not self.uses_event_time:
            self._delay = self.config.close_delay_ms * NANOS_PER_MILLISECOND
        if self.uses_event_time or not (self.takes_quotes or self.takes_trades):
            self._register()
        else:
            self.gaps.pause()
            self._buffer = TickBuffer(*self._raw)
            self._listen(self._buffer, self.msgbus.subscribe)
        # Quotes first: one Databento subscription then carries both, and no trade comes twice.
        if self.takes_quotes:
            self.subscribe_quote_ticks(instrument_id)
        if self.takes_trades:
            self.subscribe_trade_ticks(instrument_id)
        for bar_type in self.venue_bars:
            self.subscribe_bars(bar_type)
        now = self.clock.timestamp_ns()
        if not self.is_collecting:
            self.on_data_begin(now)
        if (interval := self.interval_ns) is not None:
            self.clock.set_timer_ns(
                name=f"{self.id}-CLOSE",
                interval_ns=interval,
                start_time_ns=now // interval * interval - 1 + self._delay,
                stop_time_ns=0,
                callback=self._on_alert,
            )

    def on_stop(self) -> None:
        # The gap of quotes that ended before the prints. Live, a stop is no end of the data.
        if self.gaps is not None and self.uses_event_time and (gap := self.gaps.unended()):
            self.publish_gap(*gap)

    def on_bar(self, bar: Bar) -> None:
        self.bars.hear(given_bar(bar, *self._raw))

    def on_historical_data(self, data: Any) -> None:
        if isinstance(data, TradeTick) and self._buffer is not None:
            self._buffer.add_recent(data)
        elif isinstance(data, Bar) and self.bars.is_holding:
            self.bars.add_past([given_bar(data, *self._raw)])

    def on_given_bar(self, bar: GivenBar) -> None:
        """Take a bar of one of `bar_types`, complete."""

    def on_data_begin(self, ts: int) -> None:
        """Take note that the data, or the history before them, begin at a time (ns UTC)."""

    def close_until(self, ts: int) -> None:
        """Close every bar that ends at or before a time (ns UTC)."""
        if self.indicator is not None:
            self.indicator.close_until(ts)

    def start_again(self, ts: int) -> None:
        """Forget what came before a time (ns UTC), which follows a gap."""
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
        """Take the ticks of the session that `missing_session` has named, complete."""
        raise RuntimeError(f"{self.id}: no session is missing")

    def take_bars(self, stored: Iterable[GivenBar], until_ns: int) -> str:
        """
        Put a history before the bars that were kept, and go on live.

        Parameters
        ----------
        stored : Iterable[GivenBar]
            What a catalog holds.
        until_ns : int
            The time (ns UTC) up to which a bar of a history is complete for certain.

        Returns
        -------
        str
            What is known now.

        """
        bars = self.bars.release(stored, until_ns, self.config.gap_finder())
        if bars:
            self.on_data_begin(bars[0].ts_event - bar_step_ns(bars[0].bar_type))
        for bar in bars:
            self.bars.hear(bar)
        return f"{len(bars):,} bars"

    def take_history(self, stored: Stored | None, gap_ns: int) -> Generator[None, None, str]:
        """
        Put a history before the ticks that were kept, close its bars, and go on live.

        The venue's recent trades, if they were requested, stand between the two. They come without
        quotes, and the quote before them stays in force.

        Parameters
        ----------
        stored : Stored or None
            What a catalog holds.
        gap_ns : int
            What lies before the last gap longer than this (ns) is left out.

        Yields
        ------
        None
            Now and then, for other work of a node.

        Returns
        -------
        str
            What is known now.

        """
        buffer, gaps = self._buffer, self.gaps
        if buffer is None or gaps is None:
            raise RuntimeError(f"{self.id}: takes a history once, after its start on a live clock")
        last_ns = self.clock.timestamp_ns()
        finder = self.config.gap_finder(gap_ns / NANOS_PER_SECOND)
        for number, tick in enumerate(buffer.after(stored, finder)):
            if number == 0:
                self._begin_history(tick.ts, stored, gap_ns)
            self.on_history_tick(tick)
            last_ns = tick.ts
            if number % SLICE == SLICE - 1:
                yield
        self._listen(buffer, self.msgbus.unsubscribe)
        gaps.resume(last_ns, buffer.has_quotes)
        self._buffer = None
        return self.on_history_end()

    def on_history_tick(self, tick: Tick) -> None:
        """Take one tick of the history."""
        if self.indicator is None:
            return
        if tick.kind == TRADE:
            self.indicator.update_trade(tick.ts, tick.a, tick.a_size, tick.side)
        else:
            self.indicator.update_quote(tick.ts, tick.a, tick.b, tick.a_size, tick.b_size)

    def on_history_end(self) -> str:
        """Close what is due, go on live, and return what is known now."""
        self._register()
        # Nothing that is due now waits for the next alert.
        self.close_until(self.clock.timestamp_ns() - self._delay)
        return "the history that there is"

    def _begin_history(self, ts: int, stored: Stored | None, gap_ns: int) -> None:
        is_stored = stored is not None and ts <= stored.last_ns
        first = min(ts, stored.first_ns) if stored and is_stored else ts
        since = self.history_since(first)
        # The first event of a day may come a moment after its beginning.
        self.on_data_begin(since if first - since <= gap_ns else first)

    def _take_bar(self, bar: GivenBar) -> None:
        if self.gaps is not None and not (self.takes_quotes or self.takes_trades):
            self.gaps.on_trade(bar.ts_event)
            while self.gaps.found:
                self.on_data_gap(*self.gaps.found.pop(0))
        self.on_given_bar(bar)

    def _register(self) -> None:
        instrument_id, indicator = self.config.instrument_id, self.indicator
        if self.gaps is not None and (indicator is None or not indicator.finds_gaps):
            # A gap ends before the tick that ends it counts.
            gaps = Gaps(self.gaps, self.on_data_gap)
            if self.takes_quotes:
                self.register_indicator_for_quote_ticks(instrument_id, gaps)
            if self.takes_trades:
                self.register_indicator_for_trade_ticks(instrument_id, gaps)
        if indicator is not None:
            if self.reads_quotes:
                self.register_indicator_for_quote_ticks(instrument_id, indicator)
            self.register_indicator_for_trade_ticks(instrument_id, indicator)

    def _listen(self, buffer: TickBuffer, change: Callable[..., None]) -> None:
        # The bus itself: an actor that is starting is handed no ticks.
        place = f"{self.config.instrument_id.venue}.{self.config.instrument_id.symbol}"
        change(topic=f"data.quotes.{place}", handler=buffer.add_quote)
        change(topic=f"data.trades.{place}", handler=buffer.add_trade)

    def _is_within_ties(self) -> bool:
        # A catalog gives each event of an instrument a `ts_init` of its own: of events of one time
        # each comes a nanosecond after the other, so that some come when their time is over. There
        # is no gap in such a row: where no event has come at the present time it has ended.
        now, instrument_id = self.clock.timestamp_ns(), self.config.instrument_id
        last = self.cache.quote_tick(instrument_id), self.cache.trade_tick(instrument_id)
        return any(tick is not None and tick.ts_init == now for tick in last)

    def _on_alert(self, event: TimeEvent) -> None:
        interval = self.interval_ns
        if self.is_collecting or interval is None:
            return
        if self._delay == 0 and self._is_within_ties():
            name, at = f"{self.id}-TIES", event.ts_event + 1
            self.clock.set_time_alert_ns(name, at, self._on_alert)
            return
        # An alert that ties have put off still belongs to the bar that it was set for.
        end = event.ts_event + 1 - self._delay
        self.close_until(end // interval * interval)
