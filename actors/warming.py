"""An actor that is told, on a live clock, what happened before it was there."""

from abc import abstractmethod
from collections.abc import Generator
from typing import ClassVar

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument

from actors.history import QUOTE
from actors.history import SLICE
from actors.history import Stored
from actors.history import Tick
from actors.history import join
from actors.messages import DataGap
from actors.tick_buffer import TickBuffer
from catalog.market_hours import closed_time
from indicators.core.gaps import GapFinder


NANOS_PER_SECOND = 1_000_000_000


class WarmingActor(Actor):  # type: ignore[misc]
    """
    Keeps its ticks at first, until it is given a history to put before them.

    Parameters
    ----------
    config : ActorConfig
        The configuration.

    Attributes
    ----------
    gaps : GapFinder or None
        Finds gaps in its data; None before its start.

    """

    WANTS_QUOTES: ClassVar[bool] = True

    def __init__(self, config: ActorConfig) -> None:
        super().__init__(config)
        self._listening: TickBuffer | None = None
        self.gaps: GapFinder | None = None

    def collect(self, instrument: Instrument) -> None:
        """Keep the ticks of an instrument from now on."""
        if self.gaps is not None:
            self.gaps.pause()
        self._listening = TickBuffer(self.msgbus, instrument)

    @property
    def is_collecting(self) -> bool:
        """Return True if ticks are kept until there is a history to put before them."""
        return self._listening is not None

    def describe_history(self) -> list[str]:
        """Return, for a reader of a run, which history was needed and which was there."""
        return []

    @abstractmethod
    def history_since(self, now: int) -> int:
        """Return from when on (ns UTC) the past matters at a time."""

    def missing_session(self, now: int) -> tuple[int, int] | None:
        """Return the hours (ns UTC) of a session before that is not known, None without one."""
        return None

    def take_session(self, stored: Stored) -> None:
        """Take the ticks of the session that `missing_session` has named, complete."""
        raise RuntimeError(f"{self.id}: no session is missing")

    @abstractmethod
    def break_off(self, start: int, end: int, open_ns: int) -> None:
        """
        Start anew: what happened in a time was not heard, or too late.

        Parameters
        ----------
        start, end : int
            The time (ns UTC).
        open_ns : int
            How long the open market was silent within (ns).

        """

    def publish_gap(self, instrument_id: InstrumentId, start: int, end: int, open_ns: int) -> None:
        """Publish a gap that has ended; times and the open market's silence in ns."""
        ts_init = max(self.clock.timestamp_ns(), end)
        gap = DataGap(
            instrument_id, end, ts_init, start=start, end=end, silent_s=open_ns / NANOS_PER_SECOND
        )
        self.publish_data(gap.data_type, gap)

    def publish_unended_gap(self, instrument_id: InstrumentId) -> None:
        """Publish, at the end of the data, the gap of quotes that ended before the prints."""
        # Live, a stop is no end of the data.
        if self.gaps is None or isinstance(self.clock, LiveClock):
            return
        unended = self.gaps.unended()
        if unended is not None:
            self.publish_gap(instrument_id, *unended)

    def take_history(self, stored: Stored | None, gap_ns: int) -> Generator[None, None, str]:
        """
        Put a history before the ticks that were kept, close what it closes, and go on live.

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
        listening = self._listening
        if listening is None:
            raise RuntimeError(f"{self.id}: takes a history once, after its start on a live clock")
        told = len(listening.heard)
        heard = listening.heard[:told]
        venue = listening.instrument_id.venue.value
        finder = GapFinder(gap_ns / NANOS_PER_SECOND, closed_time(venue))
        last_ns = self.clock.timestamp_ns()
        for number, tick in enumerate(join(stored, listening.recent, heard, finder)):
            if number == 0:
                is_stored = stored is not None and tick.ts <= stored.last_ns
                first = min(tick.ts, stored.first_ns) if stored and is_stored else tick.ts
                self.begin_history(first, gap_ns)
            self.tell(tick)
            last_ns = tick.ts
            if number % SLICE == SLICE - 1:
                yield
        for tick in listening.heard[told:]:
            self.tell(tick)
            last_ns = tick.ts
        listening.close()
        if self.gaps is not None:
            self.gaps.resume(last_ns, any(tick.kind == QUOTE for tick in listening.heard))
        self._listening = None
        return self.end_history()

    def begin_history(self, first_ns: int, gap_ns: int) -> None:
        """Take note of when (ns UTC) the history begins, ahead of its first tick."""

    @abstractmethod
    def tell(self, tick: Tick) -> None:
        """Take one tick of the history."""

    @abstractmethod
    def end_history(self) -> str:
        """Go on live, and return what is known now."""
