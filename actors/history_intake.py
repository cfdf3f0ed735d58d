"""Puts a history before the live data of an actor, which are kept until then."""

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
    """Represents the actor that a history is given to."""

    config: Any
    clock: Any
    msgbus: Any
    id: Any
    gaps: GapFinder | None
    bars: BarFeed

    def history_since(self, now: int) -> int:
        """Return from when on (ns UTC) the past matters at a time (ns UTC)."""

    def on_data_begin(self, ts: int) -> None:
        """Take note that the data, or the history before them, begin at a time (ns UTC)."""

    def on_history_tick(self, tick: Tick) -> None:
        """Take one tick of the history."""

    def on_history_end(self) -> str:
        """Go on live, and return what is known now."""


class HistoryIntake:
    """
    Keeps the ticks of an actor that has just started live, and puts a history before them.

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
        """Return True while what comes live is kept until there is a history to put before it."""
        return self._buffer is not None or self._actor.bars.is_holding

    def keep_ticks(self, tick_raw: int, lot_raw: int) -> None:
        """
        Keep ticks from now on, and find no gap before there is a history.

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
        """Add a trade that the venue remembers; once there is a history it is no longer used."""
        if self._buffer is not None:
            self._buffer.add_recent(trade)

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
        actor = self._actor
        bars = actor.bars.release(stored, until_ns, actor.config.gap_finder())
        if bars:
            actor.on_data_begin(bars[0].ts_event - bar_step_ns(bars[0].bar_type))
        for bar in bars:
            actor.bars.hear(bar)
        return f"{len(bars):,} bars"

    def take_ticks(self, stored: Stored | None, gap_ns: int) -> Generator[None, None, str]:
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

        Raises
        ------
        RuntimeError
            If no ticks are kept.

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
        # The first event of a day may come a moment after its beginning.
        self._actor.on_data_begin(since if first - since <= gap_ns else first)

    def _listen(self, buffer: TickBuffer, change: Callable[..., None]) -> None:
        # The bus itself: an actor that is starting is handed no ticks.
        instrument_id = self._actor.config.instrument_id
        place = f"{instrument_id.venue}.{instrument_id.symbol}"
        change(topic=f"data.quotes.{place}", handler=buffer.add_quote)
        change(topic=f"data.trades.{place}", handler=buffer.add_trade)
