"""Load a history before the live data of an actor, which are buffered until then."""

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from typing import Any
from typing import Protocol

from actors.bar_feed import BarFeed
from actors.given_bars import GivenBar
from actors.history import SLICE
from actors.history import Stored
from actors.history import Tick
from actors.tick_buffer import TickBuffer
from catalog.layout import bar_step_ns
from indicators.core.gaps import GapFinder


NANOS_PER_SECOND = 1_000_000_000


class HistoryTaker(Protocol):
    """Represents an actor that loads a history."""

    config: Any
    clock: Any
    msgbus: Any
    id: Any
    gaps: GapFinder | None
    bars: BarFeed

    def history_since(self, now: int) -> int:
        """Return the time (ns UTC) from which on history matters at a time (ns UTC)."""

    def on_data_begin(self, ts: int) -> None:
        """Handle the start (ns UTC) of the data, or of the history before them."""

    def on_history_tick(self, tick: Tick) -> None:
        """Handle one tick of the history."""

    def on_history_end(self) -> str:
        """Continue with live data, and return a description of what is known."""


class HistoryIntake:
    """
    Buffers the ticks of an actor that has just started live, and loads a history before them.

    Given bars are kept by the actor's `BarFeed`.

    Parameters
    ----------
    actor : HistoryTaker
        The actor.

    """

    def __init__(self, actor: HistoryTaker) -> None:
        self._actor = actor
        self._buffer: TickBuffer | None = None

    @property
    def is_collecting(self) -> bool:
        """Return True while live data are buffered until a history is loaded before them."""
        return self._buffer is not None or self._actor.bars.is_holding

    @property
    def first_live_ns(self) -> int | None:
        """Return the earliest time (ns UTC) of a buffered tick, None without one."""
        return None if self._buffer is None else self._buffer.first_ns

    def keep_ticks(self, tick_raw: int, lot_raw: int) -> None:
        """
        Buffer ticks from now on, and detect no gap before a history is loaded.

        Parameters
        ----------
        tick_raw, lot_raw : int
            The raw values of the price and the size increment of the instrument.

        """
        if self._actor.gaps is not None:
            self._actor.gaps.pause()
        self._buffer = TickBuffer(tick_raw, lot_raw)
        self._listen(self._buffer, self._actor.msgbus.subscribe)

    def add_recent_trade(self, trade: Any) -> None:
        """Add a recent trade of the venue; it is ignored once a history is loaded."""
        if self._buffer is not None:
            self._buffer.add_recent(trade)

    def take_bars(self, stored: Iterable[GivenBar], until_ns: int) -> str:
        """
        Load a history before the buffered bars, and continue with live data.

        Parameters
        ----------
        stored : Iterable[GivenBar]
            The bars of a catalog.
        until_ns : int
            The time (ns UTC) up to which a historical bar is certain to be complete.

        Returns
        -------
        str
            A description of what is known.

        """
        actor = self._actor
        bars = actor.bars.release(stored, until_ns, actor.config.gap_finder())
        if bars:
            actor.on_data_begin(bars[0].ts_event - bar_step_ns(bars[0].bar_type))
        for bar in bars:
            actor.bars.add_live(bar)
        return f"{len(bars):,} bars"

    def take_ticks(self, stored: Stored | None, gap_ns: int) -> Generator[None, None, str]:
        """
        Load a history before the buffered ticks, close its bars, and continue with live data.

        The venue's recent trades, if they were requested, come between the two. They have no
        quotes: the quote before them stays in force.

        Parameters
        ----------
        stored : Stored or None
            The data of a catalog.
        gap_ns : int
            Data before the last gap longer than this (ns) are left out.

        Yields
        ------
        None
            At intervals, for other tasks of a node.

        Returns
        -------
        str
            A description of what is known.

        Raises
        ------
        RuntimeError
            If no ticks are buffered.

        """
        actor, buffer = self._actor, self._buffer
        if buffer is None or actor.gaps is None:
            raise RuntimeError(f"{actor.id}: takes a history once, after its start on a live clock")
        last_ns = actor.clock.timestamp_ns()
        finder = actor.config.gap_finder(gap_ns / NANOS_PER_SECOND)
        for number, tick in enumerate(buffer.after(stored, finder)):
            if number == 0:
                self._begin(tick.ts, stored, gap_ns)
            actor.on_history_tick(tick)
            last_ns = tick.ts
            if number % SLICE == SLICE - 1:
                yield
        self._listen(buffer, actor.msgbus.unsubscribe)
        actor.gaps.resume(last_ns, buffer.has_quotes)
        self._buffer = None
        return actor.on_history_end()

    def _begin(self, ts: int, stored: Stored | None, gap_ns: int) -> None:
        is_stored = stored is not None and ts <= stored.last_ns
        first = min(ts, stored.first_ns) if stored and is_stored else ts
        since = self._actor.history_since(first)
        # The first event of a day may arrive a moment after its start.
        self._actor.on_data_begin(since if first - since <= gap_ns else first)

    def _listen(self, buffer: TickBuffer, change: Callable[..., None]) -> None:
        # Subscribe on the bus itself: an actor that is starting receives no ticks.
        instrument_id = self._actor.config.instrument_id
        place = f"{instrument_id.venue}.{instrument_id.symbol}"
        change(topic=f"data.quotes.{place}", handler=buffer.add_quote)
        change(topic=f"data.trades.{place}", handler=buffer.add_trade)
